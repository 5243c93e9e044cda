import './backup.css';
import { createResource, createSignal, Match, Show, Switch } from 'solid-js';
import { useApp } from '../app.ts';
import { formatMoment } from '../chat/format.ts';
import { Icon } from '../icons/Icon.tsx';
import { Section } from '../settings/Section.tsx';
import { Problem } from '../shell/Problem.tsx';
import type { Backup, SavedBackup } from './backup.ts';
import { DeleteSpace } from './DeleteSpace.tsx';
import { createProgress, ProgressLine } from './ProgressLine.tsx';
import { RestoreForm } from './RestoreForm.tsx';

/** Backup files, the way back from them, and the end of a space. `load` brings the code behind it. */
export default function BackupSection(props: { load: () => Promise<Backup> }) {
	const [backup, { refetch }] = createResource(() => props.load());
	return (
		<Section
			title="Backup"
			lead="One encrypted file with everything in this space. Only the 24 recovery words of the space open it, on any device, without the relay."
		>
			<Switch fallback={<p class="field-hint">Loading…</p>}>
				<Match when={backup.error !== undefined}>
					<p class="settings-row" role="status">
						<Icon name="cloud-off" />
						This part of Pocketeer could not be fetched.
						<button type="button" class="button button-small" onClick={() => void refetch()}>
							Try again
						</button>
					</p>
				</Match>
				<Match when={backup()}>
					{(it) => (
						<>
							<SaveBackup backup={it()} />
							<hr class="settings-rule" />
							<RestoreForm backup={it()} />
							<hr class="settings-rule" />
							<DeleteSpace backup={it()} />
						</>
					)}
				</Match>
			</Switch>
		</Section>
	);
}

function SaveBackup(props: { backup: Backup }) {
	const { clock } = useApp();
	const [last, { refetch }] = createResource(() => props.backup.lastSaved());
	const [saved, setSaved] = createSignal<SavedBackup>();
	const [problem, setProblem] = createSignal<string>();
	const progress = createProgress();
	const save = async () => {
		setProblem(undefined);
		setSaved(undefined);
		const done = await progress.during('Gathering…', (report) => props.backup.save(report));
		if (!done.ok) return setProblem(`No backup was made. ${done.error.reason}`);
		download(done.value);
		setSaved(done.value);
		void refetch();
	};
	const lastText = () => {
		const at = last.latest;
		return at === undefined
			? 'No backup was saved on this device yet.'
			: `Last saved here ${formatMoment(at, clock.zone())}.`;
	};
	return (
		<>
			<p class="field-hint">{lastText()}</p>
			<div class="settings-buttons">
				<button type="button" class="button" disabled={progress.isBusy()} onClick={() => void save()}>
					<Icon name="database" class="icon-s" />
					Save a backup file
				</button>
			</div>
			<ProgressLine progress={progress} />
			<div class="backup-said" role="status">
				<Show when={saved()}>
					{(it) => (
						<div class="note">
							<Icon name="circle-check" />
							<div>
								Saved as {it().name}: {it().documents} documents. Keep it apart from this device, and the words apart
								from it.
								<Show when={it().missing > 0}>
									{' '}
									<b>{missingText(it().missing)}</b> Go online, wait until everything has arrived, and save again.
								</Show>
							</div>
						</div>
					)}
				</Show>
			</div>
			<Problem text={problem()} />
		</>
	);
}

function missingText(count: number): string {
	return count === 1
		? 'One document is not in it, because it is not on this device.'
		: `${count} documents are not in it, because they are not on this device.`;
}

/** The browser asks where to, or puts it among the downloads. */
function download({ file, name }: SavedBackup): void {
	const url = URL.createObjectURL(file);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// Safari reads it after the click has returned.
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
