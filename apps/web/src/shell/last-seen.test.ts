import { describe, expect, it } from 'vitest';
import { describeAgo, describeBytes, describeLeft, describeSeen } from './last-seen.ts';

const NOW = Date.UTC(2026, 10, 20, 9, 0);
const MINUTE = 60_000;
const seen = (ago: number) => describeSeen(NOW - ago, NOW, 'Europe/Athens');

describe('when a device was seen last', () => {
	it('is said in the largest unit that fits, and as a date from a week on', () => {
		expect([0, 119_000, 2 * MINUTE, 59 * MINUTE, 60 * MINUTE, 25 * 60 * MINUTE].map(seen)).toEqual([
			'Now',
			'Now',
			'2 minutes ago',
			'59 minutes ago',
			'1 hour ago',
			'1 day ago',
		]);
		expect(seen(6.9 * 24 * 60 * MINUTE)).toBe('6 days ago');
		expect(seen(7 * 24 * 60 * MINUTE)).toBe('13 November 2026, 11:00');
	});

	it('is not known for a device that never connected, and is never in the future', () => {
		expect(describeSeen(undefined, NOW, 'UTC')).toBe('Not known');
		expect(describeSeen(0, NOW, 'UTC')).toBe('Not known');
		expect(seen(-60 * MINUTE)).toBe('Now');
	});

	it('has another word for what happened a moment ago', () => {
		expect(describeAgo(NOW - 1, NOW, 'UTC')).toBe('Just now');
	});
});

describe('what is left of five minutes', () => {
	it('counts down to nothing and stays there', () => {
		expect([300_000, 299_001, 61_000, 900, 0, -5_000].map((left) => describeLeft(NOW + left, NOW))).toEqual([
			'5:00',
			'5:00',
			'1:01',
			'0:01',
			'0:00',
			'0:00',
		]);
	});
});

describe('a size', () => {
	it('is rounded to what a person can take in', () => {
		expect([0, 999, 1000, 9_949, 12_300, 999_499, 999_500, 2_147_483_648].map(describeBytes)).toEqual([
			'0 bytes',
			'999 bytes',
			'1.0 kB',
			'9.9 kB',
			'12 kB',
			'999 kB',
			'1.0 MB',
			'2.1 GB',
		]);
	});
});
