import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamName } from '../ids.ts';
import type { Store } from '../ports/store.ts';
import { encodeRelayMessage } from '../protocol/codec.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** The second before the others are followed, their batches, and the way there and back. */
const A_MOMENT = 5_000;
/** By then, streams that nobody looks at are let go. */
const A_WHILE = 15_000;
const MANY = 100;
const CHAT = 'line/kitchen/2026-11';
/** What a device says, by its number on the wire. */
const OPEN = 103;
const SHUT = 104;
const WATCH = 114;

describe('a device that joins a space of many streams', () => {
	it('[SY9] opens at once what is looked at, the others a second later, and lets them go when it has them', async () => {
		await deviceWithFiles();
		const device = await world.addDevice();
		const said = sayings(device);
		const tab = device.openTab();
		for (let file = 0; file < MANY; file++) tab.sync.follow(fileStream(file));
		await tab.doc('home');
		await tab.doc(CHAT);
		await world.pass(500);
		expect(said(OPEN)).toBe(2);
		await world.pass(A_MOMENT);
		expect(said(OPEN)).toBe(MANY + 2);
		await world.pass(A_WHILE);
		expect(said(SHUT)).toBe(MANY);
		device.network.isDown = true;
		device.network.cut();
		expect((await tab.doc(fileStream(7))).getText('text').toString()).toBe('file 7');
	});

	it('waits with the others while a document is being loaded', async () => {
		await deviceWithFiles();
		const device = await world.addDevice();
		const said = sayings(device);
		const tab = device.openTab();
		const loaded = Promise.withResolvers<void>();
		tab.store.faults.pace = async (method) => (method === 'loadDoc' ? loaded.promise : undefined);
		for (let file = 0; file < MANY; file++) tab.sync.follow(fileStream(file));
		const chat = tab.doc(CHAT);
		await world.pass(A_MOMENT);
		expect(said(OPEN)).toBe(2);
		loaded.resolve();
		await chat;
		await world.pass(A_MOMENT);
		expect(said(OPEN)).toBe(MANY + 2);
	});

	it('[SY11] does not fetch what nobody asks for, but knows of it when somebody does', async () => {
		const { witness } = await deviceWithFiles();
		const device = await world.addDevice();
		const said = sayings(device);
		const tab = device.openTab();
		await world.pass(A_WHILE);
		(await witness.doc(fileStream(7))).getText('text').insert(0, 'newer, ');
		await world.pass(A_WHILE);
		expect(said(OPEN)).toBe(1);
		tab.sync.follow(fileStream(7));
		await world.pass(A_WHILE);
		expect(said(OPEN)).toBe(2);
		device.network.isDown = true;
		device.network.cut();
		expect((await tab.doc(fileStream(7))).getText('text').toString()).toContain('newer, ');
	});
});

