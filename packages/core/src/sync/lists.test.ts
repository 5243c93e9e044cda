import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '../bytes.ts';
import { rootOfWords } from '../crypto/recovery-words.ts';
import { spaceKeysOf } from '../crypto/space-keys.ts';
import type { StreamName } from '../ids.ts';
import { decodeRelayMessage, encodeRelayMessage } from '../protocol/codec.ts';
import { encodeDeletion } from '../protocol/deletion.ts';
import { deviceListHash, encodeDeviceList, readDeviceList } from '../protocol/device-list.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 5_000;
const FILE = 'file/a' as StreamName;
const REMOVED = 'This device was removed from the space. What it had stays here; nothing new arrives.';

describe('[SY16] lists of devices', () => {
	it('that another device put are taken at once', async () => {
		const { first, second } = await twoDevices();
		expect([first.keys.version, second.keys.version]).toEqual([2, 2]);
		await world.addDevice();
		await world.pass(A_MOMENT);
		expect([first.keys.version, second.keys.version]).toEqual([3, 3]);
		expect(first.sync.status.connection.type).toBe('online');
	});

	it('that came while the device was away are taken at the next connection', async () => {
		const { one, first } = await twoDevices();
		await goOffline(one);
		await world.addDevice();
		await world.pass(A_MOMENT);
		expect(first.keys.version).toBe(2);
		comeBack(one, first);
		await world.pass(A_MOMENT);
		expect(first.keys.version).toBe(3);
	});

	it('go to a relay that was restored from an older copy, whoever comes first', async () => {
		const { one, two, first, second } = await twoDevices();
		const copy = world.relay.copy();
		await world.addDevice();
		await world.pass(A_MOMENT);
		for (const device of [one, two]) await goOffline(device);
		world.relay.restore(copy);
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(relaySpace().lists).toHaveLength(3);
		comeBack(one, first);
		await world.pass(A_MOMENT);
		expect([first, second].map(({ sync }) => sync.status.connection.type)).toEqual(['online', 'online']);
	});

	it('let a device back in that the restored relay does not know yet, at the second attempt', async () => {
		const device = await world.addDevice();
		device.openTab();
		await world.pass(A_MOMENT);
		const copy = world.relay.copy();
		const { two, second } = await another();
		await goOffline(two);
		world.relay.restore(copy);
		const before = two.network.dials;
		comeBack(two, second);
		await world.settle();
		expect(second.sync.status.connection.type).toBe('online');
		expect(two.network.dials).toBe(before + 2);
		expect(relaySpace().lists).toHaveLength(2);
	});

	it('found the space anew at a relay that lost it, from any device that has them all', async () => {
		const { one, two, first, second } = await twoDevices();
		for (const device of [one, two]) await goOffline(device);
		world.relay.restore(new Map());
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(second.sync.status.connection.type).toBe('online');
		expect(relaySpace().lists).toHaveLength(2);
		comeBack(one, first);
		await world.pass(A_MOMENT);
		expect(first.sync.status.connection.type).toBe('online');
	});

	it('from before a device was paired are fetched by it, so that it can found the space elsewhere', async () => {
		await twoDevices();
		const { identity } = await world.addDevice();
		const paired = await world.addDevice({ ...identity, lists: identity.lists.slice(-1) });
		const tab = paired.openTab();
		await world.pass(A_MOMENT);
		expect(tab.keys.lists).toHaveLength(3);
		await goOffline(paired);
		world.relay.restore(new Map());
		comeBack(paired, tab);
		await world.pass(A_MOMENT);
		expect(tab.sync.status.connection.type).toBe('online');
		expect(relaySpace().lists).toHaveLength(3);
	});

	it('are offered once: what the relay refuses then is final', async () => {
		const { one, first } = await twoDevices();
		await goOffline(one);
		one.network.tap = (direction, frame) =>
			direction === 'to-device' && isReady(frame)
				? encodeRelayMessage({ type: 'error', code: 'unknown-space', about: '', message: 'No.' })
				: frame;
		const before = one.network.dials;
		comeBack(one, first);
		await world.settle();
		one.network.close(4401);
		await world.settle();
		one.network.close(4401);
		await world.pass(10 * 60_000);
		expect(first.sync.status.connection).toEqual({ type: 'refused', code: 'unknown-space', reason: 'No.' });
		expect(one.network.dials).toBe(before + 2);
	});

	it('that do not continue ours raise an alarm, and nothing is exchanged any more', async () => {
		const { one, two, first } = await twoDevices();
		await goOffline(two);
		const words = await rootOfWords(await world.words());
		if (!words.ok) throw new Error('no words');
		const keys = await spaceKeysOf(words.value);
		const { lists } = relaySpace();
		const [founding] = lists;
		const second = readDeviceList(lists[1] ?? new Uint8Array(0));
		if (!founding || !second.ok) throw new Error('no lists');
		// Somebody with the words, and a relay that forgot the second version, signed another one, and one more.
		const list = { ...second.value, devices: second.value.devices.slice(0, 1), boxes: {} };
		lists[1] = await encodeDeviceList({ ...list, previous: await deviceListHash(founding) }, keys.sign);
		const third = { ...list, version: 3, previous: await deviceListHash(lists[1]) };
		lists[2] = await encodeDeviceList(third, keys.sign);
		await goOffline(one);
		comeBack(one, first);
		await world.pass(10 * 60_000);
		expect(first.sync.status.connection).toMatchObject({ type: 'refused', code: 'list-conflict' });
		expect(first.keys.version).toBe(2);
	});
});

