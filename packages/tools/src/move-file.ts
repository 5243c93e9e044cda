import { instructionsNeed, isInstructions } from '@pocketeer/core/agent/calls/trust';
import type { Tool, ToolCall, ToolOutcome } from '@pocketeer/core/agent/tool';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { reason, text } from './fields.ts';
import { actorOf, doneBefore, fileReceipt, receiptOfPatch } from './file-changes.ts';
import { fileErrorOutcome } from './file-errors.ts';
import { fileKeys } from './file-keys.ts';

/** Moves or renames a file. */
export function moveFile(deps: FilesDep): Tool {
	return defineTool({
		name: 'move_file',
		description:
			'Moves or renames a file; its text and history stay. Refuses when there is a file at the new path. Moving a file out of tasks/ ends its reminder or nudge.',
		input: v.strictObject({ from: text('Present path.'), to: text('New path, with its file name.'), reason }),
		example: { from: 'notes/soup.md', to: 'notes/recipes/soup.md' },
		isIdempotent: true,
		worksOn: ({ from, to }) => fileKeys(from, to),
		needsTrust: ({ from, to }) => instructionsNeed(to, from),
		async run(input, call) {
			const [from, to] = [input.from.trim(), input.to.trim()];
			const before = await doneBefore(deps.files, to, call);
			if (before?.movedTo) return done(`Moved ${from} to ${to}.`, receiptOfPatch(deps.files, to, before));
			const held = await holdBack(deps, { from, to }, call);
			if (held) return held;
			const moved = await deps.files.move({ from, to }, actorOf(call, input.reason));
			if (!moved.ok) return fileErrorOutcome(moved.error);
			return done(`Moved ${from} to ${moved.value.entry.path}.`, [fileReceipt('moved', moved.value, from)]);
		},
	});
}

/** A turn that has not read a file from outside could make it an instruction unseen: it is to be read first, then the person is asked. */
async function holdBack(
	{ files }: FilesDep,
	{ from, to }: { readonly from: string; readonly to: string },
	{ isApproved }: ToolCall,
): Promise<ToolOutcome | undefined> {
	if (isApproved || !isInstructions(to)) return undefined;
	const read = await files.readMarked(from);
	const source = read.ok ? read.value.untrusted[0]?.source : undefined;
	if (source === undefined) return undefined;
	return refused(
		`Not moved: ${from} holds text from outside (${source}), and ${to} would direct you. Read it first, then move it: the person will be asked.`,
	);
}
