import { instructionsNeed } from '@pocketeer/core/agent/calls/trust';
import type { Tool } from '@pocketeer/core/agent/tool';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { addFact } from './add-fact.ts';
import { defineTool } from './define-tool.ts';
import { text } from './fields.ts';
import { fileKeys } from './file-keys.ts';

/** Where facts go that belong nowhere else. */
export const MEMORY_PATH = 'notes/memory.md';

/** Keeps one fact. */
export function remember(deps: FilesDep): Tool {
	return defineTool({
		name: 'remember',
		description:
			'Keeps one lasting fact as a line in a note. Use it whenever the person tells something worth knowing later, or asks you to remember it. What concerns one person goes to note_about_person, what happened goes to journal_add, what has a time to be reminded of goes to remind. A fact that is there already is not added twice.',
		input: v.strictObject({
			text: text('The fact as one sentence that makes sense on its own, such as "My sister is allergic to nuts".'),
			path: v.optional(text(`Note that it belongs to, such as "notes/garden.md". Default ${MEMORY_PATH}.`)),
		}),
		example: { text: 'My sister is allergic to nuts' },
		isIdempotent: true,
		worksOn: ({ path = MEMORY_PATH }) => fileKeys(path),
		needsTrust: ({ path = MEMORY_PATH }) => instructionsNeed(path),
		run: ({ text: fact, path = MEMORY_PATH }, call) =>
			addFact(deps, { path: path.trim(), fact, title: titleOf(path) }, call),
	});
}

function titleOf(path: string): string {
	const name = path.trim().split('/').at(-1)?.replace(/\.md$/, '').replaceAll('-', ' ') ?? '';
	return name.charAt(0).toUpperCase() + name.slice(1);
}
