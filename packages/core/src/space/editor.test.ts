import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createSpacePair, createTestSpace, expectOk, type TestSpace } from '../testing/test-space.ts';
import { parseHistoryRecord, replayPatch } from './history.ts';
import type { HistoryRecord } from './records.ts';

const path = 'notes/a.md';

async function recordsOf({ docs, space }: TestSpace): Promise<readonly HistoryRecord[]> {
	const id = space.files.find(path)?.id;
	using handle = expectOk(await docs.open(`history/${id}` as never));
	return handle.doc
		.getArray<unknown>('records')
		.toArray()
		.flatMap((row) => parseHistoryRecord(row) ?? []);
}

async function patchesOf(world: TestSpace) {
	return (await recordsOf(world)).filter((record) => record.kind === 'patch');
}

describe('typing in the open editor', () => {
	test('keystrokes become one patch of the person after a quiet moment', async () => {
		const world = await createTestSpace();
		await world.space.files.write({ path, text: 'hello' }, world.agent);
		using open = expectOk(await world.space.files.open(path));
		for (const letter of ' world') {
			open.text.insert(open.text.length, letter);
			await world.clock.advance(1_000);
		}
		expect(await patchesOf(world)).toHaveLength(1);
		await world.clock.advance(500);
		const [, typed] = await patchesOf(world);
		expect(typed).toMatchObject({
			actor: { type: 'person', person: 'ada', device: 'device-a' },
			patch: [{ offset: 5, removed: '', inserted: ' world' }],
			items: [[open.text.doc?.clientID, 5, 6]],
		});
		expect(world.space.files.find(path)?.revision).toBe(Number.parseInt(typed?.stamp.slice(0, 14) ?? '', 16));
	});

	test('typing without a pause is recorded at the latest after fifteen seconds', async () => {
		const world = await createTestSpace();
		await world.space.files.write({ path, text: '' }, world.agent);
		using open = expectOk(await world.space.files.open(path));
		for (let second = 0; second < 16; second++) {
			open.text.insert(open.text.length, 'x');
			await world.clock.advance(1_000);
		}
		expect(await patchesOf(world)).toHaveLength(2);
		open.flush();
		const patches = await patchesOf(world);
		expect(patches.map((patch) => patch.patch[0]?.inserted.length)).toEqual([undefined, 15, 1]);
		expect(patches.reduce((text, patch) => replayPatch(text, patch) ?? 'lost', '')).toBe('x'.repeat(16));
	});

	test('the writer is named in history before the first keystroke reaches anyone', async () => {
		const world = await createTestSpace();
		await world.space.files.write({ path, text: 'a' }, world.agent);
		const reloaded = await world.reopen();
		using open = expectOk(await reloaded.space.files.open(path));
		const known: boolean[] = [];
		const id = reloaded.space.files.find(path)?.id;
		using history = expectOk(await world.docs.open(`history/${id}` as never));
		open.text.doc?.on('update', () => {
			const rows = history.doc.getArray<HistoryRecord>('records').toArray();
			known.push(rows.some((row) => row.kind === 'writer' && row.client === open.text.doc?.clientID));
		});
		open.text.insert(0, 'x');
		open.text.insert(0, 'y');
		expect(known).toEqual([true, true]);
		expect((await recordsOf(reloaded)).filter((row) => row.kind === 'writer')).toHaveLength(2);
	});

	test('closing the editor, the file or the space records what was typed, and leaves no timer', async () => {
		const world = await createTestSpace();
		await world.space.files.write({ path, text: 'a' }, world.agent);
		const open = expectOk(await world.space.files.open(path));
		open.text.insert(1, 'b');
		open[Symbol.dispose]();
		expect((await patchesOf(world)).at(-1)?.patch).toEqual([{ offset: 1, removed: '', inserted: 'b' }]);
		const again = expectOk(await world.space.files.open(path));
		again.text.insert(2, 'c');
		const reopened = await world.reopen();
		expect((await patchesOf(reopened)).at(-1)?.patch).toEqual([{ offset: 2, removed: '', inserted: 'c' }]);
		expect(world.clock.waiting).toBe(0);
		again[Symbol.dispose]();
	});

	test("the agent's edit during typing makes two patches in order, each with its own actor", async () => {
		const world = await createTestSpace();
		await world.space.files.write({ path, text: 'one\n' }, world.agent);
		using open = expectOk(await world.space.files.open(path));
		open.text.insert(0, 'zero\n');
		expectOk(await world.space.files.append({ path, text: 'two' }, world.agent));
		open.text.insert(0, 'minus one\n');
		open.flush();
		const patches = await patchesOf(world);
		expect(patches.map((patch) => patch.actor.type)).toEqual(['agent', 'person', 'agent', 'person']);
		let text = '';
		for (const patch of patches) text = replayPatch(text, patch) ?? 'lost';
		expect(text).toBe('minus one\nzero\none\ntwo\n');
		expect(open.text.toString()).toBe(text);
	});

	test('what was typed before a move or a deletion comes before it in history', async () => {
		const world = await createTestSpace();
		const { files } = world.space;
		await files.write({ path, text: 'a' }, world.agent);
		using open = expectOk(await files.open(path));
		open.text.insert(1, 'b');
		expectOk(await files.move({ from: path, to: 'notes/b.md' }, world.agent));
		open.text.insert(2, 'c');
		expectOk(await files.remove('notes/b.md', world.agent));
		expect(files.find('notes/b.md')).toBeUndefined();
		const history = expectOk(await files.history('notes/b.md'));
		const what = history.map((patch) => patch.movedTo ?? patch.deleted ?? patch.patch[0]?.inserted);
		expect(what).toEqual(['a', 'b', 'notes/b.md', 'c', 'notes/b.md']);
	});

	test("another device's edit that arrives during typing is not recorded as typed here", async () => {
		const { a, b, flush } = await createSpacePair();
		await a.space.files.write({ path, text: 'one\n' }, a.agent);
		flush();
		using open = expectOk(await a.space.files.open(path));
		open.text.insert(0, 'typed ');
		await b.space.files.append({ path, text: 'from b' }, b.agent);
		flush();
		open.text.insert(0, 'more ');
		open.flush();
		flush();
		const patches = expectOk(await b.space.files.history(path));
		const typed = patches.filter((patch) => patch.actor.type === 'person');
		expect(typed.map((patch) => patch.patch)).toEqual([
			[{ offset: 0, removed: '', inserted: 'typed ' }],
			[{ offset: 0, removed: '', inserted: 'more ' }],
		]);
		expect(open.text.toString()).toBe('more typed one\nfrom b\n');
	});

	test('typing and deleting it again records nothing', async () => {
		const world = await createTestSpace();
		await world.space.files.write({ path, text: 'a' }, world.agent);
		using open = expectOk(await world.space.files.open(path));
		const { revision } = open.entry;
		open.text.insert(0, 'x');
		open.text.delete(0, 1);
		open.text.doc?.transact(() => {});
		await world.clock.advance(20_000);
		expect(await patchesOf(world)).toHaveLength(1);
		expect(open.entry.revision).toBe(revision);
	});

	test("the editor's own undo is recorded like typing", async () => {
		const world = await createTestSpace();
		await world.space.files.write({ path, text: 'keep\n' }, world.agent);
		using open = expectOk(await world.space.files.open(path));
		const undo = new Y.UndoManager(open.text);
		open.text.insert(0, 'typed\n');
		open.flush();
		undo.undo();
		open.flush();
		expect((await patchesOf(world)).map((patch) => patch.patch[0])).toEqual([
			{ offset: 0, removed: '', inserted: 'keep\n' },
			{ offset: 0, removed: '', inserted: 'typed\n' },
			{ offset: 0, removed: 'typed\n', inserted: '' },
		]);
	});

	test('a file that is moved stays open, and one deleted under the typing hands comes back', async () => {
		const { a, b, flush } = await createSpacePair();
		await a.space.files.write({ path, text: 'a' }, a.agent);
		flush();
		using open = expectOk(await a.space.files.open(path));
		await b.space.files.move({ from: path, to: 'notes/b.md' }, b.me);
		flush();
		expect(open.entry.path).toBe('notes/b.md');
		await b.space.files.remove('notes/b.md', b.me);
		flush();
		expect(a.space.files.find('notes/b.md')).toBeUndefined();
		open.text.insert(1, 'b');
		expect(a.space.files.find('notes/b.md')).toBeDefined();
		open.flush();
		flush();
		expect(expectOk(await b.space.files.read('notes/b.md')).text).toBe('ab');
	});

	test('saved() says why when the disk is full', async () => {
		const world = await createTestSpace();
		await world.space.files.write({ path, text: 'a' }, world.agent);
		using open = expectOk(await world.space.files.open(path));
		open.text.insert(1, 'b');
		expect(await open.saved()).toEqual({ ok: true, value: undefined });
		world.docs.failWith({ type: 'QuotaExceeded' });
		expect(await open.saved()).toEqual({ ok: false, error: { type: 'QuotaExceeded' } });
	});
});
