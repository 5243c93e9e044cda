import type { FileId, StreamName } from '../ids.ts';
import { newId } from '../ports/random.ts';
import { err, ok, type Result } from '../result.ts';
import { defaultFile, defaultFiles, defaultText, seedDefault } from './defaults.ts';
import { createFileDocs, type FileDoc, type FileDocDeps } from './file-doc.ts';
import { hashText } from './hash.ts';
import { readPatches } from './history.ts';
import type { Home } from './home.ts';
import { checkPath, isJournalPage } from './paths.ts';
import type { Actor, HistoryPatch } from './records.ts';
import type { FileChange, FileEntry, FileError, Files, OpenFile } from './space.ts';
import { diffText } from './text-diff.ts';
import { createTree, freeDerivedId, type Tree } from './tree.ts';
import { undoPatch } from './undo.ts';
import { anonymousPassages, isHistoryBehind, untrustedPassages } from './untrusted-text.ts';
import {
	freePath,
	MAX_TEXT_LENGTH,
	type MadeChange,
	madeChange,
	placeFile,
	removeFile,
	savedAll,
	virtualEntry,
	type Workspace,
} from './workspace.ts';

export { MAX_TEXT_LENGTH } from './workspace.ts';

/** Says in a sentence what is wrong with a text for this path, or undefined. */
export type ValidateText = (path: string, text: string) => string | undefined;

/** Makes a file's next text of its present one; `isNew`: nobody here knew of the file. */
type NextText = (present: string, isNew: boolean) => string;

/** The workspace of a space, with what its owner needs besides. */
export interface OwnedFiles extends Files, Disposable {
	/** Records in history what was typed so far in every open file. */
	flush(): void;
}

