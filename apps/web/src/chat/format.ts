import { makeDayOf } from '@pocketeer/core/schedule/local-day';

export { makeDayOf };

/** Times and sizes as words; English throughout, like the rest of the screen. */
const LOCALE = 'en-GB';

function dayOf(at: number, zone: string): string {
	return makeDayOf(zone)(at);
}

/** "Today", "Yesterday", "Saturday 14 November", with the year when it is another. */
export function formatDay(at: number, now: number, zone: string): string {
	const day = dayOf(at, zone);
	if (day === dayOf(now, zone)) return 'Today';
	// Noon of the day before, so that no change of the clocks skips it.
	const yesterday = Date.parse(`${dayOf(now, zone)}T12:00:00Z`) - 86_400_000;
	if (day === dayOf(yesterday, 'UTC')) return 'Yesterday';
	return longDate(at, now, zone);
}

/** "09:05". */
export function formatTime(at: number, zone: string): string {
	const parts = partsOf(at, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
	return `${parts.get('hour')}:${parts.get('minute')}`;
}

/** "Saturday 21 November, 09:00 · Europe/Athens". */
export function formatDue(due: number, now: number, zone: string): string {
	return `${longDate(due, now, zone)}, ${formatTime(due, zone)} · ${zone}`;
}

/** "20 November 2026, 09:05". */
export function formatMoment(at: number, zone: string): string {
	const parts = partsOf(at, zone, { day: 'numeric', month: 'long', year: 'numeric' });
	return `${parts.get('day')} ${parts.get('month')} ${parts.get('year')}, ${formatTime(at, zone)}`;
}

/** "0.4 s", "12 s", "2 min 5 s". */
export function formatDuration(ms: number): string {
	if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** "1,234,567". */
export function formatCount(count: number): string {
	return count.toLocaleString('en');
}

function longDate(at: number, now: number, zone: string): string {
	const parts = partsOf(at, zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
	const year = parts.get('year');
	const isThisYear = year === dayOf(now, zone).slice(0, 4);
	return `${parts.get('weekday')} ${parts.get('day')} ${parts.get('month')}${isThisYear ? '' : ` ${year}`}`;
}

function partsOf(at: number, zone: string, options: Intl.DateTimeFormatOptions): ReadonlyMap<string, string> {
	return new Map(
		new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone })
			.formatToParts(at)
			.map((part) => [part.type, part.value]),
	);
}

/** The beginning of a long text, with how much more there is. */
export function shortenText(text: string, limit: number): string {
	if (text.length <= limit) return text;
	return `${text.slice(0, limit)}\n… ${formatCount(text.length - limit)} more characters`;
}
