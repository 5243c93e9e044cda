import type { Tool } from '@pocketeer/core/agent/tool';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { text } from './fields.ts';

/** Ends a turn that has nothing to say. */
export function wrapUpSilently(): Tool {
	return defineTool({
		name: 'wrap_up_silently',
		description:
			'Ends this turn without a word and without a notification. Only for turns that a nudge or cycle started, when there is nothing the person needs to know. Never in answer to a message of a person: they wait for words.',
		input: v.strictObject({
			reason: text('Why nothing needs to be said, for the log, such as "no rain is forecast".'),
		}),
		example: { reason: 'no rain is forecast' },
		isIdempotent: true,
		worksOn: () => [],
		run: async ({ reason }) => ({ ...done('The turn ends without a word.'), endsTurn: { reason: reason.trim() } }),
	});
}
