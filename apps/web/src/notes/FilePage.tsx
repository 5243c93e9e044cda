import type { FileId } from '@pocketeer/core/ids';
import { MAX_TEXT_LENGTH } from '@pocketeer/core/space/workspace';
import { useLocation, useNavigate } from '@solidjs/router';
import { createSignal, onCleanup, onMount, Show, Suspense } from 'solid-js';
import { useApp } from '../app.ts';
import type { SaveState } from '../editor/save-state.ts';
import { useToasts } from '../shell/toasts.tsx';
import { BoundEditor } from './BoundEditor.tsx';
import { createOpenFile } from './create-open-file.ts';
import { FileHead } from './FileHead.tsx';
import { FileNotices } from './FileNotices.tsx';
import { HistoryPanel } from './HistoryPanel.tsx';
import { findTarget } from './link-target.ts';
import { NameDialog } from './NameDialog.tsx';
import { noteHref } from './routes.ts';
import { describeFileError, selfAsActor } from './words.ts';

/** One file: its text, whether it is saved, its history, and what can be done with it. Made anew for each path. */
export function FilePage(props: { path: string; onBack: () => void }) {
	const app = useApp();
	const navigate = useNavigate();
	const location = useLocation<{ isNew?: boolean }>();
	const { path } = props;
	const { entry, file, problem } = createOpenFile(app.space.files, {
		path,
		onMoved: (moved) => navigate(noteHref(moved), { replace: true }),
	});
	const acts = createFileActs({ path, onBack: () => props.onBack() });
	const [refusal, setRefusal] = createSignal<string>();
	const [save, setSave] = createSignal<SaveState>({ type: 'saved' });
	const [isHistoryOpen, setHistoryOpen] = createSignal(false);
	const [isRenaming, setRenaming] = createSignal(false);
	warnBeforeLeaving(() => save().type !== 'saved');

	return (
		<article class="file" classList={{ 'file-with-history': isHistoryOpen() && entry() !== undefined }}>
			<FileHead
				path={path}
				isOpen={entry() !== undefined && file() !== undefined}
				isDefault={entry()?.isDefault === true}
				save={save()}
				isHistoryOpen={isHistoryOpen()}
				onBack={() => props.onBack()}
				onHistory={() => setHistoryOpen((isOpen) => !isOpen)}
				onRename={() => setRenaming(true)}
				onDelete={() => void acts.remove()}
			/>
			<FileNotices
				path={path}
				entry={entry()}
				file={file()}
				problem={problem()}
				save={save()}
				refusal={refusal()}
				onDismiss={() => setRefusal(undefined)}
				onRestore={() => void acts.restore(file()?.entry.id)}
			/>
			<Show when={file()} keyed>
				{(opened) => (
					<Suspense fallback={<p class="file-wait">Opening…</p>}>
						<BoundEditor
							file={opened}
							path={path}
							isNew={location.state?.isNew === true}
							onSave={setSave}
							onRefused={(length) => setRefusal(refusalWords(length))}
							onFollow={acts.follow}
						/>
					</Suspense>
				)}
			</Show>
			<Show when={isHistoryOpen() && entry()}>
				{(present) => <HistoryPanel entry={present()} onClose={() => setHistoryOpen(false)} />}
			</Show>
			<Show when={isRenaming()}>
				<NameDialog
					title="Rename or move"
					action="Rename"
					initial={path}
					folder=""
					onSubmit={acts.rename}
					onClose={() => setRenaming(false)}
				/>
			</Show>
		</article>
	);
}

function refusalWords(length: number): string {
	return `That would make the text ${length.toLocaleString('en')} characters long; at most ${MAX_TEXT_LENGTH.toLocaleString('en')} fit in one file. Nothing was changed: put it into several files.`;
}

/** What a person does to a whole file; problems become sentences. */
function createFileActs(options: { readonly path: string; readonly onBack: () => void }) {
	const app = useApp();
	const toasts = useToasts();
	const navigate = useNavigate();
	const { files } = app.space;
	const by = selfAsActor(app.space.self);

	async function restore(id: FileId | undefined) {
		if (id === undefined) return;
		const restored = await files.restore(id, by);
		if (restored.ok) navigate(noteHref(restored.value.entry.path));
		else toasts.show({ text: describeFileError(restored.error), about: id, tone: 'danger' });
	}

	async function remove() {
		const removed = await files.remove(options.path, by);
		if (!removed.ok) return toasts.show({ text: describeFileError(removed.error), tone: 'danger' });
		options.onBack();
		const { id } = removed.value.entry;
		toasts.show({
			text: `${options.path} was deleted.`,
			about: id,
			action: { label: 'Undo', run: () => void restore(id) },
		});
	}

	async function rename(to: string): Promise<string | undefined> {
		if (to === options.path) return undefined;
		const moved = await files.move({ from: options.path, to }, by);
		if (!moved.ok) return describeFileError(moved.error);
		navigate(noteHref(moved.value.entry.path), { replace: true });
		return undefined;
	}

	function follow(link: string) {
		const paths = files.list().map((known) => known.path);
		const target = findTarget(link, options.path, paths);
		if (target.type === 'file') navigate(noteHref(target.path));
		else if (target.type === 'web') window.open(target.url, '_blank', 'noopener,noreferrer');
		else toasts.show({ text: `No file is called ${link}.` });
	}

	return { restore, remove, rename, follow };
}

/** The browser asks before the page closes while something is not on disk. */
function warnBeforeLeaving(isUnsaved: () => boolean): void {
	onMount(() => {
		const ask = (event: BeforeUnloadEvent) => {
			if (isUnsaved()) event.preventDefault();
		};
		window.addEventListener('beforeunload', ask);
		onCleanup(() => window.removeEventListener('beforeunload', ask));
	});
}
