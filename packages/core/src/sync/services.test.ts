import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '../bytes.ts';
import type { StreamName, WakeId } from '../ids.ts';
import { decodeRelayMessage, encodeRelayMessage } from '../protocol/codec.ts';
import type { Wake } from '../protocol/messages.ts';
import { createSyncWorld, type SyncWorld } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 3_000;
const SUBSCRIPTION = { endpoint: 'https://push.example/1', p256dh: 'p', auth: 'a', appUrl: 'https://app.example/' };

async function online() {
	const device = await world.addDevice();
	const tab = device.openTab();
	await world.pass(A_MOMENT);
	return { device, tab, sync: tab.sync };
}

describe('wakes and claims', () => {
	it('are kept, listed and dropped at the relay', async () => {
		const { sync } = await online();
		const wake = aWake(3);
		expect(await sync.wakes.put(wake)).toEqual({ ok: true });
		expect(await sync.wakes.list()).toEqual({ ok: true, value: new Map([[wake.id, { revision: 3, next: 1 }]]) });
		expect(await sync.wakes.drop(wake.id, 4)).toEqual({ ok: true });
		expect(await sync.wakes.list()).toEqual({ ok: true, value: new Map() });
	});

	it('asked for many at once are each answered with their own', async () => {
		const { sync } = await online();
		const wakes = [aWake(1), aWake(2), aWake(3)];
		const occurrences = wakes.map(() => toBase64Url(world.random.bytes(16)));
		const answers = await Promise.all([
			...wakes.map((wake) => sync.wakes.put(wake)),
			...occurrences.map((occurrence) => sync.wakes.claim(occurrence, 1_000)),
			sync.wakes.list(),
			sync.testPush(),
		]);
		expect(answers.slice(0, 7).every(({ ok }) => ok)).toBe(true);
		expect(answers[6]).toMatchObject({ value: { size: 3 } });
		expect(answers[7]).toMatchObject({ ok: false, error: { type: 'Refused', code: 'bad-endpoint' } });
	});

	it('give an occurrence to one device only', async () => {
		const { sync } = await online();
		const other = (await world.addDevice()).openTab().sync;
		await world.pass(A_MOMENT);
		const occurrence = toBase64Url(world.random.bytes(16));
		expect(await sync.wakes.claim(occurrence, 60_000)).toEqual({ ok: true, value: { fence: 1 } });
		expect(await other.wakes.claim(occurrence, 60_000)).toEqual({ ok: true, value: { fence: 0 } });
		expect(await sync.wakes.finish(occurrence, 2)).toEqual({ ok: true, value: false });
		expect(await sync.wakes.finish(occurrence, 1)).toEqual({ ok: true, value: true });
	});

	it('tell of a wake that came due while connected', async () => {
		const { device, sync } = await online();
		const fired: unknown[] = [];
		using _ = sync.wakes.onFired((event) => fired.push(event));
		world.relay.fire(device.identity.spaceId, aWake(1).id);
		await world.settle();
		expect(fired).toEqual([{ id: aWake(1).id, due: world.clock.now() }]);
	});

	it('[SY18] are served in a tab that does not lead, through the one that does', async () => {
		const { device, sync } = await online();
		const follower = device.openTab().sync;
		await world.settle();
		expect(await follower.wakes.put(aWake(3))).toEqual({ ok: true });
		expect(await follower.wakes.list()).toEqual(await sync.wakes.list());
		const occurrence = toBase64Url(world.random.bytes(16));
		expect(await follower.wakes.claim(occurrence, 1_000)).toEqual({ ok: true, value: { fence: 1 } });
		expect(await follower.wakes.finish(occurrence, 1)).toEqual({ ok: true, value: true });
		expect(await follower.wakes.drop(aWake(3).id, 4)).toEqual({ ok: true });
		expect(await follower.testPush()).toMatchObject({ error: { type: 'Refused', code: 'bad-endpoint' } });
	});

	it('[SY18] of another tab are answered Offline when nobody answers, and when it closes', async () => {
		const { device } = await online();
		const follower = device.openTab().sync;
		await world.settle();
		device.network.hold('to-device');
		const asked = follower.wakes.list();
		let answer: unknown;
		void asked.then((given) => {
			answer = given;
		});
		await world.pass(9_000);
		expect(answer).toBeUndefined();
		await world.pass(2_000);
		expect(answer).toEqual({ ok: false, error: { type: 'Offline' } });
		const other = follower.wakes.list();
		await follower[Symbol.asyncDispose]();
		expect(await other).toEqual({ ok: false, error: { type: 'Offline' } });
	});

	it('are answered Offline without a connection, and when it breaks', async () => {
		const { device, sync } = await online();
		const follower = device.openTab().sync;
		await world.settle();
		const offline = { ok: false, error: { type: 'Offline' } };
		device.network.hold('to-device');
		const asked = sync.wakes.list();
		device.network.isDown = true;
		device.network.cut();
		expect(await asked).toEqual(offline);
		expect(await sync.wakes.put(aWake(1))).toEqual(offline);
		expect(await follower.wakes.put(aWake(1))).toEqual(offline);
	});
});

