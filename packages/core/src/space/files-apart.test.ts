import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSpacePair, expectError, expectOk, type TestSpace } from '../testing/test-space.ts';

async function textOf({ space }: TestSpace, path: string): Promise<string> {
	return expectOk(await space.files.read(path)).text;
}

function pathsOf({ space }: TestSpace): readonly string[] {
	return space.files
		.list()
		.filter((entry) => !entry.isDefault)
		.map((entry) => entry.path);
}

describe('files of two devices that were apart', () => {
	test('edits of different places are both kept', async () => {
		const { a, b, flush } = await createSpacePair();
		const path = 'notes/list.md';
		await a.space.files.write({ path, text: '# List\n\n- milk\n- bread\n' }, a.agent);
		flush();
		await a.space.files.write({ path, text: '# Shopping list\n\n- milk\n- bread\n' }, a.agent);
		await b.space.files.edit({ path, old: '- milk', new: '- oat milk' }, b.me);
		await b.space.files.append({ path, text: '- tea 🍵' }, b.me);
		flush();
		expect(await textOf(a, path)).toBe('# Shopping list\n\n- oat milk\n- bread\n- tea 🍵\n');
		expect(await textOf(b, path)).toBe(await textOf(a, path));
		const history = expectOk(await a.space.files.history(path));
		expect(history.map((patch) => patch.actor.person)).toEqual(['ada', 'ada', 'bea', 'bea']);
	});

	test('two files made on one path are both kept, the later one under a marked name on every device', async () => {
		const { a, b, flush } = await createSpacePair();
		await b.space.files.write({ path: 'notes/Plan.md', text: 'from b' }, b.agent);
		a.clock.jump(5);
		await a.space.files.write({ path: 'notes/plan.md', text: 'from a' }, a.agent);
		await a.space.files.write({ path: 'notes/plan (2).md', text: 'a real second' }, a.agent);
		flush();
		for (const device of [a, b]) {
			expect(pathsOf(device)).toEqual(['notes/Plan.md', 'notes/plan (2).md', 'notes/plan (3).md']);
			expect(await textOf(device, 'notes/plan.md')).toBe('from b');
			expect(await textOf(device, 'notes/plan (2).md')).toBe('a real second');
			expect(await textOf(device, 'notes/plan (3).md')).toBe('from a');
		}
		expectOk(await b.space.files.remove('notes/plan (2).md', b.me));
		expectOk(await a.space.files.append({ path: 'notes/plan (3).md', text: 'more' }, a.agent));
		flush();
		expect(pathsOf(a)).toEqual(['notes/Plan.md', 'notes/plan (2).md']);
		expect(pathsOf(b)).toEqual(pathsOf(a));
		expect(await textOf(b, 'notes/plan (2).md')).toBe('from a\nmore\n');
		expectOk(await b.space.files.move({ from: 'notes/Plan.md', to: 'notes/moved.md' }, b.me));
		flush();
		expect(pathsOf(a)).toEqual(['notes/moved.md', 'notes/plan.md']);
	});

	test('journal pages made on both sides merge and keep all lines', async () => {
		const { a, b, flush } = await createSpacePair();
		const path = 'journal/2026-11-20.md';
		await a.space.files.append({ path, text: '- 09:00 | woke #morning' }, a.agent);
		await b.space.files.append({ path, text: '- 09:05 | called the dentist' }, b.agent);
		await a.space.files.append({ path, text: '- 09:10 | coffee' }, a.me);
		flush();
		expect(await textOf(b, path)).toBe(await textOf(a, path));
		expect((await textOf(a, path)).split('\n').filter(Boolean).sort()).toEqual([
			'- 09:00 | woke #morning',
			'- 09:05 | called the dentist',
			'- 09:10 | coffee',
		]);
		expect(pathsOf(a)).toEqual([path]);
	});

	test('a journal page made again after it was deleted or moved away is a page of its own', async () => {
		const { a, b, flush } = await createSpacePair();
		const path = 'journal/2026-11-20.md';
		await a.space.files.append({ path, text: '- 09:00 | first' }, a.agent);
		await a.space.files.move({ from: path, to: 'notes/kept.md' }, a.me);
		flush();
		await a.space.files.append({ path, text: '- 10:00 | second' }, a.agent);
		await b.space.files.append({ path, text: '- 10:01 | third' }, b.agent);
		flush();
		expect(await textOf(b, 'notes/kept.md')).toBe('- 09:00 | first\n');
		expect((await textOf(b, path)).split('\n').sort()).toEqual(['', '- 10:00 | second', '- 10:01 | third']);
	});

	test('a page whose text arrives before the manifest is added to, never written over', async () => {
		const { a, b, flush, flushStream } = await createSpacePair();
		const [first, second] = ['journal/2026-11-20.md', 'journal/2026-11-21.md'];
		for (const path of [first, second]) await a.space.files.write({ path, text: '- 09:00 | from a\n' }, a.agent);
		for (const stream of a.docs.streams()) if (stream !== 'home') flushStream(stream);
		expectOk(await b.space.files.write({ path: first, text: '- 09:01 | from b\n' }, b.agent));
		expectOk(await b.space.files.append({ path: second, text: '- 09:01 | from b' }, b.agent));
		flush();
		for (const path of [first, second]) {
			expect(await textOf(a, path)).toBe('- 09:00 | from a\n- 09:01 | from b\n');
		}
	});

	test('a move and an edit made apart both hold', async () => {
		const { a, b, flush } = await createSpacePair();
		await a.space.files.write({ path: 'notes/a.md', text: 'x\n' }, a.agent);
		flush();
		await a.space.files.move({ from: 'notes/a.md', to: 'notes/b.md' }, a.me);
		await b.space.files.append({ path: 'notes/a.md', text: 'y' }, b.agent);
		flush();
		expect(pathsOf(b)).toEqual(['notes/b.md']);
		expect(await textOf(a, 'notes/b.md')).toBe('x\ny\n');
	});

	test('of two moves made apart the later one holds on both devices', async () => {
		const { a, b, flush } = await createSpacePair();
		await a.space.files.write({ path: 'notes/a.md', text: 'x\n' }, a.agent);
		flush();
		await b.space.files.move({ from: 'notes/a.md', to: 'notes/earlier.md' }, b.me);
		a.clock.jump(10);
		await a.space.files.move({ from: 'notes/a.md', to: 'notes/later.md' }, a.me);
		flush();
		expect(pathsOf(a)).toEqual(['notes/later.md']);
		expect(pathsOf(b)).toEqual(['notes/later.md']);
	});

	test.each([-1_000, 1_000])(
		'an edit the deleter had not seen brings the file back (clock %d ms off)',
		async (skew) => {
			const { a, b, flush } = await createSpacePair();
			await a.space.files.write({ path: 'notes/a.md', text: 'x\n' }, a.agent);
			await b.space.files.write({ path: 'notes/b.md', text: 'y\n' }, a.agent);
			flush();
			await b.space.files.append({ path: 'notes/a.md', text: 'unseen' }, b.me);
			a.clock.jump(skew);
			await a.space.files.append({ path: 'notes/a.md', text: 'own' }, a.me);
			await a.space.files.remove('notes/a.md', a.me);
			await a.space.files.remove('notes/b.md', a.me);
			flush();
			expect(pathsOf(a)).toEqual(['notes/a.md']);
			expect(pathsOf(b)).toEqual(['notes/a.md']);
			expect(await textOf(a, 'notes/a.md')).toContain('unseen');
			await b.space.files.remove('notes/a.md', b.me);
			flush();
			expect(pathsOf(a)).toEqual([]);
		},
	);

	test('a file whose text is still on its way is not taken for an empty one; a line added to it is kept beside it', async () => {
		const { a, b, flush, flushStream } = await createSpacePair();
		await a.space.files.write({ path: 'notes/a.md', text: 'x\n' }, a.agent);
		flushStream('home' as never);
		const away = { type: 'NotHere', path: 'notes/a.md' };
		expect(expectError(await b.space.files.read('notes/a.md'))).toEqual(away);
		expect(expectError(await b.space.files.open('notes/a.md'))).toEqual(away);
		expect(expectError(await b.space.files.write({ path: 'notes/a.md', text: 'z' }, b.agent))).toEqual(away);
		await b.space.files.append({ path: 'notes/a.md', text: 'y' }, b.agent);
		flush();
		expect((await textOf(b, 'notes/a.md')).split('\n').sort()).toEqual(['', 'x', 'y']);
	});

	test('an empty file is empty on the other device too, not on its way', async () => {
		const { a, b, flush } = await createSpacePair();
		await a.space.files.write({ path: 'notes/empty.md', text: '' }, a.me);
		flush();
		expect(await textOf(b, 'notes/empty.md')).toBe('');
	});

	test('text that arrives is told of, so that what was read before can be read again', async () => {
		const { a, b, flush, flushStream } = await createSpacePair();
		await a.space.files.write({ path: 'notes/a.md', text: 'x' }, a.agent);
		flushStream('home' as never);
		const before = b.space.files.find('notes/a.md');
		let told = 0;
		using _ = b.space.files.subscribe(() => told++);
		flush();
		await Promise.resolve();
		expect(told).toBe(1);
		expect(b.space.files.find('notes/a.md')).toMatchObject({ revision: before?.revision, arrivals: 1 });
	});

	test('revisions grow over devices though one clock is years ahead, and no time is shown in the future', async () => {
		const { a, b, flush } = await createSpacePair();
		await a.space.files.write({ path: 'tasks/t.md', text: '1' }, a.agent);
		a.clock.jump(3 * 365 * 86_400_000);
		await a.space.files.write({ path: 'tasks/t.md', text: '2' }, a.agent);
		a.clock.jump(-3 * 365 * 86_400_000);
		flush();
		const seen = b.space.files.find('tasks/t.md');
		expect(seen?.touched).toBe(b.clock.now());
		await b.space.files.write({ path: 'tasks/t.md', text: '3' }, b.agent);
		flush();
		expect(a.space.files.find('tasks/t.md')?.revision).toBeGreaterThan(seen?.revision ?? Number.POSITIVE_INFINITY);
		expect(await textOf(a, 'tasks/t.md')).toBe('3');
	});

	test('a path from a device that knows other rules is shown under a safe one', async () => {
		const { a } = await createSpacePair();
		const { entry } = expectOk(await a.space.files.write({ path: 'notes/a.md', text: 'x' }, a.agent));
		const home = expectOk(await a.docs.open('home' as never));
		home.doc.getMap('file-path').set(`${entry.id}/elsewhere`, [Number.MAX_SAFE_INTEGER - 1, 1, '../../etc/passwd.md']);
		expect(pathsOf(a)).toEqual([`recovered/${entry.id}.md`]);
		expect(await textOf(a, `recovered/${entry.id}.md`)).toBe('x');
	});

	test('whatever two devices do while apart, after exchange they show the same tree and texts', async () => {
		const path = fc.constantFrom('notes/a.md', 'notes/A.md', 'notes/b.md', 'journal/2026-11-20.md', 'SOUL.md');
		const step = fc.oneof(
			fc.record({ do: fc.constant('write'), path, text: fc.string({ maxLength: 20 }) }),
			fc.record({ do: fc.constant('append'), path, text: fc.string({ maxLength: 20 }) }),
			fc.record({ do: fc.constant('remove'), path }),
			fc.record({ do: fc.constant('move'), path, to: path }),
			fc.record({ do: fc.constant('flush') }),
		);
		const schedule = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -50, max: 50 }), step), { maxLength: 30 });
		await fc.assert(
			fc.asyncProperty(schedule, async (steps) => {
				const { a, b, flush } = await createSpacePair();
				for (const [isA, jump, action] of steps) {
					const { space, agent, clock } = isA ? a : b;
					clock.jump(jump);
					if (action.do === 'flush') flush();
					if (!('path' in action)) continue;
					if (action.do === 'write' && 'text' in action)
						await space.files.write({ path: action.path, text: action.text }, agent);
					if (action.do === 'append' && 'text' in action)
						await space.files.append({ path: action.path, text: action.text }, agent);
					if (action.do === 'remove') await space.files.remove(action.path, agent);
					if (action.do === 'move' && 'to' in action)
						await space.files.move({ from: action.path, to: action.to }, agent);
				}
				flush();
				flush();
				expect(b.space.files.list().map(({ id, path, revision }) => ({ id, path, revision }))).toEqual(
					a.space.files.list().map(({ id, path, revision }) => ({ id, path, revision })),
				);
				const keys = a.space.files.list().map((entry) => entry.path.toLowerCase());
				expect(new Set(keys).size).toBe(keys.length);
				for (const { path } of a.space.files.list()) {
					expect(await textOf(b, path)).toBe(await textOf(a, path));
					expect(a.space.files.find(path)?.path).toBe(path);
				}
				const reopened = await b.reopen();
				expect(pathsOf(reopened)).toEqual(pathsOf(a));
			}),
			{ numRuns: 60 },
		);
	});
});

