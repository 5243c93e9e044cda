import { Temporal } from 'temporal-polyfill';

/**
 * Local wall time ↔ instant. Where a wall time does not exist (clocks go forward) the moment is moved by the length
 * of the gap, so 03:30 becomes 04:30; where it happens twice (clocks go back) the first is meant. Both are Temporal's
 * `compatible` rule, the one calendars use (RFC 5545 section 3.3.5).
 */

/** Whether the name is an IANA zone this platform knows, such as `Europe/Athens` or `UTC`; fixed offsets are none. */
export function isZone(name: string): boolean {
	if (!/^[A-Za-z]/.test(name)) return false;
	try {
		Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
		return true;
	} catch {
		return false;
	}
}

/** Instant in ms of a local wall time such as `2026-12-01T09:00`; throws a RangeError on text that is none. */
export function instantOf(local: string, zone: string): number {
	return Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** The moment as the person's clock shows it, with date arithmetic. */
export function zonedAt(instant: number, zone: string): Temporal.ZonedDateTime {
	return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
}

/** Local wall time of an instant: `2026-12-01T09:00`, with seconds only where they are not zero. */
export function localOf(instant: number, zone: string): string {
	return formatLocal(zonedAt(instant, zone).toPlainDateTime());
}

/** `2026-12-01T09:00`, with seconds only where they are not zero. */
export function formatLocal(wall: Temporal.PlainDateTime): string {
	return wall.toString({ smallestUnit: wall.second === 0 ? 'minute' : 'second' });
}

/** Local date of an instant: `2026-12-01`. */
export function localDateOf(instant: number, zone: string): string {
	return zonedAt(instant, zone).toPlainDate().toString();
}

/** Local time of day of an instant: `09:00`. */
export function localTimeOf(instant: number, zone: string): string {
	return zonedAt(instant, zone).toPlainTime().toString({ smallestUnit: 'minute' });
}

/** Whether the instant is the second of two equal wall times, when clocks go back. */
export function isSecondOfTwo(instant: number, zone: string): boolean {
	return instantOf(zonedAt(instant, zone).toPlainDateTime().toString(), zone) !== instant;
}

/** Monday first, as ISO 8601 counts: the name of day 1 is at index 0. */
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** January first. */
export const MONTHS = [
	'January',
	'February',
	'March',
	'April',
	'May',
	'June',
	'July',
	'August',
	'September',
	'October',
	'November',
	'December',
] as const;

/** English name of the weekday of an instant in a zone. */
export function weekdayOf(instant: number, zone: string): string {
	return weekdayName(zonedAt(instant, zone).dayOfWeek);
}

/** English name of an ISO weekday, 1 (Monday) to 7. */
export function weekdayName(dayOfWeek: number): string {
	return WEEKDAYS[dayOfWeek - 1] ?? String(dayOfWeek);
}

/** `Saturday 21 November 2026`. */
export function formatDate(date: Temporal.PlainDate): string {
	return `${weekdayName(date.dayOfWeek)} ${date.day} ${MONTHS[date.month - 1]} ${date.year}`;
}

/** `Saturday 21 November 2026, 09:00 (Europe/Athens)`. */
export function formatMoment(instant: number, zone: string): string {
	return `${formatDate(zonedAt(instant, zone).toPlainDate())}, ${localTimeOf(instant, zone)} (${zone})`;
}

/** As `formatMoment`, led by `today, `, `tomorrow, ` or `yesterday, ` where that is true on the person's calendar. */
export function describeMoment(instant: number, zone: string, now: number): string {
	const days = zonedAt(now, zone).toPlainDate().until(zonedAt(instant, zone).toPlainDate()).days;
	const word = days === 0 ? 'today, ' : days === 1 ? 'tomorrow, ' : days === -1 ? 'yesterday, ' : '';
	return word + formatMoment(instant, zone);
}

/** `in 14 hours`, `in 20 minutes`, `3 days ago`: the distance in its largest sensible unit, rounded. */
export function describeDistance(instant: number, now: number): string {
	const words = describeSpan(Math.abs(instant - now));
	return instant >= now ? `in ${words}` : `${words} ago`;
}

function describeSpan(spanMs: number): string {
	const seconds = Math.round(spanMs / 1000);
	if (seconds < 90) return count(seconds, 'second');
	const minutes = Math.round(seconds / 60);
	const [whole, rest] = [Math.floor(minutes / 60), minutes % 60];
	if (minutes < 120 && rest !== 0) return count(minutes, 'minute');
	if (minutes < 180) return count(whole, 'hour') + (rest === 0 ? '' : ` and ${count(rest, 'minute')}`);
	const hours = Math.round(minutes / 60);
	if (hours < 48) return count(hours, 'hour');
	const days = Math.round(hours / 24);
	if (days < 21) return count(days, 'day');
	if (days < 60) return count(Math.round(days / 7), 'week');
	if (days < 700) return count(Math.round(days / 30.44), 'month');
	return count(Math.round(days / 365.25), 'year');
}

function count(amount: number, unit: string): string {
	return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
