import { instructionsNeed } from '@pocketeer/core/agent/calls/trust';
import type { Tool } from '@pocketeer/core/agent/tool';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, refused } from './define-tool.ts';
import { reason, text } from './fields.ts';
import { actorOf, doneBefore, fileReceipt, receiptOfPatch } from './file-changes.ts';
import { fileErrorOutcome } from './file-errors.ts';
import { fileKeys } from './file-keys.ts';

/** Creates or replaces a file. */
export function writeFile(deps: FilesDep): Tool {
	return defineTool({
		name: 'write_file',
		description:
			'Creates a file, or replaces the whole text of one. For a change inside an existing file use edit_file; for a single fact use remember; for what happened today use journal_add; for reminders use remind. Paths are relative, end in .md (scripts in scripts/*.js) and folders appear by themselves. Before you replace a file, read it, and pass its hash so that nothing written meanwhile is lost.',
		input: v.strictObject({
			path: text('Path of the file, such as "notes/recipes/soup.md".'),
			text: v.pipe(v.string(), v.description('The whole new text, in markdown.')),
			hash: v.optional(
				v.pipe(v.string(), v.description('Hash from read_file; the call is refused if the file changed since.')),
			),
			reason,
		}),
		example: { path: 'notes/soup.md', text: '# Soup\n\n- 2 carrots\n' },
		isIdempotent: true,
		worksOn: ({ path }) => fileKeys(path),
		needsTrust: ({ path }) => instructionsNeed(path),
		async run(input, call) {
			const path = input.path.trim();
			const before = await doneBefore(deps.files, path, call);
			if (before) return done(`Wrote ${path}.`, receiptOfPatch(deps.files, path, before));
			const known = deps.files.find(path);
			const present = known && (await deps.files.read(path));
			if (present && !present.ok) return fileErrorOutcome(present.error);
			if (input.hash !== undefined && input.hash !== (present?.value.hash ?? '')) {
				return refused(
					present
						? `Not changed: ${path} was changed since you read it. Read it again, then pass its new hash.`
						: `Not written: there is no file ${path} any more. Leave out "hash" to create it.`,
				);
			}
			const written = await deps.files.write({ path, text: input.text }, actorOf(call, input.reason));
			if (!written.ok) return fileErrorOutcome(written.error);
			const { entry, linesAdded, linesRemoved } = written.value;
			if (known && written.value.patch === undefined)
				return done(`${entry.path} had this very text already; nothing changed.`);
			const change = known && !known.isDefault ? 'edited' : 'created';
			const lines = `+${linesAdded} −${linesRemoved} lines`;
			return done(`${known ? 'Replaced' : 'Created'} ${entry.path} (${lines}).`, [fileReceipt(change, written.value)]);
		},
	});
}
