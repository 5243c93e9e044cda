import { expect, test } from 'vitest';
import { addDays, dayTitle, distanceWords, type Here, momentWords } from './moments.ts';

const noon = Date.parse('2026-11-20T12:00:00Z');
const athens: Here = { zone: 'Europe/Athens', now: noon };

test('days are counted by the calendar, over the ends of months, years and daylight saving', () => {
	expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
	expect(addDays('2026-10-25', 1)).toBe('2026-10-26');
	expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
});

test('a day near today has a name, another its weekday, another year its year', () => {
	expect(dayTitle('2026-11-20', athens)).toBe('Today');
	expect(dayTitle('2026-11-21', athens)).toBe('Tomorrow');
	expect(dayTitle('2026-11-19', athens)).toBe('Yesterday');
	expect(dayTitle('2026-12-01', athens)).toBe('Tuesday 1 December');
	expect(dayTitle('2027-01-04', athens)).toBe('Monday 4 January 2027');
});

test('today is the day of the reader’s zone', () => {
	const late = { zone: 'Europe/Athens', now: Date.parse('2026-11-20T23:30:00Z') };
	expect(dayTitle('2026-11-21', late)).toBe('Today');
	expect(dayTitle('2026-11-20', { ...late, zone: 'America/New_York' })).toBe('Today');
});

test('a moment is said with weekday and local time', () => {
	expect(momentWords(Date.parse('2026-12-01T07:00:00Z'), athens)).toBe('Tue 1 Dec, 09:00');
});

test('a moment of another zone is said in that zone, by name', () => {
	const words = momentWords(Date.parse('2026-12-01T14:00:00Z'), athens, 'America/New_York');
	expect(words).toBe('Tue 1 Dec, 09:00 · America/New_York');
});

test('a moment of another year says so', () => {
	expect(momentWords(Date.parse('2027-12-01T07:00:00Z'), athens)).toBe('Wed 1 Dec 2027, 09:00');
});

test('a distance is told in the unit a person would use', () => {
	expect(distanceWords(noon + 20 * 60_000, noon)).toBe('in 20 minutes');
	expect(distanceWords(noon - 61_000, noon)).toBe('1 minute ago');
	expect(distanceWords(noon + 5 * 3_600_000, noon)).toBe('in 5 hours');
	expect(distanceWords(noon + 3 * 86_400_000, noon)).toBe('in 3 days');
	expect(distanceWords(noon + 1_000, noon)).toBe('now');
});
