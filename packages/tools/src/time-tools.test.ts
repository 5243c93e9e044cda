import { describe, expect, test } from 'vitest';
import { createToolsWorld as world } from './testing/tools-world.ts';

describe('time', () => {
	test('remind tells weekday, local time, zone and distance from what was made', async () => {
		const { call } = await world();
		expect(await call('remind', { text: 'call the dentist', when: 'tomorrow at 9' })).toEqual({
			outcome: 'done',
			result:
				'Reminder set for Saturday 21 November 2026, 09:00 (Europe/Athens), in 14 hours: "call the dentist". File: tasks/call-the-dentist.md',
			receipts: [
				{
					type: 'scheduled',
					task: expect.any(String),
					path: 'tasks/call-the-dentist.md',
					kind: 'reminder',
					text: 'call the dentist',
					due: Date.parse('2026-11-21T07:00:00Z'),
					zone: 'Europe/Athens',
				},
			],
		});
	});

	test('what was assumed is told', async () => {
		const { call } = await world();
		expect((await call('remind', { text: 'x', when: 'tomorrow' })).result).toContain(
			'File: tasks/x.md. Assumed, so tell the person: No time of day was given, so 09:00.',
		);
	});

	test('a recurring reminder tells its rule and the next moment', async () => {
		const { call } = await world();
		const made = await call('remind', { text: 'stretch', every: 'weekdays at 8:30' });
		expect(made.result).toBe(
			'Reminder set every weekday at 08:30 (Europe/Athens), next on Monday 23 November 2026, 08:30 (Europe/Athens), in 3 days: "stretch". File: tasks/stretch.md',
		);
		expect(made.receipts).toMatchObject([{ every: 'every weekday at 08:30 (Europe/Athens)' }]);
	});

	test.each([
		[{ when: 'yesterday' }, 'past'],
		[{ when: '2026-11-20T18:59' }, 'has passed'],
		[{ when: 'sometime' }, 'no single moment'],
		[{ when: 'qwertz' }, 'not a time'],
		[{}, 'No time was given'],
		[{ when: 'tomorrow', every: 'daily' }, 'not both'],
		[{ when: 'tomorrow at 9', zone: 'Mars' }, 'no time zone'],
		[{ every: 'every other day' }, 'cannot skip days'],
	])('remind with %o schedules nothing and says what to ask', async (time, reason) => {
		const { call, tasks } = await world();
		const outcome = await call('remind', { text: 'x', ...time });
		expect(outcome).toMatchObject({ outcome: 'refused', receipts: [] });
		expect(outcome.result).toContain('Nothing was scheduled. ');
		expect(outcome.result).toContain(reason);
		expect(await tasks.list()).toEqual([]);
	});

	test('a nudge carries its prompt and lands on the present line unless told otherwise', async () => {
		const { call, textOf, tasks } = await world();
		expect(await call('schedule_nudge', { prompt: 'Sum up the week', every: 'every Sunday at 18:00' })).toMatchObject({
			outcome: 'done',
			receipts: [{ type: 'scheduled', kind: 'nudge' }],
		});
		await call('schedule_nudge', { prompt: 'Check the weather', when: 'tomorrow at 7', line: 'Weather' });
		expect(await textOf('tasks/sum-up-the-week.md')).toContain('kind: nudge\nline: chat\n');
		expect((await tasks.list())[0]?.schedule).toMatchObject({ kind: 'nudge', line: 'weather' });
	});

	test('list_tasks reads as the person should hear it; cancel_task ends one', async () => {
		const { call } = await world();
		expect((await call('list_tasks', {})).result).toBe('Nothing is planned.');
		await call('remind', { text: 'call the dentist', when: 'tomorrow at 9' });
		await call('remind', { text: 'stretch', every: 'weekdays at 8:30' });
		expect((await call('list_tasks', {})).result).toBe(
			'- Saturday 21 November 2026, 09:00 (Europe/Athens), in 14 hours: reminder "call the dentist" (tasks/call-the-dentist.md)\n' +
				'- Monday 23 November 2026, 08:30 (Europe/Athens), in 3 days, every weekday at 08:30 (Europe/Athens): reminder "stretch" (tasks/stretch.md)',
		);
		expect(await call('cancel_task', { which: 'dentist' })).toMatchObject({
			outcome: 'done',
			result:
				'Cancelled tasks/call-the-dentist.md: "call the dentist", which was set for: Saturday 21 November 2026, 09:00 (Europe/Athens).',
			receipts: [
				{
					type: 'cancelled',
					path: 'tasks/call-the-dentist.md',
					text: 'call the dentist',
					task: expect.any(String),
					patch: expect.any(String),
				},
			],
		});
		expect(await call('cancel_task', { which: 'dentist' })).toMatchObject({
			outcome: 'refused',
			result: 'Nothing was cancelled: "dentist" names no single task. There are: tasks/stretch.md.',
		});
	});

	test('cancel_task asks which when several fit, with their times', async () => {
		const { call } = await world();
		await call('remind', { text: 'call mum', when: 'tomorrow at 9' });
		await call('remind', { text: 'call mum', when: 'tomorrow at 10' });
		expect(await call('cancel_task', { which: 'call mum' })).toMatchObject({
			outcome: 'refused',
			result:
				'Nothing was cancelled: "call mum" fits several.\n\n' +
				'- Saturday 21 November 2026, 09:00 (Europe/Athens): "call mum" (tasks/call-mum.md)\n' +
				'- Saturday 21 November 2026, 10:00 (Europe/Athens): "call mum" (tasks/call-mum-2.md)\n\n' +
				'Give its path. Which one is meant?',
		});
	});

	test('wrap_up_silently ends the turn with its reason', async () => {
		const { call } = await world();
		expect(await call('wrap_up_silently', { reason: 'no rain ' })).toMatchObject({
			outcome: 'done',
			endsTurn: { reason: 'no rain' },
			receipts: [],
		});
	});
});
