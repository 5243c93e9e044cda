import type { en } from 'chrono-node';
import { Temporal } from 'temporal-polyfill';
import { readSpan } from './span.ts';
import { dayOfWeekOf, NTH_PATTERN, nthOf, nthWord, ordinal, WEEKDAY_PATTERN } from './words.ts';
import { formatDate, MONTHS, weekdayName } from './zoned.ts';

/** A day as it was said. */
export type SaidDay =
	/** Nothing was said of the day. */
	| { readonly type: 'none' }
	| {
			readonly type: 'day';
			readonly date: Temporal.PlainDate;
			readonly assumed: readonly string[];
			/** The weekday said is today's: today if the hour is still to come, else a week later. */
			readonly orWeekLater?: boolean;
			/** A day of the month without month: a month later if it has passed. */
			readonly orMonthLater?: boolean;
	  }
	/** The words speak of a day, but of no single one, or of one gone by. */
	| { readonly type: 'question'; readonly question: string; readonly isPast?: boolean }
	| { readonly type: 'unknown' };

interface DayContext {
	readonly today: Temporal.PlainDate;
	readonly chrono: typeof en;
}

/** Reads what remains of normalized words when the time of day is taken out. */
export function readDay(words: string, context: DayContext): SaidDay {
	const rest = words
		.replace(/^(?:,|\b(?:on|for|by|at|from|starting|of)\b|\s)+/, '')
		.replace(/(?:,|\b(?:on|at|by|in|the)\b|\s)+$/, '')
		.replace(/ ?, ?/g, ' ')
		.trim();
	if (rest === '') return { type: 'none' };
	for (const read of READERS) {
		const said = read(rest, context);
		if (said) return said;
	}
	return { type: 'unknown' };
}

type Reader = (words: string, context: DayContext) => SaidDay | undefined;

const READERS: readonly Reader[] = [
	readNearDay,
	readVague,
	readWeekday,
	readNthWeekday,
	readMonthEnd,
	readDayOfMonth,
	readSpanFromDay,
	readNumericDate,
	readCalendarDate,
];

function day(date: Temporal.PlainDate, ...assumed: string[]): SaidDay {
	return { type: 'day', date, assumed };
}

function readNearDay(words: string, { today }: DayContext): SaidDay | undefined {
	if (words === 'today') return day(today);
	if (/^(?:tomorrow|tomorow|tommorow|tmr|tmrw)$/.test(words)) return day(today.add({ days: 1 }));
	if (/^(?:the )?day after tomorrow$/.test(words)) return day(today.add({ days: 2 }));
	if (/^(?:yesterday|(?:the )?day before yesterday)\b|\bago$|^last (?:night|week|month|year)$/.test(words))
		return { type: 'question', question: 'That lies in the past. Which day to come is meant?', isPast: true };
	return undefined;
}

const VAGUE =
	/^(?:(?:the )?(?:next|coming|following) (?:\d+|few|couple(?: of)?) \w+|(?:in the )?(?:next|this|the|coming|following) (?:week|month|year|weekend|quarter)|weekend|soon|later|later today|sometime|someday|some time|one day|a bit|a while|in a (?:bit|while|moment|few .*)|in some .*|eventually|asap|now|end of (?:the )?(?:day|week|year)|(?:after|before) (?:lunch|dinner|breakfast|work|school))$/;

function readVague(words: string): SaidDay | undefined {
	if (!VAGUE.test(words)) return undefined;
	return { type: 'question', question: `"${words}" names no single moment. Which day, and at what time?` };
}

const WEEKDAY = new RegExp(
	`^(?:(?<next>next week)(?: on)? )?(?<which>this|coming|this coming|the coming|next|last|past)? ?(?<name>${WEEKDAY_PATTERN})(?: (?<week>week|next week|this week))?$`,
);

function readWeekday(words: string, { today }: DayContext): SaidDay | undefined {
	const said = WEEKDAY.exec(words)?.groups;
	if (!said?.name) return undefined;
	const wanted = dayOfWeekOf(said.name);
	const name = weekdayName(wanted);
	const distance = (wanted - today.dayOfWeek + 7) % 7;
	const coming = today.add({ days: distance });
	const inNextWeek = today.add({ days: wanted - today.dayOfWeek + 7 });
	if (said.which === 'last' || said.which === 'past')
		return { type: 'question', question: `Last ${name} lies in the past. Which day to come is meant?`, isPast: true };
	if (said.week === 'week') return day((distance === 0 ? today : coming).add({ days: 7 }));
	if (said.next || said.week === 'next week') return day(inNextWeek);
	if (said.which === 'next') {
		const isDoubtful = !inNextWeek.equals(coming) && distance !== 0;
		return day(
			inNextWeek,
			...(isDoubtful ? [`"Next ${name}" was taken as ${formatDate(inNextWeek)}, in the week after this one.`] : []),
		);
	}
	if (said.week === 'this week' && wanted < today.dayOfWeek)
		return { type: 'question', question: `This week's ${name} has passed. Which day is meant?`, isPast: true };
	return { type: 'day', date: coming, assumed: [], orWeekLater: distance === 0 };
}

