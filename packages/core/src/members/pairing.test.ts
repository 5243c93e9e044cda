import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceId } from '../ids.ts';
import { decodeClientMessage, decodeRelayMessage, encodeClientMessage, encodeRelayMessage } from '../protocol/codec.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import { err } from '../result.ts';
import {
	ANNA,
	createMembersWorld,
	MEMBERS_RELAY,
	type MembersDevice,
	type MembersWorld,
	type Pairing,
} from '../testing/members-world.ts';
import { createMemoryRelay } from '../testing/memory-relay.ts';
import { createTestNetwork, type Direction, type TestNetwork } from '../testing/socket-pair.ts';
import { createMembers } from './create-members.ts';
import { joinByPairing } from './pairing-guest.ts';
import { foundSpace } from './space-identity.ts';

let world: MembersWorld;
beforeEach(() => {
	world = createMembersWorld();
});
afterEach(() => world[Symbol.dispose]());

const TEN_MINUTES = 10 * 60_000;

describe('pairing', () => {
	it.each(['code', 'link'] as const)(
		'by a %s brings a device in once the person confirmed the six digits',
		async (by) => {
			const laptop = await world.found();
			const { host, guest } = await world.pair(laptop, { by });
			expect(host.state).toMatchObject({
				type: 'compare',
				shortCode: expect.stringMatching(/^\d{3} \d{3}$/),
				deviceName: 'Phone',
				personName: 'Anna',
				hasLink: by === 'link',
			});
			expect(guest.state).toMatchObject({ type: 'compare', shortCode: shortCodeOf(host) });
			expect(listedAtRelay()).toHaveLength(1);

			host.confirm();
			await world.settle();
			const joined = await guest.result;
			if (!joined.ok) throw new Error(joined.error.reason);
			expect(guest.state).toEqual({ type: 'joined' });
			expect(joined.value).toMatchObject({ person: 'anna', spaceName: 'Home' });
			const { identity } = joined.value;
			expect(identity.spaceId).toBe(laptop.identity.spaceId);
			expect(identity.keyRing).toEqual(laptop.keys.ring);
			expect(identity.lists).toEqual(laptop.keys.lists);
			expect(identity.deviceList).toEqual(laptop.keys.lists.at(-1));
			const device = identity.identity.id;
			expect(host.state).toMatchObject({ type: 'added', device, deviceName: 'Phone', personName: 'Anna' });
			expect(laptop.members.devices()).toMatchObject([{ isThis: true }, { id: device, isUnconfirmed: false }]);
			expect(listedAtRelay()).toContain(device);

			const phone = world.device(identity);
			expect(await phone.members.relayState()).toMatchObject({ ok: true });
		},
	);

	it('keeps what was joined before it says that it is in, and fails when that cannot be kept', async () => {
		const laptop = await world.found();
		const { host, guest } = await world.pair(laptop, {
			by: 'code',
			keep: async () => err({ type: 'QuotaExceeded' }),
		});
		host.confirm();
		await world.settle();
		expect(await guest.result).toMatchObject({
			error: { type: 'Refused', reason: expect.stringContaining('storage') },
		});
		expect(host.state).toMatchObject({ type: 'failed', device: expect.any(String) });
		expect(laptop.members.devices()[1]).toMatchObject({ isUnconfirmed: true });
	});

	it('waits five minutes for a device of the same person, and an hour for somebody else', async () => {
		const laptop = await world.found();
		using own = laptop.members.invite(ANNA);
		using other = laptop.members.invite({ ...ANNA, isOtherPerson: true });
		await world.settle();
		expect(own.state).toMatchObject({ type: 'waiting', until: world.clock.now() + 5 * 60_000 });
		await world.pass(5 * 60_000);
		expect(own.state).toEqual({ type: 'failed', reason: 'The code is no longer valid. Make a new one.' });
		expect(other.state.type).toBe('waiting');
		await world.pass(55 * 60_000);
		expect(other.state.type).toBe('failed');
		expect(laptop.network.openSockets).toBe(0);
		expect(world.clock.waiting).toBe(0);
	});

	it('whose time is over while people compare adds nothing', async () => {
		const laptop = await world.found();
		const { host, guest } = await world.pair(laptop, { by: 'code' });
		await world.pass(5 * 60_000);
		host.confirm();
		await world.settle();
		expect([host.state.type, guest.state.type]).toEqual(['failed', 'failed']);
		expect(listedAtRelay()).toHaveLength(1);
	});

	it('by code waits for the person on both sides, whoever is first', async () => {
		for (const isHostFirst of [true, false]) {
			const { host, guest } = await world.pair(await world.found(), { by: 'code', isSlow: true });
			const steps = [() => host.confirm(), () => guest.confirm()];
			for (const step of isHostFirst ? steps : steps.toReversed()) {
				expect(guest.state.type).toBe('compare');
				step();
				// Longer than a machine takes to answer.
				await world.pass(60_000);
			}
			expect(host.state.type).toBe('added');
			expect(guest.state.type).toBe('joined');
		}
	});

	it('refused by the person gives nothing, and says so on both sides', async () => {
		const laptop = await world.found();
		const { host, guest } = await world.pair(laptop, { by: 'code' });
		host.refuse();
		host.confirm();
		await world.settle();
		expect(host.state).toMatchObject({ type: 'failed', reason: expect.stringContaining('You refused') });
		expect(guest.state).toEqual({ type: 'failed', reason: 'The other device refused this one.' });
		expect(listedAtRelay()).toHaveLength(1);
		expect(laptop.store.state.unconfirmed ?? []).toEqual([]);
	});

	it('by a wrong code, or one that somebody used, ends with a sentence', async () => {
		const laptop = await world.found();
		await world.pair(laptop, { by: 'code' });
		using host = laptop.members.invite(ANNA);
		await world.settle();
		const code = host.state.type === 'waiting' ? host.state.code : '';
		for (const wrong of [code.replace(/.$/, (last) => (last === '7' ? '8' : '7')), '0000-0000']) {
			const { guest } = world.join(wrong);
			expect(await guest.result).toMatchObject({ error: { reason: expect.stringContaining('No device waits') } });
		}
		const { guest } = world.join(` ${code.toLowerCase().replace('-', ' ')}`);
		await world.settle();
		expect(guest.state.type).toBe('compare');
		expect(await world.join(code).guest.result).toMatchObject({
			error: { reason: expect.stringContaining('No device waits') },
		});
	});

	it('that cannot reach the relay, or was mistyped, says so at once', async () => {
		const laptop = await world.found();
		laptop.network.isDown = true;
		using host = laptop.members.invite(ANNA);
		await world.settle();
		expect(host.state).toMatchObject({ type: 'failed', reason: expect.stringContaining('cannot be reached') });
		expect(await world.join('K7QM').guest.result).toMatchObject({
			error: { reason: expect.stringContaining('eight') },
		});
		expect(await world.join('https://app.example/#pair=K7QM2XPD.AAAA').guest.result).toMatchObject({
			error: { reason: expect.stringContaining('not complete') },
		});
	});

	it('waits on through a broken connection, under the same code, until somebody came', async () => {
		const laptop = await world.found();
		using host = laptop.members.invite(ANNA);
		await world.settle();
		const before = host.state;
		laptop.network.isDown = true;
		laptop.network.cut();
		await world.pass(10_000);
		laptop.network.isDown = false;
		await world.pass(3_000);
		expect(host.state).toEqual(before);
		const { guest } = world.join(before.type === 'waiting' ? before.code : '');
		await world.settle();
		expect(guest.state.type).toBe('compare');
	});

	it('dismissed on either side ends on the other', async () => {
		const laptop = await world.found();
		const one = await world.pair(laptop, { by: 'code' });
		one.guest[Symbol.dispose]();
		await world.settle();
		expect(one.host.state.type).toBe('failed');
		expect(await one.guest.result).toMatchObject({ ok: false });
		const other = await world.pair(laptop, { by: 'code' });
		other.host[Symbol.dispose]();
		await world.settle();
		expect(other.guest.state.type).toBe('failed');
		expect(listedAtRelay()).toHaveLength(1);
	});

	it('goes on when the list changes between confirming and adding', async () => {
		const laptop = await world.found();
		const phone = await world.add(laptop);
		const { host, guest } = await world.pair(laptop, { by: 'code' });
		await world.add(phone);
		host.confirm();
		expect(await guest.result).toMatchObject({ ok: true });
		expect(listedAtRelay()).toHaveLength(4);
		expect(laptop.keys.version).toBe(4);
	});
});

