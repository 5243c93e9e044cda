import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceId } from '../ids.ts';
import { decodeRelayMessage } from '../protocol/codec.ts';
import { verifyDeletion } from '../protocol/deletion.ts';
import { type DeviceList, readDeviceList } from '../protocol/device-list.ts';
import { createMembersWorld, type MembersDevice, type MembersWorld } from '../testing/members-world.ts';

let world: MembersWorld;
beforeEach(() => {
	world = createMembersWorld();
});
afterEach(() => world[Symbol.dispose]());

async function threeDevices() {
	const laptop = await world.found();
	const phone = await world.add(laptop);
	const tablet = await world.add(laptop);
	await bring(phone, laptop);
	return { laptop, phone, tablet };
}

const idOf = (device: MembersDevice): DeviceId => device.identity.identity.id;

describe('removing a device', () => {
	it('leaves it out of the list and gives the others a key that it does not get', async () => {
		const { laptop, phone, tablet } = await threeDevices();
		expect(await laptop.members.remove(idOf(tablet))).toEqual({ ok: true });
		expect(laptop.members.devices().map(({ id }) => id)).toEqual([idOf(laptop), idOf(phone)]);
		const list = newestAtRelay(laptop);
		expect(list).toMatchObject({ version: 4, epoch: 2, by: idOf(laptop) });
		expect(Object.keys(list.boxes).toSorted()).toEqual([idOf(laptop), idOf(phone), 'recovery'].toSorted());
		expect(laptop.keys.ring.epochs).toHaveLength(2);
		expect(laptop.store.state.removal).toBeUndefined();
		await bring(phone, laptop);
		expect(phone.keys.ring).toEqual(laptop.keys.ring);
		expect(await tablet.members.relayState()).toEqual({
			ok: false,
			error: { type: 'Refused', reason: 'This device was removed from the space.' },
		});
	});

	it('without the relay is written down, shown, and carried on later', async () => {
		const { laptop, tablet } = await threeDevices();
		laptop.network.isDown = true;
		expect(await laptop.members.remove(idOf(tablet))).toMatchObject({ error: { type: 'NoRelay' } });
		const again = laptop.restart();
		again.network.isDown = true;
		expect(again.members.devices()[2]).toMatchObject({ id: idOf(tablet), isBeingRemoved: true });
		expect(await again.members.resume()).toMatchObject({ error: { type: 'NoRelay' } });
		again.network.isDown = false;
		expect(await again.members.resume()).toEqual({ ok: true });
		expect(again.members.devices()).toHaveLength(2);
		expect(newestAtRelay(laptop).devices).toHaveLength(2);
	});

	it('one after the other without the relay removes both', async () => {
		const { laptop, phone, tablet } = await threeDevices();
		laptop.network.isDown = true;
		await laptop.members.remove(idOf(tablet));
		await laptop.members.remove(idOf(phone));
		laptop.network.isDown = false;
		expect(await laptop.members.resume()).toEqual({ ok: true });
		expect(newestAtRelay(laptop)).toMatchObject({ version: 4, devices: [{ id: idOf(laptop) }] });
	});

	it('that another device removed already is done, and one in a list that changed is signed anew', async () => {
		const { laptop, phone, tablet } = await threeDevices();
		laptop.network.isDown = true;
		await laptop.members.remove(idOf(tablet));
		laptop.network.isDown = false;
		expect(await phone.members.remove(idOf(tablet))).toEqual({ ok: true });
		expect(await laptop.members.resume()).toEqual({ ok: true });
		expect(newestAtRelay(laptop)).toMatchObject({ version: 4, epoch: 2, by: idOf(phone) });
		expect(laptop.keys.ring).toEqual(phone.keys.ring);

		const watch = await world.add(phone);
		const other = await world.add(phone);
		// The laptop hears of both only now.
		expect(await laptop.members.remove(idOf(watch))).toEqual({ ok: true });
		laptop.network.isDown = true;
		await laptop.members.remove(idOf(other));
		laptop.network.isDown = false;
		await bring(phone, laptop);
		await world.add(phone);
		expect(await laptop.members.resume()).toEqual({ ok: true });
		const ids = newestAtRelay(laptop).devices.map(({ id }) => id);
		expect(ids).toHaveLength(3);
		expect(ids).not.toContain(idOf(other));
		expect(newestAtRelay(laptop).epoch).toBe(laptop.keys.ring.epochs.length);
	});

	it('by two devices at once removes what both wanted', async () => {
		const { laptop, phone, tablet } = await threeDevices();
		const watch = await world.add(laptop);
		await bring(phone, laptop);
		expect(await Promise.all([laptop.members.remove(idOf(tablet)), phone.members.remove(idOf(watch))])).toEqual([
			{ ok: true },
			{ ok: true },
		]);
		expect(newestAtRelay(laptop).devices.map(({ id }) => id)).toEqual([idOf(laptop), idOf(phone)]);
	});

	it('begun by two tabs of one device at once removes what both wanted', async () => {
		const { laptop, phone, tablet } = await threeDevices();
		const tab = world.device(laptop.identity, laptop.store);
		laptop.network.isDown = true;
		tab.network.isDown = true;
		await Promise.all([laptop.members.remove(idOf(phone)), tab.members.remove(idOf(tablet))]);
		expect(laptop.store.state.removal?.devices.toSorted()).toEqual([idOf(phone), idOf(tablet)].toSorted());
		await world.settle();
		expect(tab.members.devices().filter(({ isBeingRemoved }) => isBeingRemoved)).toHaveLength(2);
		laptop.network.isDown = false;
		tab.network.isDown = false;
		expect(await Promise.all([laptop.members.resume(), tab.members.resume()])).toEqual([{ ok: true }, { ok: true }]);
		expect(newestAtRelay(laptop)).toMatchObject({ version: 4, epoch: 2, devices: [{ id: idOf(laptop) }] });
		expect(laptop.store.state.removal).toBeUndefined();
		expect(tab.keys.ring).toEqual(laptop.keys.ring);
	});

	it('cut after any frame, or at any write, is whole after the next start', async () => {
		let isReached = true;
		for (let cutAt = 0; isReached; cutAt++) {
			isReached = false;
			for (const how of ['frame', 'write'] as const) {
				const { laptop, phone, tablet } = await threeDevices();
				let count = 0;
				if (how === 'write') laptop.store.keepsLeft = cutAt;
				else {
					laptop.network.tap = (_, frame) => {
						if (count++ === cutAt) queueMicrotask(() => queueMicrotask(() => laptop.network.cut()));
						return frame;
					};
				}
				const removing = laptop.members.remove(idOf(tablet));
				await world.pass(60_000);
				const first = await removing;
				isReached ||= how === 'frame' ? count > cutAt : laptop.store.keepsLeft === 0 && !first.ok;
				laptop.store.keepsLeft = Number.POSITIVE_INFINITY;

				const again = laptop.restart();
				// Nothing was begun when not even the intention could be written down.
				const isBegun = again.store.state.removal !== undefined || first.ok;
				expect(isBegun || (how === 'write' && cutAt === 0)).toBe(true);
				expect(await again.members.resume()).toEqual({ ok: true });
				if (!isBegun) continue;
				expect(newestAtRelay(laptop)).toMatchObject({ version: 4, epoch: 2 });
				expect(again.members.devices()).toHaveLength(2);
				expect(again.keys.ring.epochs).toHaveLength(2);
				expect(again.store.state.removal).toBeUndefined();
				await bring(phone, again);
				expect(phone.keys.ring).toEqual(again.keys.ring);
			}
		}
	});

	it('does not take out this device itself, nor one that is not there', async () => {
		const { laptop } = await threeDevices();
		expect(await laptop.members.remove(idOf(laptop))).toMatchObject({ error: { type: 'Refused' } });
		expect(await laptop.members.remove('AAAAAAAAAAAAAAAAAAAAAA' as DeviceId)).toEqual({ ok: true });
		expect(newestAtRelay(laptop).version).toBe(3);
	});
});

