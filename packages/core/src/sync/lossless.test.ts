import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '../bytes.ts';
import { sealEntry } from '../crypto/entry.ts';
import { createKeyRing } from '../crypto/key-ring.ts';
import { createSpaceSecrets } from '../crypto/space-secrets.ts';
import type { EntryId, StreamId, StreamName, WriterId } from '../ids.ts';
import { nextChain } from '../protocol/chain.ts';
import type { RelayLog } from '../testing/memory-relay.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';
import { REPUBLISHED_KEY } from './link-republish.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 3_000;

describe('what was sent is there once', () => {
	it('[R6] a lost echo doubles nothing', async () => {
		const { one, first, second } = await twoDevices();
		const [here, there] = [await list(first), await list(second)];
		await world.settle();
		one.network.hold('to-device');
		here.push(['once']);
		await world.pass(A_MOMENT);
		expect(log().entries).toHaveLength(1);
		one.network.cut();
		one.network.release('to-device');
		await world.pass(60_000);
		expect(log().entries).toHaveLength(1);
		expect(there.toJSON()).toEqual(['once']);
		expect(first.sync.status.pendingStreams).toBe(0);
		expect(one.disk.sealed).toEqual([]);
	});

	it('[R6] frames that arrive twice change nothing', async () => {
		const { one, two, first, second } = await twoDevices();
		for (const device of [one, two]) device.network.repeats = () => true;
		for (let record = 0; record < 5; record++) {
			(await list(first)).push([`a${record}`]);
			(await list(second)).push([`b${record}`]);
			await world.pass(A_MOMENT);
		}
		expect((await list(first)).length).toBe(10);
		expect((await list(second)).toJSON()).toEqual((await list(first)).toJSON());
		expect(first.sync.status.stuck).toEqual([]);
		expect(second.sync.status.stuck).toEqual([]);
	});

	it('[R7] an entry leaves the outbox when it came back from the relay, and not before', async () => {
		const { one, first } = await twoDevices();
		const here = await list(first);
		await world.settle();
		one.network.hold('to-device');
		here.push(['here']);
		await world.pass(A_MOMENT);
		expect(one.disk.sealed).toHaveLength(1);
		expect(first.sync.status.pendingStreams).toBe(1);
		one.network.release('to-device');
		await world.settle();
		expect(one.disk.sealed).toEqual([]);
		expect(first.sync.status.pendingStreams).toBe(0);
	});

	it.each(['before', 'after'] as const)('[SY6] a crash just %s sealing loses and doubles nothing', async (when) => {
		const { one, first, second } = await twoDevices();
		const there = await list(second);
		first.store.faults.dieAt = { method: 'commitSealed', when };
		(await list(first)).push(['typed before the crash']);
		await world.pass(A_MOMENT);
		first.kill();
		expect(one.disk.sealed).toHaveLength(when === 'after' ? 1 : 0);
		one.openTab();
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual(['typed before the crash']);
		expect(log().entries).toHaveLength(1);
	});

	it('[SY6] a crash between the relay’s echo and its settling is mended by the entry itself', async () => {
		const { one, first, second } = await twoDevices();
		const there = await list(second);
		first.store.faults.dieAt = { method: 'settle', when: 'before' };
		(await list(first)).push(['once']);
		await world.pass(A_MOMENT);
		first.kill();
		expect(one.disk.sealed).toHaveLength(1);
		const sent: number[] = [];
		one.network.tap = (direction, frame) => {
			if (direction === 'to-relay') sent.push(frame[0] ?? 0);
			return frame;
		};
		one.openTab();
		await world.pass(A_MOMENT);
		expect(one.disk.sealed).toEqual([]);
		expect(there.toJSON()).toEqual(['once']);
		// 105 is `append`: what the log has already is not sent again.
		expect(sent.length).toBeGreaterThan(0);
		expect(sent).not.toContain(105);
		expect(log().entries).toHaveLength(1);
	});

	it('[SY6] a crash between receiving and keeping loses nothing', async () => {
		const { two, first, second } = await twoDevices();
		await list(second);
		await world.settle();
		second.store.faults.dieAt = { method: 'appendRemote', when: 'before' };
		(await list(first)).push(['sent']);
		await world.pass(A_MOMENT);
		second.kill();
		const again = two.openTab();
		await world.pass(A_MOMENT);
		expect((await list(again)).toJSON()).toEqual(['sent']);
	});
});