describe('a relay that cheats', () => {
	it.each(['code', 'link'] as const)('by standing between the two, with a %s, is seen', async (by) => {
		const laptop = await world.found();
		using host = laptop.members.invite(ANNA);
		await world.settle();
		if (host.state.type !== 'waiting') throw new Error('not waiting');
		const { code, fragment } = host.state;
		// To the laptop it is a device that typed the code, to the phone a space that waits under the same code.
		const toLaptop = world.join(code).guest;
		const { relay, invited } = await impostor(code);
		const dialer = createTestNetwork(relay.accept);
		using phone = joinByPairing(
			{ ...world, dialer },
			{
				invitation: by === 'code' ? code : fragment,
				relayUrl: MEMBERS_RELAY,
				deviceName: 'Phone',
				personName: 'Anna',
				keep: async () => ({ ok: true, value: undefined }),
			},
		);
		await world.settle();
		expect(toLaptop.state.type).toBe('compare');
		expect(host.state).toMatchObject({ type: 'compare', hasLink: false });
		if (by === 'link') {
			expect(phone.state).toMatchObject({ type: 'failed', reason: expect.stringContaining('Somebody else answered') });
			return;
		}
		expect(invited.state.type).toBe('compare');
		expect(phone.state).toMatchObject({ type: 'compare' });
		expect(phone.state.type === 'compare' && phone.state.shortCode).not.toBe(shortCodeOf(host));
	});

	it.each(['to-relay', 'to-device'] as const)(
		'by changing one byte of any message %s brings nobody in unseen',
		async (direction) => {
			let changed = 0;
			for (let isReached = true; isReached; changed++) {
				for (const part of [0, 0.5, 1]) {
					const laptop = await world.found();
					const network = createTestNetwork(world.relay.accept);
					let count = 0;
					tapPairing(network, direction, (bytes) => {
						const at = Math.floor(part * (bytes.length - 1));
						return count++ === changed ? bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)) : bytes;
					});
					const pairing = await world.pair(laptop, { by: 'code', network });
					await finish(pairing);
					expect(pairing.host.state.type).toBe(count > changed ? 'failed' : 'added');
					expectNothingUnseen(laptop, pairing);
					isReached = count > changed;
				}
			}
			expect(changed).toBe(direction === 'to-relay' ? 5 : 3);
		},
	);

	it.each(['to-relay', 'to-device'] as const)(
		'by repeating any message %s brings nobody in unseen',
		async (direction) => {
			for (let repeated = 0; repeated < 4; repeated++) {
				const laptop = await world.found();
				const network = createTestNetwork(world.relay.accept);
				let count = 0;
				network.repeats = (where, frame) => where === direction && isPairing(where, frame) && count++ === repeated;
				const pairing = await world.pair(laptop, { by: 'code', network });
				await finish(pairing);
				// A last message that comes twice harms nobody.
				const isLast = repeated === (direction === 'to-relay' ? 3 : 1) || repeated >= count;
				expect(pairing.host.state.type).toBe(isLast ? 'added' : 'failed');
				expectNothingUnseen(laptop, pairing);
			}
		},
	);

	it('by letting a second device into the mailbox ends the pairing', async () => {
		const laptop = await world.found();
		const joined: Uint8Array[] = [];
		laptop.network.tap = (direction, frame) => {
			const message = direction === 'to-device' ? decodeRelayMessage(frame) : undefined;
			if (message?.ok && message.value.type === 'pair-joined') joined.push(frame);
			const said = message?.ok && message.value.type === 'pair-said';
			// In place of what the guest says, once more that one came in.
			return said && joined[0] ? joined[0] : frame;
		};
		const { host, guest } = await world.pair(laptop, { by: 'code' });
		expect(host.state).toMatchObject({ type: 'failed', reason: expect.stringContaining('second device') });
		expect(guest.state.type).not.toBe('joined');
		expect(listedAtRelay()).toHaveLength(1);
	});

	it.each(['phone', 'laptop'] as const)(
		'by cutting the connection of the %s after any frame leaves no device unseen',
		async (whose) => {
			let cutAfter = 0;
			const ends = new Set<string>();
			for (let isReached = true; isReached; cutAfter++) {
				const laptop = await world.found();
				const network = createTestNetwork(world.relay.accept);
				const cut = whose === 'phone' ? network : laptop.network;
				let count = 0;
				cut.tap = (_, frame) => {
					if (count++ === cutAfter) queueMicrotask(() => queueMicrotask(() => cut.cut()));
					return frame;
				};
				using host = laptop.members.invite(ANNA);
				await world.pass(5_000);
				const { guest } = world.join(host.state.type === 'waiting' ? host.state.code : '0000-0000', { network });
				await finish({ host, guest, network });
				isReached = count > cutAfter;
				ends.add(host.state.type);
				expectNothingUnseen(laptop, { host, guest, network });
			}
			expect(cutAfter).toBeGreaterThan(8);
			expect(ends).toContain('added');
			expect(ends).toContain('failed');
		},
	);
});

