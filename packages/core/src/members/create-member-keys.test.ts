import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bytes } from '../bytes.ts';
import { deviceListHash, encodeDeviceList, readDeviceList } from '../protocol/device-list.ts';
import { createMembersWorld, type MembersDevice, type MembersWorld } from '../testing/members-world.ts';
import { createMemberKeys } from './create-member-keys.ts';
import { signAs } from './member-session.ts';
import { makeRemoval, signNext } from './removal.ts';

let world: MembersWorld;
beforeEach(() => {
	world = createMembersWorld();
});
afterEach(() => world[Symbol.dispose]());

/** A laptop, and a phone that was started before the laptop did anything further. */
async function twoDevices() {
	const laptop = await world.found();
	const phone = await world.add(laptop);
	return { laptop, phone };
}

describe('the keys of a member', () => {
	it('[SY16] take the versions that follow, and the new epoch from this device’s own box', async () => {
		const { laptop, phone } = await twoDevices();
		const tablet = await world.add(laptop);
		expect(await laptop.members.remove(tablet.identity.identity.id)).toEqual({ ok: true });
		let changes = 0;
		using _ = phone.keys.subscribe(() => changes++);
		expect(await phone.keys.take(laptop.keys.lists.slice(2))).toEqual({ ok: true });
		expect(phone.keys.version).toBe(4);
		expect(phone.keys.ring).toEqual(laptop.keys.ring);
		expect(phone.keys.ring.epochs).toHaveLength(2);
		expect(phone.store.state).toMatchObject({ lists: laptop.keys.lists, ring: laptop.keys.ring });
		expect(phone.restart().keys.version).toBe(4);
		expect(changes).toBe(1);
	});

	it('[SY16] never go back: older versions and the same once more change nothing', async () => {
		const { laptop } = await twoDevices();
		const before = laptop.keys.lists;
		expect(await laptop.keys.take([])).toEqual({ ok: true });
		expect(await laptop.keys.take(before.slice(0, 1))).toEqual({ ok: true });
		expect(await laptop.keys.take(before)).toEqual({ ok: true });
		expect(laptop.keys.lists).toBe(before);
	});

	it('[SY16] never go sideways: another version of the same number is an error', async () => {
		const { laptop, phone } = await twoDevices();
		const other = await nextOf(phone);
		await world.add(laptop);
		const before = laptop.keys.lists;
		expect(await laptop.keys.take([other])).toMatchObject({ error: { type: 'BrokenListChain' } });
		expect(laptop.keys.lists).toBe(before);
	});

	it('[SY16] take nothing that leaves a version out, is damaged, or was signed by a stranger', async () => {
		const { laptop, phone } = await twoDevices();
		await world.add(laptop);
		await world.add(laptop);
		const before = phone.keys.lists;
		const [, , third, fourth] = laptop.keys.lists;
		if (!third || !fourth) throw new Error('four versions');
		expect(await phone.keys.take([fourth])).toMatchObject({ error: { type: 'WrongVersion' } });
		expect(await phone.keys.take([third.map((byte, at) => (at === 90 ? byte ^ 1 : byte))])).toMatchObject({
			ok: false,
		});
		const stranger = await world.found();
		expect(await phone.keys.take([await nextOf(phone, stranger)])).toMatchObject({
			error: { type: 'BadListSignature' },
		});
		expect(phone.keys.lists).toBe(before);
	});

	it('stay as they are when the newest list leaves this device out', async () => {
		const { laptop, phone } = await twoDevices();
		await laptop.members.remove(phone.identity.identity.id);
		const { ring, lists } = phone.keys;
		expect(await phone.keys.take(laptop.keys.lists)).toEqual({ ok: false, error: { type: 'Removed' } });
		expect(phone.keys.ring).toBe(ring);
		expect(phone.keys.lists).toBe(lists);
	});

	it('refuse a box that does not open, or that would change a key that is there', async () => {
		const { laptop, phone } = await twoDevices();
		const newest = { list: readOrThrow(phone.keys.lists.at(-1)), bytes: phone.keys.lists.at(-1) as Bytes };
		const by = { spaceId: laptop.identity.spaceId, identity: laptop.identity.identity };
		const bare = await signNext(by, newest, { ...newest.list, epoch: 2, boxes: {} });
		expect(await phone.keys.take([bare])).toEqual({ ok: false, error: { type: 'BadBox' } });
		const swapped = { nameKey: world.random.bytes(32), epochs: laptop.keys.ring.epochs };
		const { list } = await makeRemoval(world, by, { ...newest, ring: swapped, devices: [] });
		expect(await phone.keys.take([list])).toEqual({ ok: false, error: { type: 'BadBox' } });
		expect(phone.keys.version).toBe(2);
	});

	it('change nothing when they cannot be kept', async () => {
		const { laptop, phone } = await twoDevices();
		await world.add(laptop);
		phone.store.keepsLeft = 0;
		expect(await phone.keys.take(laptop.keys.lists)).toMatchObject({ error: { type: 'StoreUnavailable' } });
		expect(phone.keys.version).toBe(2);
	});

	it('take in what another tab took, also when both take at once', async () => {
		const { laptop, phone } = await twoDevices();
		await world.add(laptop);
		await world.add(laptop);
		const options = { ...phone.identity, state: phone.store.state };
		using tab = createMemberKeys({ memberStore: phone.store }, options);
		let told = 0;
		using _ = tab.subscribe(() => told++);
		expect(await Promise.all([phone.keys.take(laptop.keys.lists.slice(2, 3)), tab.take(laptop.keys.lists)])).toEqual([
			{ ok: true },
			{ ok: true },
		]);
		await world.settle();
		expect([phone.keys.version, tab.version]).toEqual([4, 4]);
		expect(phone.store.state.lists).toEqual(laptop.keys.lists);
		expect(told).toBeGreaterThan(0);
	});

	it('of a device that knows only the newest version fill up the ones before, if they are of one chain', async () => {
		const { laptop, phone } = await twoDevices();
		const [first, newest] = laptop.keys.lists;
		if (!first || !newest) throw new Error('two versions');
		const alone = world.device({ ...phone.identity, lists: [newest] });
		expect(alone.keys.version).toBe(2);
		const stranger = await world.found();
		expect(await alone.keys.take(stranger.keys.lists)).toEqual({ ok: true });
		expect(alone.keys.lists).toEqual([newest]);
		expect(await alone.keys.take(laptop.keys.lists)).toEqual({ ok: true });
		expect(alone.keys.lists).toEqual([first, newest]);
	});
});

/** The next version as `device` would sign it, or as `signer` pretends. */
async function nextOf(device: MembersDevice, signer = device): Promise<Bytes> {
	const bytes = device.keys.lists.at(-1) ?? new Uint8Array(0);
	const list = readOrThrow(bytes);
	const previous = await deviceListHash(bytes);
	const next = { ...list, version: list.version + 1, previous, by: device.identity.identity.id };
	return encodeDeviceList(next, (body) => signAs(signer.identity.identity, body));
}

function readOrThrow(bytes: Uint8Array | undefined) {
	const list = readDeviceList(bytes ?? new Uint8Array(0));
	if (!list.ok) throw new Error(list.error.type);
	return list.value;
}
