import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { toBase64Url } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import type { Store } from '../ports/store.ts';
import { comeBack, goOffline, honest, tapToDevice, viewRelay } from '../testing/relay-view.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';
import { REPUBLISHED_KEY } from './link-republish.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const FILE = 'file/letter' as StreamName;
const A_MOMENT = 3_000;
const JITTER = 65_000;

describe('a relay restored from an older copy', () => {
	it.each([
		['says so', undefined],
		['does not say so', { keepsTimeline: true } as const],
	])('[SY13] that %s gets back what it lacks, and everybody is told', async (_, how) => {
		const { one, two, first, second } = await twoDevices();
		const [here, there] = [await text(first), await text(second)];
		here.insert(0, 'in the copy ');
		await world.pass(A_MOMENT);
		const older = world.relay.copy();
		here.insert(0, 'lost by the relay ');
		await world.pass(A_MOMENT);
		goOffline(one);
		goOffline(two);
		there.insert(0, 'typed meanwhile ');
		await world.settle();
		world.relay.restore(older, how);
		comeBack(two, second);
		await world.pass(A_MOMENT);
		comeBack(one, first);
		await world.pass(A_MOMENT);

		const all = there.toString();
		for (const part of ['in the copy', 'lost by the relay', 'typed meanwhile']) expect(all).toContain(part);
		expect(here.toString()).toBe(all);
		const { log, fold } = await viewRelay(world, one, FILE);
		expect((await fold(log.entries.length)).getText('text').toString()).toBe(all);
		for (const [device, tab] of [
			[one, first],
			[two, second],
		] as const) {
			expect(device.disk.values.has(REPUBLISHED_KEY)).toBe(true);
			expect(tab.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
			expect(device.disk.positions.get(FILE)?.republish).toBeUndefined();
		}
	});

	it('[SY13] that lost only a deletion gets the deletion back', async () => {
		const { one, two, first, second } = await twoDevices();
		const [here, there] = [await text(first), await text(second)];
		here.insert(0, 'keep drop');
		await world.pass(A_MOMENT);
		const older = world.relay.copy();
		here.delete(4, 5);
		await world.pass(A_MOMENT);
		goOffline(two);
		world.relay.restore(older);
		one.network.cut();
		await world.pass(60_000);
		const { log, fold } = await viewRelay(world, one, FILE);
		expect((await fold(log.entries.length)).getText('text').toString()).toBe('keep');
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(there.toString()).toBe('keep');
	});

	it('[SY13] that lost everything gets everything back, also from who has it from a snapshot', async () => {
		const { one, two, first, second } = await twoDevices();
		goOffline(two);
		(await text(first)).insert(0, noise(20));
		const founded = world.relay.copy();
		await world.pass(JITTER);
		const { id, log } = await viewRelay(world, one, FILE);
		expect(log.snapshots).toHaveLength(1);
		world.relay.prune(one.identity.spaceId, id, log.entries.length);
		comeBack(two, second);
		const there = await text(second);
		await world.pass(A_MOMENT);
		const all = there.toString();
		expect(all.length).toBeGreaterThan(20_000);

		goOffline(one);
		world.relay.restore(founded);
		two.network.cut();
		await world.pass(60_000);
		const after = await viewRelay(world, two, FILE);
		expect((await after.fold(after.log.entries.length)).getText('text').toString()).toBe(all);
		comeBack(one, first);
		await world.pass(A_MOMENT);
		expect((await text(first)).toString()).toBe(all);
		expect(first.sync.status.stuck).toEqual([]);
	});

	it('[SY13] that went on with others gives what is new, and takes what it lacks', async () => {
		const { one, two, first, second } = await twoDevices();
		const [here, there] = [await text(first), await text(second)];
		await world.settle();
		const older = world.relay.copy();
		goOffline(two);
		here.insert(0, 'of one ');
		await world.pass(A_MOMENT);
		goOffline(one);
		world.relay.restore(older);
		comeBack(two, second);
		there.insert(0, 'of two, before ');
		await world.pass(A_MOMENT);
		there.insert(0, 'of two, later ');
		await world.pass(A_MOMENT);
		comeBack(one, first);
		await world.pass(A_MOMENT);
		for (const part of ['of one', 'of two, before', 'of two, later']) expect(here.toString()).toContain(part);
		expect(there.toString()).toBe(here.toString());
	});

	it('[SY13] that has all of it after all is sent nothing', async () => {
		const { one, first } = await twoDevices();
		(await text(first)).insert(0, 'all of it');
		await world.pass(A_MOMENT);
		const { log } = await viewRelay(world, one, FILE);
		goOffline(one);
		one.disk.positions.set(FILE, { seq: 0, chain: new Uint8Array(32), tails: {}, republish: true });
		first.kill();
		one.network.isDown = false;
		const again = one.openTab();
		await text(again);
		await world.pass(A_MOMENT);
		expect(log.entries).toHaveLength(1);
		expect(one.disk.positions.get(FILE)).toMatchObject({ seq: 1 });
		expect(one.disk.positions.get(FILE)?.republish).toBeUndefined();
		expect(again.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
	});

	it('[R7] settles entries of ours that turn out to be in the log', async () => {
		const { one, first, second } = await twoDevices();
		const there = await text(second);
		const here = await text(first);
		here.insert(0, 'kept ');
		await world.pass(A_MOMENT);
		one.network.hold('to-device');
		here.insert(0, 'sent, not echoed ');
		await world.pass(A_MOMENT);
		goOffline(one);
		one.network.release('to-device');
		expect(one.disk.sealed).toHaveLength(1);
		const { log } = await viewRelay(world, one, FILE);
		const place = one.disk.positions.get(FILE);
		if (!place) throw new Error('no place');
		one.disk.positions.set(FILE, { ...place, chain: new Uint8Array(32).fill(1) });
		first.kill();
		one.network.isDown = false;
		const again = one.openTab();
		await text(again);
		await world.pass(A_MOMENT);
		expect(one.disk.sealed).toEqual([]);
		expect(log.entries).toHaveLength(2);
		expect(there.toString()).toBe('sent, not echoed kept ');
		expect(again.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
	});

	it.each<[keyof Store, 'before' | 'after']>([
		['appendRemote', 'before'],
		['appendRemote', 'after'],
		['loadDoc', 'before'],
		['settle', 'before'],
		['settle', 'after'],
		['commitSealed', 'before'],
		['commitSealed', 'after'],
	])('[SY13] loses nothing when the device dies at %s, just %s it', async (method, when) => {
		const { one, two, first, second } = await twoDevices();
		await text(second);
		const older = world.relay.copy();
		(await text(first)).insert(0, 'lost by the relay ');
		await world.pass(A_MOMENT);
		goOffline(one);
		goOffline(two);
		(await text(first)).insert(0, 'waiting ');
		await world.pass(A_MOMENT);
		world.relay.restore(older);
		for (let dying = 0; dying < 3; dying++) {
			one.network.isDown = false;
			const tab = one.openTab();
			await text(tab);
			tab.store.faults.dieAt = { method, when };
			await world.pass(A_MOMENT);
			tab.kill();
		}
		const again = one.openTab();
		await text(again);
		await world.pass(60_000);
		expect((await text(again)).toString()).toBe('waiting lost by the relay ');
		expect(again.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect((await text(second)).toString()).toBe('waiting lost by the relay ');
	});

	it('[SY13] that contradicts itself again is not believed, until the next session', async () => {
		const { one, first } = await twoDevices();
		const here = await text(first);
		here.insert(0, 'kept ');
		await world.pass(A_MOMENT);
		goOffline(one);
		here.insert(0, 'waits ');
		const { id, log } = await viewRelay(world, one, FILE);
		let opens = 0;
		tapToDevice(one, (message) => {
			if (message.type !== 'head' || message.stream !== id) return message;
			opens++;
			return { ...message, chain: new Uint8Array(32).fill(opens) };
		});
		comeBack(one, first);
		await world.pass(A_MOMENT);
		expect(opens).toBe(2);
		expect(first.sync.status).toMatchObject({ stuck: [{ stream: FILE }], pendingStreams: 1 });
		expect(log.entries).toHaveLength(1);
		honest(one);
		one.network.cut();
		await world.pass(60_000);
		expect(first.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
		expect(log.entries).toHaveLength(2);
		expect(one.disk.positions.get(FILE)?.republish).toBeUndefined();
	});
});

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

async function text(tab: WorldTab): Promise<Y.Text> {
	return (await tab.doc(FILE)).getText('text');
}

/** Text of about so many sealed kilobytes. */
function noise(kilobytes: number): string {
	return toBase64Url(world.random.bytes(kilobytes * 1024));
}
