import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileId } from '../ids.ts';
import { createSpacePair, createTestSpace, expectError, expectOk, type TestSpace } from '../testing/test-space.ts';
import { hashText } from './hash.ts';
import { replayPatch } from './history.ts';
import { applyEdits, invertEdits } from './text-diff.ts';

const path = 'notes/a.md';

async function write(world: TestSpace, text: string): Promise<string> {
	return expectOk(await world.space.files.write({ path, text }, world.agent)).patch ?? '';
}
async function textOf({ space }: TestSpace): Promise<string> {
	return expectOk(await space.files.read(path)).text;
}
const undo = (world: TestSpace, patch: string) => world.space.files.undo({ path, patch }, world.me);

describe('undoing one change', () => {
	test('takes it back and keeps what was done elsewhere since', async () => {
		const world = await createTestSpace();
		await write(world, 'one\ntwo\nthree\n');
		const change = await write(world, 'one\n2\nthree\n');
		await write(world, 'zero\none\n2\nthree\nfour\n');
		const undone = expectOk(await undo(world, change));
		expect(undone).toMatchObject({ linesAdded: 1, linesRemoved: 1, entry: { path } });
		expect(await textOf(world)).toBe('zero\none\ntwo\nthree\nfour\n');
		const last = expectOk(await world.space.files.history(path)).at(-1);
		expect(last).toMatchObject({ undoes: change, actor: { type: 'person' } });
	});

	test('is refused with a sentence when the same place was changed since', async () => {
		const world = await createTestSpace();
		await write(world, 'one\n');
		const change = await write(world, 'one\ntwo words\n');
		await write(world, 'one\ntwo other words\n');
		expect(expectError(await undo(world, change))).toMatchObject({
			type: 'CannotUndo',
			reason: 'This change cannot be undone: the same place was changed by later edits.',
		});
		expect(await textOf(world)).toBe('one\ntwo other words\n');
	});

	test('brings deleted text back as long as something around it is left', async () => {
		const world = await createTestSpace();
		await write(world, 'one two three');
		const change = await write(world, 'one three');
		await write(world, 'one! three!');
		expectOk(await undo(world, change));
		expect((await textOf(world)).replaceAll('!', '')).toBe('one two three');
		await write(world, 'entirely different');
		expect(expectError(await undo(world, change)).type).toBe('CannotUndo');
	});

	test('happens once, and undoing the undo makes it possible again', async () => {
		const world = await createTestSpace();
		await write(world, 'one\n');
		const change = await write(world, 'one\ntwo\n');
		const first = expectOk(await undo(world, change)).patch ?? '';
		expect(expectError(await undo(world, change))).toMatchObject({ reason: 'This change was undone already.' });
		expectOk(await undo(world, first));
		expect(await textOf(world)).toBe('one\ntwo\n');
		expectOk(await undo(world, expectOk(await world.space.files.history(path)).at(-1)?.id ?? ''));
		expect(await textOf(world)).toBe('one\n');
	});

	test('finds its place after concurrent edits of another device were merged', async () => {
		const { a, b, flush } = await createSpacePair();
		await write(a, 'alpha\nbeta\ngamma\n');
		flush();
		const change = await write(a, 'alpha\nBETA and more\ngamma\n');
		expectOk(await b.space.files.write({ path, text: 'before\nalpha\nbeta\ngamma\nafter\n' }, b.me));
		flush();
		expectOk(await b.space.files.undo({ path, patch: change }, b.me));
		flush();
		expect(await textOf(a)).toBe('before\nalpha\nbeta\ngamma\nafter\n');
		expect(await textOf(b)).toBe(await textOf(a));
	});

	test('of a creation removes the file, unless it was edited since', async () => {
		const world = await createTestSpace();
		const made = await write(world, 'by the agent\n');
		const removed = expectOk(await undo(world, made));
		expect(world.space.files.find(path)).toBeUndefined();
		expectOk(await undo(world, removed.patch ?? ''));
		expect(await textOf(world)).toBe('by the agent\n');
		await write(world, 'by the helpful agent\n');
		expect(expectError(await undo(world, made)).type).toBe('CannotUndo');
		expect(await textOf(world)).toBe('by the helpful agent\n');
	});

	test('of the creation of a page to which others added lines takes out only its own', async () => {
		const world = await createTestSpace();
		const made = await write(world, 'mine\n');
		expectOk(await world.space.files.append({ path, text: 'yours' }, world.me));
		expectOk(await undo(world, made));
		expect(await textOf(world)).toBe('yours\n');
	});

	test('of a move moves back, also when the request names the old path and the file', async () => {
		const world = await createTestSpace();
		const { files } = world.space;
		await write(world, 'x');
		const moved = expectOk(await files.move({ from: path, to: 'notes/b.md' }, world.agent));
		const request = { path, patch: moved.patch ?? '', file: moved.entry.id };
		expectOk(await files.undo(request, world.me));
		expect(files.find(path)?.id).toBe(moved.entry.id);
		expect(expectError(await files.undo(request, world.me)).type).toBe('CannotUndo');
		const again = expectOk(await files.move({ from: path, to: 'notes/c.md' }, world.agent));
		await write(world, 'another file on the old path');
		expect(expectError(await files.undo({ path: 'notes/c.md', patch: again.patch ?? '' }, world.me))).toEqual({
			type: 'PathTaken',
			path,
		});
	});

	test('of a deletion brings the file back, of a restoration deletes it again', async () => {
		const world = await createTestSpace();
		const { files } = world.space;
		await write(world, 'x');
		const removed = expectOk(await files.remove(path, world.agent));
		const restored = expectOk(await undo(world, removed.patch ?? ''));
		expect(await textOf(world)).toBe('x');
		expectOk(await undo(world, restored.patch ?? ''));
		expect(files.find(path)).toBeUndefined();
	});

	test('is refused with a sentence where a newer version left a critical record; others are passed over', async () => {
		const world = await createTestSpace();
		await write(world, 'one');
		const first = await write(world, 'two');
		const { id } = expectOk(await world.space.files.read(path));
		using handle = expectOk(await world.docs.open(`history/${id}` as never));
		const [rows] = [...handle.doc.share.keys()].map((name) => handle.doc.getArray(name));
		rows?.push([{ kind: 'from-the-future', critical: 'no' }]);
		expectOk(await undo(world, first));
		const second = await write(world, 'three');
		rows?.push([{ kind: 'from-the-future', critical: true }]);
		expect(expectError(await undo(world, second))).toMatchObject({
			type: 'CannotUndo',
			reason: expect.stringContaining('Update this app'),
		});
		expect(await textOf(world)).toBe('three');
	});

	test('of a patch or file nobody knows is refused', async () => {
		const world = await createTestSpace();
		await write(world, 'x');
		expect(expectError(await undo(world, 'nothing')).type).toBe('CannotUndo');
		expect(expectError(await world.space.files.undo({ path: 'notes/x.md', patch: 'p' }, world.me)).type).toBe(
			'NoSuchFile',
		);
		const file = 'nobody' as FileId;
		expect(expectError(await world.space.files.undo({ path, patch: 'p', file }, world.me)).type).toBe('NoSuchFile');
	});
});