/** Makes the workspace over an open manifest. */
export function createFiles(deps: FileDocDeps, home: Home, options: { readonly validate?: ValidateText }): OwnedFiles {
	const tree = createTree(deps, home);
	const fileDocs = createFileDocs(deps, {
		began(id) {
			if (!tree.get(id)) revive(id);
		},
		recorded(id) {
			const stamp = home.stamp();
			tree.touch(id, stamp);
			return stamp;
		},
	});
	const workspace: Workspace = { deps, home, tree, acquire };
	const lastPaths = new Map<FileId, string>();
	let queue: Promise<unknown> = Promise.resolve();
	const isFollowed = new Set<FileId>();
	const owned = new DisposableStack();
	owned.use(fileDocs);
	owned.use(tree.subscribe(followAll));
	owned.use(
		deps.docs.onArrival((stream) => {
			if (stream.startsWith(STREAM_PREFIX)) tree.arrived(stream.slice(STREAM_PREFIX.length) as FileId);
		}),
	);
	followAll();
	let listed: { readonly tree: readonly FileEntry[]; readonly all: readonly FileEntry[] } | undefined;

	return {
		list() {
			const living = tree.list();
			if (listed?.tree !== living) listed = { tree: living, all: withDefaults(tree, living) };
			return listed.all;
		},
		find: (path) => tree.find(path) ?? virtualEntry(tree, path),
		deleted: () => tree.deleted(),
		subscribe: (listener) => tree.subscribe(listener),
		read,
		readMarked,
		// A journal page's text may be here before the manifest names it: then this text is added, not put in its place.
		write: ({ path, text }, by) =>
			store(path, by, (present, isNew) => (isNew && present ? withLine(present, text) : text)),
		edit: (change, by) => inOrder(() => edit(change, by)),
		// A line at the end is right whatever stands before it, so that need not have arrived.
		append: ({ path, text }, by) => store(path, by, (present) => withLine(present, text), fileDocs.acquire),
		move: (change, by) => inOrder(() => move(change, by)),
		remove: (path, by) => inOrder(() => remove(path, by)),
		restore: (id, by) => inOrder(() => restore(id, by)),
		open,
		history,
		undo: (change, by) => inOrder(() => undoPatch(workspace, change, by)),
		flush: fileDocs.flush,
		[Symbol.dispose]: () => owned.dispose(),
	};

	/** One change after the other, so that none acts on a tree that another is about to change; saving overlaps. */
	async function inOrder(make: () => Promise<Result<MadeChange, FileError>>): Promise<Result<FileChange, FileError>> {
		const made = queue.then(make);
		queue = made.catch(() => undefined);
		const result = await made;
		if (!result.ok) return result;
		const saved = await result.value.saved;
		return saved.ok ? ok(result.value.change) : saved;
	}

	async function read(path: string): ReturnType<Files['read']> {
		const entry = tree.find(path);
		if (!entry) {
			const virtual = virtualEntry(tree, path);
			const file = virtual && defaultFile(virtual.path);
			if (!virtual || !file) return missing(path);
			return ok({ ...virtual, text: defaultText(file), hash: hashText(defaultText(file)) });
		}
		const opened = await acquire(entry.id);
		if (!opened.ok) return opened;
		using file = opened.value;
		const text = file.text.toString();
		return ok({ ...entry, text, hash: hashText(text) });
	}

	async function readMarked(path: string): ReturnType<Files['readMarked']> {
		const entry = tree.find(path);
		if (!entry) {
			const shipped = await read(path);
			return shipped.ok ? ok({ ...shipped.value, untrusted: [] }) : shipped;
		}
		const opened = await acquire(entry.id);
		if (!opened.ok) return opened;
		using file = opened.value;
		// Text may be here before its history, which is not followed: then that is waited for, as far as the network goes.
		if (isHistoryBehind(file.text, file.history())) await deps.docs.caughtUp(historyOf(entry.id));
		const text = file.text.toString();
		const untrusted = [
			...untrustedPassages(file.text, file.history()),
			...anonymousPassages(file.text, file.history()),
		].sort((a, b) => a.from - b.from);
		return ok({ ...(tree.get(entry.id) ?? entry), text, hash: hashText(text), untrusted });
	}

	/** Gives the file at a path the text that `next` makes of its present one; creates it when there is none. */
	function store(
		path: string,
		by: Actor,
		next: NextText,
		obtain: (id: FileId) => Promise<Result<FileDoc, FileError>> = acquire,
	): Promise<Result<FileChange, FileError>> {
		return inOrder(async () => {
			const checked = checkPath(path);
			if (!checked.ok) return err({ type: 'BadPath', path, reason: checked.error.reason });
			const known = tree.find(checked.value);
			const shipped = known ? undefined : defaultFile(checked.value);
			const target = known?.path ?? shipped?.path ?? checked.value;
			// Before a document is opened that a refusal would leave behind empty.
			const refusedAtOnce = known || shipped ? undefined : refuseText(target, normaliseText(next('', true)));
			if (refusedAtOnce) return err(refusedAtOnce);
			const opened = await obtain(known?.id ?? newFileId(target));
			if (!opened.ok) return opened;
			using file = opened.value;
			if (shipped) seedDefault(shipped, file.doc);
			const present = file.text.toString();
			const text = normaliseText(next(present, !known && !shipped));
			const refusal = refuseText(target, text);
			if (refusal) return err(refusal);
			const isNew = !known && (!shipped || text !== present);
			return ok(change(file, { path: target, text, by, isNew, entry: known }));
		});
	}

	/** Synchronous from here on: nothing can come between the text, its history and the manifest. */
	function change(
		file: FileDoc,
		to: { path: string; text: string; by: Actor; isNew: boolean; entry: FileEntry | undefined },
	): MadeChange {
		file.flush();
		const base = file.text.toString();
		const isUnchanged = to.entry ? base === to.text : !to.isNew;
		if (isUnchanged) {
			const entry = to.entry ?? virtualEntry(tree, to.path);
			if (!entry) throw new Error(`no entry for ${file.id}`);
			return { change: { entry, linesAdded: 0, linesRemoved: 0, patch: undefined }, saved: savedAll(workspace, file) };
		}
		const stamp = home.stamp();
		const patch = file.change({
			edits: diffText(base, to.text),
			actor: to.by,
			stamp,
			...(to.isNew && { note: { created: to.path } }),
		});
		home.transact(() => {
			if (to.isNew) tree.place(file.id, to.path, stamp);
			tree.touch(file.id, stamp);
		});
		return madeChange(workspace, file, { patch, base, result: to.text });
	}

	async function edit(
		{ path, old, new: replacement }: { readonly path: string; readonly old: string; readonly new: string },
		by: Actor,
	): Promise<Result<MadeChange, FileError>> {
		const entry = tree.find(path) ?? virtualEntry(tree, path);
		if (!entry) return missing(path);
		const opened = await acquire(entry.id);
		if (!opened.ok) return opened;
		using file = opened.value;
		const shipped = entry.isDefault ? defaultFile(entry.path) : undefined;
		if (shipped) seedDefault(shipped, file.doc);
		const present = file.text.toString();
		const sought = normaliseText(old);
		const count = countOccurrences(present, sought);
		if (count !== 1) return err({ type: 'NotUnique', path: entry.path, count });
		const at = present.indexOf(sought);
		const text = present.slice(0, at) + normaliseText(replacement) + present.slice(at + sought.length);
		const refusal = refuseText(entry.path, text);
		if (refusal) return err(refusal);
		const known = shipped ? undefined : entry;
		return ok(change(file, { path: entry.path, text, by, isNew: !known && text !== present, entry: known }));
	}

	async function move(
		{ from, to }: { readonly from: string; readonly to: string },
		by: Actor,
	): Promise<Result<MadeChange, FileError>> {
		const checked = checkPath(to);
		if (!checked.ok) return err({ type: 'BadPath', path: to, reason: checked.error.reason });
		const entry = tree.find(from);
		if (!entry) return virtualEntry(tree, from) ? err(isShipped(from, 'moved')) : missing(from);
		const holder = tree.find(checked.value) ?? virtualEntry(tree, checked.value);
		if (holder && holder.id !== entry.id) return err({ type: 'PathTaken', path: holder.path });
		const opened = await acquire(entry.id);
		if (!opened.ok) return opened;
		using file = opened.value;
		const invalid = options.validate?.(checked.value, file.text.toString());
		if (invalid !== undefined) return err({ type: 'Invalid', path: checked.value, reason: invalid });
		if (checked.value === entry.path) return ok(unchanged(entry, file));
		return ok(
			placeFile(workspace, file, { path: checked.value, by, note: { movedFrom: entry.path, movedTo: checked.value } }),
		);
	}

	async function remove(path: string, by: Actor): Promise<Result<MadeChange, FileError>> {
		const entry = tree.find(path);
		if (!entry) return virtualEntry(tree, path) ? err(isShipped(path, 'deleted')) : missing(path);
		const opened = await acquire(entry.id);
		if (!opened.ok) return opened;
		using file = opened.value;
		return ok(removeFile(workspace, file, { entry, by }));
	}

	async function restore(id: FileId, by: Actor): Promise<Result<MadeChange, FileError>> {
		const living = tree.get(id);
		const wanted = living?.path ?? tree.deletedPath(id);
		if (wanted === undefined) return missing(id);
		const opened = await acquire(id);
		if (!opened.ok) return opened;
		using file = opened.value;
		if (living) return ok(unchanged(living, file));
		const path = freePath(tree, wanted);
		return ok(placeFile(workspace, file, { path, by, note: { restored: path } }));
	}

	async function open(path: string): Promise<Result<OpenFile, FileError>> {
		const entry = tree.find(path) ?? virtualEntry(tree, path);
		if (!entry) return missing(path);
		const opened = await acquire(entry.id);
		if (!opened.ok) return opened;
		const file = opened.value;
		const shipped = entry.isDefault ? defaultFile(entry.path) : undefined;
		// Also before the first keystroke: the seed is the same everywhere, so it does no harm if none follows.
		if (shipped && !tree.get(entry.id)) seedDefault(shipped, file.doc);
		lastPaths.set(entry.id, entry.path);
		return ok({
			get entry() {
				return tree.get(entry.id) ?? entry;
			},
			text: file.text,
			saved: () => savedAll(workspace, file),
			flush: () => file.flush(),
			[Symbol.dispose]: () => {
				file.flush();
				file[Symbol.dispose]();
			},
		});
	}

	async function history(path: string): Promise<Result<readonly HistoryPatch[], FileError>> {
		const id = tree.find(path)?.id ?? tree.deletedAt(path)[0];
		if (id === undefined) return virtualEntry(tree, path) ? ok([]) : missing(path);
		const opened = await acquire(id);
		if (!opened.ok) return opened;
		using file = opened.value;
		file.flush();
		return ok(readPatches(file.history()));
	}

	/** The memory is on the device: every file is kept up to date here, not only those that were opened. */
	function followAll(): void {
		for (const { id } of tree.list()) {
			if (isFollowed.has(id)) continue;
			isFollowed.add(id);
			deps.docs.follow(streamOf(id));
		}
	}

	/** Opens a file. One that the manifest names and whose text is still on its way is waited for, never taken for empty. */
	async function acquire(id: FileId): Promise<Result<FileDoc, FileError>> {
		const opened = await fileDocs.acquire(id);
		if (!opened.ok || !tree.isKnown(id) || !isBlank(opened.value)) return opened;
		await deps.docs.caughtUp(streamOf(id));
		if (!isBlank(opened.value)) return opened;
		opened.value[Symbol.dispose]();
		return err({ type: 'NotHere', path: tree.get(id)?.path ?? tree.deletedPath(id) ?? id });
	}

	/** Someone types into a file that is virtual, or was deleted under their hands: it is a real file now. */
	function revive(id: FileId): void {
		const path = tree.deletedPath(id) ?? lastPaths.get(id);
		if (path !== undefined) tree.place(id, path, home.stamp());
	}

	function newFileId(path: string): FileId {
		if (isJournalPage(path) || defaultFile(path)) return freeDerivedId(tree, path);
		return newId<FileId>(deps).slice(0, 16) as FileId;
	}

	function refuseText(path: string, text: string): FileError | undefined {
		if (text.length > MAX_TEXT_LENGTH) {
			return { type: 'TooLong', path, limit: MAX_TEXT_LENGTH, length: text.length };
		}
		const invalid = options.validate?.(path, text);
		return invalid === undefined ? undefined : { type: 'Invalid', path, reason: invalid };
	}

	function unchanged(entry: FileEntry, file: FileDoc): MadeChange {
		return { change: { entry, linesAdded: 0, linesRemoved: 0, patch: undefined }, saved: savedAll(workspace, file) };
	}
}

