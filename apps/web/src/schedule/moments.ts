import { formatTime, makeDayOf } from '../chat/format.ts';

/** Where and when the reader is. */
export interface Here {
	/** IANA zone of the person. */
	readonly zone: string;
	/** Milliseconds since the epoch. */
	readonly now: number;
}

/** The calendar day `count` days after one written as `2026-12-01`. */
export function addDays(day: string, count: number): string {
	const date = new Date(`${day}T00:00:00Z`);
	date.setUTCDate(date.getUTCDate() + count);
	return date.toISOString().slice(0, 10);
}

/** A day written as `2026-12-01`, as a heading: Today, Yesterday, Tomorrow, or with its weekday. */
export function dayTitle(day: string, here: Here): string {
	const today = makeDayOf(here.zone)(here.now);
	if (day === today) return 'Today';
	if (day === addDays(today, 1)) return 'Tomorrow';
	if (day === addDays(today, -1)) return 'Yesterday';
	const withYear = day.slice(0, 4) === today.slice(0, 4) ? {} : ({ year: 'numeric' } as const);
	return dateWords(Date.parse(`${day}T00:00:00Z`), 'UTC', {
		weekday: 'long',
		day: 'numeric',
		month: 'long',
		...withYear,
	});
}

/** Weekday, date and time in `zone` (the reader's by default); names the zone when it is not the reader's. */
export function momentWords(at: number, here: Here, zone: string = here.zone): string {
	const isThisYear = makeDayOf(zone)(at).slice(0, 4) === makeDayOf(here.zone)(here.now).slice(0, 4);
	const withYear = isThisYear ? {} : ({ year: 'numeric' } as const);
	const date = dateWords(at, zone, { weekday: 'short', day: 'numeric', month: 'short', ...withYear });
	const words = `${date}, ${formatTime(at, zone)}`;
	return zone === here.zone ? words : `${words} · ${zone}`;
}

function dateWords(at: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
	// Versions of the platform's data differ in the comma behind the weekday; ours has none.
	return new Intl.DateTimeFormat('en-GB', { ...options, timeZone }).format(at).replace(',', '');
}

/** How far off a moment is: "in 20 minutes", "3 days ago", "now". */
export function distanceWords(at: number, now: number): string {
	const minutes = Math.round((at - now) / 60_000);
	if (minutes === 0) return 'now';
	const size = Math.abs(minutes);
	const [count, unit] =
		size < 60 ? [size, 'minute'] : size < 48 * 60 ? [Math.round(size / 60), 'hour'] : [Math.round(size / 1_440), 'day'];
	const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
	return minutes > 0 ? `in ${words}` : `${words} ago`;
}