describe('[SY11] a device that has read everything', () => {
	it('asks once for what moved, and opens nothing of 5,000 streams when nothing did', async () => {
		const { device } = await deviceWithFiles();
		const position = { seq: 1, chain: new Uint8Array(32), tails: {} };
		for (let file = MANY; file < 5_000; file++) device.disk.positions.set(fileStream(file), position);
		const said = sayings(device);
		const tab = device.openTab();
		for (let file = 0; file < 5_000; file++) tab.sync.follow(fileStream(file));
		await world.pass(A_WHILE);
		device.network.cut();
		await world.pass(A_WHILE);
		expect(tab.sync.status).toMatchObject({ connection: { type: 'online' }, stuck: [] });
		// Twice: at the start, and after the cut. What is looked at is open: `home`.
		expect({ watch: said(WATCH), open: said(OPEN), shut: said(SHUT) }).toEqual({ watch: 2, open: 2, shut: 0 });
	});

	it('opens only what moved meanwhile, and what moves then, and lets it go again', async () => {
		const { device, witness } = await deviceWithFiles();
		const file = (await witness.doc(fileStream(42))).getText('text');
		file.insert(0, 'while it was off, ');
		await world.pass(A_MOMENT);
		const said = sayings(device);
		const tab = device.openTab();
		await world.pass(A_WHILE);
		expect({ open: said(OPEN), shut: said(SHUT) }).toEqual({ open: 2, shut: 1 });
		file.insert(0, 'while nobody looked, ');
		await world.pass(A_WHILE);
		expect({ open: said(OPEN), shut: said(SHUT) }).toEqual({ open: 3, shut: 2 });
		device.network.cut();
		await world.pass(A_WHILE);
		expect({ open: said(OPEN), watch: said(WATCH) }).toEqual({ open: 4, watch: 2 });
		device.network.isDown = true;
		device.network.cut();
		expect((await tab.doc(fileStream(42))).getText('text').toString()).toBe(file.toString());
	});

	it('learns of an entry that came while a stream was being let go', async () => {
		const { device, witness } = await deviceWithFiles();
		const tab = device.openTab();
		const opened = await tab.sync.open(fileStream(3));
		await world.pass(A_MOMENT);
		if (opened.ok) opened.value[Symbol.dispose]();
		const said = sayings(device);
		// What it says does not reach the relay any more, which goes on sending.
		device.network.hold('to-relay');
		await world.pass(A_WHILE);
		expect(said(SHUT)).toBe(1);
		const file = (await witness.doc(fileStream(3))).getText('text');
		await world.pass(A_MOMENT);
		file.insert(0, 'late, ');
		await world.pass(2_000);
		device.network.release('to-relay');
		await world.pass(A_WHILE);
		device.network.isDown = true;
		device.network.cut();
		expect((await tab.doc(fileStream(3))).getText('text').toString()).toBe(file.toString());
	});

	it('goes on at the next start with what it had read in part, though it did not move since', async () => {
		const { device, witness } = await deviceWithFiles();
		const file = (await witness.doc('file/new')).getText('text');
		for (let word = 0; word < 10; word++) {
			file.insert(0, `${word} `);
			await world.pass(A_MOMENT);
		}
		const dying = device.openTab();
		await world.pass(A_WHILE);
		dying.sync.follow('file/new' as StreamName);
		let parts = 0;
		device.network.tap = (direction, frame) => {
			const isEntries = direction === 'to-device' && (frame[0] ?? 0) - 128 + (frame[1] ?? 0) * 128 === 154;
			return isEntries && ++parts > 1 ? encodeRelayMessage({ type: 'pong' }) : frame;
		};
		await world.pass(A_MOMENT);
		expect(device.disk.positions.get('file/new' as StreamName)?.seq).toBe(3);
		dying.kill();
		device.network.tap = (_, frame) => frame;
		const tab = device.openTab();
		await world.pass(A_WHILE);
		device.network.isDown = true;
		device.network.cut();
		expect((await tab.doc('file/new')).getText('text').toString()).toBe(file.toString());
	});

	it('[SY14] opens streams of which something was put aside, and says of which, before and after', async () => {
		const { device } = await deviceWithFiles();
		const aside = { entry: world.random.bytes(200), reason: 'Unreadable', at: 1 };
		device.disk.values.set(`sync/quarantine/${fileStream(3)}/7`, aside);
		device.network.isDown = true;
		const tab = device.openTab();
		await world.pass(1_000);
		const quarantined = [{ stream: fileStream(3), count: 1 }];
		expect(tab.sync.status.quarantined).toEqual(quarantined);
		const said = sayings(device);
		device.network.isDown = false;
		tab.sync.wake();
		await world.pass(A_WHILE);
		expect({ open: said(OPEN), shut: said(SHUT) }).toEqual({ open: 2, shut: 1 });
		expect(tab.sync.status.quarantined).toEqual(quarantined);
	});

	it.each([
		['names another log', undefined],
		['counts less than before', { keepsTimeline: true } as const],
	])('looks at every stream it has read when the relay %s', async (_, how) => {
		const { device, witness } = await deviceWithFiles();
		const copy = world.relay.copy();
		const file = (await witness.doc(fileStream(42))).getText('text');
		file.insert(0, 'known to all, ');
		const tab = device.openTab();
		await world.pass(A_WHILE);
		const before = relayCount();
		for (const other of world.devices) other.network.isDown = true;
		for (const other of world.devices) other.network.cut();
		world.relay.restore(copy, how);
		if (!how) await growPast(before);
		const said = sayings(device);
		device.network.isDown = false;
		await world.pass(90_000);
		expect(said(OPEN)).toBeGreaterThan(MANY);
		expect(tab.sync.status).toMatchObject({ stuck: [], republished: { streams: 1 } });
		const late = (await world.addDevice()).openTab();
		await late.doc(fileStream(42));
		await world.pass(A_WHILE);
		expect((await late.doc(fileStream(42))).getText('text').toString()).toBe(file.toString());
	});
});

describe('a device that follows many streams', () => {
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
		await deviceWithFiles();
		const device = await world.addDevice();
		const leading = device.openTab();
		for (let file = 0; file < MANY; file++) leading.sync.follow(fileStream(file));
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
	await world.pass(A_WHILE);
	tab.kill();
	await world.settle();
	return { device, witness };
}

/** The count alone does not betray a relay that was set back and went on. */
async function growPast(count: number): Promise<void> {
	const tab = (await world.addDevice()).openTab();
	const other = (await tab.doc('file/other')).getText('text');
	while (relayCount() <= count) {
		other.insert(0, 'more ');
		await world.pass(A_MOMENT);
	}
	tab.kill();
}

function relayCount(): number {
	const [space] = world.relay.spaces.values();
	return space?.change ?? 0;
}

function fileStream(file: number): StreamName {
	return `file/${file}` as StreamName;
}

/** How many frames of a type a device has sent from now on. */
function sayings(device: WorldDevice): (type: number) => number {
	const counts = new Map<number, number>();
	device.network.tap = (direction, frame) => {
		const type = frame[0] ?? 0;
		if (direction === 'to-relay') counts.set(type, (counts.get(type) ?? 0) + 1);
		return frame;
	};
	return (type) => counts.get(type) ?? 0;
}
