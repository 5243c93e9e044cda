import { dayOfWeekOf, NTH_PATTERN, nthOf, WEEKDAY_PATTERN } from './words.ts';
import { MONTHS } from './zoned.ts';

/** Day-of-month, month and day-of-week fields of cron for the days said, or what has to be asked. */
export type SaidDays =
	| { readonly fields: string; readonly assumed?: readonly string[] }
	| { readonly question: string };

/** Reads the days of a recurrence from normalized words without the time of day; undefined when they name none. */
export function readEveryDays(rest: string): SaidDays | undefined {
	if (/^(?:every day|daily|every 1 day)$/.test(rest)) return { fields: '* * *' };
	if (/^(?:(?:every )?(?:weekday|weekdays|workday|workdays|working day|work day))$/.test(rest))
		return { fields: '* * 1-5' };
	if (/^(?:every )?weekends?$/.test(rest))
		return { fields: '* * 6,0', assumed: ['Saturday and Sunday were taken as the weekend.'] };
	if (/\b(?:fortnightly|biweekly|bi-weekly|quarterly|twice|once|times)\b/.test(rest)) {
		return { question: 'Which days and which time should it be, for example "every Monday and Thursday at 9"?' };
	}
	return readWeekdays(rest) ?? readNthWeekday(rest) ?? readMonthDays(rest) ?? readYearly(rest);
}

const WEEKDAY_LIST = new RegExp(
	`^(?:(?:every week|weekly)(?: on)? |every )?(?<list>${WEEKDAY_PATTERN}s?(?:(?: ?, ?and | ?, ?| and | & | )(?:every |on )?${WEEKDAY_PATTERN}s?)*)$`,
);
const WEEKDAY_RANGE = new RegExp(
	`^(?:every (?:day |week )?)?(?:from )?(?<from>${WEEKDAY_PATTERN})s? ?(?:to|through|until|till|-|–) ?(?<to>${WEEKDAY_PATTERN})s?$`,
);

function readWeekdays(rest: string): SaidDays | undefined {
	if (/^(?:weekly|every week)$/.test(rest)) return { question: 'On which day of the week, and at what time?' };
	const range = WEEKDAY_RANGE.exec(rest)?.groups;
	if (range?.from && range.to) {
		const [from, to] = [dayOfWeekOf(range.from), dayOfWeekOf(range.to)];
		return from < to ? { fields: `* * ${from}-${to}` } : undefined;
	}
	const list = WEEKDAY_LIST.exec(rest)?.groups?.list;
	if (list === undefined) return undefined;
	const days = [...list.matchAll(new RegExp(WEEKDAY_PATTERN, 'g'))].map(([word]) => dayOfWeekOf(word));
	const field = [...new Set(days)].sort((a, b) => a - b).map(cronDay);
	const isSaid = /every|weekly|(?:mon|tues|wednes|thurs|fri|satur|sun)days/.test(rest);
	const assumed = isSaid ? [] : ['Several weekdays were taken as every week.'];
	return { fields: `* * ${field.join(',')}`, assumed };
}

/** Cron counts Sunday as 0. */
function cronDay(dayOfWeek: number): number {
	return dayOfWeek % 7;
}

const EVERY_MONTH = '(?:every month|the month|month|monthly)';
const NTH = `(?<nth>${NTH_PATTERN}) (?<name>${WEEKDAY_PATTERN})`;
const NTH_WEEKDAYS = [
	new RegExp(`^(?:every |on )?(?:the )?${NTH} (?:of|in) (?:the |every )?month$`),
	new RegExp(`^(?:every month|monthly)(?: on)? (?:the )?${NTH}$`),
];

function readNthWeekday(rest: string): SaidDays | undefined {
	for (const pattern of NTH_WEEKDAYS) {
		const said = pattern.exec(rest)?.groups;
		if (!said?.nth || !said.name) continue;
		const nth = nthOf(said.nth);
		const assumed = nth === 5 ? ['Months without a fifth one are left out.'] : [];
		return { fields: `* * ${cronDay(dayOfWeekOf(said.name))}#${nth === 'last' ? 'L' : nth}`, assumed };
	}
	return undefined;
}

