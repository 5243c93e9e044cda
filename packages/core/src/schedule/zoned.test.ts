import { expect, test } from 'vitest';
import {
	describeDistance,
	describeMoment,
	formatMoment,
	instantOf,
	isSecondOfTwo,
	isZone,
	localDateOf,
	localOf,
	localTimeOf,
	weekdayOf,
} from './zoned.ts';

const at = Date.parse('2026-11-21T07:00:00Z');

test('an instant is named with weekday, local time and zone', () => {
	expect(formatMoment(at, 'Europe/Athens')).toBe('Saturday 21 November 2026, 09:00 (Europe/Athens)');
	expect(formatMoment(at, 'America/Los_Angeles')).toBe('Friday 20 November 2026, 23:00 (America/Los_Angeles)');
});

test('today, tomorrow and yesterday go by the calendar of the person', () => {
	const say = (now: string) => describeMoment(at, 'Europe/Athens', Date.parse(now)).split(' ')[0];
	expect(say('2026-11-20T22:00:00Z')).toBe('today,');
	expect(say('2026-11-20T21:59:00Z')).toBe('tomorrow,');
	expect(say('2026-11-22T12:00:00Z')).toBe('yesterday,');
	expect(say('2026-11-19T12:00:00Z')).toBe('Saturday');
});

test('distances are told in a unit that fits', () => {
	const now = Date.parse('2026-11-20T17:00:00Z');
	expect(describeDistance(at, now)).toBe('in 14 hours');
	expect(describeDistance(now + 20 * 60_000, now)).toBe('in 20 minutes');
	expect(describeDistance(now + 90 * 60_000, now)).toBe('in 90 minutes');
	expect(describeDistance(now + 60 * 60_000, now)).toBe('in 1 hour');
	expect(describeDistance(now + 120 * 60_000, now)).toBe('in 2 hours');
	expect(describeDistance(now + 135 * 60_000, now)).toBe('in 2 hours and 15 minutes');
	expect(describeDistance(now + 16 * 86_400_000, now)).toBe('in 16 days');
	expect(describeDistance(now + 42 * 86_400_000, now)).toBe('in 6 weeks');
	expect(describeDistance(now + 104 * 86_400_000, now)).toBe('in 3 months');
	expect(describeDistance(now + 3 * 365 * 86_400_000, now)).toBe('in 3 years');
	expect(describeDistance(now + 1_000, now)).toBe('in 1 second');
	expect(describeDistance(now - 3 * 86_400_000, now)).toBe('3 days ago');
});

test('wall time and instant turn into each other', () => {
	expect(instantOf('2026-11-21T09:00', 'Europe/Athens')).toBe(at);
	expect(localOf(at, 'Europe/Athens')).toBe('2026-11-21T09:00');
	expect(localOf(at + 5_000, 'Europe/Athens')).toBe('2026-11-21T09:00:05');
	expect(localDateOf(at, 'Pacific/Kiritimati')).toBe('2026-11-21');
	expect(localTimeOf(at, 'Asia/Kathmandu')).toBe('12:45');
	expect(weekdayOf(at, 'Europe/Athens')).toBe('Saturday');
});

test('a wall time in a gap is moved forward by the gap', () => {
	expect(localOf(instantOf('2027-03-28T03:30', 'Europe/Athens'), 'Europe/Athens')).toBe('2027-03-28T04:30');
});

test('a wall time in an overlap is its first occurrence', () => {
	expect(instantOf('2026-10-25T03:30', 'Europe/Athens')).toBe(Date.parse('2026-10-25T00:30:00Z'));
	expect(isSecondOfTwo(Date.parse('2026-10-25T00:30:00Z'), 'Europe/Athens')).toBe(false);
	expect(isSecondOfTwo(Date.parse('2026-10-25T01:30:00Z'), 'Europe/Athens')).toBe(true);
});

test('zones are IANA names only', () => {
	expect(['Europe/Athens', 'UTC', 'America/Argentina/Buenos_Aires'].every(isZone)).toBe(true);
	expect(['', '+02:00', 'Europe/Atlantis', 'Athens', '../etc'].some(isZone)).toBe(false);
});
