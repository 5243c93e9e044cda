import { describe, expect, it } from 'vitest';
import { formatDay, formatDue, formatDuration, makeDayOf } from './format.ts';

const now = Date.UTC(2026, 10, 20, 21, 30);

describe('times as words', () => {
	it('says weekday, date, local time and zone of what is due', () => {
		expect(formatDue(Date.UTC(2026, 10, 21, 7), now, 'Europe/Athens')).toBe(
			'Saturday 21 November, 09:00 · Europe/Athens',
		);
	});

	it('adds the year when it is another', () => {
		expect(formatDue(Date.UTC(2027, 0, 1, 0, 5), now, 'UTC')).toBe('Friday 1 January 2027, 00:05 · UTC');
	});

	it('counts days in the zone of the reader', () => {
		expect(makeDayOf('Europe/Athens')(now)).toBe('2026-11-20');
		expect(makeDayOf('Asia/Tokyo')(now)).toBe('2026-11-21');
		expect(formatDay(now, now, 'Asia/Tokyo')).toBe('Today');
		expect(formatDay(now - 86_400_000, now, 'Asia/Tokyo')).toBe('Yesterday');
		expect(formatDay(now - 6 * 86_400_000, now, 'UTC')).toBe('Saturday 14 November');
	});

	it('says yesterday on the day after the clocks changed', () => {
		const monday = Date.UTC(2026, 9, 26, 0, 30);
		expect(formatDay(Date.UTC(2026, 9, 25, 0, 30), monday, 'Europe/Berlin')).toBe('Yesterday');
	});

	it('rounds durations to what one can feel', () => {
		expect([40, 1234, 12_400, 125_000].map(formatDuration)).toEqual(['0.0 s', '1.2 s', '12 s', '2 min 5 s']);
	});
});
