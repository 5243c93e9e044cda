import type { HistoryPatch } from '@pocketeer/core/space/records';
import type { FileEntry } from '@pocketeer/core/space/space';
import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { momentWords } from '../schedule/moments.ts';
import { useToasts } from '../shell/toasts.tsx';
import { type PatchView, viewPatches } from './patch-lines.ts';
import { describeActor, describeFileError, describeReason, selfAsActor } from './words.ts';

/** Changes shown at first and with each "show older": enough to scroll, few enough to compare quickly. */
const PAGE = 30;

interface Loaded {
	readonly patches: readonly HistoryPatch[];
	readonly present: { readonly text: string; readonly hash: string };
}

/** Who changed a file, when and why; each change can be looked into and undone. */
export function HistoryPanel(props: { entry: FileEntry; onClose: () => void }) {
	const app = useApp();
	const [loaded, setLoaded] = createSignal<Loaded>();
	const [problem, setProblem] = createSignal<string>();
	const [limit, setLimit] = createSignal(PAGE);
	let isGone = false;
	onCleanup(() => {
		isGone = true;
	});

	createEffect(
		on(
			() => [props.entry.path, props.entry.revision] as const,
			([path]) => void load(path),
		),
	);

	async function load(path: string) {
		const [history, present] = await Promise.all([app.space.files.history(path), app.space.files.read(path)]);
		if (isGone || path !== props.entry.path) return;
		if (!history.ok) return setProblem(describeFileError(history.error));
		if (!present.ok) return setProblem(describeFileError(present.error));
		setProblem(undefined);
		setLoaded({ patches: history.value, present: present.value });
	}

	/** Newest first, with how each reads. */
	const changes = createMemo(() => {
		const now = loaded();
		if (!now) return [];
		const patches = now.patches.slice(-limit());
		const views = viewPatches(patches, now.present);
		return patches.map((patch, index) => ({ patch, view: views[index] })).reverse();
	});
	const older = () => (loaded()?.patches.length ?? 0) - limit();

	return (
		<aside class="history" aria-label={`History of ${props.entry.path}`}>
			<header class="history-head">
				<h2>History</h2>
				<button type="button" class="icon-button" aria-label="Close history" onClick={() => props.onClose()}>
					<Icon name="x" />
				</button>
			</header>
			<div class="history-list">
				<Show when={problem()}>{(sentence) => <p class="note note-danger">{sentence()}</p>}</Show>
				<Show when={loaded() && changes().length === 0}>
					<p class="history-none">
						{props.entry.isDefault ? 'This is the text Pocketeer ships with. ' : ''}
						Changes will stand here: who made them, when and why.
					</p>
				</Show>
				<For each={changes()}>{(change) => <Change {...change} path={props.entry.path} />}</For>
				<Show when={older() > 0}>
					<button type="button" class="button button-quiet" onClick={() => setLimit((count) => count + PAGE)}>
						Show older
					</button>
				</Show>
			</div>
		</aside>
	);
}

function Change(props: { patch: HistoryPatch; view: PatchView | undefined; path: string }) {
	const app = useApp();
	const toasts = useToasts();
	const [isBusy, setBusy] = createSignal(false);
	const here = { zone: app.clock.zone(), now: app.clock.now() };

	async function undo() {
		setBusy(true);
		const by = selfAsActor(app.space.self);
		const undone = await app.space.files.undo({ path: props.path, patch: props.patch.id }, by);
		setBusy(false);
		toasts.show({
			about: props.patch.id,
			text: undone.ok ? 'The change was undone.' : describeFileError(undone.error),
		});
	}

	return (
		<details class="change">
			<summary>
				<Icon name="chevron-right" class="icon-s change-arrow" />
				<span class="change-who">{describeActor(props.patch.actor, app.space.self, app.space.directory)}</span>
				<Counts view={props.view} />
				<span class="change-when">{momentWords(props.patch.at, here)}</span>
				<Show when={describeReason(props.patch)}>{(reason) => <span class="change-why">{reason()}</span>}</Show>
			</summary>
			<Show when={props.view}>{(view) => <Diff view={view()} />}</Show>
			<button type="button" class="button button-small" disabled={isBusy()} onClick={() => void undo()}>
				<Icon name="undo-2" class="icon-s" />
				Undo this change
			</button>
		</details>
	);
}

function Counts(props: { view: PatchView | undefined }) {
	return (
		<Show when={props.view}>
			{(view) => (
				<span class="change-counts">
					<span class="sr-only">
						{view().added} lines added, {view().removed} lines removed
					</span>
					<span class="change-added" aria-hidden="true">
						+{view().added}
					</span>
					<span class="change-removed" aria-hidden="true">
						−{view().removed}
					</span>
				</span>
			)}
		</Show>
	);
}

const MARKS = { same: ' ', added: '+', removed: '−', gap: ' ' } as const;

function Diff(props: { view: PatchView }) {
	return (
		<>
			<Show when={!props.view.hasContext}>
				<p class="change-note">Later edits overlap this one, so only its own words are shown.</p>
			</Show>
			<div class="diff">
				<For each={props.view.lines}>
					{(line) => (
						<div class={`diff-line diff-${line.kind}`}>
							<span class="diff-mark">{MARKS[line.kind]}</span>
							<Line kind={line.kind} text={line.text} />
						</div>
					)}
				</For>
			</div>
		</>
	);
}

function Line(props: { kind: PatchView['lines'][number]['kind']; text: string }) {
	if (props.kind === 'added') return <ins>{props.text}</ins>;
	if (props.kind === 'removed') return <del>{props.text}</del>;
	return <span>{props.kind === 'gap' ? '⋯' : props.text}</span>;
}
