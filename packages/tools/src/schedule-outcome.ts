import type { ToolCall, ToolOutcome } from '@pocketeer/core/agent/tool';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { describeDistance, formatMoment } from '@pocketeer/core/schedule/zoned';
import type { Receipt } from '@pocketeer/core/space/records';
import type { Scheduled, ScheduleError, ScheduleRequest, Task, TasksDep } from '@pocketeer/core/tasks/tasks';
import { done, refused } from './define-tool.ts';
import { actorOf } from './file-changes.ts';
import { fileErrorOutcome } from './file-errors.ts';

/** Schedules and tells, from what was really made, when it will be. */
export async function scheduleTask(
	deps: TasksDep & ClockDep,
	request: ScheduleRequest,
	call: ToolCall,
): Promise<ToolOutcome> {
	const made = await deps.tasks.schedule(request, actorOf(call, undefined));
	return made.ok ? scheduled(deps, made.value) : scheduleErrorOutcome(made.error, 'Nothing was scheduled');
}

/** What a model is told when tasks did not do what it asked; in every case nothing was changed. */
export function scheduleErrorOutcome(error: ScheduleError, what: string): ToolOutcome {
	switch (error.type) {
		case 'Unclear':
		case 'Past':
			return refused(`${what}. ${error.question}`);
		case 'NoSuchTask': {
			if (error.fitting) {
				const lines = error.fitting.map(taskLine).join('\n');
				return refused(`${what}: "${error.which}" fits several.\n\n${lines}\n\nGive its path. Which one is meant?`);
			}
			const candidates =
				error.candidates.length > 0 ? `There are: ${error.candidates.join(', ')}.` : 'There are no tasks.';
			return refused(`${what}: "${error.which}" names no single task. ${candidates}`);
		}
		case 'TooMany':
			return refused(`${what}: ${error.limit} tasks wait already. Cancel some that are no longer needed first.`);
		default:
			return fileErrorOutcome(error);
	}
}

function taskLine({ path, body, schedule }: Task): string {
	const when = schedule.type === 'valid' ? (schedule.reads ?? schedule.words) : 'broken';
	return `- ${when}: ${quoted(body)} (${path})`;
}

/** A text in quotes, its first line only and not too long. */
export function quoted(text: string): string {
	const [line = ''] = text.split('\n', 1);
	return `"${line.length > 160 || line !== text ? `${line.slice(0, 160)}…` : line}"`;
}

function scheduled({ clock }: ClockDep, { task, assumed = [] }: Scheduled): ToolOutcome {
	const { schedule } = task;
	if (schedule.type === 'broken') return refused(`Nothing was scheduled. ${schedule.reason}`);
	const { kind, recurrence, zone, reads } = schedule;
	const due = schedule.next ?? clock.now();
	const moment = `${formatMoment(due, zone)}, ${describeDistance(due, clock.now())}`;
	const when = recurrence.type === 'once' ? `for ${moment}` : `${reads}, next on ${moment}`;
	const noun = kind === 'reminder' ? 'Reminder' : 'Nudge';
	const receipt: Receipt = {
		type: 'scheduled',
		task: task.file,
		path: task.path,
		kind,
		text: task.body,
		due,
		zone,
		...(recurrence.type !== 'once' && { every: reads ?? schedule.words }),
	};
	const stated = assumed.length > 0 ? ` Assumed, so tell the person: ${assumed.join(' ')}` : '';
	return done(`${noun} set ${when}: ${quoted(task.body)}. File: ${task.path}${stated ? `.${stated}` : ''}`, [receipt]);
}