describe('a push subscription', () => {
	it('is told to the relay at once, and again at each connection', async () => {
		const { device, sync } = await online();
		expect(await sync.registerPush(SUBSCRIPTION)).toEqual({ ok: true });
		const [space] = world.relay.spaces.values();
		expect(space?.subscriptions.get(device.identity.identity.id)).toEqual(SUBSCRIPTION);
		space?.subscriptions.clear();
		device.network.cut();
		await world.pass(A_MOMENT);
		expect(space?.subscriptions.get(device.identity.identity.id)).toEqual(SUBSCRIPTION);
		expect(await sync.testPush()).toEqual({ ok: true });
	});

	it('made in another tab reaches the relay through the one that leads', async () => {
		const { device } = await online();
		const follower = device.openTab().sync;
		await world.settle();
		expect(await follower.registerPush(SUBSCRIPTION)).toEqual({ ok: true });
		const [space] = world.relay.spaces.values();
		expect(space?.subscriptions.size).toBe(1);
	});

	it('that the relay refuses is answered with its sentence', async () => {
		const { sync } = await online();
		expect(await sync.registerPush({ ...SUBSCRIPTION, endpoint: 'http://evil.example' })).toEqual({
			ok: false,
			error: { type: 'Refused', code: 'bad-endpoint', message: 'The relay says bad-endpoint.' },
		});
	});

	it('that was refused right before the network broke does not count as a farewell', async () => {
		const { device, sync } = await online();
		await sync.registerPush({ ...SUBSCRIPTION, endpoint: 'http://evil.example' });
		device.network.cut();
		await world.settle();
		expect(sync.status.connection.type).toBe('offline');
		await world.pass(A_MOMENT);
		expect(sync.status.connection.type).toBe('online');
	});
});

describe('the connection', () => {
	it('[SY8] comes back by itself, later and later, and at once when the page is shown', async () => {
		const { device, sync } = await online();
		device.network.isDown = true;
		device.network.cut();
		await world.pass(10 * 60_000);
		const dials = device.network.dials;
		expect(dials).toBeGreaterThan(10);
		expect(dials).toBeLessThan(80);
		expect(sync.status.connection.type).toBe('offline');
		device.network.isDown = false;
		sync.wake();
		await world.settle();
		expect(sync.status.connection.type).toBe('online');
	});

	it('[SY8] that fell silent is found out and replaced', async () => {
		const { device, sync } = await online();
		device.network.hold('to-device');
		await world.pass(20_000);
		expect(sync.status.connection.type).toBe('online');
		await world.pass(45_000);
		expect(sync.status.connection.type).not.toBe('online');
		device.network.release('to-device');
		await world.pass(60_000);
		expect(sync.status.connection.type).toBe('online');
	});

	it('[SY8] that lies quiet is kept alive', async () => {
		const { device, sync } = await online();
		const before = device.network.dials;
		await world.pass(30 * 60_000);
		expect(device.network.dials).toBe(before);
		expect(sync.status.connection.type).toBe('online');
	});

	it('of a device that was removed ends for good, in words of our own', async () => {
		const { device, sync } = await online();
		const farewell = encodeRelayMessage({ type: 'error', code: 'not-a-device', about: '', message: 'Removed.' });
		device.network.tap = (direction, frame) => (direction === 'to-device' ? farewell : frame);
		void sync.wakes.list();
		await world.settle();
		device.network.close(4403);
		await world.settle();
		// Once more with its lists, which a relay that was set back might lack; this one stays with its word.
		expect(sync.status.connection.type).toBe('connecting');
		device.network.close(4403);
		await world.pass(10 * 60_000);
		expect(sync.status.connection).toMatchObject({
			type: 'refused',
			code: 'not-a-device',
			reason: expect.stringContaining('This device was removed from the space.'),
		});
	});

	it('that the relay refuses is not tried again, and says why', async () => {
		const device = await world.addDevice();
		device.network.tap = (direction, frame) =>
			direction === 'to-device' && decodeRelayMessage(frame).ok
				? encodeRelayMessage({ type: 'error', code: 'invite-required', about: '', message: 'Ask for an invitation.' })
				: frame;
		const tab = device.openTab();
		await world.settle();
		device.network.close(4401);
		await world.pass(10 * 60_000);
		const reason = 'Ask for an invitation.';
		expect(tab.sync.status.connection).toEqual({ type: 'refused', code: 'invite-required', reason });
		expect(device.network.dials).toBe(1);
	});

	it('warns of a clock that is off, and syncs all the same', async () => {
		const { device, sync } = await online();
		expect(sync.status.clockSkewMs).toBeUndefined();
		// The relay's clock is the world's: a `ready` of its own is put in place of the relay's.
		device.network.tap = (direction, frame) => {
			const message = direction === 'to-device' ? decodeRelayMessage(frame) : undefined;
			if (!message?.ok || message.value.type !== 'ready') return frame;
			return encodeRelayMessage({ ...message.value, now: message.value.now + 10 * 60_000 });
		};
		device.network.cut();
		await world.pass(A_MOMENT);
		expect(sync.status).toMatchObject({ clockSkewMs: 10 * 60_000, connection: { type: 'online' } });
	});

	it('caughtUp() answers at once without a network', async () => {
		const device = await world.addDevice();
		device.network.isDown = true;
		const tab = device.openTab();
		const reached = tab.sync.caughtUp('file/a' as StreamName);
		await world.settle();
		await reached;
		expect(tab.sync.status.connection.type).toBe('offline');
	});
});

function aWake(number: number): Wake {
	return {
		id: toBase64Url(new Uint8Array(16).fill(number)) as WakeId,
		revision: number,
		recurrence: { type: 'once', at: 1_800_000_000_000 },
		ttlMs: 60_000,
		payload: new Uint8Array(64),
	};
}
