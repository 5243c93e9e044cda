import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bytes } from '../bytes.ts';
import { sealEntry } from '../crypto/entry.ts';
import { createSpaceSecrets } from '../crypto/space-secrets.ts';
import type { SpaceId, StreamId, StreamName, WriterId } from '../ids.ts';
import { emptyChain } from '../protocol/chain.ts';
import { decodeClientMessage, encodeClientMessage } from '../protocol/codec.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import type { RelayLog } from '../testing/memory-relay.ts';
import { chainAgain, comeBack, goOffline, honest, tapToDevice } from '../testing/relay-view.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';
import { REPUBLISHED_KEY } from './link-republish.ts';

/** A relay that does as it likes: it can stop a stream, never change what is in it, and never without being noticed. */

let world: SyncWorld;
let devices: readonly WorldDevice[] = [];
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 3_000;

describe('an echo that lies', () => {
	it.each([
		['at the place of an earlier entry', 1],
		['in front of the log', 0],
	])('[R7] %s does not take what was typed out of the outbox', async (_, seq) => {
		const { one, first, second } = await twoDevices();
		await list(second);
		(await list(first)).push(['kept']);
		await world.pass(A_MOMENT);
		echoWithoutKeeping(one, seq);
		(await list(first)).push(['never stored']);
		await world.pass(A_MOMENT);
		expect(first.sync.status.stuck).toMatchObject([{ stream: 'line', reason: expect.any(String) }]);
		expect(first.sync.status.pendingStreams).toBe(1);

		honest(one);
		first.sync.wake();
		await world.pass(A_MOMENT);
		expect((await list(second)).toJSON()).toEqual(['kept', 'never stored']);
		expect(first.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
	});

	it('[R7] at the right place is found out at the next open, and the edit is published again', async () => {
		const { one, first, second } = await twoDevices();
		await list(second);
		(await list(first)).push(['kept']);
		await world.pass(A_MOMENT);
		echoWithoutKeeping(one, 2);
		(await list(first)).push(['never stored']);
		await world.pass(A_MOMENT);
		expect(first.sync.status.pendingStreams).toBe(0);
		honest(one);
		one.network.cut();
		await world.pass(60_000);
		expect((await list(first)).toJSON()).toEqual(['kept', 'never stored']);
		expect((await list(second)).toJSON()).toEqual(['kept', 'never stored']);
		expect(devices.map(isAlarmed)).toEqual([true, false]);
	});

	it('at a later place is not believed', async () => {
		const { one, first, second } = await twoDevices();
		await list(second);
		echoWithoutKeeping(one, 6);
		(await list(first)).push(['typed']);
		await world.pass(A_MOMENT);
		expect(first.sync.status.stuck).toMatchObject([{ reason: expect.stringContaining('left out') }]);
		honest(one);
		one.network.cut();
		await world.pass(60_000);
		expect(first.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
		expect((await list(second)).toJSON()).toEqual(['typed']);
	});

	it('of an entry that is not under way changes nothing', async () => {
		const { one, first } = await twoDevices();
		(await list(first)).push(['one']);
		await world.pass(A_MOMENT);
		const { log, id: stream } = await logOf('line');
		const id = log.entries[0]?.id;
		if (!id) throw new Error('nothing was sent');
		tapToDevice(one, (message) => (message.type === 'pong' ? { type: 'echo', stream, id, seq: 1 } : message));
		const before = structuredClone(one.disk.positions);
		await world.pass(30_000);
		expect(one.disk.positions).toEqual(before);
		expect(first.sync.status.stuck).toEqual([]);
	});
});

describe('a log that was tampered with', () => {
	/** How the log of "line" is changed while the second device is away, and what it has read of it at the most. */
	const TAMPERINGS: readonly (readonly [string, (log: RelayLog) => void, readonly string[]])[] = [
		['an entry bit-flipped in its header', ({ entries }) => flip(entries[1]?.entry, 20), ['one']],
		['an entry bit-flipped in its initial vector', ({ entries }) => flip(entries[1]?.entry, 70), ['one']],
		['an entry bit-flipped in its seal', ({ entries }) => flip(entries[1]?.entry, -1), ['one']],
		['an entry of an unknown version', ({ entries }) => flip(entries[1]?.entry, 0, 6), ['one']],
		['an entry of an epoch that is not yet', ({ entries }) => flip(entries[1]?.entry, 1, 3), ['one']],
		['an entry cut short', (log) => replaceEntry(log, 1, (entry) => entry.slice(0, -1)), ['one']],
		['an entry cut to its header', (log) => replaceEntry(log, 1, (entry) => entry.slice(0, 40)), ['one']],
		['an entry of no bytes', (log) => replaceEntry(log, 1, () => new Uint8Array(0)), ['one']],
		['two entries swapped', ({ entries }) => entries.splice(1, 2, ...entries.slice(1, 3).reverse()), ['one']],
		['an entry replayed behind itself', ({ entries }) => entries.splice(2, 0, ...entries.slice(1, 2)), ['one', 'two']],
		['an entry replayed at the end', ({ entries }) => entries.push(...entries.slice(0, 1)), ['one', 'two', 'three']],
		['an entry left out', ({ entries }) => entries.splice(1, 1), ['one']],
		['the first entry left out', ({ entries }) => entries.splice(0, 1), []],
	];

	it.each(TAMPERINGS)('[R4] %s is refused and reported, nothing behind it is shown', async (_, tamper, shown) => {
		const { two, first, second } = await twoDevices();
		const there = await list(second);
		await world.settle();
		goOffline(two);
		for (const record of ['one', 'two', 'three']) {
			(await list(first)).push([record]);
			await world.pass(A_MOMENT);
		}
		there.push(['mine']);
		await world.settle();
		const { log } = await logOf('line');
		tamper(log);
		await chainAgain(log);
		comeBack(two, second);
		await world.pass(A_MOMENT);

		expect(there.toJSON().filter((record) => record !== 'mine')).toEqual(shown);
		expect(there.toJSON()).toContain('mine');
		expect(second.sync.status.stuck).toMatchObject([{ stream: 'line', reason: expect.any(String) }]);
		expect(two.disk.positions.get('line' as StreamName)?.seq ?? 0).toBe(shown.length);
		expect(second.sync.status.pendingStreams).toBe(1);
	});

	it('[R4] an entry of another stream of the space is refused', async () => {
		const { two, first, second } = await twoDevices();
		const there = await list(second);
		await world.settle();
		goOffline(two);
		(await first.doc('other')).getArray('records').push(['of the other stream']);
		(await list(first)).push(['of this one']);
		await world.pass(A_MOMENT);
		const other = (await logOf('other')).log.entries[0];
		if (!other) throw new Error('no other entry');
		const { log } = await logOf('line');
		log.entries.splice(0, 1, other);
		await chainAgain(log);
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual([]);
		expect(second.sync.status.stuck).toMatchObject([{ stream: 'line', reason: expect.stringContaining('opened') }]);
	});

	it('[R4] an entry of another space is refused, though stream and key are the same', async () => {
		const { two, first, second } = await twoDevices();
		const there = await list(second);
		await world.settle();
		goOffline(two);
		(await list(first)).push(['ours']);
		await world.pass(A_MOMENT);
		const { id: stream, log } = await logOf('line');
		const key = await createSpaceSecrets(two.identity.keyRing, two.identity.spaceId).streamKey(stream, 1);
		const ours = log.entries[0];
		if (!key || !ours) throw new Error('nothing was sent');
		const header = { epoch: 1, id: ours.id, writer: 'A'.repeat(22) as WriterId, writerSeq: 1, previous: emptyChain() };
		const place = { space: 'B'.repeat(21).concat('A') as SpaceId, stream };
		log.entries[0] = { ...ours, entry: await sealEntry(world, { place, header, key, payload: Uint8Array.of(0, 0) }) };
		await chainAgain(log);
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual([]);
		expect(second.sync.status.stuck).toMatchObject([{ stream: 'line', reason: expect.stringContaining('opened') }]);
	});

	it('[R7] a log rolled back to an earlier state with the right chain is reported, and gets back what it lacks', async () => {
		const { one, first, second } = await twoDevices();
		for (const record of ['one', 'two']) {
			(await list(first)).push([record]);
			await world.pass(A_MOMENT);
		}
		goOffline(one);
		const { log } = await logOf('line');
		log.entries.length = 1;
		log.chains.length = 2;
		(await list(first)).push(['three']);
		comeBack(one, first);
		await world.pass(A_MOMENT);
		expect((await list(first)).toJSON()).toEqual(['one', 'two', 'three']);
		expect(first.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
		const there = await list(second);
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual(['one', 'two', 'three']);
		expect(isAlarmed(one)).toBe(true);
	});

	it.each([
		['less', (head: Head) => ({ ...head, seq: head.seq - 1 })],
		['more', (head: Head) => ({ ...head, seq: head.seq + 1 })],
		['another history', (head: Head) => ({ ...head, chain: new Uint8Array(32).fill(9) })],
	])('[R7] a head that claims %s is reported, and nothing is sent on it', async (_, lie) => {
		const { one, first } = await twoDevices();
		(await list(first)).push(['sent']);
		await world.pass(A_MOMENT);
		goOffline(one);
		(await list(first)).push(['waits']);
		const { log, id } = await logOf('line');
		tapToDevice(one, (message) => (message.type === 'head' && message.stream === id ? lie(message) : message));
		comeBack(one, first);
		await world.pass(A_MOMENT);
		expect(first.sync.status).toMatchObject({ stuck: [{ stream: 'line' }], pendingStreams: 1 });
		expect(log.entries).toHaveLength(1);
	});

	it('[SY7] a later relay that no longer serves a stream is believed: its sentence is shown, nothing is sent', async () => {
		const { one, first } = await twoDevices();
		(await list(first)).push(['kept']);
		await world.pass(A_MOMENT);
		goOffline(one);
		(await list(first)).push(['waits']);
		const { log, id } = await logOf('line');
		tapToDevice(one, (message) =>
			message.type === 'head' && message.stream === id
				? { type: 'error', code: 'too-old', about: id, message: 'Update Pocketeer.' }
				: message,
		);
		comeBack(one, first);
		await world.pass(A_MOMENT);
		const stuck = [{ stream: 'line', reason: 'Update Pocketeer.' }];
		expect(first.sync.status).toMatchObject({ stuck, pendingStreams: 1 });
		expect(log.entries).toHaveLength(1);
	});

	it('[R7] two histories shown to two devices are found out when they meet, and both are kept', async () => {
		const { one, two, first, second } = await twoDevices();
		await list(second);
		await world.settle();
		goOffline(two);
		const before = world.relay.copy();
		(await list(first)).push(['of one']);
		await world.pass(A_MOMENT);
		goOffline(one);
		world.relay.restore(before);
		comeBack(two, second);
		(await list(second)).push(['of two']);
		await world.pass(A_MOMENT);
		comeBack(one, first);
		await world.pass(A_MOMENT);
		const both = (await list(first)).toJSON();
		expect([...both].sort()).toEqual(['of one', 'of two']);
		expect((await list(second)).toJSON()).toEqual(both);
		expect(isAlarmed(one)).toBe(true);
	});
});

describe('a row of this device that is not what was written', () => {
	it.each([
		['a chain of another length', { chain: new Uint8Array(5) }],
		['no tails', { tails: null }],
	])('[SY7] %s stops the stream with a sentence instead of silence', async (_, damage) => {
		const { one, first } = await twoDevices();
		(await list(first)).push(['sent']);
		await world.pass(A_MOMENT);
		first.kill();
		const kept = one.disk.positions.get('line' as StreamName);
		one.disk.positions.set('line' as StreamName, Object.assign({}, kept, damage));
		const again = one.openTab();
		(await list(again)).push(['waits']);
		await world.pass(A_MOMENT);
		expect((await list(again)).toJSON()).toEqual(['sent', 'waits']);
		expect(again.sync.status).toMatchObject({ stuck: [{ stream: 'line', reason: expect.any(String) }] });
		expect(again.sync.status.pendingStreams).toBe(1);
	});
});

describe('an answer out of turn', () => {
	it.each([
		['a second challenge', { type: 'challenge', version: 1, oldest: 1, nonce: new Uint8Array(32), timeline: 'x' }],
		['lists nobody asked for', { type: 'lists', lists: [new Uint8Array(9)] }],
		['a claim nobody made', { type: 'claimed', occurrence: new Uint8Array(16), fence: 1 }],
		['an error about nothing', { type: 'error', code: 'internal', about: 'nothing', message: 'Boo.' }],
		['wakes nobody asked for', { type: 'wakes', wakes: [] }],
	] satisfies readonly (readonly [string, RelayMessage])[])('%s changes nothing', async (_, said) => {
		const { one, first, second } = await twoDevices();
		await list(second);
		tapToDevice(one, (message) => (message.type === 'pong' ? said : message));
		await world.pass(30_000);
		(await list(first)).push(['still goes']);
		await world.pass(A_MOMENT);
		expect((await list(second)).toJSON()).toEqual(['still goes']);
		expect(first.sync.status.stuck).toEqual([]);
	});

	it('random bytes in place of frames lose nothing and stop no device for good', async () => {
		const { one, first, second } = await twoDevices();
		await list(second);
		one.network.tap = (direction, frame) =>
			direction === 'to-device' && world.random.below(3) === 0 ? world.random.bytes(1 + world.random.below(80)) : frame;
		for (let n = 0; n < 8; n++) {
			(await list(first)).push([`edit ${n}`]);
			await world.pass(20_000);
		}
		honest(one);
		one.network.cut();
		await world.pass(120_000);
		expect((await list(second)).length).toBe(8);
		expect(first.sync.status).toMatchObject({ stuck: [], pendingStreams: 0 });
	});
});

async function twoDevices() {
	const one = await world.addDevice();
	const first = one.openTab();
	await world.pass(A_MOMENT);
	const two = await world.addDevice();
	const second = two.openTab();
	await world.pass(A_MOMENT);
	devices = [one, two];
	return { one, two, first, second };
}

async function list(tab: WorldTab) {
	return (await tab.doc('line')).getArray<string>('records');
}

type Head = RelayMessage & { readonly type: 'head' };

/** What this device appends is dropped on the way and echoed at `seq` all the same. */
function echoWithoutKeeping(device: WorldDevice, seq: number): void {
	const dropped: (RelayMessage & { readonly type: 'echo' })[] = [];
	tapToDevice(device, (message) => (message.type === 'pong' ? (dropped.shift() ?? message) : message));
	const toDevice = device.network.tap;
	device.network.tap = (direction, frame) => {
		const sent = direction === 'to-relay' ? decodeClientMessage(frame) : undefined;
		if (!sent?.ok || sent.value.type !== 'append') return toDevice(direction, frame);
		dropped.push({ type: 'echo', stream: sent.value.stream, id: sent.value.id, seq });
		return encodeClientMessage({ type: 'ping' });
	};
}

/** Whether this device was told that the relay's log is not the one it had read. */
function isAlarmed(device: WorldDevice): boolean {
	return device.disk.values.has(REPUBLISHED_KEY);
}

/** What the relay keeps of a stream of the space. */
async function logOf(stream: string): Promise<{ readonly id: StreamId; readonly log: RelayLog }> {
	const [space] = world.relay.spaces.values();
	const [founder] = devices;
	if (!space || !founder) throw new Error('nobody founded a space');
	const { keyRing, spaceId } = founder.identity;
	const id = await createSpaceSecrets(keyRing, spaceId).streamId(stream as StreamName);
	const log = space.logs.get(id);
	if (!log) throw new Error(`the relay has no log ${stream}`);
	return { id, log };
}

function flip(entry: Uint8Array | undefined, at: number, mask = 1): void {
	const index = entry && (at < 0 ? entry.length + at : at);
	if (!entry || index === undefined) throw new Error('no entry');
	entry[index] = (entry[index] ?? 0) ^ mask;
}

function replaceEntry({ entries }: RelayLog, index: number, change: (entry: Bytes) => Bytes): void {
	const row = entries[index];
	if (!row) throw new Error('no entry');
	entries[index] = { ...row, entry: change(row.entry) };
}
