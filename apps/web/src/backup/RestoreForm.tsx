import { createSignal, createUniqueId, Match, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { formatMoment } from '../chat/format.ts';
import { Icon } from '../icons/Icon.tsx';
import { cleanWords, refuseWords } from '../settings/recovery-words.ts';
import { Dialog } from '../shell/Dialog.tsx';
import { Problem } from '../shell/Problem.tsx';
import { shortSpaceId } from '../shell/space-id.ts';
import { useToasts } from '../shell/toasts.tsx';
import type { Backup, OpenedBackup } from './backup.ts';
import { createProgress, ProgressLine } from './ProgressLine.tsx';

/** Opens a backup file with its words, says what is in it, and asks what is to become of it. */
export function RestoreForm(props: { backup: Backup }) {
	const toasts = useToasts();
	const id = createUniqueId();
	const [file, setFile] = createSignal<File>();
	const [typed, setTyped] = createSignal('');
	const [opened, setOpened] = createSignal<OpenedBackup>();
	const [problem, setProblem] = createSignal<string>();
	const progress = createProgress();
	const forget = () => {
		setOpened(undefined);
		setProblem(undefined);
	};
	const look = async (event: SubmitEvent) => {
		event.preventDefault();
		forget();
		const chosen = file();
		if (!chosen) return setProblem('Choose a backup file first.');
		const words = cleanWords(typed());
		const refusal = refuseWords(words);
		if (refusal !== undefined) return setProblem(refusal);
		const found = await progress.during('Checking the backup…', () => props.backup.open(chosen, words));
		if (found.ok) setOpened(found.value);
		else setProblem(found.error.reason);
	};
	const act = async (how: 'restore' | 'merge' | 'replace', of: OpenedBackup) => {
		setProblem(undefined);
		const done = await progress.during('Restoring…', (report) => props.backup[how](of, report));
		if (!done.ok) return setProblem(done.error.reason);
		// The other two load the page anew.
		if (how !== 'merge') return;
		setOpened(undefined);
		setTyped('');
		toasts.show({ text: 'The backup is merged into this space.' });
	};
	return (
		<>
			<form class="settings-form" onSubmit={look}>
				<h3>Restore from a backup file</h3>
				<div class="field">
					<label for={`${id}-file`}>Backup file</label>
					<input
						id={`${id}-file`}
						class="input backup-file"
						type="file"
						accept=".pocketeer,application/octet-stream"
						onChange={(event) => {
							setFile(event.currentTarget.files?.[0]);
							forget();
						}}
					/>
				</div>
				<div class="field">
					<label for={`${id}-words`}>Recovery words of the backup</label>
					<textarea
						id={`${id}-words`}
						class="input input-words"
						rows={3}
						autocomplete="off"
						autocapitalize="none"
						spellcheck={false}
						placeholder="24 words, separated by spaces"
						value={typed()}
						onInput={(event) => {
							setTyped(event.currentTarget.value);
							forget();
						}}
					/>
				</div>
				<div class="settings-buttons">
					<button type="submit" class="button" disabled={progress.isBusy()}>
						Open the backup
					</button>
				</div>
			</form>
			<Show when={opened()}>
				{(it) => <Choices opened={it()} isBusy={progress.isBusy()} onChoose={(how) => void act(how, it())} />}
			</Show>
			<ProgressLine progress={progress} />
			<Problem text={problem()} />
		</>
	);
}

function Choices(props: {
	opened: OpenedBackup;
	isBusy: boolean;
	onChoose: (how: 'restore' | 'merge' | 'replace') => void;
}) {
	const { clock } = useApp();
	const [isAsking, setIsAsking] = createSignal(false);
	const what = () => {
		const { space, created, documents, missing } = props.opened;
		const gap = missing === 0 ? '' : ` ${missing} were not on the device that saved it.`;
		return `Space ${shortSpaceId(space)}, saved ${formatMoment(created, clock.zone())}: ${documents} documents.${gap}`;
	};
	return (
		<section class="backup-choices" aria-label="What to do with the backup">
			<p class="settings-row">
				<Icon name="circle-check" />
				{what()}
			</p>
			<Switch>
				<Match when={props.opened.place === 'elsewhere'}>
					<p class="field-hint">
						It is taken up beside the spaces of this device, as a new device of its own, and opens at once. What the
						relay and the other devices wrote since then comes with the next connection.
					</p>
					<div class="settings-buttons">
						<button
							type="button"
							class="button button-primary"
							disabled={props.isBusy}
							onClick={() => props.onChoose('restore')}
						>
							Restore this space
						</button>
					</div>
				</Match>
				<Match when={true}>
					<p class="field-hint">
						This space is on this device already. <b>Merge</b> adds what is missing here and loses nothing on either
						side. <b>Replace</b> puts back exactly the state of the backup.
					</p>
					<div class="settings-buttons">
						<Show
							when={props.opened.place === 'open'}
							fallback={<p class="field-hint">To merge, open that space first.</p>}
						>
							<button
								type="button"
								class="button button-primary"
								disabled={props.isBusy}
								onClick={() => props.onChoose('merge')}
							>
								Merge into this space
							</button>
						</Show>
						<button
							type="button"
							class="button button-danger"
							disabled={props.isBusy}
							onClick={() => setIsAsking(true)}
						>
							Replace this space
						</button>
					</div>
				</Match>
			</Switch>
			<Show when={isAsking()}>
				<ReplaceDialog
					onClose={() => setIsAsking(false)}
					onReplace={() => {
						setIsAsking(false);
						props.onChoose('replace');
					}}
				/>
			</Show>
		</section>
	);
}

function ReplaceDialog(props: { onClose: () => void; onReplace: () => void }) {
	return (
		<Dialog title="Replace this space?" onClose={() => props.onClose()}>
			<div class="dialog-text">
				<p>
					This device goes back to the state of the backup. What was written here since then and has not reached the
					relay is lost.
				</p>
				<p>
					What the relay and your other devices have comes back with the next connection: nothing is deleted there.
					Until the backup is in place, all stays as it is.
				</p>
			</div>
			<div class="dialog-buttons">
				<button type="button" class="button button-quiet" onClick={() => props.onClose()}>
					Cancel
				</button>
				<button type="button" class="button button-danger" onClick={() => props.onReplace()}>
					Replace
				</button>
			</div>
		</Dialog>
	);
}