describe('leaving', () => {
	it('takes this device out with a new key for the rest, which its keys do not get', async () => {
		const { laptop, phone, tablet } = await threeDevices();
		expect(await phone.members.leave()).toEqual({ ok: true });
		expect(newestAtRelay(laptop)).toMatchObject({ version: 4, epoch: 2, by: idOf(phone) });
		expect(phone.keys.ring.epochs).toHaveLength(1);
		await laptop.members.relayState();
		await tablet.members.relayState();
		expect(laptop.keys.ring.epochs).toHaveLength(2);
		expect(tablet.keys.ring).toEqual(laptop.keys.ring);
	});

	it('is done when only the answer was lost', async () => {
		const { laptop, phone } = await threeDevices();
		phone.network.tap = (direction, frame) => {
			const message = direction === 'to-device' ? decodeRelayMessage(frame) : undefined;
			if (message?.ok && message.value.type === 'list-kept') phone.network.cut();
			return frame;
		};
		expect(await phone.members.leave()).toMatchObject({ error: { type: 'NoRelay' } });
		expect(await phone.restart().members.resume()).toEqual({ ok: true });
		expect(phone.store.state.removal).toBeUndefined();
		expect(newestAtRelay(laptop).devices).toHaveLength(2);
	});

	it('that was begun before the others left is given up, for it would leave nobody', async () => {
		const laptop = await world.found();
		const phone = await world.add(laptop);
		phone.network.isDown = true;
		await phone.members.leave();
		expect(await laptop.members.leave()).toEqual({ ok: true });
		phone.network.isDown = false;
		expect(await phone.members.resume()).toMatchObject({ error: { reason: expect.stringContaining('last device') } });
		expect(phone.store.state.removal).toBeUndefined();
		expect(newestAtRelay(laptop).devices).toHaveLength(1);
	});

	it('is refused to the last device', async () => {
		const laptop = await world.found();
		expect(await laptop.members.leave()).toMatchObject({
			error: { type: 'Refused', reason: expect.stringContaining('last device') },
		});
		expect(laptop.store.state.removal).toBeUndefined();
	});
});