const STREAM_PREFIX = 'file/';

function streamOf(id: FileId): StreamName {
	return `${STREAM_PREFIX}${id}` as StreamName;
}

function historyOf(id: FileId): StreamName {
	return `history/${id}` as StreamName;
}

/** Whether nothing of the document is here: whoever made the file wrote something into it, if only its mark of birth. */
function isBlank({ doc }: FileDoc): boolean {
	return doc.store.clients.size === 0;
}

function withDefaults(tree: Tree, living: readonly FileEntry[]): readonly FileEntry[] {
	const virtual = defaultFiles().flatMap((file) => virtualEntry(tree, file.path) ?? []);
	return [...living, ...virtual].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function missing(path: string): Result<never, FileError> {
	return err({ type: 'NoSuchFile', path });
}

function isShipped(path: string, what: 'moved' | 'deleted'): FileError {
	return { type: 'Invalid', path, reason: `${path} still is the shipped text; it can be edited, not ${what}.` };
}

/** One form of line end, because the editor counts "\r\n" as one; and no half characters, which would not survive UTF-8. */
function normaliseText(text: string): string {
	return text.replace(/\r\n?/g, '\n').toWellFormed();
}

function withLine(present: string, line: string): string {
	const start = present === '' || present.endsWith('\n') ? present : `${present}\n`;
	return line.endsWith('\n') ? start + line : `${start}${line}\n`;
}

/** Overlapping ones count: replacing "aa" in "aaa" is as unclear as replacing one of two. */
function countOccurrences(text: string, sought: string): number {
	if (sought === '') return 0;
	let count = 0;
	for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) count++;
	return count;
}