describe('what the relay must not do', () => {
	it('[R4] an altered entry pins the cursor, is reported, and is taken once it is right', async () => {
		const { two, first, second } = await twoDevices();
		const there = await list(second);
		(await list(first)).push(['good']);
		await world.pass(A_MOMENT);
		goOffline(two);
		(await list(first)).push(['then altered']);
		await world.pass(A_MOMENT);
		(await list(first)).push(['then good']);
		await world.pass(A_MOMENT);

		const altered = log().entries[1];
		flipLastBit(altered?.entry);
		two.network.isDown = false;
		second.sync.wake();
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual(['good']);
		expect(second.sync.status.stuck).toMatchObject([
			{ stream: 'line', reason: expect.stringContaining('cannot be opened') },
		]);
		expect(two.disk.positions.get('line' as StreamName)?.seq).toBe(1);

		flipLastBit(altered?.entry);
		two.network.cut();
		await world.pass(60_000);
		expect(there.toJSON()).toEqual(['good', 'then altered', 'then good']);
		expect(second.sync.status.stuck).toEqual([]);
	});

	it('[R4] an entry sealed by somebody without the keys of the space is refused', async () => {
		const { two, first, second } = await twoDevices();
		const there = await list(second);
		(await list(first)).push(['ours']);
		await world.pass(A_MOMENT);
		goOffline(two);
		const [stream] = logAndId();
		const stranger = createSpaceSecrets(createKeyRing(world), two.identity.spaceId);
		const key = await stranger.streamKey(stream, 1);
		if (!key) throw new Error('no key');
		const id = toBase64Url(world.random.bytes(16)) as EntryId;
		const writer = toBase64Url(world.random.bytes(16)) as WriterId;
		const header = { epoch: 1, id, writer, writerSeq: 1, previous: new Uint8Array(32) };
		const place = { space: two.identity.spaceId, stream };
		const entry = await sealEntry(world, { place, header, key, payload: Uint8Array.of(0, 0) });
		log().entries.push({ id, entry });
		log().chains.push(await nextChain(log().chains[1] ?? entry, entry));

		two.network.isDown = false;
		second.sync.wake();
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual(['ours']);
		expect(second.sync.status.stuck).toMatchObject([{ reason: expect.stringContaining('cannot be opened') }]);
		expect(two.disk.positions.get('line' as StreamName)?.seq).toBe(1);
	});

	it('an entry left out is found by its writer’s next one', async () => {
		const { two, first, second } = await twoDevices();
		const there = await list(second);
		goOffline(two);
		for (const record of ['one', 'two', 'three']) {
			(await list(first)).push([record]);
			await world.pass(A_MOMENT);
		}
		log().entries.splice(1, 1);
		log().chains.splice(2, 1);
		two.network.isDown = false;
		second.sync.wake();
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual(['one']);
		expect(second.sync.status.stuck).toMatchObject([{ reason: expect.stringContaining('left out') }]);
	});

	it('[R7] a log that was rewritten behind this device, and does not hold together, is noticed at the next open', async () => {
		const { two, first, second } = await twoDevices();
		const there = await list(second);
		(await list(first)).push(['one']);
		await world.pass(A_MOMENT);
		log().chains[1] = world.random.bytes(32);
		two.network.cut();
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual(['one']);
		expect(second.sync.status.stuck).toMatchObject([{ stream: 'line', reason: expect.stringContaining('account') }]);
		expect(two.disk.values.get(REPUBLISHED_KEY)).toEqual(expect.any(Number));
	});
});

describe('a device that finds itself behind its own name', () => {
	it('[SY4] starts a new incarnation instead of forking the chain', async () => {
		const { one, two, first, second } = await twoDevices();
		const there = await list(second);
		(await list(first)).push(['before the backup']);
		await world.pass(A_MOMENT);
		const backup = one.copyDisk();
		(await list(first)).push(['after the backup']);
		await world.pass(A_MOMENT);
		first.kill();

		one.restoreDisk(backup);
		goOffline(one);
		const restored = one.openTab();
		(await list(restored)).push(['typed on the restored profile']);
		await world.pass(A_MOMENT);
		one.network.isDown = false;
		restored.sync.wake();
		await world.pass(A_MOMENT);

		const all = ['before the backup', 'after the backup', 'typed on the restored profile'];
		expect([...there.toJSON()].sort()).toEqual([...all].sort());
		expect((await list(restored)).toJSON()).toEqual(there.toJSON());
		expect(second.sync.status.stuck).toEqual([]);
		expect(writersOf(two)).toHaveLength(2);
	});

	it('[SY4] seals again what was sealed before the backup and never sent', async () => {
		const { one, first, second } = await twoDevices();
		const there = await list(second);
		(await list(first)).push(['one']);
		await world.pass(A_MOMENT);
		one.network.hold('to-relay');
		(await list(first)).push(['two']);
		await world.pass(A_MOMENT);
		const backup = one.copyDisk();
		expect(backup.sealed).toHaveLength(1);
		// The profile that went on drops that entry and sends others under the same writer.
		one.disk.sealed.splice(0);
		one.disk.writers.delete('line' as StreamName);
		first.kill();
		one.restoreDisk(backup);
		const [writer] = [...one.disk.writers.values()].filter((state) => state.seq === 2);
		if (!writer) throw new Error('no writer');
		one.disk.writers.set('line' as StreamName, { ...writer, hash: world.random.bytes(32) });
		one.network.release('to-relay');
		const restored = one.openTab();
		(await list(restored)).push(['three']);
		await world.pass(10_000);
		expect(there.toJSON()).toEqual(['one', 'two', 'three']);
		expect(second.sync.status.stuck).toEqual([]);
	});
});

