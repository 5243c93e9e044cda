import { expect, it } from 'vitest';
import { describeCost, formatTokens, formatUsd } from './money.ts';

it('money is in cents, and what is less is not nothing', () => {
	expect([0, 1, 1234.5, 0.01, 0.0042, 0.00004].map(formatUsd)).toEqual([
		'$0.00',
		'$1.00',
		'$1,234.50',
		'$0.01',
		'$0.0042',
		'under $0.0001',
	]);
});

it('a cost that is not known says so, never $0.00', () => {
	expect(describeCost({ usd: 0, calls: 0, unpriced: 0 })).toBeUndefined();
	expect(describeCost({ usd: 0.5, calls: 2, unpriced: 0 })).toBe('$0.50');
	expect(describeCost({ usd: 0, calls: 2, unpriced: 2 })).toBe('cost unknown');
	expect(describeCost({ usd: 0.5, calls: 3, unpriced: 1 })).toBe('$0.50 and 1 call of unknown cost');
	expect(describeCost({ usd: 0.5, calls: 3, unpriced: 2 })).toBe('$0.50 and 2 calls of unknown cost');
});

it('tokens are short', () => {
	expect([0, 940, 12_400, 99_960, 450_000, 999_600, 1_250_000].map(formatTokens)).toEqual([
		'0',
		'940',
		'12.4k',
		'100k',
		'450k',
		'1.0M',
		'1.3M',
	]);
});
