import { formatTime } from './time-of-day.ts';
import { nthWord, ordinal } from './words.ts';
import { MONTHS, weekdayName } from './zoned.ts';

/** A recurrence as a person reads it: `every weekday at 08:30`; cron beyond the common shapes stays cron. */
export function describeEvery(every: string): string {
	if (every.startsWith('P')) return describeDuration(every);
	const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = every.trim().split(/\s+/);
	const times = describeTimes(minute, hour);
	const days = times && describeDays(dayOfMonth, month, dayOfWeek);
	return days ? `${days} at ${times}` : `cron ${every}`;
}

/** ISO 8601 duration of a number of seconds: `PT1H30M`. */
export function durationOf(seconds: number): string {
	const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
	return `PT${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${rest ? `${rest}S` : ''}`;
}

/** Length in ms of an ISO 8601 duration of weeks, days and clock units; undefined for any other text. */
export function durationMs(duration: string): number | undefined {
	const parts = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(duration);
	if (!parts || duration.length < 3) return undefined;
	const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
	return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

function describeDuration(duration: string): string {
	const total = (durationMs(duration) ?? 0) / 1000;
	const units: readonly [number, string][] = [
		[Math.floor(total / 3600), 'hour'],
		[Math.floor((total % 3600) / 60), 'minute'],
		[total % 60, 'second'],
	];
	const parts = units.filter(([amount]) => amount > 0);
	const [only] = parts;
	if (parts.length === 1 && only?.[0] === 1) return `every ${only[1]}`;
	return `every ${parts.map(([amount, unit]) => `${amount} ${unit}${amount === 1 ? '' : 's'}`).join(' and ')}`;
}

function describeTimes(minute: string, hour: string): string | undefined {
	if (!/^\d+$/.test(minute) || !/^\d+(,\d+)*$/.test(hour)) return undefined;
	return joined(hour.split(',').map((one) => formatTime({ hour: Number(one), minute: Number(minute) })));
}

function describeDays(dayOfMonth: string, month: string, dayOfWeek: string): string | undefined {
	if (dayOfMonth === '*' && month === '*') return describeWeekdays(dayOfWeek);
	if (dayOfWeek !== '*') return undefined;
	if (month === '*') {
		if (dayOfMonth === 'L') return 'on the last day of every month';
		if (!/^\d+(,\d+)*$/.test(dayOfMonth)) return undefined;
		return `on the ${joined(dayOfMonth.split(',').map((one) => ordinal(Number(one))))} of every month`;
	}
	const name = /^\d+$/.test(month) ? MONTHS[Number(month) - 1] : undefined;
	return name && /^\d+$/.test(dayOfMonth) ? `every ${dayOfMonth} ${name}` : undefined;
}

function describeWeekdays(field: string): string | undefined {
	if (field === '*') return 'every day';
	if (field === '1-5') return 'every weekday';
	const range = /^([1-6])-([2-7])$/.exec(field);
	if (range) return `every ${weekdayName(Number(range[1]))} to ${weekdayName(Number(range[2]))}`;
	const nth = /^([0-7])#([1-5]|L)$/.exec(field);
	if (nth) {
		const which = nth[2] === 'L' ? 'last' : nthWord(Number(nth[2]));
		return `on the ${which} ${weekdayName(Number(nth[1]) || 7)} of every month`;
	}
	if (!/^[0-7](,[0-7])*$/.test(field)) return undefined;
	return `every ${joined(field.split(',').map((one) => weekdayName(Number(one) || 7)))}`;
}

function joined(parts: readonly string[]): string {
	return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
