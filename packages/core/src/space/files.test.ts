import { describe, expect, test } from 'vitest';
import type { FileId } from '../ids.ts';
import { createTestSpace, expectError, expectOk } from '../testing/test-space.ts';
import { MAX_TEXT_LENGTH } from './files.ts';
import { hashText } from './hash.ts';
import { replayPatch } from './history.ts';

describe('files on one device', () => {
	test('a written file is listed, found and read, also after a reload', async () => {
		const first = await createTestSpace();
		const change = expectOk(await first.space.files.write({ path: 'notes/a.md', text: 'one\ntwo\n' }, first.agent));
		expect(change).toMatchObject({ linesAdded: 2, linesRemoved: 0, entry: { path: 'notes/a.md', isDefault: false } });
		const again = await first.reopen();
		const { space } = again;
		expect(space.files.list().map((entry) => entry.path)).toEqual(['PRACTICE.md', 'SOUL.md', 'notes/a.md']);
		expect(space.files.find('notes/a.md')?.touched).toBe(first.clock.now());
		expect(expectOk(await space.files.read('notes/a.md'))).toMatchObject({
			text: 'one\ntwo\n',
			hash: hashText('one\ntwo\n'),
			id: change.entry.id,
		});
	});

	test('history says who did what through which tool, and replays from nothing to the present', async () => {
		const { space, agent, me } = await createTestSpace();
		const path = 'notes/a.md';
		await space.files.write({ path, text: 'milk\n' }, { ...agent, reason: 'asked to' });
		await space.files.append({ path, text: 'eggs' }, me);
		await space.files.edit({ path, old: 'milk', new: 'oat milk' }, agent);
		const history = expectOk(await space.files.history(path));
		expect(history.map((patch) => patch.actor.type)).toEqual(['agent', 'person', 'agent']);
		expect(history[0]).toMatchObject({ created: path, actor: { reason: 'asked to' } });
		const texts = [''];
		for (const patch of history) texts.push(replayPatch(texts.at(-1) ?? '', patch) ?? 'lost');
		expect(texts).toEqual(['', 'milk\n', 'milk\neggs\n', 'oat milk\neggs\n']);
		expect(history.map((patch) => patch.result)).toEqual(texts.slice(1).map(hashText));
	});

	test('revision grows with every change, and writing the same text is none', async () => {
		const { space, agent, clock } = await createTestSpace();
		const { files } = space;
		const revisions: number[] = [];
		const note = () =>
			void revisions.push(files.find('notes/b.md')?.revision ?? files.find('notes/a.md')?.revision ?? 0);
		await files.write({ path: 'notes/a.md', text: 'one' }, agent);
		note();
		clock.jump(-86_400_000);
		await files.edit({ path: 'notes/a.md', old: 'one', new: 'two' }, agent);
		note();
		await files.move({ from: 'notes/a.md', to: 'notes/b.md' }, agent);
		note();
		const same = expectOk(await files.write({ path: 'notes/b.md', text: 'two' }, agent));
		expect(same.patch).toBeUndefined();
		note();
		expect(new Set(revisions.slice(0, 3)).size).toBe(3);
		expect([...revisions].sort((a, b) => a - b)).toEqual(revisions);
		expect(revisions[3]).toBe(revisions[2]);
		expect(Number.isSafeInteger(revisions[3])).toBe(true);
	});

	test('edit replaces what occurs exactly once and refuses anything else', async () => {
		const { space, agent } = await createTestSpace();
		const { files } = space;
		await files.write({ path: 'notes/a.md', text: 'aaa b b' }, agent);
		expect(expectError(await files.edit({ path: 'notes/a.md', old: 'b', new: 'c' }, agent))).toMatchObject({
			count: 2,
		});
		expect(expectError(await files.edit({ path: 'notes/a.md', old: 'aa', new: 'c' }, agent))).toMatchObject({
			count: 2,
		});
		expect(expectError(await files.edit({ path: 'notes/a.md', old: 'x', new: 'c' }, agent))).toMatchObject({
			count: 0,
		});
		expect(expectError(await files.edit({ path: 'notes/a.md', old: '', new: 'c' }, agent))).toMatchObject({ count: 0 });
		expect(expectError(await files.edit({ path: 'notes/x.md', old: 'a', new: 'c' }, agent)).type).toBe('NoSuchFile');
		expect(expectOk(await files.read('notes/a.md')).text).toBe('aaa b b');
		expectOk(await files.edit({ path: 'notes/a.md', old: 'aaa', new: '$& 🍝' }, agent));
		expect(expectOk(await files.read('notes/a.md')).text).toBe('$& 🍝 b b');
	});

	test.each(['../a.md', 'notes/\u0000.md', 'a.exe', '', 'notes\\a.md', 'a/'.repeat(120)])(
		'the hostile path %j is refused with a sentence and makes nothing',
		async (path) => {
			const { space, agent, docs } = await createTestSpace();
			const before = docs.streams();
			for (const result of [
				await space.files.write({ path, text: 'x' }, agent),
				await space.files.append({ path, text: 'x' }, agent),
			]) {
				expect(expectError(result)).toMatchObject({ type: 'BadPath', reason: expect.stringMatching(/\.$/) });
			}
			expect(docs.streams()).toEqual(before);
			await space.files.write({ path: 'notes/a.md', text: 'x' }, agent);
			expect(expectError(await space.files.move({ from: 'notes/a.md', to: path }, agent)).type).toBe('BadPath');
			expect(space.files.find('notes/a.md')).toBeDefined();
		},
	);

	test('a text over the limit changes nothing', async () => {
		const { space, agent } = await createTestSpace();
		const { files } = space;
		const path = 'notes/a.md';
		expectOk(await files.write({ path, text: 'x'.repeat(MAX_TEXT_LENGTH) }, agent));
		const { revision } = expectOk(await files.read(path));
		const error = { type: 'TooLong', path, limit: MAX_TEXT_LENGTH, length: MAX_TEXT_LENGTH + 2 };
		expect(expectError(await files.append({ path, text: '' }, agent)).type).toBe('TooLong');
		expect(expectError(await files.write({ path, text: 'y'.repeat(MAX_TEXT_LENGTH + 2) }, agent))).toEqual(error);
		expect(expectError(await files.write({ path: 'notes/b.md', text: 'y'.repeat(10_000_000) }, agent)).type).toBe(
			'TooLong',
		);
		expect(expectOk(await files.read(path)).revision).toBe(revision);
		expect(files.find('notes/b.md')).toBeUndefined();
	});

	test('the validator refuses writes, edits, appends and moves, and nothing else', async () => {
		const validate = (path: string, text: string) =>
			path.startsWith('tasks/') && !text.startsWith('---') ? 'A task begins with "---".' : undefined;
		const { space, agent } = await createTestSpace({ validate });
		const { files } = space;
		expectOk(await files.write({ path: 'notes/a.md', text: 'free text' }, agent));
		expectOk(await files.write({ path: 'tasks/t.md', text: '---\nwhen: now\n---\n' }, agent));
		for (const result of [
			await files.write({ path: 'tasks/x.md', text: 'bad' }, agent),
			await files.append({ path: 'tasks/y.md', text: 'bad' }, agent),
			await files.edit({ path: 'tasks/t.md', old: '---\nwhen', new: 'when' }, agent),
			await files.move({ from: 'notes/a.md', to: 'tasks/a.md' }, agent),
		]) {
			expect(expectError(result)).toMatchObject({ type: 'Invalid', reason: 'A task begins with "---".' });
		}
		expect(
			files
				.list()
				.filter((entry) => !entry.isDefault)
				.map((entry) => entry.path),
		).toEqual(['notes/a.md', 'tasks/t.md']);
		using open = expectOk(await files.open('tasks/t.md'));
		open.text.delete(0, 3);
		open.flush();
		expect(expectOk(await files.read('tasks/t.md')).text).toBe('\nwhen: now\n---\n');
	});

	test('names that differ only in case are one file', async () => {
		const { space, agent } = await createTestSpace();
		const { files } = space;
		expectOk(await files.write({ path: 'notes/Garden.md', text: 'a' }, agent));
		expectOk(await files.write({ path: 'notes/other.md', text: 'x' }, agent));
		expectOk(await files.append({ path: 'notes/garden.md', text: 'b' }, agent));
		expect(expectOk(await files.read('NOTES/GARDEN.md')).text).toBe('a\nb\n');
		expect(expectError(await files.move({ from: 'notes/other.md', to: 'Notes/GARDEN.md' }, agent))).toEqual({
			type: 'PathTaken',
			path: 'notes/Garden.md',
		});
		expectOk(await files.move({ from: 'notes/Garden.md', to: 'notes/garden.md' }, agent));
		expect(files.find('notes/garden.md')?.path).toBe('notes/garden.md');
	});

	test('two writes to a new path at the same time make one file', async () => {
		const { space, agent } = await createTestSpace();
		await Promise.all(
			['one', 'two', 'three'].map((text) => space.files.append({ path: 'notes/a.md', text }, agent).then(expectOk)),
		);
		expect(expectOk(await space.files.read('notes/a.md')).text).toBe('one\ntwo\nthree\n');
		expect(space.files.list()).toHaveLength(3);
	});

	test('line ends become line feeds and half characters are replaced, so that the editor and UTF-8 agree', async () => {
		const { space, agent } = await createTestSpace();
		await space.files.write({ path: 'notes/a.md', text: 'a\r\nb\rc\ud83c' }, agent);
		expect(expectOk(await space.files.read('notes/a.md')).text).toBe('a\nb\nc\ufffd');
		expectOk(await space.files.edit({ path: 'notes/a.md', old: 'a\r\nb', new: 'x\r\ny' }, agent));
		expect(expectOk(await space.files.read('notes/a.md')).text).toBe('x\ny\nc\ufffd');
	});

	test('a deleted file can be restored with its text, under a marked name if its path is taken', async () => {
		const { space, agent, me } = await createTestSpace();
		const { files } = space;
		const { entry } = expectOk(await files.write({ path: 'notes/a.md', text: 'old' }, agent));
		expectOk(await files.remove('notes/a.md', me));
		expect(files.find('notes/a.md')).toBeUndefined();
		expect(expectError(await files.read('notes/a.md')).type).toBe('NoSuchFile');
		expectOk(await files.write({ path: 'notes/a.md', text: 'new' }, agent));
		const restored = expectOk(await files.restore(entry.id, me));
		expect(restored.entry).toMatchObject({ id: entry.id, path: 'notes/a (2).md' });
		expect(expectOk(await files.read('notes/a (2).md')).text).toBe('old');
		expect(expectOk(await files.read('notes/a.md')).text).toBe('new');
		const notes = expectOk(await files.history('notes/a (2).md')).map(
			(patch) => patch.created ?? patch.deleted ?? patch.restored,
		);
		expect(notes).toEqual(['notes/a.md', 'notes/a.md', 'notes/a (2).md']);
		expect(expectError(await files.restore('nothing' as FileId, me)).type).toBe('NoSuchFile');
	});

	test('a move keeps id and text and is in the history', async () => {
		const { space, agent } = await createTestSpace();
		const { files } = space;
		const { entry } = expectOk(await files.write({ path: 'notes/a.md', text: 'x' }, agent));
		const moved = expectOk(await files.move({ from: 'notes/a.md', to: 'people/eleni/profile.md' }, agent));
		expect(moved.entry).toMatchObject({ id: entry.id, path: 'people/eleni/profile.md' });
		expect(expectOk(await files.read('people/eleni/profile.md')).text).toBe('x');
		const history = expectOk(await files.history('people/eleni/profile.md'));
		expect(history.at(-1)).toMatchObject({ movedFrom: 'notes/a.md', movedTo: 'people/eleni/profile.md', patch: [] });
		expect(expectError(await files.move({ from: 'notes/gone.md', to: 'notes/b.md' }, agent)).type).toBe('NoSuchFile');
	});

	test('a disk that is full is reported and what was written is still there to be saved', async () => {
		const { space, agent, docs } = await createTestSpace();
		docs.failWith({ type: 'QuotaExceeded' });
		expect(expectError(await space.files.write({ path: 'notes/a.md', text: 'kept' }, agent)).type).toBe(
			'QuotaExceeded',
		);
		expect(expectOk(await space.files.read('notes/a.md')).text).toBe('kept');
		docs.failWith(undefined);
		for (let i = 0; i < 8; i++) await space.files.write({ path: `notes/other ${i}.md`, text: 'x' }, agent);
		docs.failWith({ type: 'StoreUnavailable', reason: 'closed' }, 'opens and saves');
		expect(expectError(await space.files.read('notes/a.md')).type).toBe('StoreUnavailable');
		expect(expectError(await space.files.write({ path: 'notes/b.md', text: '' }, agent)).type).toBe('StoreUnavailable');
		expect(space.files.find('notes/b.md')).toBeUndefined();
		docs.failWith(undefined);
		expectOk(await space.files.write({ path: 'notes/b.md', text: '' }, agent));
	});

	test('subscribers hear once of all that changed in one go', async () => {
		const { space, agent, docs } = await createTestSpace();
		let calls = 0;
		const subscription = space.files.subscribe(() => calls++);
		const { entry } = expectOk(await space.files.write({ path: 'notes/a.md', text: 'x' }, agent));
		await Promise.resolve();
		expect(calls).toBe(1);
		expect(docs.handles(`file/${entry.id}` as never)).toBe(1);
		subscription[Symbol.dispose]();
		await space.files.write({ path: 'notes/a.md', text: 'y' }, agent);
		await Promise.resolve();
		expect(calls).toBe(1);
	});

	test('only the few files written last stay open, and none once the space is closed', async () => {
		const { space, agent, docs } = await createTestSpace();
		for (let i = 0; i < 20; i++) expectOk(await space.files.append({ path: `notes/${i}.md`, text: 'x' }, agent));
		for (let i = 0; i < 20; i++) expectOk(await space.files.read(`notes/${i}.md`));
		const openFiles = () => docs.streams().filter((stream) => docs.handles(stream) > 0 && stream !== 'home');
		const kept = Array.from({ length: 8 }, (_, index) => space.files.find(`notes/${index + 12}.md`)?.id);
		expect(openFiles()).toEqual(kept.flatMap((id) => [`file/${id}`, `history/${id}`]).sort());
		space[Symbol.dispose]();
		expect(docs.streams().filter((stream) => docs.handles(stream) > 0)).toEqual([]);
	});

	test('lines added to a page one after the other are the work of one Yjs client', async () => {
		const { space, agent } = await createTestSpace();
		const path = 'journal/2026-11-20.md';
		for (let i = 0; i < 5; i++) expectOk(await space.files.append({ path, text: `- 09:0${i} | x` }, agent));
		const clients = expectOk(await space.files.history(path)).map((patch) => patch.items[0]?.[0]);
		expect(new Set(clients).size).toBe(1);
	});
});