const MONTH_PATTERN =
	`(?:${MONTHS.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|')}|sept)`.toLowerCase();
const OF_MONTH = `(?:of|in) (?:(?<rel>the|this|next|the next|the coming)(?: month)?|(?<month>${MONTH_PATTERN})(?: (?<year>\\d{4}))?)`;

/** First day of the month that `of next month`, `of march` mean; a month gone by means next year's. */
function monthOf(groups: Readonly<Record<string, string | undefined>>, today: Temporal.PlainDate): Temporal.PlainDate {
	const first = today.with({ day: 1 });
	const name = groups.month;
	if (name === undefined)
		return (groups.rel ?? '').includes('next') || groups.rel === 'the coming' ? first.add({ months: 1 }) : first;
	const month = MONTHS.findIndex((full) => full.toLowerCase().startsWith(name.slice(0, 3))) + 1;
	if (groups.year) return first.with({ year: Number(groups.year), month });
	const inThisYear = first.with({ month });
	return inThisYear.month < today.month ? inThisYear.add({ years: 1 }) : inThisYear;
}

const NTH_WEEKDAY = new RegExp(`^(?:the )?(?<nth>${NTH_PATTERN}) (?<name>${WEEKDAY_PATTERN}) ${OF_MONTH}$`);

function readNthWeekday(words: string, { today }: DayContext): SaidDay | undefined {
	const said = NTH_WEEKDAY.exec(words)?.groups;
	if (!said?.nth || !said.name) return undefined;
	const month = monthOf(said, today);
	const nth = nthOf(said.nth);
	const wanted = dayOfWeekOf(said.name);
	const firstOne = month.add({ days: (wanted - month.dayOfWeek + 7) % 7 });
	const lastOne = firstOne.add({ weeks: Math.floor((month.daysInMonth - firstOne.day) / 7) });
	const date = nth === 'last' ? lastOne : firstOne.add({ weeks: nth - 1 });
	if (date.month === month.month) return day(date);
	const name = `${nthWord(Number(nth))} ${weekdayName(wanted)}`;
	return { type: 'question', question: `${MONTHS[month.month - 1]} ${month.year} has no ${name}. Which day is meant?` };
}

const MONTH_END = new RegExp(`^(?:the )?(?:last day|end) ${OF_MONTH}$`);

function readMonthEnd(words: string, { today }: DayContext): SaidDay | undefined {
	const said = MONTH_END.exec(words)?.groups;
	if (!said) return undefined;
	const month = monthOf(said, today);
	return day(month.with({ day: month.daysInMonth }));
}

const DAY_OF_MONTH = new RegExp(
	`^(?:(?<name>${WEEKDAY_PATTERN}) )?(?:the )?(?<day>\\d{1,2})(?:st|nd|rd|th)(?: of (?<rel>the|this|next|the next)(?: month)?)?$`,
);

function readDayOfMonth(words: string, { today }: DayContext): SaidDay | undefined {
	const said = DAY_OF_MONTH.exec(words)?.groups;
	if (!said?.day) return undefined;
	const wanted = Number(said.day);
	if (wanted < 1 || wanted > 31)
		return { type: 'question', question: `No month has a ${ordinal(wanted)}. Which day is meant?` };
	if (said.rel) {
		const month = monthOf(said, today);
		if (wanted <= month.daysInMonth) return day(month.with({ day: wanted }));
		return { type: 'question', question: `${MONTHS[month.month - 1]} has no ${ordinal(wanted)}. Which day is meant?` };
	}
	const date = nextDayOfMonth(today, wanted);
	if (said.name && date.dayOfWeek !== dayOfWeekOf(said.name)) return wrongWeekday(date, dayOfWeekOf(said.name));
	return { type: 'day', date, assumed: [], orMonthLater: date.equals(today) };
}

/** The coming day of that number, today included, skipping months that lack it. */
export function nextDayOfMonth(from: Temporal.PlainDate, wanted: number): Temporal.PlainDate {
	let month = from.day <= wanted ? from.with({ day: 1 }) : from.with({ day: 1 }).add({ months: 1 });
	while (month.daysInMonth < wanted) month = month.add({ months: 1 });
	return month.with({ day: wanted });
}

function readSpanFromDay(words: string, context: DayContext): SaidDay | undefined {
	if (/^in .+ weeks? on /.test(words))
		return {
			type: 'question',
			question: 'Are the weeks counted from today, or from that weekday? Which date is meant?',
		};
	const said = /^(?<span>.+?) (?:from|after|(?<=\bweeks? )on) (?<day>.+)$/.exec(words)?.groups;
	const span = said?.span ? readSpan(said.span) : undefined;
	if (!span || span.seconds > 0 || !said?.day || said.day === 'now') return undefined;
	const from = readDay(said.day, context);
	if (from.type !== 'day') return from;
	if (from.orWeekLater)
		return { type: 'question', question: `Counted from today, or from the next ${weekdayName(from.date.dayOfWeek)}?` };
	const { years, months, weeks, days } = span;
	return day(from.date.add({ years, months, weeks, days }), ...span.assumed, ...from.assumed);
}

