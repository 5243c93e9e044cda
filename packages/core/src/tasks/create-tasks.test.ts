import { describe, expect, test } from 'vitest';
import type { Files } from '../space/space.ts';
import { createTaskWorld } from '../testing/task-world.ts';
import { createTasks } from './create-tasks.ts';
import { createTaskBook } from './task-book.ts';

/** Friday 20 November 2026, 11:00 in Athens. */
const NOW = '2026-11-20T09:00:00Z';

describe('scheduling', () => {
	test('a reminder in words becomes a file with local time and zone, and a task with its instant', async () => {
		const { tasks, space, actor } = await createTaskWorld({ now: NOW });
		const made = await tasks.schedule(
			{ kind: 'reminder', text: 'Call the dentist!', when: 'tomorrow at 9', line: 'chat' },
			actor(),
		);
		expect(made).toMatchObject({
			ok: true,
			value: {
				assumed: [],
				change: { entry: { path: 'tasks/call-the-dentist.md' } },
				task: {
					title: 'Call the dentist!',
					schedule: {
						type: 'valid',
						kind: 'reminder',
						words: '2026-11-21T09:00',
						reads: 'Saturday 21 November 2026, 09:00 (Europe/Athens)',
						line: 'chat',
						next: Date.parse('2026-11-21T07:00:00Z'),
					},
				},
			},
		});
		const file = await space.files.read('tasks/call-the-dentist.md');
		expect(file.ok && file.value.text).toBe(
			'---\nwhen: 2026-11-21T09:00\ntimezone: Europe/Athens\nkind: reminder\nline: chat\n---\nCall the dentist!\n',
		);
	});

	test('an interval begins when it was made', async () => {
		const { tasks, actor } = await createTaskWorld({ now: NOW });
		const made = await tasks.schedule({ kind: 'reminder', text: 'stretch', every: 'every 30 minutes' }, actor());
		expect(made.ok && made.value.task.schedule).toMatchObject({
			recurrence: { type: 'interval', intervalMs: 1_800_000, anchor: Date.parse(NOW) },
			next: Date.parse(NOW) + 1_800_000,
			reads: 'every 30 minutes (Europe/Athens)',
		});
	});

	test('a recurrence given as when is taken if it is words, asked about if it is code', async () => {
		const { tasks, actor } = await createTaskWorld({ now: NOW });
		const words = await tasks.schedule({ kind: 'reminder', text: 'a', when: 'every day at 8' }, actor());
		expect(words.ok && words.value.task.schedule).toMatchObject({
			words: '0 8 * * *',
			next: Date.parse('2026-11-21T06:00:00Z'),
		});
		expect(await tasks.schedule({ kind: 'reminder', text: 'a', when: 'PT20M' }, actor())).toMatchObject({
			ok: false,
			error: { type: 'Unclear' },
		});
	});

	test.each([
		[{ when: 'whenever' }, 'Unclear'],
		[{}, 'Unclear'],
		[{ when: 'tomorrow', every: 'daily' }, 'Unclear'],
		[{ every: 'tomorrow at 9' }, 'Unclear'],
		[{ every: 'every other day' }, 'Unclear'],
		[{ when: 'tomorrow', zone: 'Atlantis' }, 'Unclear'],
		[{ when: '2020-01-01T09:00' }, 'Past'],
		[{ when: 'yesterday' }, 'Past'],
	])('%o schedules nothing (%s)', async (time, type) => {
		const { tasks, actor, space } = await createTaskWorld({ now: NOW });
		const made = await tasks.schedule({ kind: 'reminder', text: 'x', ...time }, actor());
		expect(made).toMatchObject({ ok: false, error: { type } });
		expect(space.files.list().filter(({ path }) => path.startsWith('tasks/'))).toEqual([]);
	});

	test('two tasks of one text get two names, also when asked for at once', async () => {
		const { tasks, actor } = await createTaskWorld({ now: NOW });
		const request = { kind: 'reminder', text: 'Über den Zaun reden', when: 'tomorrow at 9' } as const;
		const made = await Promise.all([tasks.schedule(request, actor()), tasks.schedule(request, actor())]);
		expect(made.map((one) => one.ok && one.value.task.path)).toEqual([
			'tasks/uber-den-zaun-reden.md',
			'tasks/uber-den-zaun-reden-2.md',
		]);
	});

	test('a name has at most forty characters and is never empty', async () => {
		const { tasks, actor } = await createTaskWorld({ now: NOW });
		const pathOf = async (text: string) => {
			const made = await tasks.schedule({ kind: 'reminder', text, when: 'tomorrow at 9' }, actor());
			return made.ok && made.value.task.path;
		};
		expect(await pathOf('a very long reminder that goes on and on about everything')).toBe(
			'tasks/a-very-long-reminder-that-goes-on-and-on.md',
		);
		expect(await pathOf('記'.repeat(60))).toBe(`tasks/${'記'.repeat(40)}.md`);
		expect(await pathOf('!!!')).toBe('tasks/task.md');
		expect(await pathOf('../../etc')).toBe('tasks/etc.md');
	});

	test('a call that is made again after a crash makes no second task', async () => {
		const { tasks, actor, space } = await createTaskWorld({ now: NOW });
		const request = { kind: 'reminder', text: 'x y', when: 'in 20 minutes' } as const;
		const first = await tasks.schedule(request, actor('toolu_1'));
		const again = await tasks.schedule(request, actor('toolu_1'));
		expect(again.ok && again.value.task.path).toBe(first.ok && first.value.task.path);
		expect(again.ok && again.value.change.patch).toBe(first.ok && first.value.change.patch);
		await tasks.schedule(request, actor('toolu_2'));
		expect(space.files.list().filter(({ path }) => path.startsWith('tasks/'))).toHaveLength(2);
	});

	test('beyond the limit of waiting tasks no more are made; those that are over do not count', async () => {
		const { space, clock, book, occurrences, actor } = await createTaskWorld({ now: NOW });
		const tasks = createTasks({ ...space, clock, book, occurrences }, { maxPending: 2 });
		const remind = (text: string, when: string) => tasks.schedule({ kind: 'reminder', text, when }, actor());
		expect(await remind('a', 'tomorrow')).toMatchObject({ ok: true });
		expect(await remind('b', 'tomorrow')).toMatchObject({ ok: true });
		expect(await remind('c', 'tomorrow')).toMatchObject({ ok: false, error: { type: 'TooMany', limit: 2 } });
		await tasks.cancel('a', actor());
		expect(await remind('c', 'tomorrow')).toMatchObject({ ok: true });
	});

	test('a task file is read once a revision, however often tasks are listed', async () => {
		const { tasks, space, clock, actor } = await createTaskWorld({ now: NOW });
		for (const text of ['a', 'b', 'c']) await tasks.schedule({ kind: 'reminder', text, when: 'tomorrow' }, actor());
		const read: string[] = [];
		const files: Files = {
			...space.files,
			read(path) {
				read.push(path);
				return space.files.read(path);
			},
		};
		using book = createTaskBook({ files, clock });
		await book.list();
		await book.list();
		expect(read).toHaveLength(3);
		await space.files.edit({ path: 'tasks/b.md', old: '09:00', new: '10:00' }, actor());
		await book.list();
		expect(read.slice(3)).toEqual(['tasks/b.md']);
	});
});

