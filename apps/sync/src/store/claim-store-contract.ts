import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClaimStore } from './claim-store.ts';

const space = 'space' as SpaceId;
const phone = 'phone' as DeviceId;
const laptop = 'laptop' as DeviceId;

/** What every adapter of the claims must do. `open` gives an empty store. */
export function describeClaimStore(name: string, open: () => ClaimStore): void {
	function openStore(limit = 1_000) {
		const store = open();
		return {
			store,
			claim: (device: DeviceId, now: number, occurrence = 'o') =>
				store.claim({ space, occurrence, device, now, leaseMs: 100, limit }),
			finish: (device: DeviceId, fence: number, occurrence = 'o') => store.finish({ space, occurrence, device, fence }),
		};
	}

	describe(`${name} as a claim store`, () => {
		test('one device gets an occurrence, the others get nothing while its lease runs', async () => {
			const { claim } = openStore();
			expect(await claim(phone, 0)).toBe(1);
			expect(await claim(laptop, 99)).toBe(0);
			expect(await claim(laptop, 99, 'another')).toBe(1);
		});

		test('the holder claiming again renews its lease and keeps its fence', async () => {
			const { claim } = openStore();
			await claim(phone, 0);
			expect(await claim(phone, 90)).toBe(1);
			expect(await claim(laptop, 150)).toBe(0);
		});

		test('a lease that ended can be claimed by another, with a higher fence that shuts the first out', async () => {
			const { claim, finish } = openStore();
			await claim(phone, 0);
			expect(await claim(laptop, 100)).toBe(2);
			expect(await finish(phone, 1)).toBe(false);
			expect(await finish(laptop, 2)).toBe(true);
		});

		test('done is final, and repeating it changes nothing', async () => {
			const { claim, finish } = openStore();
			await claim(phone, 0);
			expect(await finish(phone, 1)).toBe(true);
			expect(await finish(phone, 1)).toBe(true);
			expect(await claim(laptop, 10_000)).toBe(0);
			expect(await claim(phone, 10_000)).toBe(0);
		});

		test('done by its own fence counts even after the lease ended, as long as nobody took over', async () => {
			const { claim, finish } = openStore();
			await claim(phone, 0);
			expect(await finish(phone, 1)).toBe(true);
			expect(await claim(laptop, 500)).toBe(0);
		});

		test('old claims are forgotten, young ones are not', async () => {
			const { store, claim } = openStore();
			await claim(phone, 0, 'old');
			await claim(phone, 1_000, 'young');
			await store.prune(500);
			expect(await claim(laptop, 1_001, 'old')).toBe(1);
			expect(await claim(laptop, 1_001, 'young')).toBe(0);
		});

		test('a space keeps only so many on record, and may always renew and end those it has', async () => {
			const { store, claim, finish } = openStore(2);
			await claim(phone, 0, 'one');
			await claim(phone, 0, 'two');
			expect(await claim(phone, 1, 'three')).toBe('full');
			expect(await claim(phone, 1, 'two')).toBe(1);
			expect(await finish(phone, 1, 'two')).toBe(true);
			await store.prune(101);
			expect(await claim(phone, 200, 'three')).toBe(1);
		});

		test('claims of a deleted space are forgotten', async () => {
			const { store, claim } = openStore();
			await claim(phone, 0);
			await store.deleteSpace(space);
			expect(await claim(laptop, 1)).toBe(1);
		});

		test('in any order of claims and ends, fences never go back and at most one of them ends an occurrence', async () => {
			const step = fc.record({
				device: fc.constantFrom(phone, laptop),
				wait: fc.nat(150),
				isFinish: fc.boolean(),
			});
			await fc.assert(
				fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
					const { claim, finish } = openStore();
					const fences = new Map<DeviceId, number>();
					const done = new Set<number>();
					let now = 0;
					let highest = 0;
					for (const { device, wait, isFinish } of steps) {
						now += wait;
						if (isFinish) {
							const fence = fences.get(device) ?? 0;
							if (await finish(device, fence)) done.add(fence);
						} else {
							const fence = await claim(device, now);
							if (fence === 0 || fence === 'full') continue;
							expect(done.size).toBe(0);
							expect(fence).toBeGreaterThanOrEqual(highest);
							highest = fence;
							fences.set(device, fence);
						}
					}
					expect(done.size).toBeLessThanOrEqual(1);
				}),
				{ numRuns: 100 },
			);
		});
	});
}
