import { createResource, createSignal, createUniqueId, For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { Busy } from '../shell/Busy.tsx';
import { Dialog } from '../shell/Dialog.tsx';
import { Problem } from '../shell/Problem.tsx';
import type { Backup } from './backup.ts';

interface Deletion {
	readonly act: 'deleteHere' | 'deleteEverywhere';
	readonly label: string;
	readonly title: string;
	/** What it does and what remains, a paragraph each. */
	readonly text: readonly string[];
}

const DELETIONS: readonly Deletion[] = [
	{
		act: 'deleteHere',
		label: 'Delete this space from this device',
		title: 'Delete this space from this device?',
		text: [
			'Its contents and its keys are deleted from this browser. What was written here and has not reached the relay is lost.',
			'It remains on the relay and on your other devices, and in backups. Its recovery words open it again. Other spaces on this device stay.',
			'The others still see this device in their list. To take it off there, leave the space instead.',
		],
	},
	{
		act: 'deleteEverywhere',
		label: 'Delete everywhere',
		title: 'Delete this space everywhere?',
		text: [
			'It is deleted from the relay, for everybody in it and for good, and from this browser.',
			'What remains: backup files, wherever they are, and the copies on other devices until Pocketeer is opened there. Nobody can delete those from here.',
		],
	},
];

/** What has to be typed before anything is deleted. */
const CONFIRMATION = 'delete';

/** The two ways to end a space. */
export function DeleteSpace(props: { backup: Backup }) {
	const [asked, setAsked] = createSignal<Deletion>();
	return (
		<>
			<div class="settings-buttons">
				<For each={DELETIONS}>
					{(deletion) => (
						<button type="button" class="button button-quiet button-danger" onClick={() => setAsked(deletion)}>
							<Icon name="trash-2" class="icon-s" />
							{deletion.label}
						</button>
					)}
				</For>
			</div>
			<Show when={asked()}>
				{(it) => <DeleteDialog backup={props.backup} deletion={it()} onClose={() => setAsked(undefined)} />}
			</Show>
		</>
	);
}

function DeleteDialog(props: { backup: Backup; deletion: Deletion; onClose: () => void }) {
	const { recovery } = useApp();
	const id = createUniqueId();
	const [words] = createResource(() => recovery.progress());
	// Not asked before it is there: the dialog does not wait for it.
	const isWithoutWords = () => words.state === 'ready' && ['unconfirmed', 'dismissed'].includes(words());
	const [typed, setTyped] = createSignal('');
	const [isBusy, setIsBusy] = createSignal(false);
	const [problem, setProblem] = createSignal<string>();
	const isConfirmed = () => typed().trim().toLowerCase() === CONFIRMATION;
	const run = async (event: SubmitEvent) => {
		event.preventDefault();
		if (!isConfirmed()) return;
		setIsBusy(true);
		setProblem(undefined);
		const done = await props.backup[props.deletion.act]();
		// On success the page loads anew, in another space.
		if (done.ok) return;
		setIsBusy(false);
		setProblem(done.error.reason);
	};
	return (
		<Dialog title={props.deletion.title} isBusy={isBusy()} onClose={() => props.onClose()}>
			<div class="dialog-text">
				<For each={props.deletion.text}>{(text) => <p>{text}</p>}</For>
			</div>
			<Show when={props.deletion.act === 'deleteHere' && isWithoutWords()}>
				<p class="note note-warning">
					Nobody has checked that the recovery words of this space are written down. Without them, and without another
					device, nothing opens it again.
				</p>
			</Show>
			<form class="dialog-form" onSubmit={run}>
				<div class="field">
					<label for={id}>Type “{CONFIRMATION}” to confirm</label>
					<input
						id={id}
						class="input"
						autocomplete="off"
						autocapitalize="none"
						spellcheck={false}
						value={typed()}
						onInput={(event) => setTyped(event.currentTarget.value)}
					/>
				</div>
				<Show when={isBusy()}>
					<Busy text="Deleting…" />
				</Show>
				<Problem text={problem()} />
				<div class="dialog-buttons">
					<button type="button" class="button button-quiet" disabled={isBusy()} onClick={() => props.onClose()}>
						Cancel
					</button>
					<button type="submit" class="button button-danger" disabled={isBusy() || !isConfirmed()}>
						Delete
					</button>
				</div>
			</form>
		</Dialog>
	);
}
