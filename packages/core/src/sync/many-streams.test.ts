import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamName } from '../ids.ts';
import type { Store } from '../ports/store.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** The second before the others are followed, their batches, and the way there and back. */
const A_MOMENT = 5_000;
const MANY = 100;
const CHAT = 'line/kitchen/2026-11';
/** The relay's answer to `open`, when all was sent. */
const HEAD = 156;

describe('a device that follows many streams', () => {
	it('[SY9] exchanges what is open at once, and the others a second later', async () => {
		const { device } = await deviceWithFiles();
		const heads = countFrames(device, HEAD);
		const tab = device.openTab();
		await tab.doc('home');
		await tab.doc(CHAT);
		await world.pass(500);
		expect(heads()).toBe(2);
		await world.pass(A_MOMENT);
		expect(heads()).toBe(MANY + 2);
	});

	it('[SY9] exchanges at once what somebody begins to wait for', async () => {
		const { device } = await deviceWithFiles();
		const tab = device.openTab();
		await world.pass(500);
		let isReached = false;
		void tab.sync.caughtUp(fileStream(7)).then(() => {
			isReached = true;
		});
		await world.pass(100);
		expect(isReached).toBe(true);
	});

	it('waits with the others while a document is being loaded', async () => {
		const { device } = await deviceWithFiles();
		const heads = countFrames(device, HEAD);
		const tab = device.openTab();
		const loaded = Promise.withResolvers<void>();
		tab.store.faults.pace = async (method) => (method === 'loadDoc' ? loaded.promise : undefined);
		const chat = tab.doc(CHAT);
		await world.pass(A_MOMENT);
		expect(heads()).toBe(2);
		loaded.resolve();
		await chat;
		await world.pass(A_MOMENT);
		expect(heads()).toBe(MANY + 2);
	});

	it('looks into its store a few times for all of them, not for each', async () => {
		const { device } = await deviceWithFiles();
		const tab = device.openTab();
		let calls = 0;
		const count = async (_: keyof Store) => void calls++;
		tab.store.faults.pace = count;
		await world.pass(A_MOMENT);
		expect(calls).toBeLessThan(20);
	});

	it('receives what was written meanwhile in those nobody opened, and again after a lost connection', async () => {
		const { device, witness } = await deviceWithFiles();
		const file = (await witness.doc(fileStream(42))).getText('text');
		file.insert(0, 'while it was off, ');
		await world.pass(A_MOMENT);
		const tab = device.openTab();
		await world.pass(A_MOMENT);
		device.network.isDown = true;
		device.network.cut();
		file.insert(0, 'while it was offline, ');
		await world.pass(A_MOMENT);
		device.network.isDown = false;
		await world.pass(60_000);
		device.network.isDown = true;
		device.network.cut();
		expect((await tab.doc(fileStream(42))).getText('text').toString()).toBe(file.toString());
		expect(tab.sync.status.stuck).toEqual([]);
	});

	it('sends what a tab that died left in one that nobody opened', async () => {
		const { device, witness } = await deviceWithFiles();
		const there = (await witness.doc(fileStream(3))).getText('text');
		const dying = device.openTab();
		const file = (await dying.doc(fileStream(3))).getText('text');
		await world.pass(A_MOMENT);
		file.insert(0, 'last words');
		await world.settle();
		dying.kill();
		device.openTab();
		await world.pass(500);
		expect(there.toString()).toContain('last words');
	});

	it('tells its other tabs in a few words that all are there', async () => {
		const { device } = await deviceWithFiles();
		device.openTab();
		let words = 0;
		device.openTab().tab.subscribe(({ type }) => void (type === 'status' && words++));
		await world.pass(A_MOMENT);
		expect(words).toBeGreaterThan(0);
		expect(words).toBeLessThan(20);
	});
});

/** A device that has many files and is switched off, and another that is on. */
async function deviceWithFiles(): Promise<{ device: WorldDevice; witness: WorldTab }> {
	const witness = (await world.addDevice()).openTab();
	const device = await world.addDevice();
	const tab = device.openTab();
	for (let file = 0; file < MANY; file++) (await tab.doc(fileStream(file))).getText('text').insert(0, `file ${file}`);
	await world.pass(A_MOMENT);
	tab.kill();
	await world.settle();
	return { device, witness };
}

function fileStream(file: number): StreamName {
	return `file/${file}` as StreamName;
}

/** How many frames of one of the relay's types reached a device from now on. */
function countFrames(device: WorldDevice, type: number): () => number {
	let count = 0;
	device.network.tap = (direction, frame) => {
		// Types from 128 on take two varint bytes.
		if (direction === 'to-device' && (frame[0] ?? 0) - 128 + (frame[1] ?? 0) * 128 === type) count++;
		return frame;
	};
	return () => count;
}
