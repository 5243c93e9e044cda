import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamName } from '../ids.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 5_000;
const FILE = 'file/a' as StreamName;

describe('when all was exchanged last', () => {
	it('is known to every tab, not while something waits, and after a restart without a network', async () => {
		const device = await world.addDevice();
		expect(device.openTab().sync.status.lastSyncedAt).toBeUndefined();
		const [tab] = device.tabs;
		if (!tab) throw new Error('no tab');
		const follower = device.openTab();
		await world.pass(A_MOMENT);
		const first = tab.sync.status.lastSyncedAt ?? 0;
		expect(world.clock.now() - first).toBeLessThanOrEqual(A_MOMENT);
		expect(follower.sync.status.lastSyncedAt).toBe(first);

		goOffline(device);
		await world.pass(60_000);
		(await text(tab)).insert(0, 'typed offline');
		await world.pass(60_000);
		expect(tab.sync.status.lastSyncedAt).toBe(first);
		for (const one of [tab, follower]) one.kill();
		const again = device.openTab();
		await world.pass(A_MOMENT);
		expect(again.sync.status.lastSyncedAt).toBe(first);
		device.network.isDown = false;
		again.sync.wake();
		await world.pass(A_MOMENT);
		expect(again.sync.status).toMatchObject({ pendingStreams: 0 });
		expect(world.clock.now() - (again.sync.status.lastSyncedAt ?? 0)).toBeLessThanOrEqual(A_MOMENT);
	});

	it('is the last sign of life of a session in which nothing happened', async () => {
		const device = await world.addDevice();
		const tab = device.openTab();
		await world.pass(60 * 60_000);
		goOffline(device);
		await world.settle();
		expect(world.clock.now() - (tab.sync.status.lastSyncedAt ?? 0)).toBeLessThan(40_000);
		tab.kill();
		const again = device.openTab();
		await world.pass(1_000);
		expect(world.clock.now() - (again.sync.status.lastSyncedAt ?? 0)).toBeLessThan(6 * 60_000);
	});

	it('does not go on while a stream stands still', async () => {
		const device = await world.addDevice();
		const tab = device.openTab();
		await world.pass(A_MOMENT);
		const before = tab.sync.status.lastSyncedAt;
		tab.store.faults.isFull = true;
		const witness = (await world.addDevice()).openTab();
		await Promise.all([text(tab), text(witness)]);
		await world.pass(A_MOMENT);
		(await text(witness)).insert(0, 'no room for it');
		await world.pass(A_MOMENT);
		const stoodAt = tab.sync.status.lastSyncedAt ?? 0;
		expect(tab.sync.status.stuck).toHaveLength(1);
		await world.pass(20_000);
		expect(tab.sync.status.lastSyncedAt).toBe(stoodAt);
		expect(stoodAt).toBeGreaterThanOrEqual(before ?? 0);
	});
});

it('[SY13] that streams were published again is told, and still known after a restart', async () => {
	const device = await world.addDevice();
	const tab = device.openTab();
	(await text(tab)).insert(0, 'one ');
	await world.pass(A_MOMENT);
	const copy = world.relay.copy();
	(await text(tab)).insert(0, 'two ');
	await world.pass(A_MOMENT);
	expect(tab.sync.status.republished).toBeUndefined();
	goOffline(device);
	await world.settle();
	world.relay.restore(copy);
	device.network.isDown = false;
	tab.sync.wake();
	await world.pass(A_MOMENT);
	const { republished } = tab.sync.status;
	expect(republished).toMatchObject({ streams: 1 });
	expect(world.clock.now() - (republished?.at ?? 0)).toBeLessThan(A_MOMENT + 1_000);
	tab.kill();
	const again = device.openTab();
	await world.pass(A_MOMENT);
	expect(again.sync.status.republished).toEqual(republished);
});

function goOffline(device: WorldDevice): void {
	device.network.isDown = true;
	device.network.cut();
}

async function text(tab: WorldTab) {
	return (await tab.doc(FILE)).getText('text');
}
