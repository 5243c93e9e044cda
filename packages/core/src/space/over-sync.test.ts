import { describe, expect, test } from 'vitest';
import type { DeviceId, PersonId } from '../ids.ts';
import { createOpenDocs } from '../sync/open-docs.ts';
import { createRecorder } from '../sync/recorder.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../testing/memory-store.ts';
import { createMemoryTabs } from '../testing/memory-tabs.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createTestClock, turns } from '../testing/test-clock.ts';
import { expectOk } from '../testing/test-space.ts';
import { createSpace } from './create-space.ts';
import type { Actor } from './records.ts';

const self = { device: 'device-a' as DeviceId, person: 'ada' as PersonId };
const agent: Actor = { type: 'agent', ...self };
const log = { info() {}, warn() {} };
const path = 'notes/a.md';

/** One tab over a disk, with the documents the app really uses; what it keeps goes to `kept`. */
async function openTab(
	disk: MemoryDisk,
	seed: number,
	others: { deliver: ReturnType<typeof createOpenDocs>['deliver'] }[],
) {
	const store = createMemoryStore(disk);
	const clock = createTestClock();
	const recorder = createRecorder({ store, clock, log }, (updates) => {
		for (const { stream, update } of updates) for (const other of others) other.deliver(stream, [update]);
	});
	const opened = createOpenDocs({ store, clock, tabs: createMemoryTabs().open(), recorder });
	// Both tabs share one disk, so nothing is on its way to either.
	const noArrivals = { [Symbol.dispose]() {} };
	const docs = { ...opened, follow() {}, async caughtUp() {}, onArrival: () => noArrivals };
	const space = expectOk(await createSpace({ docs, clock, random: createSeededRandom(seed), self, log }));
	return { space, docs, store, clock };
}

describe('a space over the real documents', () => {
	test('what one tab types appears in the other and is in history once, as typed', async () => {
		const disk = createMemoryDisk();
		const toFirst: Parameters<typeof openTab>[2] = [];
		const toSecond: Parameters<typeof openTab>[2] = [];
		const first = await openTab(disk, 1, toSecond);
		const second = await openTab(disk, 2, toFirst);
		toFirst.push(first.docs);
		toSecond.push(second.docs);
		expectOk(await first.space.files.write({ path, text: 'hello' }, agent));
		await turns(3);
		using here = expectOk(await first.space.files.open(path));
		using there = expectOk(await second.space.files.open(path));
		here.text.insert(5, ' world');
		expectOk(await here.saved());
		await turns(3);
		expect(there.text.toString()).toBe('hello world');
		first.space.flush();
		second.space.flush();
		expectOk(await here.saved());
		await turns(3);
		const history = expectOk(await second.space.files.history(path));
		expect(history.map((patch) => [patch.actor.type, patch.patch[0]?.inserted])).toEqual([
			['agent', 'hello'],
			['person', ' world'],
		]);
	});

	test('a write answered as done is whole on disk: text, history and manifest', async () => {
		const disk = createMemoryDisk();
		const { space, store } = await openTab(disk, 1, []);
		expectOk(await space.files.write({ path, text: 'kept' }, agent));
		expectOk(await space.files.edit({ path: 'SOUL.md', old: '# Soul', new: '# Ghost' }, agent));
		store.kill();
		const { space: reopened } = await openTab(disk, 2, []);
		expect(expectOk(await reopened.files.read(path)).text).toBe('kept');
		expect(expectOk(await reopened.files.history(path))).toHaveLength(1);
		expect(expectOk(await reopened.files.read('SOUL.md')).text).toMatch(/^# Ghost\n\nYou are Pocketeer/);
	});

	test('keystrokes on disk survive a killed tab, with their writer, though no patch was recorded', async () => {
		const disk = createMemoryDisk();
		const { space, store } = await openTab(disk, 1, []);
		const open = expectOk(await space.files.open('PRACTICE.md'));
		open.text.insert(0, 'typed\n');
		expectOk(await open.saved());
		const client = open.text.doc?.clientID;
		store.kill();
		const next = await openTab(disk, 2, []);
		const entry = next.space.files.find('PRACTICE.md');
		expect(entry?.isDefault).toBe(false);
		expect(expectOk(await next.space.files.read('PRACTICE.md')).text.startsWith('typed\n# Practice')).toBe(true);
		using history = expectOk(await next.docs.open(`history/${entry?.id}` as never));
		expect(history.doc.getArray('records').toArray()).toMatchObject([{ kind: 'writer', client, person: 'ada' }]);
	});
});