describe('listing', () => {
	test('what is due next comes first, broken files come last and say why', async () => {
		const { tasks, space, actor, clock } = await createTaskWorld({ now: NOW });
		await tasks.schedule({ kind: 'reminder', text: 'later', when: 'tomorrow at 9' }, actor());
		await tasks.schedule({ kind: 'reminder', text: 'sooner', when: 'in 5 minutes' }, actor());
		const opened = await space.files.open('tasks/later.md');
		await space.files.write({ path: 'notes/broken.md', text: 'oops' }, actor());
		expect(opened.ok).toBe(true);
		if (opened.ok) {
			// What a person types in the editor is not held back by validation.
			using file = opened.value;
			file.text.delete(0, file.text.length);
			file.text.insert(0, 'I am no task');
			file.flush();
			await file.saved();
		}
		await clock.advance(1_000);
		const list = await tasks.list();
		expect(list.map(({ title }) => title)).toEqual(['sooner', 'I am no task']);
		expect(list[1]?.schedule).toMatchObject({ type: 'broken', reason: expect.stringContaining('front matter') });
	});

	test('listeners hear of tasks that come, change and go, not of other files', async () => {
		const { tasks, space, actor, clock } = await createTaskWorld({ now: NOW });
		let count = 0;
		tasks.subscribe(() => count++);
		await space.files.write({ path: 'notes/a.md', text: 'a' }, actor());
		await clock.advance(0);
		expect(count).toBe(0);
		await tasks.schedule({ kind: 'reminder', text: 'a', when: 'tomorrow' }, actor());
		await clock.advance(0);
		expect(count).toBe(1);
		await space.files.remove('tasks/a.md', actor());
		await clock.advance(0);
		expect(count).toBe(2);
	});

	test.each([
		['turns the words behind it around', 'Pay \u202egnp.exe', 'Pay gnp.exe'],
		['rings and ends lines of a terminal', 'Wake\u0000 up\u0007\u009b', 'Wake up'],
		['is half a character', 'Call \ud800', 'Call \ufffd'],
		['are lines and words of a language from right to left', 'חלב\n\tלחם\u200f!', 'חלב\n\tלחם\u200f!'],
	])('of a text that %s only what can be read is kept', async (_, text, kept) => {
		const { tasks, actor } = await createTaskWorld({ now: NOW });
		const made = await tasks.schedule({ kind: 'reminder', text, when: 'tomorrow at 9' }, actor());
		expect(made.ok && made.value.task.body).toBe(kept);
	});

	test('a text of nothing but control characters is no text', async () => {
		const { tasks, actor } = await createTaskWorld({ now: NOW });
		const made = await tasks.schedule({ kind: 'reminder', text: '\u0000\u202e', when: 'tomorrow at 9' }, actor());
		expect(made).toMatchObject({ ok: false, error: { type: 'Unclear' } });
	});
});

