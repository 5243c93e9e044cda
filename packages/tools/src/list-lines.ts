import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { localDateOf } from '@pocketeer/core/schedule/zoned';
import type { LinesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { count } from './fields.ts';

/** Lists the lines of the space. */
export function listLines(deps: LinesDep & ClockDep): Tool {
	return defineTool({
		name: 'list_lines',
		description:
			'Lists the lines (separate conversations, each about something: a chat, a trip, a task) with the day something was last said on them, newest first. Use it before send_message or fetch_history when you do not know what a line is called. Do not use it to find what was said: that is search_messages.',
		input: v.strictObject({ limit: v.optional(count('Most lines. Default 50.', { from: 1, to: 200 })) }),
		example: {},
		isReadOnly: true,
		isIdempotent: true,
		async run({ limit = 50 }, call) {
			const all = deps.lines.list();
			const zone = deps.clock.zone();
			const lines = all.slice(0, limit).map(({ id, name, touched }) => {
				const when = touched > 0 ? `last ${localDateOf(touched, zone)}` : 'nothing said yet';
				return `${name} (${when}${id === call.line ? ', this line' : ''})`;
			});
			const more = all.length - lines.length;
			if (lines.length === 0) return done('There are no lines.');
			return done([...lines, ...(more > 0 ? [`… and ${more} more.`] : [])].join('\n'));
		},
	});
}
