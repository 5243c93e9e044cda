import type { LineId, TurnId } from '@pocketeer/core/ids';
import { describe, expect, test } from 'vitest';
import { createToolsWorld as world } from './testing/tools-world.ts';

describe('files', () => {
	test('list_files shows paths and dates, below a folder if asked, and tells what it left out', async () => {
		const { call } = await world();
		await call('write_file', { path: 'notes/a.md', text: 'a' });
		await call('write_file', { path: 'notes/b.md', text: 'b' });
		expect((await call('list_files', { folder: 'notes/' })).result).toBe(
			'notes/a.md (changed 2026-11-20)\nnotes/b.md (changed 2026-11-20)',
		);
		expect((await call('list_files', { folder: 'notes', limit: 1 })).result).toContain('… and 1 more');
		expect((await call('list_files', {})).result).toContain('SOUL.md (as shipped)');
		expect((await call('list_files', { folder: 'nowhere' })).result).toBe('There are no files below nowhere/.');
	});

	test('read_file gives the text with a header, in pages when it is long', async () => {
		const { call } = await world();
		await call('write_file', { path: 'notes/a.md', text: 'one\ntwo\nthree\n' });
		expect((await call('read_file', { path: 'notes/a.md' })).result).toMatch(
			/^notes\/a\.md, 3 lines, hash [\w-]{22}\n\none\ntwo\nthree$/,
		);
		expect((await call('read_file', { path: 'notes/a.md', offset: 2, limit: 1 })).result).toMatch(
			/lines 2 to 2 of 3, hash .*\n\ntwo\n\(more: read on with offset 3\)$/,
		);
		expect(await call('read_file', { path: 'notes/a.md', offset: 9 })).toMatchObject({ outcome: 'refused' });
		await call('write_file', { path: 'notes/long.md', text: 'x'.repeat(100_000) });
		const long = (await call('read_file', { path: 'notes/long.md' })).result;
		expect(typeof long === 'string' && long.length).toBeLessThan(41_000);
	});

	test('read_file names similar files when there is none of that path', async () => {
		const { call } = await world();
		await call('write_file', { path: 'notes/garden.md', text: 'x' });
		expect(await call('read_file', { path: 'garden.md' })).toMatchObject({
			outcome: 'refused',
			result: 'There is no file garden.md. Similar: notes/garden.md.',
		});
	});

	test('write_file creates with a receipt that undo can use, and says so when nothing changed', async () => {
		const { call, files, actor } = await world();
		const made = await call('write_file', { path: 'notes/a.md', text: 'one\ntwo\n', reason: 'asked to' });
		expect(made).toMatchObject({
			outcome: 'done',
			receipts: [{ type: 'file', change: 'created', path: 'notes/a.md', linesAdded: 2 }],
		});
		const [receipt] = made.receipts;
		const history = await files.history('notes/a.md');
		expect(history.ok && history.value[0]).toMatchObject({
			actor: { reason: 'asked to', toolUse: 'toolu_1', turn: 'turn' },
		});
		if (receipt?.type !== 'file' || !receipt.patch) throw new Error('no patch');
		expect((await call('write_file', { path: 'notes/a.md', text: 'one\ntwo\n' })).result).toContain('nothing changed');
		expect(await files.undo({ path: 'notes/a.md', patch: receipt.patch }, actor())).toMatchObject({ ok: true });
	});

	test('a call of another turn is another call, whatever id an endpoint gave it', async () => {
		const { call, files, tasks, actor, tools, clock } = await world();
		await call('write_file', { path: 'notes/a.md', text: 'one' }, 'call_1');
		await call('write_file', { path: 'notes/a.md', text: 'one' }, 'call_1');
		const other = { ...actor('call_1'), turn: 'other' as TurnId, line: 'chat' as LineId };
		const signal = new AbortController().signal;
		const again = tools.find(({ definition }) => definition.name === 'write_file');
		const run = { line: other.line, turn: other.turn, toolUse: 'call_1', actor: other, signal };
		expect(await again?.run({ path: 'notes/a.md', text: 'two' }, run)).toMatchObject({ outcome: 'done' });
		expect(await files.read('notes/a.md')).toMatchObject({ value: { text: 'two' } });
		const remind = { kind: 'reminder', text: 'Water', when: 'tomorrow at 9', line: 'chat' } as const;
		const first = await tasks.schedule(remind, { ...other, turn: 'first' as TurnId });
		const second = await tasks.schedule(remind, other);
		expect(first.ok && second.ok && first.value.task.path).not.toBe(second.ok && second.value.task.path);
		expect((await tasks.list()).length, `at ${clock.now()}`).toBe(2);
	});

	test('write_file with the hash of an older text is refused', async () => {
		const { call, files, textOf } = await world();
		await call('write_file', { path: 'notes/a.md', text: 'one' });
		const read = await files.read('notes/a.md');
		const hash = read.ok ? read.value.hash : '';
		await call('edit_file', { path: 'notes/a.md', old: 'one', new: 'two' });
		const stale = await call('write_file', { path: 'notes/a.md', text: 'three', hash });
		expect(stale).toMatchObject({ outcome: 'refused', result: expect.stringContaining('changed since you read it') });
		expect(await textOf('notes/a.md')).toBe('two');
	});

	test.each([
		['../etc/passwd', '..'],
		['notes/a\u0007.md', 'control character'],
		['notes/a.exe', '.md'],
		['/abs.md', 'relative'],
	])('write_file refuses the path %j', async (path, reason) => {
		const { call } = await world();
		expect(await call('write_file', { path, text: 'x' })).toMatchObject({
			outcome: 'refused',
			result: expect.stringContaining(reason),
		});
	});

	test('write_file refuses a task that is none, and a text that is too long', async () => {
		const { call } = await world();
		const task = '---\nwhen: tomorrow\n---\nx';
		expect((await call('write_file', { path: 'tasks/x.md', text: task })).result).toContain(
			'when "tomorrow" must be a local time',
		);
		expect((await call('write_file', { path: 'notes/x.md', text: 'x'.repeat(1_000_001) })).result).toContain(
			'at most 1000000',
		);
	});

	test('write_file and edit_file may change the standing instructions', async () => {
		const { call, textOf } = await world();
		expect(await call('write_file', { path: 'SOUL.md', text: '# Calm\n' })).toMatchObject({ outcome: 'done' });
		expect(await textOf('SOUL.md')).toBe('# Calm\n');
	});

	test('edit_file replaces what occurs once, and says how often it found the rest', async () => {
		const { call, textOf } = await world();
		await call('write_file', { path: 'notes/a.md', text: 'a b a' });
		expect((await call('edit_file', { path: 'notes/a.md', old: 'b', new: 'c' })).outcome).toBe('done');
		expect(await textOf('notes/a.md')).toBe('a c a');
		expect((await call('edit_file', { path: 'notes/a.md', old: 'a', new: 'x' })).result).toContain('occurs 2 times');
		expect((await call('edit_file', { path: 'notes/a.md', old: 'z', new: 'x' })).result).toContain('does not occur');
		expect((await call('edit_file', { path: 'notes/b.md', old: 'z', new: 'x' })).result).toContain(
			'There is no file notes/b.md',
		);
		expect((await call('edit_file', { path: 'notes/a.md', old: 'c', new: 'c' })).result).toContain('are the same');
	});

	test('move_file and delete_file leave receipts, and refuse what cannot be', async () => {
		const { call, files } = await world();
		await call('write_file', { path: 'notes/a.md', text: 'a' });
		await call('write_file', { path: 'notes/b.md', text: 'b' });
		expect((await call('move_file', { from: 'notes/a.md', to: 'notes/b.md' })).result).toContain('already a file');
		const moved = await call('move_file', { from: 'notes/a.md', to: 'notes/c.md' });
		expect(moved.receipts).toMatchObject([{ change: 'moved', from: 'notes/a.md', path: 'notes/c.md' }]);
		const deleted = await call('delete_file', { path: 'notes/c.md' });
		expect(deleted.receipts).toMatchObject([{ change: 'deleted', path: 'notes/c.md', patch: expect.any(String) }]);
		expect(files.find('notes/c.md')).toBeUndefined();
		expect(await call('delete_file', { path: 'notes/c.md' })).toMatchObject({ outcome: 'refused' });
	});

	test('search_files finds what was remembered, and an empty answer is no failure', async () => {
		const { call } = await world();
		await call('remember', { text: 'My sister is allergic to nuts' });
		expect(await call('search_files', { query: 'what do you know about my sister?' })).toMatchObject({
			outcome: 'done',
			result: expect.stringContaining('notes/memory.md:3\n'),
			receipts: [{ type: 'found', paths: ['notes/memory.md'] }],
		});
		expect(await call('search_files', { query: 'elephants' })).toMatchObject({
			outcome: 'done',
			receipts: [{ paths: [] }],
		});
	});
});