describe('shipped defaults', () => {
	test('are there before anyone wrote them, and reading or opening them makes no file', async () => {
		const { a, b, flush } = await createSpacePair();
		const { files } = a.space;
		expect(files.find('soul.md')).toMatchObject({ path: 'SOUL.md', isDefault: true, touched: 0, revision: 0 });
		expect(await textOf(a, 'SOUL.md')).toContain('You are Pocketeer');
		const open = expectOk(await files.open('PRACTICE.md'));
		expect(open.text.toString()).toBe(await textOf(a, 'PRACTICE.md'));
		open[Symbol.dispose]();
		flush();
		expect(pathsOf(a)).toEqual([]);
		expect(pathsOf(b)).toEqual([]);
		expect(expectError(await files.remove('SOUL.md', a.me)).type).toBe('Invalid');
		expect(expectError(await files.move({ from: 'SOUL.md', to: 'notes/s.md' }, a.me)).type).toBe('Invalid');
		const same = expectOk(await files.write({ path: 'SOUL.md', text: await textOf(a, 'SOUL.md') }, a.agent));
		expect(same.patch).toBeUndefined();
		expect(files.find('SOUL.md')?.isDefault).toBe(true);
	});

	test('edited first on two devices while apart, the text is there once with both edits', async () => {
		const { a, b, flush } = await createSpacePair();
		const shipped = await textOf(a, 'SOUL.md');
		expectOk(await a.space.files.edit({ path: 'SOUL.md', old: 'warm, attentive and plain', new: 'brisk' }, a.agent));
		using open = expectOk(await b.space.files.open('SOUL.md'));
		open.text.insert(open.text.length, 'Speak Greek on Sundays.\n');
		open.flush();
		flush();
		const expected = `${shipped.replace('warm, attentive and plain', 'brisk')}Speak Greek on Sundays.\n`;
		expect(await textOf(a, 'SOUL.md')).toBe(expected);
		expect(await textOf(b, 'SOUL.md')).toBe(expected);
		expect(a.space.files.list().filter((entry) => entry.path === 'SOUL.md')).toHaveLength(1);
		expect(a.space.files.find('SOUL.md')?.isDefault).toBe(false);
	});

	test('the first keystroke makes a real file, before anything is flushed', async () => {
		const { a } = await createSpacePair();
		const open = expectOk(await a.space.files.open('SOUL.md'));
		expect(open.entry.isDefault).toBe(true);
		open.text.insert(0, 'x');
		expect(open.entry.isDefault).toBe(false);
		expect((await textOf(a, 'SOUL.md')).startsWith('x# Soul')).toBe(true);
	});

	test('undoing the first edit brings the shipped text back; deleting the file makes it virtual again', async () => {
		const { a } = await createSpacePair();
		const { files } = a.space;
		const shipped = await textOf(a, 'SOUL.md');
		const { patch } = expectOk(await files.edit({ path: 'SOUL.md', old: '# Soul', new: '# Ghost' }, a.agent));
		expectOk(await files.undo({ path: 'SOUL.md', patch: patch ?? '' }, a.me));
		expect(await textOf(a, 'SOUL.md')).toBe(shipped);
		expectOk(await files.write({ path: 'SOUL.md', text: 'all new' }, a.agent));
		expectOk(await files.remove('SOUL.md', a.me));
		expect(files.find('SOUL.md')?.isDefault).toBe(true);
		expect(await textOf(a, 'SOUL.md')).toBe(shipped);
		expectOk(await files.append({ path: 'SOUL.md', text: 'again' }, a.agent));
		expect(await textOf(a, 'SOUL.md')).toBe(`${shipped}again\n`);
	});
});
