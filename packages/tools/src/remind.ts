import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { slugOf } from '@pocketeer/core/tasks/slug';
import type { TasksDep } from '@pocketeer/core/tasks/tasks';
import * as v from 'valibot';
import { defineTool } from './define-tool.ts';
import { text } from './fields.ts';
import { TASKS_KEY } from './file-keys.ts';
import { scheduleTask } from './schedule-outcome.ts';
import { timeFields } from './time-fields.ts';

/** Sets a reminder. */
export function remind(deps: TasksDep & ClockDep): Tool {
	return defineTool({
		name: 'remind',
		description:
			'Sets a reminder: at its time the person gets a notification with exactly this text, also when no app is open. Give either "when" or "every", preferably in the words of the person. If the time is refused as unclear or past, ask the person; do not guess. Tell them weekday, date and time from the result. When something has to be looked up or thought about at that time, use schedule_nudge instead.',
		input: v.strictObject({
			text: text('What the notification says, addressed to the person, such as "Call the dentist".'),
			...timeFields,
		}),
		example: { text: 'Call the dentist', when: 'tomorrow at 9' },
		isIdempotent: true,
		worksOn: () => [TASKS_KEY],
		needsTrust: ({ text }) => ({ type: 'instructions', path: `tasks/${slugOf(text)}.md` }),
		run: (input, call) => scheduleTask(deps, { kind: 'reminder', line: call.line, ...input }, call),
	});
}