describe('what the relay refuses', () => {
	it('for now is sent again', async () => {
		const { first, second } = await twoDevices();
		const there = await list(second);
		world.relay.refuseAppends = 'rate';
		(await list(first)).push(['patience']);
		await world.pass(A_MOMENT);
		world.relay.refuseAppends = undefined;
		await world.pass(15_000);
		expect(there.toJSON()).toEqual(['patience']);
	});

	it('[SY7] for good is reported and stays here, in order, until there is room', async () => {
		const { one, first, second } = await twoDevices();
		const there = await list(second);
		world.relay.refuseAppends = 'quota';
		(await list(first)).push(['one']);
		await world.pass(A_MOMENT);
		(await list(first)).push(['two']);
		await world.pass(A_MOMENT);
		expect(first.sync.status.stuck).toEqual([{ stream: 'line', reason: 'The relay says quota.' }]);
		expect(first.sync.status.pendingStreams).toBe(1);
		world.relay.refuseAppends = undefined;
		one.network.cut();
		await world.pass(10_000);
		expect(there.toJSON()).toEqual(['one', 'two']);
		expect(first.sync.status.stuck).toEqual([]);
	});

	it('[SY10] because it is too large is not even sent, and reading goes on', async () => {
		const { first, second } = await twoDevices();
		const there = await list(second);
		(await list(first)).push([noise()]);
		await world.pass(A_MOMENT);
		expect(first.sync.status.stuck).toMatchObject([{ reason: expect.stringContaining('larger than the relay takes') }]);
		there.push(['from the other side']);
		await world.pass(A_MOMENT);
		expect((await list(first)).toJSON()).toContain('from the other side');
		expect((await list(first)).length).toBe(2);
	});
});

describe('this device’s disk', () => {
	it('[SY7] full while receiving: stands still with a sentence and goes on when there is room', async () => {
		const { first, second } = await twoDevices();
		const there = await list(second);
		await world.settle();
		second.store.faults.isFull = true;
		(await list(first)).push(['waits at the relay']);
		await world.pass(A_MOMENT);
		expect(there.toJSON()).toEqual([]);
		expect(second.sync.status.stuck).toMatchObject([{ reason: expect.stringContaining('disk is full') }]);
		second.store.faults.isFull = false;
		await world.pass(40_000);
		expect(there.toJSON()).toEqual(['waits at the relay']);
		expect(second.sync.status.stuck).toEqual([]);
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

async function list(tab: WorldTab) {
	return (await tab.doc('line')).getArray<string>('records');
}

function goOffline(device: WorldDevice): void {
	device.network.isDown = true;
	device.network.cut();
}

/** The one log of the relay that holds anything. */
function log(): RelayLog {
	return logAndId()[1];
}

function logAndId(): readonly [StreamId, RelayLog] {
	const [space] = world.relay.spaces.values();
	const logs: readonly [StreamId, RelayLog][] = [...(space?.logs ?? [])];
	const found = logs.find(([, { entries }]) => entries.length > 0) ?? logs[0];
	if (!found) throw new Error('the relay has no log');
	return found;
}

function writersOf(device: WorldDevice): readonly string[] {
	return Object.keys(device.disk.positions.get('line' as StreamName)?.tails ?? {});
}

function flipLastBit(entry: Uint8Array | undefined): void {
	if (!entry) throw new Error('no entry');
	entry[entry.length - 1] = (entry.at(-1) ?? 0) ^ 1;
}

/** Millions of characters that hardly deflate: they repeat, but farther back than deflate looks. */
function noise(): string {
	const block = Array.from({ length: 40_000 }, () => String.fromCodePoint(0x4e00 + world.random.below(20_000)));
	return block.join('').repeat(60);
}
