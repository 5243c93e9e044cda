import { instructionsNeed } from '@pocketeer/core/agent/calls/trust';
import type { Tool } from '@pocketeer/core/agent/tool';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { reason, text } from './fields.ts';
import { actorOf, doneBefore, fileReceipt, receiptOfPatch } from './file-changes.ts';
import { fileErrorOutcome } from './file-errors.ts';
import { fileKeys } from './file-keys.ts';

/** Deletes a file. */
export function deleteFile(deps: FilesDep): Tool {
	return defineTool({
		name: 'delete_file',
		description:
			'Deletes a file. The person can bring it back from its history. Use it only when the person asked for it or you made the file yourself; to remove a passage use edit_file, to end a reminder or nudge use cancel_task.',
		input: v.strictObject({ path: text('Path of the file.'), reason }),
		example: { path: 'notes/old-list.md', reason: 'asked to' },
		isIdempotent: true,
		worksOn: ({ path }) => fileKeys(path),
		needsTrust: ({ path }) => instructionsNeed(path),
		async run(input, call) {
			const path = input.path.trim();
			if (!deps.files.find(path)) {
				const before = await doneBefore(deps.files, path, call);
				if (before?.deleted) return done(`Deleted ${path}.`, receiptOfPatch(deps.files, path, before));
			}
			const removed = await deps.files.remove(path, actorOf(call, input.reason));
			if (!removed.ok) return fileErrorOutcome(removed.error);
			return done(`Deleted ${removed.value.entry.path}; its history is kept.`, [fileReceipt('deleted', removed.value)]);
		},
	});
}
