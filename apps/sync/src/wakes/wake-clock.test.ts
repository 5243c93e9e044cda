import type { DeviceId, SpaceId, WakeId } from '@pocketeer/core/ids';
import type { Wake } from '@pocketeer/core/protocol/messages';
import type { Recurrence } from '@pocketeer/core/protocol/recurrence';
import { createTestClock, turns } from '@pocketeer/core/testing/test-clock';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { openDatabase } from '../store/database.ts';
import { createSqlitePushStore } from '../store/push-store.ts';
import { createSqliteWakeStore } from '../store/wake-store.ts';
import { createWakeClock, firstDue } from './wake-clock.ts';

const space = 'space' as SpaceId;
const id = 'wake' as WakeId;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function setUp(options: { readonly tombstones?: number } = {}) {
	const opened = openDatabase(':memory:');
	if (!opened.ok) throw new Error(opened.error.reason);
	const database = opened.value;
	const clock = createTestClock();
	const metrics = createMetrics();
	const wakeStore = createSqliteWakeStore({ database }, options);
	const pushStore = createSqlitePushStore({ database });
	const fired: number[] = [];
	const start = clock.now();
	const run = (changes: { readonly defer?: (run: () => void) => void } = {}) =>
		createWakeClock({
			clock,
			metrics,
			wakeStore,
			log: { info: () => undefined, warn: () => undefined },
			// Minutes since the start, so that expectations can be read.
			fired: ({ due }) => fired.push((due - start) / MINUTE),
			defer: queueMicrotask,
			...changes,
		});
	const put = (recurrence: Recurrence, { revision = 1, ttlMs = HOUR, limit = 10, name = id } = {}) => {
		const wake: Wake = { id: name, revision, recurrence, ttlMs, payload: new Uint8Array(8) };
		const now = clock.now();
		return wakeStore.put({ space, wake, limit, firstDue: (before) => firstDue({ recurrence, ttlMs, before, now }) });
	};
	const next = async () => {
		const [wake] = await wakeStore.list(space);
		return wake && wake.next > 0 ? (wake.next - start) / MINUTE : wake?.next;
	};
	const once = (minutes: number): Recurrence => ({ type: 'once', at: start + minutes * MINUTE });
	const every = (minutes: number): Recurrence => ({
		type: 'interval',
		intervalMs: minutes * MINUTE,
		anchor: start,
		until: null,
	});
	return { clock, database, metrics, wakeStore, pushStore, fired, start, run, put, next, once, every };
}

describe('the wake clock', () => {
	test('lets others have their turn between two of many wakes that are due at once', async () => {
		const { fired, run, put, once } = setUp();
		for (let count = 0; count < 5; count++) await put(once(-1), { name: `${count}` as WakeId });
		const turnsTaken: (() => void)[] = [];
		using _ = run({ defer: (next) => void turnsTaken.push(next) });
		for (let count = 1; count <= 5; count++) {
			await turns(20);
			expect(fired).toHaveLength(count);
			turnsTaken.shift()?.();
		}
	});

	test('fires at the due second, once', async () => {
		const { clock, fired, run, put, next, once } = setUp();
		using _ = run();
		await put(once(20));
		await clock.advance(20 * MINUTE - 1);
		expect(fired).toEqual([]);
		await clock.advance(1);
		expect(fired).toEqual([20]);
		expect(await next()).toBe(0);
		await clock.advance(3 * HOUR);
		expect(fired).toEqual([20]);
	});

	test('a recurring wake fires each time', async () => {
		const { clock, fired, run, put, every } = setUp();
		using _ = run();
		await put(every(30));
		await clock.advance(2 * HOUR);
		expect(fired).toEqual([30, 60, 90, 120]);
	});

	test('a wall clock that jumps forward, or a machine that slept, is noticed within seconds', async () => {
		const { clock, fired, run, put, once } = setUp();
		using _ = run();
		await put(once(20));
		await clock.advance(5_000);
		clock.jump(30 * MINUTE);
		await clock.advance(5_000);
		expect(fired).toEqual([20]);
	});

	test('a wall clock set back does not fire twice', async () => {
		const { clock, fired, run, put, every } = setUp();
		using _ = run();
		await put(every(30));
		await clock.advance(31 * MINUTE);
		clock.jump(-30 * MINUTE);
		await clock.advance(31 * MINUTE);
		expect(fired).toEqual([30]);
	});

	test('what came due while no relay ran fires at the start, if it is still of use', async () => {
		const { clock, fired, run, put, once } = setUp();
		await put(once(20));
		clock.jump(50 * MINUTE);
		using _ = run();
		await clock.advance(0);
		expect(fired).toEqual([20]);
	});

	test('what is older than its time to live is counted as expired, not fired and not forgotten', async () => {
		const { clock, fired, metrics, run, put, next, once } = setUp();
		await put(once(20));
		clock.jump(81 * MINUTE);
		using _ = run();
		await clock.advance(0);
		expect(fired).toEqual([]);
		expect(await next()).toBe(0);
		expect(await metrics.render()).toContain('pocketeer_wakes_expired_total 1');
	});

	test('of many moments that passed unseen only the newest fires', async () => {
		const { clock, fired, run, put, next, every } = setUp();
		await put(every(30));
		clock.jump(10 * HOUR + 10 * MINUTE);
		using _ = run();
		await clock.advance(0);
		expect(fired).toEqual([600]);
		expect(await next()).toBe(630);
	});

	test('one that cannot be read is set aside and counted, and the others fire', async () => {
		const { clock, database, fired, metrics, run, put, next, once, wakeStore } = setUp();
		for (const [name, stored] of [
			['no JSON', '{'],
			['of a later relay', '{"type":"moon"}'],
		] as const) {
			await put(once(1), { name: name as WakeId });
			database.prepare('UPDATE wakes SET recurrence = ? WHERE id = ?').run(stored, name);
		}
		await put(once(2));
		using _ = run();
		await clock.advance(HOUR);
		expect([fired, await wakeStore.countPending()]).toEqual([[2], 0]);
		expect(await metrics.render()).toContain('pocketeer_wakes_unreadable_total 2');
		// Its device puts it again when it changes.
		await put(once(90), { name: 'no JSON' as WakeId, revision: 2 });
		expect(await next()).toBe(90);
		await clock.advance(HOUR);
		expect(fired).toEqual([2, 90]);
	});

	test('stops with its owner', async () => {
		const { clock, fired, run, put, once } = setUp();
		const wakes = run();
		await put(once(1));
		await turns(3);
		wakes[Symbol.dispose]();
		await clock.advance(HOUR);
		expect(fired).toEqual([]);
		expect(clock.waiting).toBe(0);
	});

	test('firing queues one delivery for each subscription of the space', async () => {
		const { clock, pushStore, start, run, put, once } = setUp();
		using _ = run();
		const subscription = { endpoint: 'https://a', p256dh: '', auth: '', appUrl: '' };
		await pushStore.putSubscription(space, 'phone' as DeviceId, subscription);
		await pushStore.putSubscription(space, 'laptop' as DeviceId, { ...subscription, endpoint: 'https://b' });
		await pushStore.putSubscription('other' as SpaceId, 'tv' as DeviceId, subscription);
		await put(once(1), { ttlMs: HOUR });
		await clock.advance(MINUTE);
		const deliveries = await pushStore.dueDeliveries(clock.now(), 10);
		expect(deliveries.map(({ device, due, expires }) => [device, due - start, expires - start]).sort()).toEqual([
			['laptop', MINUTE, MINUTE + HOUR],
			['phone', MINUTE, MINUTE + HOUR],
		]);
	});
});

