import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceId } from '../ids.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { clampToNow, createHlc, formatStamp, parseStamp, wallOf } from './hlc.ts';

const device = 'device-a' as DeviceId;

describe('the hybrid logical clock', () => {
	test('every tick is greater than all before, whatever the wall clock does', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: -10_000, max: 10_000 })), (jumps) => {
				const clock = createTestClock();
				const hlc = createHlc({ clock });
				let last = hlc.tick();
				for (const jump of jumps) {
					clock.jump(jump);
					const tick = hlc.tick();
					expect(tick).toBeGreaterThan(last);
					last = tick;
				}
			}),
		);
	});

	test('a tick is close to the wall clock', () => {
		const clock = createTestClock();
		expect(wallOf(createHlc({ clock }).tick())).toBe(clock.now());
	});

	test('more ticks in one millisecond than the counter holds carry into the next', () => {
		const hlc = createHlc({ clock: createTestClock() });
		const ticks = Array.from({ length: 3_000 }, () => hlc.tick());
		expect(new Set(ticks).size).toBe(3_000);
		expect(wallOf(ticks[2_999] ?? 0)).toBe(wallOf(ticks[0] ?? 0) + 2);
	});

	test('after seeing a clock ten years ahead, own ticks still come later', () => {
		const clock = createTestClock();
		const ahead = createHlc({ clock: createTestClock({ now: clock.now() + 10 * 365 * 86_400_000 }) }).tick();
		const hlc = createHlc({ clock });
		hlc.observe(ahead);
		expect(hlc.tick()).toBe(ahead + 1);
	});

	test.each([Number.NaN, Number.POSITIVE_INFINITY, -5, 8.64e15])(
		'a wall clock of %d still gives safe integers',
		(now) => {
			const hlc = createHlc({ clock: { ...createTestClock(), now: () => now } });
			const first = hlc.tick();
			expect(Number.isSafeInteger(first)).toBe(true);
			expect(hlc.tick()).toBe(first + 1);
			expect(Number.isSafeInteger(first + 1e12)).toBe(true);
		},
	);

	test.each([undefined, Number.NaN, -1, 0.5, 2 ** 60, '12'])(
		'observing %s, which is no tick, changes nothing',
		(value) => {
			const clock = createTestClock();
			const hlc = createHlc({ clock });
			hlc.observe(value as number);
			expect(wallOf(hlc.tick())).toBe(clock.now());
		},
	);

	test('stamps sort as their ticks do and can be read back', () => {
		fc.assert(
			fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
				fc.pre(Math.max(a, b) < Number.MAX_SAFE_INTEGER);
				const [x, y] = [formatStamp(a, device), formatStamp(b, device)];
				expect(Math.sign(a - b)).toBe(x < y ? -1 : x > y ? 1 : 0);
				expect(parseStamp(x)).toBe(a);
			}),
		);
	});

	test('a text that is no stamp reads as none', () => {
		for (const text of ['', 'abc', '00000000000001', 'ffffffffffffff-device', '0000000000000G-x']) {
			expect(parseStamp(text)).toBeUndefined();
		}
	});

	test('a time in the future is shown as now', () => {
		expect(clampToNow(2_000, 1_000)).toBe(1_000);
		expect(clampToNow(500, 1_000)).toBe(500);
	});
});