describe('cancelling', () => {
	async function world() {
		const made = await createTaskWorld({ now: NOW });
		for (const text of ['Call the dentist', 'Call mum', 'Water the plants']) {
			await made.tasks.schedule({ kind: 'reminder', text, when: 'tomorrow at 9' }, made.actor());
		}
		return made;
	}

	test.each(['tasks/call-mum.md', 'call-mum', 'Call mum', 'mum', 'CALL MUM', 'call-mum.md'])(
		'"%s" finds the task',
		async (which) => {
			const { tasks, actor, space } = await world();
			const cancelled = await tasks.cancel(which, actor());
			expect(cancelled.ok && cancelled.value.task.title).toBe('Call mum');
			expect(space.files.find('tasks/call-mum.md')).toBeUndefined();
			expect(space.files.deleted().map(({ path }) => path)).toEqual(['tasks/call-mum.md']);
		},
	);

	test('what fits several, or none, ends nothing and names what there is', async () => {
		const { tasks, actor } = await world();
		expect(await tasks.cancel('call', actor())).toMatchObject({
			ok: false,
			error: { type: 'NoSuchTask', candidates: ['tasks/call-mum.md', 'tasks/call-the-dentist.md'] },
		});
		expect(await tasks.cancel('the moon', actor())).toMatchObject({ ok: false, error: { type: 'NoSuchTask' } });
		expect(await tasks.cancel('  ', actor())).toMatchObject({ ok: false, error: { type: 'NoSuchTask' } });
		expect(await tasks.list()).toHaveLength(3);
	});

	test('equal titles, or a name that is one file but part of another text, are asked about with their times', async () => {
		const { tasks, actor } = await world();
		await tasks.schedule({ kind: 'reminder', text: 'Call mum', when: 'tomorrow at 10' }, actor());
		await tasks.schedule({ kind: 'reminder', text: 'Mum', when: 'tomorrow at 11' }, actor());
		for (const which of ['call mum', 'call-mum', 'mum']) {
			const cancelled = await tasks.cancel(which, actor());
			expect(cancelled.ok, which).toBe(false);
			const fitting = !cancelled.ok && cancelled.error.type === 'NoSuchTask' ? cancelled.error.fitting : [];
			expect(fitting?.length, which).toBe(which === 'mum' ? 3 : 2);
		}
		expect(await tasks.cancel('tasks/mum.md', actor())).toMatchObject({ ok: true, value: { task: { title: 'Mum' } } });
		expect(await tasks.list()).toHaveLength(4);
	});

	test('part of a word names nothing', async () => {
		const { tasks, actor } = await world();
		for (const which of ['it', 'all', 'plant', 'den'])
			expect(await tasks.cancel(which, actor()), which).toMatchObject({ ok: false, error: { type: 'NoSuchTask' } });
		expect(await tasks.list()).toHaveLength(3);
	});

	test('by signs without a word cancels nothing, whatever is called a task', async () => {
		const { tasks, actor } = await createTaskWorld({ now: NOW });
		await tasks.schedule({ kind: 'reminder', text: 'Finish the task', when: 'tomorrow at 9' }, actor());
		for (const which of ['.*', '🍝', '--', '?'])
			expect(await tasks.cancel(which, actor())).toMatchObject({ ok: false, error: { type: 'NoSuchTask' } });
		expect(await tasks.list()).toHaveLength(1);
	});
});
