import type { FileId } from '../ids.ts';
import type { StoreError } from '../ports/store.ts';
import type { Result } from '../result.ts';
import { defaultFile } from './defaults.ts';
import type { FileDoc, FileDocDeps } from './file-doc.ts';
import type { Home } from './home.ts';
import { markPath } from './paths.ts';
import type { Actor, HistoryPatch } from './records.ts';
import type { FileChange, FileEntry, FileError } from './space.ts';
import { countLines } from './text-diff.ts';
import { freeDerivedId, type Tree } from './tree.ts';

/** Longest text of a file, in UTF-16 units: sealed, it still fits one entry of the relay's log. */
export const MAX_TEXT_LENGTH = 1_000_000;

/** What the parts of the workspace work on together. */
export interface Workspace {
	readonly deps: FileDocDeps;
	readonly home: Home;
	readonly tree: Tree;
	acquire(id: FileId): Promise<Result<FileDoc, FileError>>;
}

/** A change that was made in memory, on its way to disk. */
export interface MadeChange {
	readonly change: FileChange;
	readonly saved: Promise<Result<void, StoreError>>;
}

/** Gives a file a path, bringing it back if it was deleted, and notes so in its history. */
export function placeFile(
	{ home, tree }: Workspace,
	file: FileDoc,
	to: { readonly path: string; readonly by: Actor; readonly note: Parameters<FileDoc['change']>[0]['note'] },
): MadeChange {
	// So that what was typed before comes before it in history, too.
	file.flush();
	const stamp = home.stamp();
	const patch = file.change({ edits: [], actor: to.by, stamp, ...(to.note && { note: to.note }) });
	tree.place(file.id, to.path, stamp);
	return accountOf({ home, tree }, file, patch, tree.get(file.id));
}

/** Deletes a file from the tree; its text and history stay. */
export function removeFile(
	{ home, tree }: Workspace,
	file: FileDoc,
	{ entry, by, undoes }: { readonly entry: FileEntry; readonly by: Actor; readonly undoes?: string },
): MadeChange {
	file.flush();
	const stamp = home.stamp();
	const note = { deleted: entry.path, ...(undoes && { undoes }) };
	const patch = file.change({ edits: [], actor: by, stamp, note });
	tree.remove(file.id, stamp);
	return accountOf({ home, tree }, file, patch, entry);
}

/** The account of an edit that has just been recorded. */
export function madeChange(
	workspace: Pick<Workspace, 'home' | 'tree'>,
	file: FileDoc,
	made: { readonly patch: HistoryPatch; readonly base: string; readonly result: string },
): MadeChange {
	const { change, saved } = accountOf(workspace, file, made.patch, workspace.tree.get(file.id));
	return { change: { ...change, ...countLines(made.base, made.result) }, saved };
}

/** A path like the wanted one that no living file holds. */
export function freePath(tree: Tree, wanted: string): string {
	let path = wanted;
	for (let mark = 2; tree.find(path) ?? virtualEntry(tree, path); mark++) path = markPath(wanted, mark);
	return path;
}

function accountOf(
	workspace: Pick<Workspace, 'home' | 'tree'>,
	file: FileDoc,
	patch: HistoryPatch,
	entry: FileEntry | undefined,
): MadeChange {
	if (!entry) throw new Error(`no entry for ${file.id}`);
	return { change: { entry, linesAdded: 0, linesRemoved: 0, patch: patch.id }, saved: savedAll(workspace, file) };
}

/** Text, history and manifest are on disk. */
export async function savedAll({ home }: Pick<Workspace, 'home'>, file: FileDoc): Promise<Result<void, StoreError>> {
	const [text, manifest] = await Promise.all([file.saved(), home.saved()]);
	return text.ok ? manifest : text;
}

/** The entry of a shipped file that nobody edited yet. */
export function virtualEntry(tree: Tree, path: string): FileEntry | undefined {
	const file = defaultFile(path);
	if (!file || tree.find(file.path)) return undefined;
	return { id: freeDerivedId(tree, file.path), path: file.path, touched: 0, revision: 0, arrivals: 0, isDefault: true };
}