function readNumericDate(words: string, { today }: DayContext): SaidDay | undefined {
	const dotted = /^(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})?$/.exec(words)?.groups;
	if (dotted) return dateOf(dotted, today);
	const slashed = /^(?<a>\d{1,2})\/(?<b>\d{1,2})(?:\/(?<year>\d{4}|\d{2}))?$/.exec(words)?.groups;
	if (!slashed?.a || !slashed.b) return undefined;
	const [a, b] = [Number(slashed.a), Number(slashed.b)];
	const year = slashed.year?.length === 2 ? `20${slashed.year}` : slashed.year;
	if (a <= 12 && b <= 12 && a !== b) {
		const reading = (dayOfMonth: number, month: number) => `${dayOfMonth} ${MONTHS[month - 1]}`;
		return { type: 'question', question: `Is ${words} ${reading(a, b)} or ${reading(b, a)}?` };
	}
	return dateOf({ day: String(a > 12 ? a : b), month: String(a > 12 ? b : a), year }, today);
}

function readCalendarDate(words: string, { today, chrono }: DayContext): SaidDay | undefined {
	// Noon in UTC on the person's date: chrono then does calendar arithmetic only, whatever zone this machine is in.
	const instant = new Date(Date.UTC(today.year, today.month - 1, today.day, 12));
	const results = chrono.parse(words, { instant, timezone: 0 }, { forwardDate: true });
	const [found] = results;
	if (results.length === 0) return readLeapDay(words, today);
	if (results.length !== 1 || !found || found.text.length !== words.length || found.end) return undefined;
	const { start } = found;
	if (!start.isCertain('day') || !start.isCertain('month') || start.isCertain('hour')) return undefined;
	const said = dateOf(
		{
			day: String(start.get('day')),
			month: String(start.get('month')),
			year: start.isCertain('year') ? String(start.get('year')) : undefined,
		},
		today,
	);
	const weekday = start.isCertain('weekday') ? start.get('weekday') || 7 : undefined;
	if (said.type === 'day' && weekday !== undefined && said.date.dayOfWeek !== weekday)
		return wrongWeekday(said.date, weekday);
	return said;
}

const DAY_AND_MONTH = [
	new RegExp(`^(?<day>\\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<name>${MONTH_PATTERN})$`),
	new RegExp(`^(?<name>${MONTH_PATTERN}) (?<day>\\d{1,2})(?:st|nd|rd|th)?$`),
];

/** chrono leaves out dates that the present year lacks. */
function readLeapDay(words: string, today: Temporal.PlainDate): SaidDay | undefined {
	for (const pattern of DAY_AND_MONTH) {
		const said = pattern.exec(words)?.groups;
		const name = said?.name;
		if (!said || name === undefined) continue;
		const month = MONTHS.findIndex((full) => full.toLowerCase().startsWith(name.slice(0, 3))) + 1;
		return dateOf({ day: said.day, month: String(month) }, today);
	}
	return undefined;
}

function wrongWeekday(date: Temporal.PlainDate, said: number): SaidDay {
	const { day: dayOfMonth, month, year } = date;
	const written = `${dayOfMonth} ${MONTHS[month - 1]} ${year}`;
	return {
		type: 'question',
		question: `${written} is a ${weekdayName(date.dayOfWeek)}, not a ${weekdayName(said)}. Which is meant?`,
	};
}

function dateOf(
	parts: Readonly<Record<string, string | undefined>>,
	today: Temporal.PlainDate,
): Exclude<SaidDay, { type: 'none' | 'unknown' }> {
	const [dayOfMonth, month] = [Number(parts.day), Number(parts.month)];
	const noSuchDay = { type: 'question', question: 'There is no such date. Which day is meant?' } as const;
	if (parts.year !== undefined) {
		const date = exactDate(Number(parts.year), month, dayOfMonth);
		if (!date) return noSuchDay;
		if (Temporal.PlainDate.compare(date, today) >= 0) return { type: 'day', date, assumed: [] };
		return {
			type: 'question',
			question: `${formatDate(date)} lies in the past. Which day to come is meant?`,
			isPast: true,
		};
	}
	// Nine years hold every 29 February, 2096 to 2104 included.
	for (let year = today.year; year < today.year + 9; year++) {
		const date = exactDate(year, month, dayOfMonth);
		if (!date || Temporal.PlainDate.compare(date, today) < 0) continue;
		return { type: 'day', date, assumed: year === today.year ? [] : [`The next one is in ${year}.`] };
	}
	return noSuchDay;
}

function exactDate(year: number, month: number, dayOfMonth: number): Temporal.PlainDate | undefined {
	try {
		return Temporal.PlainDate.from({ year, month, day: dayOfMonth }, { overflow: 'reject' });
	} catch {
		return undefined;
	}
}
