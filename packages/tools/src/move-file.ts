import type { Tool } from '@pocketeer/core/agent/tool';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { reason, text } from './fields.ts';
import { actorOf, doneBefore, fileReceipt, receiptOfPatch } from './file-changes.ts';
import { fileErrorOutcome } from './file-errors.ts';

/** Moves or renames a file. */
export function moveFile(deps: FilesDep): Tool {
	return defineTool({
		name: 'move_file',
		description:
			'Moves or renames a file; its text and history stay. Refuses when there is a file at the new path. Moving a file out of tasks/ ends its reminder or nudge.',
		input: v.strictObject({ from: text('Present path.'), to: text('New path, with its file name.'), reason }),
		example: { from: 'notes/soup.md', to: 'notes/recipes/soup.md' },
		isIdempotent: true,
		async run(input, call) {
			const [from, to] = [input.from.trim(), input.to.trim()];
			const before = await doneBefore(deps.files, to, call);
			if (before?.movedTo) return done(`Moved ${from} to ${to}.`, receiptOfPatch(deps.files, to, before));
			const moved = await deps.files.move({ from, to }, actorOf(call, input.reason));
			if (!moved.ok) return fileErrorOutcome(moved.error);
			return done(`Moved ${from} to ${moved.value.entry.path}.`, [fileReceipt('moved', moved.value, from)]);
		},
	});
}
