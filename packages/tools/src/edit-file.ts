import { instructionsNeed } from '@pocketeer/core/agent/calls/trust';
import type { Tool } from '@pocketeer/core/agent/tool';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { reason, text } from './fields.ts';
import { actorOf, doneBefore, fileReceipt, receiptOfPatch } from './file-changes.ts';
import { fileErrorOutcome } from './file-errors.ts';
import { fileKeys } from './file-keys.ts';

/** Replaces one passage of a file. */
export function editFile(deps: FilesDep): Tool {
	return defineTool({
		name: 'edit_file',
		description:
			'Replaces one passage of a file by another. "old" must be copied exactly from the file and occur exactly once: include a line before or after when it is short. What others write elsewhere in the file at the same time is kept. To add a line at the end of a list, replace the last item by itself and the new one.',
		input: v.strictObject({
			path: text('Path of the file.'),
			old: v.pipe(
				v.string(),
				v.check((value) => value !== '', 'it is empty'),
				v.description('The passage to replace, exactly as it stands in the file.'),
			),
			new: v.pipe(v.string(), v.description('What takes its place; empty to delete the passage.')),
			reason,
		}),
		example: { path: 'notes/soup.md', old: '- 2 carrots', new: '- 3 carrots' },
		isIdempotent: true,
		worksOn: ({ path }) => fileKeys(path),
		needsTrust: ({ path }) => instructionsNeed(path),
		async run(input, call) {
			const path = input.path.trim();
			const before = await doneBefore(deps.files, path, call);
			if (before) return done(`Edited ${path}.`, receiptOfPatch(deps.files, path, before));
			if (input.old === input.new) return refused('Not changed: "old" and "new" are the same.');
			const edited = await deps.files.edit({ path, old: input.old, new: input.new }, actorOf(call, input.reason));
			if (!edited.ok) return fileErrorOutcome(edited.error);
			const { entry, linesAdded, linesRemoved } = edited.value;
			return done(`Edited ${entry.path} (+${linesAdded} −${linesRemoved} lines).`, [
				fileReceipt('edited', edited.value),
			]);
		},
	});
}
