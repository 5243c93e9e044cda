import { expect, it } from 'vitest';
import { DEFAULT_CAPS, dayCapOn, parseCaps, raisedCap } from './caps.ts';

it('a daily cap of two dollars is on before anybody chose', () => {
	expect(parseCaps(undefined)).toEqual(DEFAULT_CAPS);
	expect(dayCapOn(DEFAULT_CAPS, '2026-11-20')).toBe(2);
	expect(DEFAULT_CAPS.turnUsd).toBe(1);
});

it('what is kept in another form is the default, never no cap', () => {
	for (const garbled of [null, 'off', 7, [], { dayUsd: '5', turnUsd: null }, { dayUsd: Number.NaN, turnUsd: -1 }]) {
		expect(parseCaps(garbled)).toEqual(DEFAULT_CAPS);
	}
	expect(parseCaps({ dayUsd: 'off', turnUsd: 0.25 })).toEqual({ dayUsd: 'off', turnUsd: 0.25 });
	const raised = { day: '2026-11-20', usd: 4 };
	expect(parseCaps({ dayUsd: 2, turnUsd: 1, raised })).toEqual({ dayUsd: 2, turnUsd: 1, raised });
	expect(parseCaps({ raised: { day: 5, usd: 4 } })).toEqual(DEFAULT_CAPS);
});

it('a raise holds for its day and is over with it', () => {
	const caps = { ...DEFAULT_CAPS, raised: { day: '2026-11-20', usd: 4 } };
	expect(dayCapOn(caps, '2026-11-20')).toBe(4);
	expect(dayCapOn(caps, '2026-11-21')).toBe(2);
	expect(dayCapOn({ ...caps, dayUsd: 10 }, '2026-11-20')).toBe(10);
	expect(dayCapOn({ ...caps, dayUsd: 'off' }, '2026-11-20')).toBeUndefined();
});

it('one tap raises by the ordinary cap, or by as many times as gives room again', () => {
	expect(raisedCap(DEFAULT_CAPS, { capUsd: 2, spentUsd: 1.97 })).toBe(4);
	expect(raisedCap(DEFAULT_CAPS, { capUsd: 4, spentUsd: 3.99 })).toBe(6);
	expect(raisedCap(DEFAULT_CAPS, { capUsd: 2, spentUsd: 3.6 })).toBe(6);
	expect(raisedCap({ ...DEFAULT_CAPS, dayUsd: 0.1 }, { capUsd: 0.1, spentUsd: 0.05 })).toBe(0.2);
	expect(raisedCap({ ...DEFAULT_CAPS, dayUsd: 0.02 }, { capUsd: 0.02, spentUsd: 0, nextUsd: 0.07 })).toBe(0.08);
	expect(raisedCap({ ...DEFAULT_CAPS, dayUsd: 0 }, { capUsd: 0, spentUsd: 0 })).toBe(2);
});