const DAYS_LIST =
	'(?<days>\\d{1,2}(?:st|nd|rd|th)(?:(?: ?, ?and | ?, ?| and )(?:the )?\\d{1,2}(?:st|nd|rd|th))*|(?:the )?last day)';
const MONTH_DAYS = [
	new RegExp(`^(?:every month|monthly)(?: on)? (?:the )?${DAYS_LIST}(?: of (?:the|every) month)?$`),
	new RegExp(`^(?:every |on )?(?:the )?${DAYS_LIST} of (?:the |every )?month$`),
	new RegExp(`^every ${DAYS_LIST}$`),
	new RegExp(`^${EVERY_MONTH} (?:at|on) (?:the )?(?<days>end|beginning|start)$`),
	/^(?:at )?(?:the )?(?<days>end|beginning|start) of (?:every|each) month$/,
];
const FIRST_DAY =
	/^(?:every |on |the |every the )*first(?: day)? of (?:the|every) month$|^(?:every month|monthly)(?: on)? the first(?: day)?$/;

function readMonthDays(rest: string): SaidDays | undefined {
	if (/^(?:monthly|every month)$/.test(rest)) return { question: 'On which day of the month, and at what time?' };
	if (FIRST_DAY.test(rest)) return { fields: '1 * *' };
	for (const pattern of MONTH_DAYS) {
		const days = pattern.exec(rest)?.groups?.days;
		if (days === undefined) continue;
		if (days.endsWith('last day') || days === 'end') return { fields: 'L * *' };
		if (days === 'beginning' || days === 'start') return { fields: '1 * *' };
		const numbers = [...new Set([...days.matchAll(/\d+/g)].map(Number))].sort((a, b) => a - b);
		if (numbers.some((number) => number < 1 || number > 31))
			return { question: 'No month has such a day. Which day is meant?' };
		const late = numbers.filter((number) => number > 28);
		const assumed = late.length > 0 ? [`Months without a day ${late.join(' or ')} are left out.`] : [];
		return { fields: `${numbers.join(',')} * *`, assumed };
	}
	return undefined;
}

const MONTH =
	`(?<month>${MONTHS.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|')}|sept)`.toLowerCase();
const YEARLY = [
	new RegExp(
		`^(?:every year|yearly|annually|every)(?: on)? (?:the )?(?<day>\\d{1,2})(?:st|nd|rd|th)?(?: of)? ${MONTH}(?: every year)?$`,
	),
	new RegExp(`^(?:every year|yearly|annually|every)(?: on)? ${MONTH} (?:the )?(?<day>\\d{1,2})(?:st|nd|rd|th)?$`),
	new RegExp(`^(?:the )?(?<day>\\d{1,2})(?:st|nd|rd|th)?(?: of)? ${MONTH} (?:every year|yearly|annually)$`),
	new RegExp(`^${MONTH} (?:the )?(?<day>\\d{1,2})(?:st|nd|rd|th)? (?:every year|yearly|annually)$`),
];
const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function readYearly(rest: string): SaidDays | undefined {
	if (/^(?:yearly|annually|every year)$/.test(rest)) return { question: 'On which date, and at what time?' };
	for (const pattern of YEARLY) {
		const said = pattern.exec(rest)?.groups;
		if (!said?.day || !said.month) continue;
		const name = said.month.slice(0, 3);
		const month = MONTHS.findIndex((full) => full.toLowerCase().startsWith(name)) + 1;
		const day = Number(said.day);
		if (day < 1 || day > (LONGEST_MONTH[month - 1] ?? 0))
			return { question: 'There is no such date. Which day is meant?' };
		const assumed = day === 29 && month === 2 ? ['Only leap years have a 29 February.'] : [];
		return { fields: `${day} ${month} *`, assumed };
	}
	return undefined;
}
