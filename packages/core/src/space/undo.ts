import type { FileId } from '../ids.ts';
import { err, ok, type Result } from '../result.ts';
import type { FileDoc } from './file-doc.ts';
import { hashText } from './hash.ts';
import { findInverse, isManifestPatch, needsUpdate, readPatches } from './history.ts';
import { pathKey } from './paths.ts';
import type { Actor, HistoryPatch } from './records.ts';
import type { FileError } from './space.ts';
import { applyEdits } from './text-diff.ts';
import { MAX_TEXT_LENGTH, type MadeChange, madeChange, placeFile, removeFile, type Workspace } from './workspace.ts';

interface UndoRequest {
	readonly path: string;
	readonly patch: string;
	readonly file?: FileId;
}

interface Undoing {
	readonly file: FileDoc;
	readonly patches: readonly HistoryPatch[];
	readonly patch: HistoryPatch;
	readonly path: string;
	readonly by: Actor;
}

/** Takes one patch back, as a new patch. Text edits, creations, moves, deletions and restorations can be undone. */
export async function undoPatch(
	workspace: Workspace,
	request: UndoRequest,
	by: Actor,
): Promise<Result<MadeChange, FileError>> {
	const candidates = candidatesOf(workspace, request);
	if (candidates.length === 0) return err({ type: 'NoSuchFile', path: request.path });
	for (const id of candidates) {
		const opened = await workspace.acquire(id);
		if (!opened.ok) return opened;
		using file = opened.value;
		file.flush();
		const patches = readPatches(file.history());
		const patch = patches.find((one) => one.id === request.patch);
		if (patch && needsUpdate(file.history())) {
			return cannot(request.path, 'This file was changed by a newer Pocketeer. Update this app to undo the change.');
		}
		if (patch) return undoIn(workspace, { file, patches, patch, path: request.path, by });
	}
	return cannot(request.path, 'This change is not in the history of the file.');
}

/** Files whose history may hold the patch: the one named, the one at the path, those deleted from there. */
function candidatesOf({ tree }: Workspace, { path, file }: UndoRequest): readonly FileId[] {
	if (file !== undefined) return tree.isKnown(file) ? [file] : [];
	const living = tree.find(path);
	return [...(living ? [living.id] : []), ...tree.deletedAt(path)];
}

function undoIn(workspace: Workspace, undoing: Undoing): Result<MadeChange, FileError> {
	const { patches, patch, path } = undoing;
	if (isUndone(patch, patches)) return cannot(path, 'This change was undone already.');
	if (isManifestPatch(patch)) return undoManifest(workspace, undoing);
	const entry = workspace.tree.get(undoing.file.id);
	if (!entry) return cannot(path, 'The file was deleted since; bring it back first.');
	const isOnlyEdit = patches.every((one) => one === patch || one.patch.length === 0);
	// A shipped default that was edited is not made by its first patch: there, only the edit is taken back.
	if (patch.created !== undefined && isOnlyEdit && patch.base === hashText('')) {
		return ok(removeFile(workspace, undoing.file, { entry, by: undoing.by, undoes: patch.id }));
	}
	if (patch.patch.length === 0) return cannot(path, 'The file was edited since it was made; delete it instead.');
	return undoText(workspace, undoing);
}

function undoText(workspace: Workspace, { file, patch, path, by }: Undoing): Result<MadeChange, FileError> {
	const inverse = findInverse(patch, file.text);
	if (!inverse.ok) return cannot(path, `This change cannot be undone: ${inverse.reason}.`);
	const base = file.text.toString();
	const result = applyEdits(base, inverse.edits);
	if (result.length > MAX_TEXT_LENGTH) {
		return err({ type: 'TooLong', path, limit: MAX_TEXT_LENGTH, length: result.length });
	}
	const stamp = workspace.home.stamp();
	const undo = file.change({ edits: inverse.edits, actor: by, stamp, note: { undoes: patch.id } });
	workspace.tree.touch(file.id, stamp);
	return ok(madeChange(workspace, file, { patch: undo, base, result }));
}

function undoManifest(workspace: Workspace, { file, patch, path, by }: Undoing): Result<MadeChange, FileError> {
	const { tree } = workspace;
	const entry = tree.get(file.id);
	if (patch.restored !== undefined) {
		if (!entry) return cannot(path, 'The file was deleted again since.');
		return ok(removeFile(workspace, file, { entry, by, undoes: patch.id }));
	}
	if (patch.deleted !== undefined && entry) return cannot(path, 'The file was brought back already.');
	if (patch.movedTo !== undefined && (!entry || pathKey(entry.path) !== pathKey(patch.movedTo))) {
		return cannot(path, entry ? 'The file was moved again since.' : 'The file was deleted since.');
	}
	const target = patch.deleted ?? patch.movedFrom ?? path;
	const holder = tree.find(target);
	if (holder && holder.id !== file.id) return err({ type: 'PathTaken', path: holder.path });
	const note =
		patch.deleted !== undefined
			? { restored: target, undoes: patch.id }
			: { movedFrom: entry?.path ?? path, movedTo: target, undoes: patch.id };
	return ok(placeFile(workspace, file, { path: target, by, note }));
}

/** An undo can itself be undone; then the patch stands again. */
function isUndone(patch: HistoryPatch, patches: readonly HistoryPatch[]): boolean {
	return patches.some((one) => one.undoes === patch.id && !isUndone(one, patches));
}

function cannot(path: string, reason: string): Result<never, FileError> {
	return err({ type: 'CannotUndo', path, reason });
}
