import { utf8 } from '@pocketeer/core/bytes';
import type { DeviceId, SpaceId, WakeId } from '@pocketeer/core/ids';
import type { Wake } from '@pocketeer/core/protocol/messages';
import { describe, expect, test } from 'vitest';
import { idFrom } from './log-store-contract.ts';
import type { PushStoreDep } from './push-store.ts';
import type { WakeStoreDep } from './wake-store.ts';

const space = idFrom<SpaceId>('space');
const phone = idFrom<DeviceId>('phone');
const laptop = idFrom<DeviceId>('laptop');
const id = idFrom<WakeId>('wake');

/** What every adapter of the wakes and pushes must do together. `open` gives empty stores. */
export function describeWakeStores(
	name: string,
	open: (options: { readonly tombstones?: number }) => WakeStoreDep & PushStoreDep,
): void {
	function setUp(tombstones = 10) {
		const { wakeStore, pushStore } = open({ tombstones });
		return {
			wakeStore,
			pushStore,
			/** Puts a wake whose next moment is `next`. */
			put(next: number | null, { revision = 1, wake = id, limit = 10, text = 'sealed' } = {}) {
				const whole: Wake = {
					id: wake,
					revision,
					recurrence: { type: 'once', at: next ?? 0 },
					ttlMs: 60_000,
					payload: utf8(text),
				};
				return wakeStore.put({ space, wake: whole, limit, firstDue: () => next });
			},
			subscribe: (device: DeviceId, endpoint: string) =>
				pushStore.putSubscription(space, device, { endpoint, p256dh: 'key', auth: 'secret', appUrl: 'https://app' }),
			/** Fires what is due at `now`, pushing to everybody. */
			async fire(now: number, next: number | null = null) {
				for (const wake of await wakeStore.due(now, 10)) {
					if (wake.type !== 'wake') continue;
					await wakeStore.advance({ wake, through: wake.next, next, push: { expires: now + 1_000, at: now } });
				}
			},
			deliveries: async (now: number) =>
				(await pushStore.dueDeliveries(now, 10)).map(
					({ device, due, attempt, payload, subscription }) =>
						`${device === phone ? 'phone' : 'laptop'} ${due} ${attempt} ${new TextDecoder().decode(payload)} ${subscription.endpoint}`,
				),
		};
	}

	describe(`${name} as stores of wakes and pushes`, () => {
		test('revisions only grow, and a dropped wake comes back by a newer one only', async () => {
			const { wakeStore, put } = setUp();
			expect(await put(5, { revision: 2 })).toEqual({ type: 'kept', revision: 2 });
			expect(await put(9, { revision: 1 })).toEqual({ type: 'kept', revision: 2 });
			expect(await wakeStore.drop(space, id, 1)).toBe(2);
			expect(await wakeStore.list(space)).toEqual([{ id, revision: 2, next: 5 }]);
			expect(await wakeStore.drop(space, id, 2)).toBe(2);
			expect(await wakeStore.list(space)).toEqual([]);
			await put(5, { revision: 2 });
			expect(await wakeStore.countPending()).toBe(0);
			await put(5, { revision: 3 });
			expect(await wakeStore.countPending()).toBe(1);
		});

		test('so many may wait, and one that waits may always change', async () => {
			const { put } = setUp();
			const other = idFrom<WakeId>('other');
			await put(5, { limit: 1 });
			expect(await put(6, { limit: 1, wake: other })).toEqual({ type: 'full' });
			expect(await put(null, { limit: 1, wake: other })).toEqual({ type: 'kept', revision: 1 });
			expect(await put(7, { limit: 1, revision: 2 })).toEqual({ type: 'kept', revision: 2 });
		});

		test('due are those whose moment came, earliest first', async () => {
			const { wakeStore, put } = setUp();
			const early = idFrom<WakeId>('early');
			await put(20);
			await put(10, { wake: early });
			expect(await wakeStore.earliest()).toBe(10);
			expect(await wakeStore.due(9, 10)).toEqual([]);
			expect((await wakeStore.due(20, 10)).map((wake) => wake.id)).toEqual([early, id]);
			expect((await wakeStore.due(20, 1)).map((wake) => wake.id)).toEqual([early]);
			await wakeStore.setAside(space, early);
			expect(await wakeStore.earliest()).toBe(20);
		});

		test('a wake moves on once, with one delivery for each subscription', async () => {
			const { wakeStore, put, subscribe, deliveries } = setUp();
			await subscribe(phone, 'https://push/1');
			await subscribe(laptop, 'https://push/2');
			await put(10);
			const [wake] = await wakeStore.due(10, 1);
			if (wake?.type !== 'wake') throw new Error('it is due');
			const step = { wake, through: 10, next: 30, push: { expires: 100, at: 10 } };
			expect(await wakeStore.advance(step)).toBe(true);
			expect(await wakeStore.advance(step)).toBe(false);
			expect(await wakeStore.list(space)).toEqual([{ id, revision: 1, next: 30 }]);
			expect(await deliveries(9)).toEqual([]);
			expect((await deliveries(10)).sort()).toEqual([
				'laptop 10 0 sealed https://push/2',
				'phone 10 0 sealed https://push/1',
			]);
		});

		test('what was pushed in vain is tried again at its moment, with the wake as it is then', async () => {
			const { pushStore, put, subscribe, fire, deliveries } = setUp();
			await subscribe(phone, 'https://push/1');
			await put(10);
			await fire(10, 50);
			const [first] = await pushStore.dueDeliveries(10, 10);
			await pushStore.retryDelivery(first?.id ?? 0, 25);
			await put(50, { revision: 2, text: 'again' });
			expect(await pushStore.earliestDelivery()).toBe(25);
			expect(await deliveries(24)).toEqual([]);
			expect(await deliveries(25)).toEqual(['phone 10 1 again https://push/1']);
			await pushStore.endDelivery(first?.id ?? 0);
			expect(await pushStore.earliestDelivery()).toBeUndefined();
		});

		test('nothing is pushed for a wake that was dropped, or to a device that left', async () => {
			const { wakeStore, pushStore, put, subscribe, fire, deliveries } = setUp();
			await subscribe(phone, 'https://push/1');
			await subscribe(laptop, 'https://push/2');
			await put(10);
			await fire(10);
			await pushStore.keepOnly(space, [laptop]);
			expect(await deliveries(10)).toEqual(['laptop 10 0 sealed https://push/2']);
			expect(await pushStore.subscription(space, phone)).toBeUndefined();
			await wakeStore.drop(space, id, 1);
			expect(await deliveries(10)).toEqual([]);
			expect(await pushStore.earliestDelivery()).toBeUndefined();
		});

		test('an address belongs to the device that named it last', async () => {
			const { pushStore, subscribe } = setUp();
			await subscribe(phone, 'https://push/1');
			await subscribe(laptop, 'https://push/1');
			expect(await pushStore.countSubscriptions()).toBe(1);
			await pushStore.removeSubscription(space, laptop);
			expect(await pushStore.countSubscriptions()).toBe(0);
		});

		test('of wakes that are over only the newest are remembered', async () => {
			const { wakeStore } = setUp(2);
			const names = ['one', 'two', 'six'].map((text) => idFrom<WakeId>(text));
			for (const wake of names) await wakeStore.drop(space, wake, 5);
			// What is remembered answers its revision to an older one.
			const held: number[] = [];
			for (const wake of names.toReversed()) held.push(await wakeStore.drop(space, wake, 1));
			expect(held).toEqual([5, 5, 1]);
		});

		test('of a deleted space nothing is left', async () => {
			const { wakeStore, pushStore, put, subscribe, fire } = setUp();
			await subscribe(phone, 'https://push/1');
			await put(10);
			await fire(10, 20);
			await wakeStore.deleteSpace(space);
			await pushStore.deleteSpace(space);
			expect([
				await wakeStore.earliest(),
				await wakeStore.countPending(),
				await pushStore.countSubscriptions(),
				await pushStore.earliestDelivery(),
			]).toEqual([undefined, 0, 0, undefined]);
		});
	});
}
