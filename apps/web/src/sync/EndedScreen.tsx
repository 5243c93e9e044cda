import '../styles/settings.css';
import { createSignal, For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { Section } from '../settings/Section.tsx';
import { Busy } from '../shell/Busy.tsx';
import { Dialog } from '../shell/Dialog.tsx';
import { Problem } from '../shell/Problem.tsx';
import { createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { endOf } from '../shell/status.ts';

const TITLES = {
	removed: 'This device was removed',
	deleted: 'This space was deleted',
	'said-deleted': 'The relay says that this space was deleted',
} as const;

const TEXTS = {
	removed: [
		'Somebody with another device of this space took this one off the list. Everything that was written since is sealed with a key that this device was not given.',
		'What it had before is still here, and readable. What you change here from now on stays here.',
	],
	deleted: [
		'One of its devices deleted it at the relay, for everybody, and signed for it. This device checked the signature.',
		'What this device has is still here until you delete it. It reaches no other device any more.',
	],
	'said-deleted': [
		'It shows no statement that one of the space’s devices signed. That may be a mistake of the relay, or a relay that lies.',
		'Nothing was changed here. Ask your other devices, and whoever runs the relay. Save a backup before you do anything else.',
	],
} as const;

function titleOf(end: keyof typeof TITLES | undefined): string {
	return end === undefined ? 'This device is in the space' : TITLES[end];
}

/** What can be done once this device is no longer part of its space. */
export default function EndedScreen() {
	const { sync } = useApp();
	const end = createSubscribed({ subscribe: (listener) => sync.subscribe(() => listener()) }, () => endOf(sync.status));
	return (
		<div class="screen">
			<header class="screen-bar">
				<a class="icon-button bar-lead" href="/settings" aria-label="Back to Settings">
					<Icon name="chevron-left" />
				</a>
				<h1>{titleOf(end())}</h1>
			</header>
			<div class="screen-body">
				<div class="screen-column settings">
					<Show
						when={end()}
						fallback={
							<p>Nothing says that it was removed, or that the space was deleted. The Sync page says how it goes.</p>
						}
					>
						{(kind) => (
							<>
								<div class="dialog-text">
									<For each={TEXTS[kind()]}>{(text) => <p>{text}</p>}</For>
								</div>
								<Choices end={kind()} />
							</>
						)}
					</Show>
				</div>
			</div>
		</div>
	);
}

function Choices(props: { end: 'removed' | 'deleted' | 'said-deleted' }) {
	const [isDeleting, setIsDeleting] = createSignal(false);
	return (
		<Section title="What you can do">
			<div class="ended-choice">
				<a class="button" href="/">
					<Icon name="book-open" class="icon-s" />
					Keep reading what is here
				</a>
				<p class="field-hint">Nothing changes. This note stays above every screen.</p>
			</div>
			<Show when={props.end === 'removed'}>
				<div class="ended-choice">
					<a class="button" href="/join" target="_self">
						<Icon name="qr-code" class="icon-s" />
						Join again
					</a>
					<p class="field-hint">
						With a code from a device that is in the space, or the recovery words. What was changed here meanwhile then
						goes to the others too.
					</p>
				</div>
			</Show>
			<div class="ended-choice">
				<a class="button" href="/settings">
					<Icon name="folder" class="icon-s" />
					Another space, or a backup
				</a>
				<p class="field-hint">In Settings you open another space of this device, and save a backup of this one.</p>
			</div>
			<div class="ended-choice">
				<button type="button" class="button button-danger" onClick={() => setIsDeleting(true)}>
					<Icon name="trash-2" class="icon-s" />
					Delete it from this device
				</button>
				<p class="field-hint">The copy that is here goes, for good. Other spaces of this device stay.</p>
			</div>
			<Show when={isDeleting()}>
				<ForgetDialog onClose={() => setIsDeleting(false)} />
			</Show>
		</Section>
	);
}

function ForgetDialog(props: { onClose: () => void }) {
	const { spaces } = useApp();
	const [isBusy, setIsBusy] = createSignal(false);
	const [problem, setProblem] = createSignal<string>();
	const forget = async () => {
		setIsBusy(true);
		const gone = await spaces.forget();
		// On success the page loads anew, in another space.
		if (gone.ok) return;
		setIsBusy(false);
		setProblem(`Not deleted. ${describeStoreError(gone.error)}`);
	};
	return (
		<Dialog title="Delete the copy on this device?" isBusy={isBusy()} onClose={() => props.onClose()}>
			<div class="dialog-text">
				<p>Files, chats, reminders and the keys to them are deleted in this browser. That cannot be undone here.</p>
			</div>
			<Show when={isBusy()}>
				<Busy text="Deleting…" />
			</Show>
			<Problem text={problem()} />
			<div class="dialog-buttons">
				<button type="button" class="button button-quiet" disabled={isBusy()} onClick={() => props.onClose()}>
					Cancel
				</button>
				<button type="button" class="button button-danger" disabled={isBusy()} onClick={() => void forget()}>
					Delete here
				</button>
			</div>
		</Dialog>
	);
}
