import { expect, it } from 'vitest';
import { lazily } from './later.ts';

it('loads at the first call, once, and again after a load that failed', async () => {
	let loads = 0;
	const counter = lazily(async () => {
		loads += 1;
		if (loads === 1) throw new Error('no network');
		return { add: async (a: number, b: number) => a + b };
	});
	expect(loads).toBe(0);
	await expect(counter.add(1, 2)).rejects.toThrow('no network');
	expect(await Promise.all([counter.add(1, 2), counter.add(3, 4)])).toEqual([3, 7]);
	expect(loads).toBe(2);
});
