import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { StreamName } from '../ids.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** The quiet half second, the way there and back, and a dropped connection's first retries. */
const A_MOMENT = 3_000;
const FILE = 'file/a' as StreamName;

describe('two devices', () => {
	it('show each other what is typed, both ways', async () => {
		const { first, second } = await twoDevices();
		const [here, there] = [await text(first), await text(second)];
		here.insert(0, 'milk');
		await world.pass(A_MOMENT);
		expect(there.toString()).toBe('milk');
		there.insert(4, ' and bread');
		await world.pass(A_MOMENT);
		expect(here.toString()).toBe('milk and bread');
		expect(first.sync.status).toMatchObject({ connection: { type: 'online' }, pendingStreams: 0, stuck: [] });
	});

	it('exchange the records of an array in the order of the log', async () => {
		const { first, second } = await twoDevices();
		const [here, there] = [await list(first), await list(second)];
		here.push([{ kind: 'message', id: 1 }]);
		await world.pass(A_MOMENT);
		there.push([{ kind: 'message', id: 2 }]);
		await world.pass(A_MOMENT);
		expect(here.toJSON()).toEqual([
			{ kind: 'message', id: 1 },
			{ kind: 'message', id: 2 },
		]);
		expect(there.toJSON()).toEqual(here.toJSON());
	});

	it('that were apart show all of both afterwards', async () => {
		const { one, two, first, second } = await twoDevices();
		const [here, there] = [await text(first), await text(second)];
		for (const device of [one, two]) goOffline(device);
		here.insert(0, 'here ');
		there.insert(0, 'there ');
		await world.pass(60_000);
		expect(first.sync.status).toMatchObject({ connection: { type: 'offline' }, pendingStreams: 1 });
		for (const device of [one, two]) device.network.isDown = false;
		await world.pass(120_000);
		expect(here.toString()).toBe(there.toString());
		expect(here.toString()).toContain('here ');
		expect(here.toString()).toContain('there ');
		expect(first.sync.status).toMatchObject({ connection: { type: 'online' }, pendingStreams: 0 });
	});

	it('a document opened later gets all that was written before', async () => {
		const { first, second } = await twoDevices();
		for (let word = 0; word < 10; word++) {
			(await text(first)).insert(0, `word ${word}, `);
			await world.pass(A_MOMENT);
		}
		const opened = await second.sync.open(FILE);
		await second.sync.caughtUp(FILE);
		expect(opened.ok && opened.value.doc.getText('text').toString()).toBe((await text(first)).toString());
	});

	it('a document that is not open here is received all the same, once it was opened', async () => {
		const { two, first, second } = await twoDevices();
		const opened = await second.sync.open(FILE);
		if (opened.ok) opened.value[Symbol.dispose]();
		await world.pass(A_MOMENT);
		(await text(first)).insert(0, 'while it was closed');
		await world.pass(A_MOMENT);
		goOffline(two);
		expect((await text(second)).toString()).toBe('while it was closed');
	});

	it('restart without asking for what they have', async () => {
		const { one, two, first, second } = await twoDevices();
		await text(second);
		(await text(first)).insert(0, 'kept');
		await world.pass(A_MOMENT);
		const entriesSent = countFrames(two, 154);
		second.kill();
		const again = two.openTab();
		await world.pass(A_MOMENT);
		expect((await text(again)).toString()).toBe('kept');
		expect(entriesSent()).toBe(0);
		expect(one.network.openSockets + two.network.openSockets).toBe(2);
	});
});

describe('what travels', () => {
	it('[SY10] goes out half a second after the last keystroke, in one entry', async () => {
		const { first } = await twoDevices();
		const here = await text(first);
		await world.settle();
		for (const letter of 'typing') {
			here.insert(here.length, letter);
			await world.pass(100);
		}
		expect(entriesAtRelay()).toBe(0);
		await world.pass(500);
		expect(entriesAtRelay()).toBe(1);
	});

	it('[SY10] goes out every second while somebody types on and on', async () => {
		const { first } = await twoDevices();
		const here = await text(first);
		for (let key = 0; key < 60; key++) {
			here.insert(here.length, 'x');
			await world.pass(100);
		}
		expect(entriesAtRelay()).toBeGreaterThanOrEqual(5);
		expect(entriesAtRelay()).toBeLessThanOrEqual(8);
	});

	it('[SY10] goes out at once when it is much', async () => {
		const { first } = await twoDevices();
		const here = await text(first);
		await world.settle();
		here.insert(0, 'x'.repeat(5_000));
		await world.settle();
		expect(entriesAtRelay()).toBe(1);
	});

	it('of a long time offline is few entries', async () => {
		const { one, first, second } = await twoDevices();
		const [here, there] = [await text(first), await text(second)];
		goOffline(one);
		for (let key = 0; key < 300; key++) {
			here.insert(here.length, `${key} `);
			await world.settle();
		}
		one.network.isDown = false;
		first.sync.wake();
		await world.pass(A_MOMENT);
		expect(entriesAtRelay()).toBe(1);
		expect(there.toString()).toBe(here.toString());
	});

	it('holds nothing readable', async () => {
		const { first } = await twoDevices();
		(await text(first)).insert(0, 'a secret about my sister');
		await world.pass(A_MOMENT);
		const [space] = world.relay.spaces.values();
		const bytes = [...(space?.logs.values() ?? [])].flatMap((log) => log.entries.map(({ entry }) => entry));
		const seen = new TextDecoder('latin1').decode(Uint8Array.from(bytes.flatMap((entry) => [...entry])));
		expect(bytes.length).toBeGreaterThan(0);
		expect(seen).not.toContain('secret');
		expect([...(space?.logs.keys() ?? [])].join()).not.toContain('file');
	});
});

