import type { FileId } from '@pocketeer/core/ids';
import type { Recurrence } from '@pocketeer/core/protocol/recurrence';
import type { Task } from '@pocketeer/core/tasks/tasks';
import { expect, test } from 'vitest';
import { groupTasks, recurrenceWords } from './groups.ts';

const here = { now: Date.parse('2026-11-20T12:00:00Z'), zone: 'Europe/Athens' };
const daily: Recurrence = { type: 'cron', cron: '0 8 * * *', zone: 'Europe/Athens', until: null };

test('tasks stand under the local day they are due, next first', () => {
	const groups = groupTasks(
		[
			due('c', '2026-11-24T07:00'),
			due('b', '2026-11-20T20:00'),
			due('a', '2026-11-20T13:00'),
			due('d', '2026-11-20T22:30'),
		],
		here,
	);
	expect(drawn(groups)).toEqual(['Today: a b', 'Tomorrow: d', 'Later: c']);
});

test('a recurring task due today stands under today, otherwise under Recurring', () => {
	const groups = groupTasks([due('pills', '2026-11-20T18:00', daily), due('rent', '2026-12-01T08:00', daily)], here);
	expect(drawn(groups)).toEqual(['Today: pills', 'Recurring: rent']);
});

test('broken tasks come first and are over never', () => {
	const broken: Task = {
		...due('oops', '2026-11-20T18:00'),
		schedule: { type: 'broken', reason: 'When? "soonish" is no time.' },
	};
	expect(drawn(groupTasks([due('a', '2026-11-20T18:00'), broken], here))).toEqual(['Broken: oops', 'Today: a']);
});

test('a task with nothing to come is over', () => {
	const over = due('done', undefined);
	expect(drawn(groupTasks([over], here))).toEqual(['Over: done']);
});

test('what is due and has not run yet is today’s', () => {
	expect(drawn(groupTasks([due('late', '2026-11-18T09:00')], here))).toEqual(['Today: late']);
});

test('no tasks make no groups', () => {
	expect(groupTasks([], here)).toEqual([]);
});

test('a recurrence is told in words, a single time not at all', () => {
	expect(recurrenceWords(due('a', '2026-11-20T18:00', daily), 'Europe/Athens')).toBe('as written');
	expect(recurrenceWords(due('a', '2026-11-20T18:00'), 'Europe/Athens')).toBeUndefined();
});

test('a recurrence names its zone only to someone in another', () => {
	const task = due('a', '2026-11-20T18:00', daily);
	if (task.schedule.type === 'broken') throw new Error('not broken');
	const read: Task = { ...task, schedule: { ...task.schedule, reads: 'every day at 08:00 (Europe/Athens)' } };
	expect(recurrenceWords(read, 'Europe/Athens')).toBe('every day at 08:00');
	expect(recurrenceWords(read, 'Europe/Rome')).toBe('every day at 08:00 (Europe/Athens)');
});

function drawn(groups: ReturnType<typeof groupTasks>): readonly string[] {
	return groups.map((group) => `${group.name}: ${group.tasks.map((task) => task.title).join(' ')}`);
}

function due(title: string, utc: string | undefined, recurrence?: Recurrence): Task {
	const next = utc === undefined ? undefined : Date.parse(`${utc}Z`);
	return {
		file: `id of ${title}` as FileId,
		path: `tasks/${title}.md`,
		revision: 1,
		title,
		body: title,
		schedule: {
			type: 'valid',
			kind: 'reminder',
			recurrence: recurrence ?? { type: 'once', at: next ?? 0 },
			words: 'as written',
			zone: 'Europe/Athens',
			line: undefined,
			silent: false,
			next,
		},
	};
}