describe('[SY15] a device for which the newest list holds no key', () => {
	it('says why what it wrote does not go out', async () => {
		const { one, first } = await twoDevices();
		await goOffline(one);
		const words = await rootOfWords(await world.words());
		if (!words.ok) throw new Error('no words');
		const keys = await spaceKeysOf(words.value);
		const { lists } = relaySpace();
		const newest = lists.at(-1) ?? new Uint8Array(0);
		const second = readDeviceList(newest);
		if (!second.ok) throw new Error('no list');
		const third = { ...second.value, version: 3, epoch: 2, boxes: {}, by: null };
		lists.push(await encodeDeviceList({ ...third, previous: await deviceListHash(newest) }, keys.sign));
		comeBack(one, first);
		await world.pass(A_MOMENT);
		(await text(first)).insert(0, 'typed');
		await world.pass(15_000);
		expect(first.sync.status.pendingStreams).toBe(1);
		expect(first.sync.status.stuck).toMatchObject([{ reason: expect.stringContaining('keys') }]);
	});
});

describe('[SY15] a device that is removed', () => {
	it('is told, keeps what it has and gets nothing new; the others go on under new keys', async () => {
		const { one, two, first, second } = await twoDevices();
		const [here, there] = [await text(first), await text(second)];
		here.insert(0, 'before');
		await world.pass(A_MOMENT);
		expect(await first.members.remove(two.identity.identity.id)).toEqual({ ok: true });
		await world.pass(A_MOMENT);
		expect(second.sync.status.connection).toEqual({ type: 'refused', code: 'not-a-device', reason: REMOVED });
		here.insert(0, 'after ');
		await world.pass(A_MOMENT);
		expect(there.toString()).toBe('before');
		expect(second.keys.ring.epochs).toHaveLength(1);

		expect(first.keys.ring.epochs).toHaveLength(2);
		expect(first.sync.status).toMatchObject({ connection: { type: 'online' }, pendingStreams: 0, stuck: [] });
		const late = (await world.addDevice()).openTab();
		await text(late);
		await world.pass(A_MOMENT);
		expect((await text(late)).toString()).toBe('after before');
		await goOffline(one);
		comeBack(two, second);
		await world.pass(A_MOMENT);
		expect(second.sync.status.connection).toMatchObject({ code: 'not-a-device', reason: REMOVED });
	});

	it('learns it at its next connection, also from its own relay’s answer alone', async () => {
		const { two, first, second } = await twoDevices();
		await goOffline(two);
		(await text(second)).insert(0, 'never sent');
		expect(await first.members.remove(two.identity.identity.id)).toEqual({ ok: true });
		comeBack(two, second);
		await world.pass(10 * 60_000);
		expect(second.sync.status).toMatchObject({
			connection: { type: 'refused', code: 'not-a-device', reason: REMOVED },
			pendingStreams: 1,
		});
	});

	it('makes the others seal again what they had sealed and not sent', async () => {
		const { two, first } = await twoDevices();
		const third = await world.addDevice();
		const staying = third.openTab();
		await Promise.all([text(first), text(staying)]);
		await world.pass(A_MOMENT);
		// Its news of the new list is lost; it finds out by what the relay refuses.
		third.network.tap = (direction, frame) =>
			direction === 'to-device' && typeOf(frame) === 165 ? encodeRelayMessage({ type: 'pong' }) : frame;
		expect(await first.members.remove(two.identity.identity.id)).toEqual({ ok: true });
		await world.settle();
		expect(staying.keys.ring.epochs).toHaveLength(1);
		(await text(staying)).insert(0, 'sealed too early');
		await world.pass(A_MOMENT);
		expect(staying.keys.ring.epochs).toHaveLength(2);
		expect(staying.sync.status).toMatchObject({ pendingStreams: 0, stuck: [] });
		expect((await text(first)).toString()).toBe('sealed too early');
	});

	it('does not stop a second tab: it goes on with the keys that the first one took', async () => {
		const { one, two, first } = await twoDevices();
		const follower = one.openTab();
		await world.settle();
		expect(await first.members.remove(two.identity.identity.id)).toEqual({ ok: true });
		await world.pass(A_MOMENT);
		first.kill();
		(await text(follower)).insert(0, 'by the next leader');
		await world.pass(A_MOMENT);
		expect(follower.keys.ring.epochs).toHaveLength(2);
		expect(follower.sync.status).toMatchObject({ isLeader: true, pendingStreams: 0, stuck: [] });
	});
});

