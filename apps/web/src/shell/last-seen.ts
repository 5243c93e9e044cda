import { formatMoment } from '../chat/format.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Within it a device counts as there: the relay notes a connection's end late. */
const NOW_MS = 2 * MINUTE;

/** When a device was connected last, such as "2 hours ago"; 0 and undefined are not known. */
export function describeSeen(seen: number | undefined, now: number, zone: string): string {
	if (!seen) return 'Not known';
	return describeAgo(seen, now, zone, 'Now');
}

/** A moment as how long ago it was, `recent` for the last two minutes; the date from a week on. */
export function describeAgo(at: number, now: number, zone: string, recent = 'Just now'): string {
	const ago = now - at;
	// A clock that is off must not make a device come from the future.
	if (ago < NOW_MS) return recent;
	if (ago < HOUR) return plural(Math.floor(ago / MINUTE), 'minute');
	if (ago < DAY) return plural(Math.floor(ago / HOUR), 'hour');
	if (ago < 7 * DAY) return plural(Math.floor(ago / DAY), 'day');
	return formatMoment(at, zone);
}

/** What is left until a moment, as "4:59"; "0:00" after it. */
export function describeLeft(until: number, now: number): string {
	const seconds = Math.max(0, Math.ceil((until - now) / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A size as "512 bytes", "4.2 MB"; powers of a thousand, as browsers and disks count. */
export function describeBytes(bytes: number): string {
	const units = ['kB', 'MB', 'GB', 'TB'];
	if (bytes < 1000) return `${bytes} bytes`;
	let value = bytes / 1000;
	let unit = 0;
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000;
		unit++;
	}
	return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function plural(count: number, unit: string): string {
	return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}
