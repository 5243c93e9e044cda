import type { ToolCall } from '@pocketeer/core/agent/tool';
import type { Actor, HistoryPatch, Receipt } from '@pocketeer/core/space/records';
import type { FileChange, Files } from '@pocketeer/core/space/space';

/** The actor of a call, with the reason the model gave. */
export function actorOf(call: ToolCall, reason: string | undefined): Actor {
	return { ...call.actor, toolUse: call.toolUse, ...(reason && { reason }) };
}

/** What this very call already did to the file at a path, before it was cut off; undefined if nothing. */
export async function doneBefore(files: Files, path: string, call: ToolCall): Promise<HistoryPatch | undefined> {
	const history = await files.history(path);
	return history.ok ? history.value.findLast(({ actor }) => isOf(actor, call)) : undefined;
}

/** Endpoints that count their calls give those of other lines the same ids. */
function isOf({ turn, toolUse }: Actor, call: ToolCall): boolean {
	return toolUse === call.toolUse && turn === call.turn;
}

/** The receipt of a change. */
export function fileReceipt(
	change: Extract<Receipt, { type: 'file' }>['change'],
	made: FileChange,
	from?: string,
): Receipt {
	return {
		type: 'file',
		change,
		file: made.entry.id,
		path: made.entry.path,
		...(from !== undefined && { from }),
		linesAdded: made.linesAdded,
		linesRemoved: made.linesRemoved,
		...(made.patch !== undefined && { patch: made.patch }),
	};
}

/** The receipt of a change that was made before its call was cut off. */
export function receiptOfPatch(files: Files, path: string, patch: HistoryPatch): readonly Receipt[] {
	const entry = files.find(path) ?? files.deleted().find((gone) => gone.path === path);
	if (!entry) return [];
	const lines = (text: string) => (text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0));
	const change = patch.deleted ? 'deleted' : patch.movedTo ? 'moved' : patch.created ? 'created' : 'edited';
	const made: FileChange = {
		entry,
		linesAdded: patch.patch.reduce((sum, { inserted }) => sum + lines(inserted), 0),
		linesRemoved: patch.patch.reduce((sum, { removed }) => sum + lines(removed), 0),
		patch: patch.id,
	};
	return [fileReceipt(change, made, patch.movedFrom)];
}

/** One line of text: line breaks would end the list item or journal line it becomes. */
export function oneLine(text: string): string {
	return text.replace(/\s*\n\s*/g, ' ').trim();
}

/** Whether a file already says this, whatever its marks, case and spaces. */
export function says(text: string, fact: string): boolean {
	const bare = (line: string) =>
		line
			.toLowerCase()
			.replace(/^[\s\-*+]+/, '')
			.replace(/[\s.!]+$/, '')
			.replace(/\s+/g, ' ');
	const wanted = bare(fact);
	return text.split('\n').some((line) => bare(line) === wanted);
}
