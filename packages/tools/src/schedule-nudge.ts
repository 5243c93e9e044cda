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

/** Schedules a prompt to the agent itself. */
export function scheduleNudge(deps: TasksDep & ClockDep): Tool {
	return defineTool({
		name: 'schedule_nudge',
		description:
			'Schedules a prompt to yourself: at its time you are run with it and act on it with your tools, on a device that is open then. Each run costs model usage, so use it for what needs looking up or thinking, and remind for everything that is a fixed text. Give either "when" or "every".',
		input: v.strictObject({
			prompt: text('What to do then, complete in itself: you will not have this conversation in mind.'),
			...timeFields,
			line: v.optional(text('Name of the conversation where the result lands. Default: this one.')),
		}),
		example: {
			prompt: 'Read the journal of the past week and write a summary to notes/weeks.md',
			every: 'every Sunday at 18:00',
		},
		isIdempotent: true,
		worksOn: () => [TASKS_KEY],
		needsTrust: ({ prompt }) => ({ type: 'instructions', path: `tasks/${slugOf(prompt)}.md` }),
		run: ({ prompt, line, ...time }, call) =>
			scheduleTask(deps, { kind: 'nudge', text: prompt, line: line ?? call.line, ...time }, call),
	});
}
