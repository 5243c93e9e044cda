import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import type { RelayLog } from '../testing/memory-relay.ts';
import { chainAgain, comeBack, goOffline, viewRelay } from '../testing/relay-view.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const LINE = 'line' as StreamName;
const A_MOMENT = 3_000;
const KEY = 'sync/quarantine/line/2';

describe('an entry that cannot be read', () => {
	it('[SY14] pins the cursor in two sessions, is put aside in the third, and what follows is shown', async () => {
		const { two, second } = await damaged((log) => flip(log, 1, -1));
		const there = await list(second);
		for (let session = 1; session <= 3; session++) {
			await newSession(two, second);
			const isLast = session === 3;
			expect(there.toJSON()).toEqual(isLast ? ['four', 'three', 'one'] : ['one']);
			expect(second.sync.status.stuck).toHaveLength(isLast ? 0 : 1);
			expect(two.disk.positions.get(LINE)?.seq).toBe(isLast ? 4 : 1);
			expect(two.disk.values.has(KEY)).toBe(isLast);
		}
		expect(two.disk.values.get(KEY)).toMatchObject({ reason: 'Unreadable', at: expect.any(Number) });
		expect([...two.disk.values.keys()].filter((key) => key.startsWith('sync/tries/'))).toEqual([]);
		there.push(['mine']);
		await world.pass(A_MOMENT);
		expect(second.sync.status.pendingStreams).toBe(0);
	});

	it('[R4] is not counted twice in one session, however often it is tried', async () => {
		const { two, second } = await damaged((log) => flip(log, 1, -1));
		await list(second);
		await newSession(two, second);
		for (let tries = 0; tries < 5; tries++) {
			second.sync.wake();
			await world.pass(A_MOMENT);
		}
		expect(two.disk.values.has(KEY)).toBe(false);
		expect(second.sync.status.stuck).toHaveLength(1);
	});

	it('[R4] counts anew when another one stands in its place', async () => {
		const { log, two, second } = await damaged((log) => flip(log, 1, -1));
		await list(second);
		for (let session = 0; session < 4; session++) {
			await newSession(two, second, async () => {
				flip(log, 1, -2 - session);
				await chainAgain(log);
			});
		}
		expect(two.disk.values.has(KEY)).toBe(false);
	});

	it.each<[string, (log: RelayLog) => unknown]>([
		['of an epoch whose keys are not here', (log) => flip(log, 1, 1, 3)],
		['in a newer format', (log) => flip(log, 1, 0, 6)],
		['that breaks its writer’s chain', (log) => log.entries.splice(1, 1)],
	])('[SY14] %s is never put aside', async (_, tamper) => {
		const { two, second } = await damaged(tamper);
		const there = await list(second);
		for (let session = 0; session < 5; session++) await newSession(two, second);
		expect(there.toJSON()).toEqual(['one']);
		expect(second.sync.status.stuck).toHaveLength(1);
		expect(two.disk.positions.get(LINE)?.seq).toBe(1);
	});

	it('[SY14] tears its writer’s chain there once: what is left out behind it is found out', async () => {
		const { two, second } = await damaged(
			(log) => {
				flip(log, 1, -1);
				log.entries.splice(4, 1);
			},
			['three', 'four', 'left out', 'six'],
		);
		const there = await list(second);
		for (let session = 0; session < 4; session++) await newSession(two, second);
		expect(there.toJSON()).toEqual(['four', 'three', 'one']);
		expect(second.sync.status.stuck).toMatchObject([{ reason: expect.stringContaining('left out') }]);
		expect(two.disk.positions.get(LINE)?.seq).toBe(4);
	});

	it('[SY14] whose header is damaged too stops no writer of the stream', async () => {
		const { two, second } = await damaged((log) => flip(log, 1, 20));
		const there = await list(second);
		for (let session = 0; session < 3; session++) await newSession(two, second);
		expect(there.toJSON()).toEqual(['four', 'three', 'one']);
		expect(second.sync.status.stuck).toEqual([]);
	});

	it('[SY14] is tried again at the next start, and taken out once it opens', async () => {
		let whole: Uint8Array<ArrayBuffer> | undefined;
		const { two, second } = await damaged((log) => {
			whole = log.entries[1]?.entry.slice();
			flip(log, 1, -1);
			// Nothing of its writer behind it.
			log.entries.length = 2;
		});
		await list(second);
		for (let session = 0; session < 3; session++) await newSession(two, second);
		expect(two.disk.positions.get(LINE)).toMatchObject({ seq: 2 });
		expect(tailsOf(two).some(({ isTorn }) => isTorn)).toBe(true);
		second.kill();
		const kept = two.disk.values.get(KEY);
		const again = two.openTab();
		expect((await list(again)).toJSON()).toEqual(['one']);
		await world.pass(A_MOMENT);
		expect(two.disk.values.get(KEY)).toEqual(kept);
		again.kill();

		// What a build that can read it would see.
		two.disk.values.set(KEY, { ...(kept as object), entry: whole });
		const able = two.openTab();
		const there = await list(able);
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual(['one', 'two']);
		expect(two.disk.values.has(KEY)).toBe(false);
		expect(tailsOf(two).some(({ isTorn }) => isTorn)).toBe(false);
		expect(able.sync.status.stuck).toEqual([]);
	});

	it('[R1] keeps this device from making snapshots of the stream', async () => {
		const { log, two, second } = await damaged((log) => flip(log, 1, -1));
		const there = await list(second);
		for (let session = 0; session < 3; session++) await newSession(two, second);
		there.push([toBase64Url(world.random.bytes(20_000))]);
		await world.pass(300_000);
		expect(log.entries.at(-1)?.entry.length).toBeGreaterThan(20_000);
		expect(log.snapshots).toEqual([]);
	});

	it('[R7] that is our own is sent once more under another name', async () => {
		const { one, first, second } = await twoDevices();
		const there = await list(second);
		const here = await list(first);
		here.push(['one']);
		await world.pass(A_MOMENT);
		one.network.hold('to-device');
		here.push(['two']);
		await world.pass(A_MOMENT);
		goOffline(one);
		one.network.release('to-device');
		const { log } = await viewRelay(world, one, LINE);
		flip(log, 1, -1);
		await chainAgain(log);
		for (let session = 0; session < 3; session++) await newSession(one, first);
		expect(one.disk.sealed).toEqual([]);
		expect(first.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
		expect(log.entries).toHaveLength(3);
		expect(there.toJSON()).toEqual(['one', 'two']);
	});

	it('[SY13] is put aside on the way when the log is read anew', async () => {
		const { two, second } = await damaged((log) => {
			flip(log, 0, -1);
			flip(log, 1, -1);
		});
		const there = await list(second);
		await newSession(two, second);
		expect(there.toJSON()).toEqual(['one']);
		expect(two.disk.positions.get(LINE)).toMatchObject({ seq: 0, republish: true });
		expect(two.disk.values.has(`sync/unread/${LINE}`)).toBe(true);
		for (let session = 0; session < 4; session++) await newSession(two, second);
		expect(there.toJSON()).toEqual(['four', 'three', 'one']);
		expect(two.disk.positions.get(LINE)).toMatchObject({ seq: expect.any(Number) });
		expect(two.disk.positions.get(LINE)?.republish).toBeUndefined();
		const aside = [...two.disk.values.keys()].filter((key) => key.startsWith('sync/quarantine/line/'));
		expect(aside.sort()).toEqual(['sync/quarantine/line/1', 'sync/quarantine/line/2']);
		expect(second.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
	});
});

/** A second device has read `one` and is away; of the others at the relay something is changed. */
async function damaged(tamper: (log: RelayLog) => unknown, records = ['three', 'four']) {
	const all = await twoDevices();
	const { one, two, first, second } = all;
	await list(second);
	const here = await list(first);
	here.push(['one']);
	await world.pass(A_MOMENT);
	goOffline(two);
	here.push(['two']);
	await world.pass(A_MOMENT);
	// By another client of Yjs, and not beside it: what builds on changes that are missing waits for them.
	first.kill();
	const later = await list(one.openTab());
	for (const record of records) {
		later.insert(0, [record]);
		await world.pass(A_MOMENT);
	}
	const { log } = await viewRelay(world, one, LINE);
	goOffline(one);
	tamper(log);
	await chainAgain(log);
	one.network.isDown = false;
	return { ...all, log };
}

async function newSession(device: WorldDevice, tab: WorldTab, meanwhile?: () => Promise<void>): Promise<void> {
	goOffline(device);
	await meanwhile?.();
	comeBack(device, tab);
	await world.pass(A_MOMENT);
}

async function twoDevices(): Promise<{
	readonly one: WorldDevice;
	readonly two: WorldDevice;
	readonly first: WorldTab;
	readonly second: WorldTab;
}> {
	const one = await world.addDevice();
	const first = one.openTab();
	await world.pass(A_MOMENT);
	const two = await world.addDevice();
	const second = two.openTab();
	await world.pass(A_MOMENT);
	return { one, two, first, second };
}

async function list(tab: WorldTab) {
	return (await tab.doc(LINE)).getArray<string>('records');
}

function tailsOf(device: WorldDevice) {
	return Object.values(device.disk.positions.get(LINE)?.tails ?? {});
}

function flip({ entries }: RelayLog, entry: number, at: number, mask = 1): void {
	const row = entries[entry];
	if (!row) throw new Error('no entry');
	// A copy: what others have read stays as it was.
	const bytes = row.entry.slice();
	const index = at < 0 ? bytes.length + at : at;
	bytes[index] = (bytes[index] ?? 0) ^ mask;
	entries[entry] = { ...row, entry: bytes };
}