describe('the relay', () => {
	it('[SY16] that was set back, or never had the space, is brought up to date before anything else', async () => {
		const laptop = await world.found();
		await laptop.members.relayState();
		const early = world.relay.copy();
		const phone = await world.add(laptop);
		const tablet = await world.add(phone);
		await bring(laptop, phone);
		for (const copy of [early, new Map()]) {
			for (const device of [laptop, tablet]) {
				world.relay.restore(copy);
				expect(await device.members.relayState()).toMatchObject({ ok: true });
				using host = device.members.invite({ person: 'anna' as never, isOtherPerson: false });
				await world.settle();
				expect(host.state.type).toBe('waiting');
				expect(newestAtRelay(laptop).version).toBe(3);
			}
		}
		world.relay.restore(early);
		expect(await laptop.members.remove(idOf(phone))).toEqual({ ok: true });
		expect(newestAtRelay(laptop).version).toBe(4);
	});

	it('that shows another chain is not followed, and the person is told', async () => {
		const { laptop, phone, tablet } = await threeDevices();
		const fork = world.relay.copy();
		await laptop.members.remove(idOf(phone));
		world.relay.restore(fork);
		await tablet.members.remove(idOf(phone));
		const { lists } = laptop.keys;
		expect(await laptop.members.remove(idOf(tablet))).toMatchObject({
			error: { type: 'Refused', reason: expect.stringContaining('another list of devices') },
		});
		expect(laptop.keys.lists).toBe(lists);
	});

	it('says what it keeps and when devices were there', async () => {
		const { laptop } = await threeDevices();
		const state = await laptop.members.relayState();
		expect(state).toMatchObject({ ok: true, value: { usedBytes: 0, limitBytes: expect.any(Number) } });
		expect(state.ok && state.value.seenByDevice.get(idOf(laptop))).toBe(world.clock.now());
	});

	it('deletes the space by a statement that this device signed', async () => {
		const { laptop, phone } = await threeDevices();
		const list = newestAtRelay(laptop);
		expect(await laptop.members.deleteAtRelay()).toEqual({ ok: true });
		const space = world.relay.spaces.get(laptop.identity.spaceId);
		expect(space?.lists).toEqual([]);
		const statement = space?.deleted ?? new Uint8Array(0);
		expect(await verifyDeletion({ statement, list })).toMatchObject({ ok: true, value: { by: idOf(laptop) } });
		expect(await phone.members.relayState()).toMatchObject({ ok: false });
		expect(await laptop.members.deleteAtRelay()).toEqual({ ok: true });
	});
});

/** Lets `to` take what `from` knows, as sync does when it hears of a newer list. */
async function bring(to: MembersDevice, from: MembersDevice): Promise<void> {
	const taken = await to.keys.take(from.keys.lists);
	if (!taken.ok) throw new Error(taken.error.type);
}

function newestAtRelay(of: MembersDevice): DeviceList {
	const list = readDeviceList(world.relay.spaces.get(of.identity.spaceId)?.lists.at(-1) ?? new Uint8Array(0));
	if (!list.ok) throw new Error(list.error.type);
	return list.value;
}
