import { expect, it } from 'vitest';
import { parseUsd } from './usd.ts';

it('reads amounts as people type them', () => {
	expect(['2', ' $2.50 ', '0,5', '.25', '10.', '0', '1.999'].map(parseUsd)).toEqual([2, 2.5, 0.5, 0.25, 10, 0, 2]);
});

it('takes for no amount what is none', () => {
	expect(['', 'two', '-1', '1e9', '1.2.3', '1,000.50', '99999', 'NaN'].map(parseUsd)).toEqual(Array(8).fill(undefined));
});