describe('history', () => {
	test('replays from nothing to the present, and each inverse restores what was before', async () => {
		const word = fc.constantFrom('a', 'b ', 'word', '\n', '- ', '🍝', '🍜');
		const someText = fc.array(word, { maxLength: 15 }).map((words) => words.join(''));
		const step = fc.oneof(
			fc.record({ do: fc.constant('write' as const), text: someText }),
			fc.record({ do: fc.constant('type' as const), text: someText, at: fc.nat(30), remove: fc.nat(5) }),
			fc.record({ do: fc.constant('undo-last' as const) }),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
				const world = await createTestSpace();
				await write(world, '');
				using open = expectOk(await world.space.files.open(path));
				for (const one of steps) {
					const present = open.text.toString();
					if (one.do === 'write') await write(world, one.text);
					if (one.do === 'type') {
						// As CodeMirror does, whole characters only.
						const at = [...present].slice(0, one.at).join('').length;
						const removed = Array.from(present.slice(at)).slice(0, one.remove).join('');
						open.text.doc?.transact(() => {
							open.text.delete(at, removed.length);
							open.text.insert(at, one.text);
						});
					}
					if (one.do === 'undo-last') {
						const last = expectOk(await world.space.files.history(path)).at(-1);
						if (last?.created) continue;
						const base = open.text.toString();
						const result = await undo(world, last?.id ?? '');
						if (!last) continue;
						expect(expectOk(result).patch).toBeDefined();
						expect(open.text.toString()).toBe(applyEdits(base, invertEdits(last.patch)));
					}
				}
				open.flush();
				let text = '';
				for (const patch of expectOk(await world.space.files.history(path))) {
					const next = replayPatch(text, patch);
					expect(next).toBeDefined();
					expect(applyEdits(next ?? '', invertEdits(patch.patch))).toBe(text);
					expect(patch.result).toBe(hashText(next ?? ''));
					text = next ?? '';
				}
				expect(text).toBe(open.text.toString());
				expect(text.isWellFormed()).toBe(true);
			}),
			{ numRuns: 100 },
		);
	});

	test('items join every living character to the patch that wrote it', async () => {
		const { a, b, flush } = await createSpacePair();
		await write(a, 'one\n');
		flush();
		expectOk(await b.space.files.append({ path, text: 'two' }, b.me));
		flush();
		const patches = expectOk(await a.space.files.history(path));
		expect(patches.map((patch) => patch.items.map(([, , length]) => length))).toEqual([[4], [4]]);
		expect(new Set(patches.map((patch) => patch.items[0]?.[0])).size).toBe(2);
	});

	test('rows nobody can read are passed over', async () => {
		const world = await createTestSpace();
		await write(world, 'x');
		const id = world.space.files.find(path)?.id;
		{
			using handle = expectOk(await world.docs.open(`history/${id}` as never));
			handle.doc
				.getArray('records')
				.push([null, 7, {}, { kind: 'later' }, { kind: 'patch', id: 1 }, { kind: 'writer' }]);
		}
		expect(expectOk(await world.space.files.history(path))).toHaveLength(1);
	});
});
