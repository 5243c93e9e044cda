import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { toBase64Url } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import { LIMITS } from '../protocol/limits.ts';
import { comeBack, goOffline, honest, tapToDevice, viewRelay } from '../testing/relay-view.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const FILE = 'file/letter';
const A_MOMENT = 3_000;
/** Longer than any device waits before it makes a snapshot. */
const JITTER = 65_000;

describe('a log that got long', () => {
	it('[SY12] gets one snapshot, of exactly what its entries are, though two devices have it open', async () => {
		const { one, two, first, second } = await twoDevices();
		const [here, there] = [await text(first), await text(second)];
		const refused: string[] = [];
		for (const device of [one, two]) {
			tapToDevice(device, (message) => {
				if (message.type === 'error') refused.push(message.code);
				return message;
			});
		}
		here.insert(0, noise(12));
		here.delete(100, 5_000);
		there.insert(0, 'and there ');
		await world.pass(JITTER);
		expect(refused).toEqual([]);
		const { log, open, fold } = await viewRelay(world, one, FILE);
		expect(log.snapshots).toHaveLength(1);
		const [snapshot] = log.snapshots;
		if (!snapshot) throw new Error('no snapshot');
		expect(snapshot.covers).toBe(log.entries.length);
		const { tails, update } = await open(snapshot);
		const doc = new Y.Doc();
		Y.applyUpdateV2(doc, update);
		expect(doc.getText('text').toString()).toBe(here.toString());
		expect(doc.getText('text').toString()).toBe((await fold(snapshot.covers)).getText('text').toString());
		expect(tails).toEqual(one.disk.positions.get(FILE as StreamName)?.tails);

		await world.pass(5 * JITTER);
		expect(log.snapshots).toHaveLength(1);
	});

	it('[SY12] gets the next one when what came behind outgrew the first', async () => {
		const { one, first } = await twoDevices();
		(await text(first)).insert(0, noise(12));
		await world.pass(JITTER);
		const { log } = await viewRelay(world, one, FILE);
		(await text(first)).insert(0, noise(4));
		await world.pass(JITTER);
		expect(log.snapshots).toHaveLength(1);
		(await text(first)).insert(0, noise(20));
		await world.pass(JITTER);
		expect(log.snapshots.map(({ covers }) => covers)).toEqual([1, 3]);
	});

	it('[SY12] of a month that grows is left alone, and gets its snapshot when the month is over', async () => {
		const { one, first } = await twoDevices();
		(await text(first, 'line/kitchen/2026-11')).insert(0, noise(30));
		await world.pass(JITTER);
		const { log } = await viewRelay(world, one, 'line/kitchen/2026-11');
		expect(log.snapshots).toHaveLength(0);
		world.clock.jump(12 * 24 * 3_600_000);
		one.network.cut();
		await world.pass(2 * JITTER);
		expect(log.snapshots).toHaveLength(1);
	});

	it('[R1] is not replaced by what did not come back from the relay yet', async () => {
		const { one, first } = await twoDevices();
		const other = one.openTab();
		const typed = await text(other);
		(await text(first)).insert(0, noise(12));
		await world.pass(A_MOMENT);
		// Somebody types in the moment in which the snapshot is made.
		let isFirst = true;
		first.store.faults.pace = async (method) => {
			if (method !== 'coveredDoc' || !isFirst) return;
			isFirst = false;
			typed.insert(0, 'typed just now ');
			const opened = await other.sync.open(FILE as StreamName);
			if (opened.ok) await opened.value.saved();
		};
		await world.pass(JITTER);
		expect(isFirst).toBe(false);
		await world.pass(JITTER);
		const { log, open, fold } = await viewRelay(world, one, FILE);
		expect(log.snapshots).toHaveLength(1);
		for (const snapshot of log.snapshots) {
			const doc = new Y.Doc();
			Y.applyUpdateV2(doc, (await open(snapshot)).update);
			const folded = (await fold(snapshot.covers)).getText('text').toString();
			expect(doc.getText('text').toString()).toBe(folded);
		}
	});

	it('[R3] whose snapshot another device made meanwhile is left as it is', async () => {
		const { one, two, first, second } = await twoDevices();
		await text(second);
		const puts = { kept: 0, stale: 0 };
		for (const device of [one, two]) {
			tapToDevice(device, (message) => {
				if (message.type === 'snapshot-kept') puts.kept++;
				if (message.type === 'error' && message.code === 'stale-snapshot') puts.stale++;
				// As if the other had not been there yet.
				return message.type === 'head' ? { ...message, covered: 0, snapshotBytes: 0, tailBytes: 50_000 } : message;
			});
		}
		for (const device of [one, two]) device.network.cut();
		await world.pass(A_MOMENT);
		(await text(first)).insert(0, noise(12));
		await world.pass(2 * JITTER);
		const { log } = await viewRelay(world, one, FILE);
		expect(puts).toEqual({ kept: 1, stale: expect.any(Number) });
		expect(puts.stale).toBeGreaterThan(0);
		expect(log.snapshots).toHaveLength(1);
		for (const tab of [first, second]) expect(tab.sync.status.stuck).toEqual([]);
		first.sync.wake();
		(await text(second)).insert(0, 'goes on ');
		await world.pass(A_MOMENT);
		expect((await text(first)).toString()).toMatch(/^goes on /);
	});

	it('at a relay without room is not tried again in the session', async () => {
		const { one, first } = await twoDevices();
		let puts = 0;
		tapToDevice(one, (message) => {
			if (message.type !== 'snapshot-kept') return message;
			puts++;
			return { type: 'error', code: 'quota', about: message.id, message: 'Full.' };
		});
		for (let n = 0; n < 4; n++) {
			(await text(first)).insert(0, noise(12));
			await world.pass(JITTER);
		}
		expect(puts).toBe(1);
		expect(first.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
	});
});

describe('whoever is behind a pruned place', () => {
	it('[R5] gets the snapshot and the entries behind it, new or long in the space', async () => {
		const { one, two, first, second } = await twoDevices();
		const there = await text(second);
		(await text(first)).insert(0, 'read before ');
		await world.pass(A_MOMENT);
		goOffline(two);
		there.insert(0, 'typed offline ');
		(await text(first)).insert(0, noise(12));
		await world.pass(JITTER);
		const { id, log } = await viewRelay(world, one, FILE);
		world.relay.prune(one.identity.spaceId, id, log.entries.length);
		(await text(first)).insert(0, 'behind the snapshot ');
		await world.pass(A_MOMENT);

		comeBack(two, second);
		const three = await world.addDevice();
		const third = three.openTab();
		const late = await text(third);
		await world.pass(A_MOMENT);
		const all = (await text(first)).toString();
		expect(all).toContain('typed offline');
		expect(there.toString()).toBe(all);
		expect(late.toString()).toBe(all);
		for (const tab of [first, second, third]) {
			expect(tab.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
		}
		const [here, behind] = [one, three].map(({ disk }) => disk.positions.get(FILE as StreamName));
		expect(behind).toEqual(here);
	});

	it.each([0, 1, 2])('[R5] keeps its place while part %i of the snapshot is missing', async (missing) => {
		const { one, two, first, second } = await prunedBehindTwo(800);
		const before = structuredClone(two.disk.positions.get(FILE as StreamName));
		let parts = 0;
		tapToDevice(two, (message) => {
			if (message.type !== 'snapshot') return message;
			parts = message.count;
			return message.index === missing ? undefined : message;
		});
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(parts).toBeGreaterThan(2);
		expect(two.disk.positions.get(FILE as StreamName)).toEqual(before);
		expect(second.sync.status.stuck).toMatchObject([{ stream: FILE, reason: expect.stringContaining('left out') }]);
		honest(two);
		two.network.cut();
		await world.pass(60_000);
		expect((await text(second)).toString()).toBe((await text(first)).toString());
		expect(second.sync.status.stuck).toEqual([]);
		expect(one.disk.positions.get(FILE as StreamName)).toEqual(two.disk.positions.get(FILE as StreamName));
	});

	it('[R5] and was cut off between two parts begins again', async () => {
		const { two, first, second } = await prunedBehindTwo(800);
		let isCut = false;
		tapToDevice(two, (message) => {
			if (message.type === 'snapshot' && message.index === 1 && !isCut) {
				isCut = true;
				two.network.cut();
			}
			return message;
		});
		comeBack(two, second);
		await world.pass(60_000);
		expect(isCut).toBe(true);
		expect((await text(second)).toString()).toBe((await text(first)).toString());
	});

	it.each(['before', 'after'] as const)('[R5] and dies just %s the snapshot is kept loses nothing', async (when) => {
		const { two, first, second } = await prunedBehindTwo(20);
		second.store.faults.dieAt = { method: 'appendRemote', when };
		comeBack(two, second);
		await world.pass(A_MOMENT);
		second.kill();
		const again = two.openTab();
		await text(again);
		await world.pass(A_MOMENT);
		expect((await text(again)).toString()).toBe((await text(first)).toString());
		expect(again.sync.status.stuck).toEqual([]);
	});

	it('[R7] and has an entry on its way that the snapshot holds settles it by its echo', async () => {
		const { one, two, first, second } = await twoDevices();
		const there = await text(second);
		await text(first);
		await world.settle();
		two.network.hold('to-device');
		there.insert(0, 'once ');
		await world.pass(A_MOMENT);
		goOffline(two);
		two.network.release('to-device');
		expect(two.disk.sealed).toHaveLength(1);
		(await text(first)).insert(0, noise(12));
		await world.pass(JITTER);
		const { id, log } = await viewRelay(world, one, FILE);
		world.relay.prune(one.identity.spaceId, id, log.entries.length);
		const length = log.entries.length;
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(two.disk.sealed).toEqual([]);
		expect(log.entries).toHaveLength(length);
		expect(there.toString()).toBe((await text(first)).toString());
		expect(second.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
		there.insert(0, 'and on ');
		await world.pass(A_MOMENT);
		expect((await text(first)).toString()).toMatch(/^and on /);
	});
});

describe('a snapshot that is not what it says', () => {
	const LIES: readonly (readonly [string, (seen: Awaited<ReturnType<typeof viewRelay>>) => Promise<unknown>])[] = [
		['bit-flipped in its header', async ({ log }) => flip(log.snapshots.at(-1)?.sealed, 10)],
		['bit-flipped in its seal', async ({ log }) => flip(log.snapshots.at(-1)?.sealed, -1)],
		['of another writer’s version', async ({ log }) => flip(log.snapshots.at(-1)?.sealed, 0, 6)],
		['of an epoch that is not yet', async ({ log }) => flip(log.snapshots.at(-1)?.sealed, 1, 2)],
		['said to cover more', async ({ log }) => relabel(log, { covers: log.entries.length })],
		['said to be of another history', async ({ log }) => relabel(log, { chain: new Uint8Array(32).fill(3) })],
		['that is no update', async ({ forge }) => forge({ update: Uint8Array.of(9, 9, 9) })],
	];

	it.each(LIES)('[R4] %s is refused and reported, and moves nothing', async (_, lie) => {
		const { one, two, first, second } = await prunedBehindTwo(20);
		(await text(first)).insert(0, 'one more ');
		await world.pass(A_MOMENT);
		const before = structuredClone(two.disk.positions.get(FILE as StreamName));
		const shown = (await text(second)).toString();
		await lie(await viewRelay(world, one, FILE));
		for (let session = 0; session < 4; session++) {
			goOffline(two);
			comeBack(two, second);
			await world.pass(A_MOMENT);
			expect(second.sync.status.stuck).toMatchObject([{ stream: FILE, reason: expect.any(String) }]);
		}
		expect(two.disk.positions.get(FILE as StreamName)).toEqual(before);
		expect((await text(second)).toString()).toBe(shown);
	});

	it('[R4] of another stream is refused', async () => {
		const { one, two, first, second } = await prunedBehindTwo(20);
		(await text(first, 'file/other')).insert(0, noise(12));
		await world.pass(JITTER);
		const [seen, other] = [await viewRelay(world, one, FILE), await viewRelay(world, one, 'file/other')];
		const [foreign] = other.log.snapshots;
		if (!foreign) throw new Error('no snapshot');
		relabel(seen.log, { sealed: foreign.sealed });
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(second.sync.status.stuck).toMatchObject([{ stream: FILE, reason: expect.stringContaining('snapshot') }]);
	});

	it('[R7] with less of a writer than was read here raises the alarm and loses nothing', async () => {
		const { one, two, first, second } = await prunedBehindTwo(20);
		const seen = await viewRelay(world, one, FILE);
		const older = new Y.Doc();
		await seen.forge({ tails: {}, update: new Uint8Array(Y.encodeStateAsUpdateV2(older)) });
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(two.disk.values.has('sync/republished')).toBe(true);
		expect((await text(second)).toString()).toContain('read before');
		expect((await text(first)).toString()).toContain('read before');
	});
});

/** A second device that read something and was away while the rest was compacted and pruned. */
async function prunedBehindTwo(kilobytes: number) {
	const all = await twoDevices();
	const { one, two, first, second } = all;
	await text(second);
	(await text(first)).insert(0, 'read before ');
	await world.pass(A_MOMENT);
	goOffline(two);
	(await text(first)).insert(0, noise(kilobytes));
	await world.pass(JITTER);
	const { id, log } = await viewRelay(world, one, FILE);
	expect(log.snapshots).toHaveLength(1);
	if (kilobytes > 500) expect(log.snapshots[0]?.sealed.length).toBeGreaterThan(LIMITS.snapshotPart * 2);
	world.relay.prune(one.identity.spaceId, id, log.entries.length);
	return all;
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

async function text(tab: WorldTab, stream = FILE): Promise<Y.Text> {
	return (await tab.doc(stream)).getText('text');
}

/** Text of about so many sealed kilobytes: base64 deflates to the bytes it was made of. */
function noise(kilobytes: number): string {
	return toBase64Url(world.random.bytes(kilobytes * 1024));
}

function relabel(
	log: Awaited<ReturnType<typeof viewRelay>>['log'],
	change: Partial<(typeof log)['snapshots'][number]>,
): void {
	const newest = log.snapshots.at(-1);
	if (!newest) throw new Error('no snapshot');
	log.snapshots[log.snapshots.length - 1] = { ...newest, ...change };
}

function flip(sealed: Uint8Array | undefined, at: number, mask = 1): void {
	const index = sealed && (at < 0 ? sealed.length + at : at);
	if (!sealed || index === undefined) throw new Error('no snapshot');
	sealed[index] = (sealed[index] ?? 0) ^ mask;
}