describe('a host that went off after the device was put on the list', () => {
	it('shows the device as unconfirmed at the next start, until it was seen at the relay', async () => {
		const laptop = await world.found();
		const { host, guest } = await world.pair(laptop, { by: 'code' });
		laptop.network.tap = (direction, frame) => {
			const message = direction === 'to-device' ? decodeRelayMessage(frame) : undefined;
			if (message?.ok && message.value.type === 'list-kept') laptop.network.cut();
			return frame;
		};
		host.confirm();
		await world.pass(TEN_MINUTES);
		expect(host.state).toMatchObject({ type: 'failed', reason: expect.stringContaining('may be on the list') });
		expect(guest.state.type).toBe('failed');

		const again = laptop.restart();
		expect(again.members.devices()).toHaveLength(1);
		using _ = again.members.invite(ANNA);
		await world.settle();
		const [, dangling] = again.members.devices();
		expect(dangling).toMatchObject({ isUnconfirmed: true });
		world.relay.spaces.get(laptop.identity.spaceId)?.seen.set(dangling?.id as DeviceId, 5);
		expect(await again.members.relayState()).toMatchObject({ ok: true });
		await world.settle();
		expect(again.members.devices()[1]).toMatchObject({ isUnconfirmed: false });
	});
});

/** Confirms, where somebody waits for it, and lets everything run out. */
async function finish({ host, guest }: Pairing): Promise<void> {
	await world.settle();
	host.confirm();
	await world.settle();
	await world.pass(TEN_MINUTES);
	expect(['added', 'failed']).toContain(host.state.type);
	expect(['joined', 'failed']).toContain(guest.state.type);
}

