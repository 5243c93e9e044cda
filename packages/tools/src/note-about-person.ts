import type { Tool } from '@pocketeer/core/agent/tool';
import type { FilesDep } from '@pocketeer/core/space/space';
import { slugOf } from '@pocketeer/core/tasks/slug';
import * as v from 'valibot';
import { addFact } from './add-fact.ts';
import { defineTool } from './define-tool.ts';
import { text } from './fields.ts';
import { oneLine } from './file-changes.ts';
import { fileKeys } from './file-keys.ts';

/** Keeps one fact about a person. */
export function noteAboutPerson(deps: FilesDep): Tool {
	return defineTool({
		name: 'note_about_person',
		description:
			'Keeps one lasting fact about one person in their profile, people/<name>/profile.md, which is made if there is none. Look with search_files or list_files for the name the person already has there ("Mum" may be "Maria"). Not for what merely happened: that is journal_add.',
		input: v.strictObject({
			name: text('Name of the person, as their folder in people/ has it, such as "Anna".'),
			text: text('The fact as one sentence, such as "Her birthday is on 3 May".'),
		}),
		example: { name: 'Anna', text: 'Her birthday is on 3 May' },
		isIdempotent: true,
		worksOn: ({ name }) => fileKeys(profileOf(name)),
		run({ name, text: fact }, call) {
			return addFact(deps, { path: profileOf(name), fact, title: oneLine(name) }, call);
		},
	});
}

function profileOf(name: string): string {
	return `people/${slugOf(name)}/profile.md`;
}
