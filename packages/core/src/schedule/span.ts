/** A length of time: clock units are elapsed, calendar units keep the wall time. */
export interface Span {
	readonly years: number;
	readonly months: number;
	readonly weeks: number;
	readonly days: number;
	readonly seconds: number;
	/** What was taken for granted, such as what "a couple" means. */
	readonly assumed: readonly string[];
}

/** Whether the span has calendar units, whose length in hours depends on where it begins. */
export function isCalendarSpan(span: Span): boolean {
	return span.years + span.months + span.weeks + span.days > 0;
}

/** Reads `20 minutes`, `an hour and a half`, `1 day and 2 hours`, `2h30m`; undefined for anything else. */
export function readSpan(words: string): Span | undefined {
	const assumed = /\bcouple\b/.test(words) ? ['"A couple" was taken as 2.'] : [];
	let rest = simplify(words);
	const sums = { years: 0, months: 0, weeks: 0, days: 0, seconds: 0 };
	for (let isFirst = true; rest !== ''; isFirst = false) {
		const match = (isFirst ? FIRST_PART : NEXT_PART).exec(rest);
		const unit = match?.groups?.unit;
		if (!match || unit === undefined) return undefined;
		const amount = Number(match.groups?.amount);
		const seconds = SECONDS[unit.charAt(0) + (unit.startsWith('mo') ? 'o' : '')];
		if (seconds !== undefined) sums.seconds += amount * seconds;
		else if (!Number.isInteger(amount)) return undefined;
		else sums[CALENDAR[unit.startsWith('mo') ? 'mo' : unit.charAt(0)] ?? 'days'] += amount;
		rest = rest.slice(match[0].length);
	}
	const total = sums.years + sums.months + sums.weeks + sums.days + sums.seconds;
	if (total <= 0 || !Number.isInteger(sums.seconds)) return undefined;
	return { ...sums, assumed };
}

/** Keys are the unit's first letter; minutes share theirs with months. */
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const CALENDAR: Readonly<Record<string, 'years' | 'months' | 'weeks' | 'days'>> = {
	y: 'years',
	mo: 'months',
	w: 'weeks',
	d: 'days',
};
const UNIT =
	'(?<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|mos?|years?|yrs?|y)(?![a-z])';
const FIRST_PART = new RegExp(`^(?<amount>\\d{1,5}(?:\\.\\d{1,2})?) ?${UNIT}`);
const NEXT_PART = new RegExp(`^(?: ?, ?and |, ?| and | )?(?<amount>\\d{1,5}(?:\\.\\d{1,2})?) ?${UNIT}`);

function simplify(words: string): string {
	return words
		.replace(/^(?:an?|1) hour and a half$/, '90 minutes')
		.replace(/^(?:an?|1) minute and a half$/, '90 seconds')
		.replace(/^(\d+) hours? and a half$/, '$1.5 hours')
		.replace(/^(\d+) and a half (hours?|minutes?)$/, '$1.5 $2')
		.replace(/^(?:3|three) quarters of an hour$/, '45 minutes')
		.replace(/(?:a )?quarter of an hour/, '15 minutes')
		.replace(/(?:a )?half an? hour|a half hour|half hour|1\/2 hour/, '30 minutes')
		.replace(/half an? minute/, '30 seconds')
		.replace(/\ba couple(?: of)? /, '2 ')
		.replace(/(^|and )an? /g, '$11 ')
		.replace(/^(\d+) ?h ?(\d{2})$/, '$1h $2m')
		.trim();
}
