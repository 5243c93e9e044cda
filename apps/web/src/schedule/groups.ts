import type { Task } from '@pocketeer/core/tasks/tasks';
import { makeDayOf } from '../chat/format.ts';
import { addDays, type Here } from './moments.ts';

/** Where a task stands on the Schedule screen. */
type GroupName = 'Broken' | 'Today' | 'Tomorrow' | 'Later' | 'Recurring' | 'Over';

/** Tasks under one heading, next due first. */
export interface TaskGroup {
	readonly name: GroupName;
	readonly tasks: readonly Task[];
}

/** Broken comes first because it needs a hand, Over last because it needs none. */
const ORDER: readonly GroupName[] = ['Broken', 'Today', 'Tomorrow', 'Later', 'Recurring', 'Over'];

/**
 * Sorts tasks under their headings, each under exactly one: what is due today or tomorrow stands there even if it
 * recurs, so that those two days are complete; "Recurring" holds what comes again later. Empty groups are left out.
 */
export function groupTasks(tasks: readonly Task[], here: Here): readonly TaskGroup[] {
	const dayOf = makeDayOf(here.zone);
	const today = dayOf(here.now);
	const tomorrow = addDays(today, 1);
	const tasksByGroup = new Map<GroupName, Task[]>(ORDER.map((name) => [name, []]));
	for (const task of tasks) tasksByGroup.get(groupOf(task))?.push(task);
	return ORDER.flatMap((name) => {
		const group = (tasksByGroup.get(name) ?? []).sort((a, b) => dueOf(a) - dueOf(b) || a.path.localeCompare(b.path));
		return group.length > 0 ? [{ name, tasks: group }] : [];
	});

	function groupOf(task: Task): GroupName {
		if (task.schedule.type === 'broken') return 'Broken';
		const { next, recurrence } = task.schedule;
		if (next === undefined) return 'Over';
		const day = dayOf(next);
		// Due and not run yet, on whatever day that was, is today's business.
		if (day <= today) return 'Today';
		if (day === tomorrow) return 'Tomorrow';
		return recurrence.type === 'once' ? 'Later' : 'Recurring';
	}
}

function dueOf(task: Task): number {
	return task.schedule.type === 'valid' ? (task.schedule.next ?? 0) : 0;
}

/** How often a task comes, as a person reads it; undefined for one that comes once. The reader's own zone goes unsaid. */
export function recurrenceWords(task: Task, ownZone: string): string | undefined {
	if (task.schedule.type === 'broken' || task.schedule.recurrence.type === 'once') return undefined;
	const { reads, words, zone } = task.schedule;
	return (reads ?? words).replace(zone === ownZone ? ` (${zone})` : '', '');
}
