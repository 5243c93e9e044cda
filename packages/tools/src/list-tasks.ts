import type { Tool } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { describeDistance, formatMoment } from '@pocketeer/core/schedule/zoned';
import type { Task, TasksDep } from '@pocketeer/core/tasks/tasks';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { quoted } from './schedule-outcome.ts';

const MOST = 100;

/** Lists reminders and nudges. */
export function listTasks(deps: TasksDep & ClockDep): Tool {
	return defineTool({
		name: 'list_tasks',
		description:
			'Lists reminders and nudges, next due first, with their times as the person should hear them. Use it for "what is planned" and before you cancel something.',
		input: v.strictObject({
			include_done: v.optional(v.pipe(v.boolean(), v.description('Also those that are over. Default false.'))),
		}),
		example: {},
		isReadOnly: true,
		isIdempotent: true,
		async run({ include_done = false }) {
			const all = await deps.tasks.list();
			const tasks = all.filter(
				({ schedule }) => include_done || schedule.type === 'broken' || schedule.next !== undefined,
			);
			if (tasks.length === 0)
				return done(all.length > 0 ? 'Nothing is planned; every task is over.' : 'Nothing is planned.');
			const lines = tasks.slice(0, MOST).map((task) => lineOf(task, deps.clock.now()));
			const more = tasks.length - lines.length;
			return done(more > 0 ? `${lines.join('\n')}\n… and ${more} more.` : lines.join('\n'));
		},
	});
}

function lineOf({ path, body, schedule }: Task, now: number): string {
	if (schedule.type === 'broken') return `- ${path}: broken, it will not fire. ${schedule.reason}`;
	const { kind, next, zone, recurrence, reads } = schedule;
	const every = recurrence.type === 'once' ? '' : `, ${reads}`;
	const due = next === undefined ? 'done' : `${formatMoment(next, zone)}, ${describeDistance(next, now)}`;
	return `- ${due}${every}: ${kind} ${quoted(body)} (${path})`;
}