describe('a document', () => {
	it('[SY5] saved() resolves only when what was typed is on disk', async () => {
		const tab = (await world.addDevice()).openTab();
		const opened = await tab.sync.open(FILE);
		if (!opened.ok) throw new Error('not opened');
		opened.value.doc.getText('text').insert(0, 'typed');
		expect(tab.store.disk.unsealed).toHaveLength(0);
		expect(await opened.value.saved()).toEqual({ ok: true });
		expect(tab.store.disk.unsealed).toHaveLength(1);
	});

	it('[SY5] that a full disk refuses says so, keeps everything, and is saved once there is room', async () => {
		const { first, second } = await twoDevices();
		const there = await text(second);
		const opened = await first.sync.open(FILE);
		if (!opened.ok) throw new Error('not opened');
		first.store.faults.isFull = true;
		opened.value.doc.getText('text').insert(0, 'one');
		expect(await opened.value.saved()).toEqual({ ok: false, error: { type: 'QuotaExceeded' } });
		opened.value.doc.getText('text').insert(3, ' two');
		expect(await opened.value.saved()).toMatchObject({ ok: false });
		opened.value[Symbol.dispose]();
		await world.settle();
		expect((await text(first)).toString()).toBe('one two');

		first.store.faults.isFull = false;
		await world.pass(10_000);
		expect(there.toString()).toBe('one two');
	});

	it('whose rows are damaged is not opened at all, and the others are', async () => {
		const tab = (await world.addDevice()).openTab();
		tab.store.faults.corrupt.add(FILE);
		expect(await tab.sync.open(FILE)).toMatchObject({ ok: false, error: { type: 'CorruptRow', stream: FILE } });
		expect(await tab.sync.open('home' as StreamName)).toMatchObject({ ok: true });
	});

	it('whose rows are no Yjs updates is not opened at all', async () => {
		const tab = (await world.addDevice()).openTab();
		await tab.store.appendRemote({
			stream: FILE,
			updates: [Uint8Array.of(1, 2, 3)],
			position: { seq: 1, chain: new Uint8Array(32), tails: {} },
		});
		expect(await tab.sync.open(FILE)).toMatchObject({ ok: false, error: { type: 'CorruptRow', stream: FILE } });
	});

	it('of very many rows is written back as one snapshot when it is loaded', async () => {
		const device = await world.addDevice();
		const tab = device.openTab();
		const here = await text(tab);
		for (let key = 0; key < 250; key++) {
			here.insert(here.length, `${key} `);
			await world.settle();
		}
		const before = device.disk.docs.get(FILE)?.rows.length ?? 0;
		tab.kill();
		const again = device.openTab();
		expect((await text(again)).toString()).toBe(here.toString());
		await world.settle();
		expect(before).toBeGreaterThan(200);
		expect(device.disk.docs.get(FILE)?.rows).toHaveLength(0);
		again.kill();
		expect((await text(device.openTab())).toString()).toBe(here.toString());
	});

	it('[SY3] keeps changes that came before what they build on, over a restart and a snapshot', async () => {
		const device = await world.addDevice();
		// The relay has nothing of it.
		device.network.isDown = true;
		const tab = device.openTab();
		const author = new Y.Doc();
		const updates: Uint8Array<ArrayBuffer>[] = [];
		author.on('update', (update) => updates.push(new Uint8Array(update)));
		for (let word = 0; word < 300; word++) author.getText('text').insert(0, `${word} `);
		const [first, ...later] = updates;
		if (!first) throw new Error('nothing written');
		const position = { seq: 1, chain: new Uint8Array(32), tails: {} };
		await tab.store.appendRemote({ stream: FILE, updates: later, position });
		expect((await text(tab)).toString()).toBe('');
		await world.settle();
		expect(device.disk.docs.get(FILE)?.rows).toHaveLength(0);
		tab.kill();
		const again = device.openTab();
		await again.store.appendRemote({ stream: FILE, updates: [first], position });
		expect((await text(again)).toString()).toBe(author.getText('text').toString());
	});

	it('is the same for all who open it, and unloads behind the last', async () => {
		const tab = (await world.addDevice()).openTab();
		const [a, b] = [await tab.sync.open(FILE), await tab.sync.open(FILE)];
		if (!a.ok || !b.ok) throw new Error('not opened');
		expect(a.value.doc).toBe(b.value.doc);
		a.value[Symbol.dispose]();
		a.value[Symbol.dispose]();
		await world.settle();
		b.value.doc.getText('text').insert(0, 'still here');
		b.value[Symbol.dispose]();
		await world.settle();
		const again = await tab.sync.open(FILE);
		expect(again.ok && again.value.doc).not.toBe(a.value.doc);
		expect(again.ok && again.value.doc.getText('text').toString()).toBe('still here');
	});
});

async function twoDevices() {
	const one = await world.addDevice();
	const first = one.openTab();
	await world.pass(A_MOMENT);
	const two = await world.addDevice();
	const second = two.openTab();
	await world.pass(A_MOMENT);
	return { one, two, first, second };
}

async function text(tab: WorldTab) {
	return (await tab.doc(FILE)).getText('text');
}

async function list(tab: WorldTab) {
	return (await tab.doc('line/kitchen/2026-11')).getArray('records');
}

function goOffline(device: WorldDevice): void {
	device.network.isDown = true;
	device.network.cut();
}

function entriesAtRelay(): number {
	const [space] = world.relay.spaces.values();
	return [...(space?.logs.values() ?? [])].reduce((sum, log) => sum + log.entries.length, 0);
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