describe('a space that was deleted at the relay', () => {
	it('says so, with the statement that proves it, and stays on the device', async () => {
		const { one, two, first, second } = await twoDevices();
		(await text(second)).insert(0, 'mine');
		await world.pass(A_MOMENT);
		await goOffline(one);
		expect(await second.members.deleteAtRelay()).toEqual({ ok: true });
		await world.pass(A_MOMENT);
		comeBack(one, first);
		await world.pass(10 * 60_000);
		for (const { sync } of [first, second]) {
			expect(sync.status.connection).toMatchObject({ type: 'refused', code: 'deleted' });
			expect(sync.status.deleted).toMatchObject({ isProven: true });
		}
		expect((await text(second)).toString()).toBe('mine');
		expect(two.network.openSockets).toBe(0);
	});

	it('by a statement that nobody of the space signed, is not believed', async () => {
		const { one, first } = await twoDevices();
		const deletion = { v: 1, space: one.identity.spaceId, at: 1, by: null } as const;
		const statement = await encodeDeletion(deletion, async () => new Uint8Array(64));
		one.network.tap = (direction, frame) =>
			direction === 'to-device' ? encodeRelayMessage({ type: 'space-deleted', statement }) : frame;
		void first.sync.wakes.list();
		await world.settle();
		one.network.close(4410);
		await world.settle();
		expect(first.sync.status.connection).toMatchObject({ type: 'refused', code: 'deleted' });
		expect(first.sync.status.deleted?.isProven).toBe(false);
		expect(toBase64Url(first.sync.status.deleted?.statement ?? new Uint8Array(0))).toBe(toBase64Url(statement));
	});
});

async function twoDevices() {
	const one = await world.addDevice();
	const first = one.openTab();
	await world.pass(A_MOMENT);
	return { one, first, ...(await another()) };
}

async function another() {
	const two = await world.addDevice();
	const second = two.openTab();
	await world.pass(A_MOMENT);
	return { two, second };
}

async function goOffline(device: WorldDevice): Promise<void> {
	device.network.isDown = true;
	device.network.cut();
	await world.settle();
}

function comeBack(device: WorldDevice, tab: WorldTab): void {
	device.network.isDown = false;
	tab.sync.wake();
}

function relaySpace() {
	const [space] = world.relay.spaces.values();
	if (!space) throw new Error('the relay has no space');
	return space;
}

function isReady(frame: Uint8Array): boolean {
	const message = decodeRelayMessage(frame);
	return message.ok && message.value.type === 'ready';
}

/** Types from 128 on take two varint bytes. */
function typeOf(frame: Uint8Array): number {
	return (frame[0] ?? 0) - 128 + (frame[1] ?? 0) * 128;
}

async function text(tab: WorldTab) {
	return (await tab.doc(FILE)).getText('text');
}
