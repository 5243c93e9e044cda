import type { Tool } from '@pocketeer/core/agent/tool';
import type { Receipt } from '@pocketeer/core/space/records';
import type { TasksDep } from '@pocketeer/core/tasks/tasks';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { text } from './fields.ts';
import { actorOf } from './file-changes.ts';
import { TASKS_KEY } from './file-keys.ts';
import { quoted, scheduleErrorOutcome } from './schedule-outcome.ts';

/** Cancels a reminder or nudge. */
export function cancelTask(deps: TasksDep): Tool {
	return defineTool({
		name: 'cancel_task',
		description:
			'Cancels a reminder or nudge by deleting its file; the person can bring it back from its history. If several fit, nothing is cancelled and you get their times and paths. To change the time of one, cancel it and set it anew.',
		input: v.strictObject({
			which: text('Path, name or text of the task, such as "tasks/call-the-dentist.md" or "dentist".'),
		}),
		example: { which: 'tasks/call-the-dentist.md' },
		// After the first run the name fits nothing, or another task.
		isIdempotent: false,
		worksOn: () => [TASKS_KEY],
		needsTrust: ({ which }) => ({
			type: 'instructions',
			path: which.trim().startsWith('tasks/') ? which.trim() : 'tasks/',
		}),
		async run({ which }, call) {
			const cancelled = await deps.tasks.cancel(which, actorOf(call, undefined));
			if (!cancelled.ok) return scheduleErrorOutcome(cancelled.error, 'Nothing was cancelled');
			const { task, change } = cancelled.value;
			const { path, body, schedule } = task;
			const when = schedule.type === 'valid' ? `, which was set for: ${schedule.reads ?? schedule.words}` : '';
			const receipt: Receipt = {
				type: 'cancelled',
				path,
				text: body,
				task: task.file,
				...(change.patch !== undefined && { patch: change.patch }),
			};
			return done(`Cancelled ${path}: ${quoted(body)}${when}.`, [receipt]);
		},
	});
}