describe('putting a wake', () => {
	test('a newer revision replaces, an older one is answered with the newer number and changes nothing', async () => {
		const { put, next, once } = setUp();
		expect(await put(once(20), { revision: 5 })).toEqual({ type: 'kept', revision: 5 });
		expect(await put(once(10), { revision: 4 })).toEqual({ type: 'kept', revision: 5 });
		expect(await next()).toBe(20);
		expect(await put(once(30), { revision: 6 })).toEqual({ type: 'kept', revision: 6 });
		expect(await next()).toBe(30);
	});

	test('a dropped wake is not brought back by a device that has not heard of it', async () => {
		const { wakeStore, put, next, once } = setUp();
		await put(once(20), { revision: 5 });
		expect(await wakeStore.drop(space, id, 6)).toBe(6);
		for (const revision of [5, 6]) expect(await put(once(20), { revision })).toEqual({ type: 'kept', revision: 6 });
		expect(await next()).toBeUndefined();
		expect(await wakeStore.drop(space, id, 4)).toBe(6);
	});

	test('a moment that passed while the device was offline still fires, one that fired does not again', async () => {
		const { clock, fired, run, put, once } = setUp();
		using wakes = run();
		await put(once(-10));
		wakes.look();
		await wakes.settled();
		expect(fired).toEqual([-10]);
		await put(once(-10), { revision: 2 });
		wakes.look();
		await clock.advance(MINUTE);
		expect(fired).toEqual([-10]);
	});

	test('a single moment too long ago, or a recurrence, fires nothing of the past', async () => {
		const { put, next, once, every } = setUp();
		await put(once(-61));
		expect(await next()).toBe(0);
		await put(every(30), { revision: 2 });
		expect(await next()).toBe(30);
	});

	test('a wake replaced at the very moment it comes due still fires', async () => {
		const { clock, fired, run, put, every } = setUp();
		await put(every(30));
		clock.jump(30 * MINUTE + 3);
		await put(every(30), { revision: 2 });
		using _ = run();
		await clock.advance(0);
		expect(fired).toEqual([30]);
	});

	test('of wakes that are over only so many are remembered, and those that wait are never among the forgotten', async () => {
		const { put, once, wakeStore } = setUp({ tombstones: 3 });
		await put(once(5), { name: 'waits' as WakeId });
		for (let count = 0; count < 8; count++) await put(once(-120), { name: `over ${count}` as WakeId });
		const names = (await wakeStore.list(space)).map((wake) => wake.id);
		expect(names.sort()).toEqual(['over 5', 'over 6', 'over 7', 'waits']);
	});

	test('a space can have only so many waiting, but may always change those it has', async () => {
		const { put, once } = setUp();
		expect(await put(once(1), { limit: 1 })).toMatchObject({ type: 'kept' });
		expect(await put(once(1), { limit: 1, name: 'another' as WakeId })).toEqual({ type: 'full' });
		expect(await put(once(2), { limit: 1, revision: 2 })).toMatchObject({ type: 'kept' });
	});
});