/** Who is in is on the list; who is on the list is in, or shown as one who may not be. */
function expectNothingUnseen(laptop: MembersDevice, { host, guest }: Pairing): void {
	const listed = listedAtRelay(laptop);
	if (guest.state.type === 'joined') expect(listed).toHaveLength(2);
	if (host.state.type === 'added') expect(guest.state.type).toBe('joined');
	const [dangling] = listed.filter((id) => id !== laptop.identity.identity.id);
	if (dangling && host.state.type !== 'added') expect(laptop.store.state.unconfirmed).toContain(dangling);
	if (!dangling) expect(host.state).not.toHaveProperty('device');
}

function listedAtRelay(of?: MembersDevice): readonly DeviceId[] {
	const space = of ? world.relay.spaces.get(of.identity.spaceId) : [...world.relay.spaces.values()].at(-1);
	const list = readDeviceList(space?.lists.at(-1) ?? new Uint8Array(0));
	return list.ok ? list.value.devices.map(({ id }) => id) : [];
}

function shortCodeOf(host: Pairing['host']): string | undefined {
	return host.state.type === 'compare' ? host.state.shortCode : undefined;
}

/** A space of its own, on a relay of its own, that waits under a code of somebody else's choice. */
async function impostor(code: string) {
	const relay = createMemoryRelay(world);
	const dialer = createTestNetwork(relay.accept);
	const founded = await foundSpace(world);
	const device = world.device(founded);
	const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
	const chosen = Uint8Array.from(code.replace('-', ''), (character) => alphabet.indexOf(character));
	const random = { ...world.random, bytes: (length: number) => (length === 8 ? chosen : world.random.bytes(length)) };
	const deps = { ...world, random, dialer, memberStore: device.store, keys: device.keys };
	const members = createMembers(deps, { ...founded, relayUrl: MEMBERS_RELAY, state: device.store.state });
	const invited = members.invite(ANNA);
	await world.settle();
	expect(invited.state).toMatchObject({ type: 'waiting', code });
	return { relay, invited };
}

function isPairing(direction: Direction, frame: Uint8Array): boolean {
	const message = direction === 'to-relay' ? decodeClientMessage(frame) : decodeRelayMessage(frame);
	return message.ok && (message.value.type === 'pair-say' || message.value.type === 'pair-said');
}

/** Changes what the two say to each other, on its way. */
function tapPairing(
	network: TestNetwork,
	direction: Direction,
	change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): void {
	network.tap = (where, frame) => {
		if (where !== direction) return frame;
		if (where === 'to-relay') {
			const message = decodeClientMessage(frame);
			if (!message.ok || message.value.type !== 'pair-say') return frame;
			return encodeClientMessage({ ...message.value, bytes: change(message.value.bytes) });
		}
		const message = decodeRelayMessage(frame);
		if (!message.ok || message.value.type !== 'pair-said') return frame;
		return encodeRelayMessage({ ...message.value, bytes: change(message.value.bytes) });
	};
}
