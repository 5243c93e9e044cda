import type { FileId } from '@pocketeer/core/ids';
import { err, ok, type Result } from '@pocketeer/core/result';
import type { Receipt } from '@pocketeer/core/space/records';
import type { FilesDep, SelfDep } from '@pocketeer/core/space/space';
import { describeFileError, selfAsActor } from '../notes/words.ts';

type FileReceipt = Extract<Receipt, { type: 'file' }>;
type CancelReceipt = Extract<Receipt, { type: 'cancelled' }>;

/** The receipts worth a line each: the file behind a scheduled or cancelled task is not told twice. */
export function shownReceipts(receipts: readonly Receipt[]): readonly Receipt[] {
	const tasks = new Set(
		receipts.filter((receipt) => receipt.type === 'scheduled' || receipt.type === 'cancelled').map(({ path }) => path),
	);
	return receipts.filter((receipt) => receipt.type !== 'file' || !tasks.has(receipt.path));
}

/** Whether there is a way back; an edit without its patch has none. */
export function canUndo(receipt: FileReceipt): boolean {
	return receipt.change !== 'edited' || receipt.patch !== undefined;
}

/** Takes back one change that `canUndo`, as the person; the error is a sentence. */
export async function undoChange(space: FilesDep & SelfDep, receipt: FileReceipt): Promise<Result<void, string>> {
	const by = selfAsActor(space.self);
	const undone = await inverse();
	return undone.ok ? ok() : err(describeFileError(undone.error));

	function inverse() {
		if (receipt.change === 'deleted') return space.files.restore(receipt.file, by);
		if (receipt.change === 'moved' && receipt.from !== undefined) {
			return space.files.move({ from: receipt.path, to: receipt.from }, by);
		}
		// A file that came to be goes again; its history keeps it.
		if (receipt.patch === undefined) return space.files.remove(receipt.path, by);
		return space.files.undo({ path: receipt.path, patch: receipt.patch }, by);
	}
}

/** Brings a cancelled task back by its file; the error is a sentence. Receipts of earlier versions do not name it. */
export async function undoCancel(
	space: FilesDep & SelfDep,
	receipt: CancelReceipt & { readonly task: FileId },
): Promise<Result<void, string>> {
	const restored = await space.files.restore(receipt.task, selfAsActor(space.self));
	return restored.ok ? ok() : err(describeFileError(restored.error));
}

/** What the toast says after it. */
export function undoneText(receipt: FileReceipt): string {
	if (receipt.change === 'deleted') return `${receipt.path} is back`;
	if (receipt.change === 'moved') return `${receipt.from ?? receipt.path} is back in its place`;
	return `Undid the change of ${receipt.path}`;
}