describe('memory', () => {
	test('remember adds a line to the memory, once', async () => {
		const { call, textOf } = await world();
		expect(await call('remember', { text: 'My sister is\nallergic to nuts' })).toMatchObject({
			result: 'Noted in notes/memory.md: "My sister is allergic to nuts".',
			receipts: [{ change: 'created', path: 'notes/memory.md' }],
		});
		expect((await call('remember', { text: 'my sister is allergic to  nuts.' })).result).toContain('says so already');
		await call('remember', { text: 'The car is on level 3' });
		expect(await textOf('notes/memory.md')).toBe(
			'# Memory\n\n- My sister is allergic to nuts\n- The car is on level 3\n',
		);
	});

	test('note_about_person makes a profile and adds to it', async () => {
		const { call, textOf } = await world();
		await call('note_about_person', { name: 'Zoë Müller', text: 'Her birthday is on 3 May' });
		await call('note_about_person', { name: 'Zoë Müller', text: 'Likes tea' });
		expect(await textOf('people/zoe-muller/profile.md')).toBe(
			'# Zoë Müller\n\n- Her birthday is on 3 May\n- Likes tea\n',
		);
	});

	test('journal_add writes the local time on the page of the local day', async () => {
		const { call, textOf, clock } = await world();
		await call('journal_add', { text: 'Ran 5 km\nwith Anna #sport' });
		await clock.advance(5 * 3_600_000);
		await call('journal_add', { text: 'Slept' });
		await call('journal_add', { text: 'Bought a bicycle', date: '2026-11-18', time: '08:30' });
		expect(await textOf('journal/2026-11-20.md')).toContain('- 19:00 | Ran 5 km with Anna #sport');
		expect(await textOf('journal/2026-11-21.md')).toContain('- 00:00 | Slept');
		expect(await textOf('journal/2026-11-18.md')).toContain('- 08:30 | Bought a bicycle');
		expect(await call('journal_add', { text: 'x', date: '2026-12-01' })).toMatchObject({ outcome: 'refused' });
	});

	test('journal_entries reads a range of days, by tag if asked', async () => {
		const { call } = await world();
		for (const [date, text] of [
			['2026-11-01', 'Old'],
			['2026-11-18', 'Swam #sport'],
			['2026-11-18', 'Worked #sports-shop'],
			['2026-11-20', 'Ran #sport'],
		]) {
			await call('journal_add', { text, date, time: '10:00' });
		}
		const week = (await call('journal_entries', {})).result;
		expect(week).toMatch(/^2026-11-18\n[\s\S]*Swam[\s\S]*Worked[\s\S]*\n\n2026-11-20\n[\s\S]*Ran/);
		expect(week).not.toContain('Old');
		expect((await call('journal_entries', { tag: '#sport' })).result).toBe(
			'2026-11-18\n- 10:00 | Swam #sport\n\n2026-11-20\n- 10:00 | Ran #sport',
		);
		expect((await call('journal_entries', { from: '2026-01-01', to: '2026-01-31' })).result).toContain(
			'no journal entries',
		);
		expect(await call('journal_entries', { from: '2026-12-01', to: '2026-11-01' })).toMatchObject({
			outcome: 'refused',
		});
	});
});
