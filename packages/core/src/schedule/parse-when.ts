import { Temporal } from 'temporal-polyfill';
import { chooseTime } from './choose-time.ts';
import { readDay, type SaidDay } from './day.ts';
import { readEvery } from './every.ts';
import { loadChrono, loadRecurrence } from './libraries.ts';
import { isCalendarSpan, readSpan, type Span } from './span.ts';
import { type SaidTime, takeTime } from './time-of-day.ts';
import { normalizeWords } from './words.ts';
import { formatDate, formatLocal, isSecondOfTwo, isZone, localOf, weekdayOf, zonedAt } from './zoned.ts';

/** Who asks, and when: everything words of time depend on. */
export interface WhenContext {
	/** ms since the epoch. */
	readonly now: number;
	/** IANA name of the person's zone. */
	readonly zone: string;
}

/** What words of time mean. A wrong time is far worse than a question, so what is open is asked. */
export type WhenResult =
	| {
			readonly type: 'moment';
			/** Local wall time, `2026-12-01T09:00`. */
			readonly local: string;
			/** ms since the epoch; in the future. */
			readonly instant: number;
			readonly zone: string;
			readonly weekday: string;
			/** One sentence for each thing taken for granted; to be shown. */
			readonly assumed: readonly string[];
	  }
	| {
			readonly type: 'recurrence';
			/** Cron in five fields, or an ISO 8601 duration of at least a minute. */
			readonly every: string;
			readonly zone: string;
			/** `every weekday at 08:30`. */
			readonly words: string;
			readonly assumed: readonly string[];
	  }
	| {
			readonly type: 'question';
			readonly question: string;
			/** `unclear`: no words of time; `open`: words of time that leave something open; `past`: a moment gone by. */
			readonly reason: 'unclear' | 'open' | 'past';
			/** Local wall time of the moment gone by, when it is known. */
			readonly local?: string;
	  };

/** Longest text read as words of time; what is longer is no time. */
const MAX_WORDS = 120;
const MAX_YEARS_AHEAD = 20;

/** Reads words of time, cron, an ISO 8601 moment or duration, as the person in that zone means them at that moment. */
export async function parseWhen(words: string, context: WhenContext): Promise<WhenResult> {
	const written = words.trim();
	if (!isZone(context.zone))
		return open(`"${context.zone}" is no time zone; which one is meant, such as Europe/Athens?`);
	if (written === '' || written.length > MAX_WORDS || !/[\p{L}\p{N}*]/u.test(written)) return unclear(written);
	const iso = readIso(written, context);
	if (iso) return iso;
	const every = readEvery(written);
	if (every?.type === 'question') return { ...open(every.question), reason: every.isUnclear ? 'unclear' : 'open' };
	if (every) return checkRecurrence(every, context);
	const normal = normalizeWords(written);
	const span = readDistance(normal);
	if (span) return addSpan(span, context);
	const beside = await readBeside(normal, context);
	if (beside) return beside;
	return readDayAndTime(normal, written, context);
}

function unclear(words: string): WhenResult {
	const what = words === '' ? 'No time was given.' : `"${shorten(words)}" is not a time that can be understood.`;
	return {
		type: 'question',
		reason: 'unclear',
		question: `${what} When should it be, for example "tomorrow at 9", "in 20 minutes" or "2026-12-01T09:00"?`,
	};
}

function shorten(words: string): string {
	return words.length > 60 ? `${words.slice(0, 59)}…` : words;
}

function open(question: string): Extract<WhenResult, { type: 'question' }> {
	return { type: 'question', reason: 'open', question };
}

function past(local: string, zone: string): WhenResult {
	const wall = Temporal.PlainDateTime.from(local);
	const time = wall.toPlainTime().toString({ smallestUnit: wall.second === 0 ? 'minute' : 'second' });
	return {
		type: 'question',
		reason: 'past',
		local,
		question: `${formatDate(wall.toPlainDate())}, ${time} (${zone}) has passed. Which time to come is meant?`,
	};
}

const ISO =
	/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(z|utc|[+-]\d{2}:?\d{2})?(?:\[([^\]]+)\])?)?$/i;

function readIso(written: string, { now, zone }: WhenContext): WhenResult | undefined {
	const [, date, time, offset, bracket] = ISO.exec(written) ?? [];
	if (date === undefined) return undefined;
	if (bracket !== undefined && !isZone(bracket)) return open(`"${bracket}" is no time zone. Which one is meant?`);
	try {
		if (offset !== undefined) {
			const instant = Temporal.Instant.from(`${date}T${time}${/^(?:z|utc)$/i.test(offset) ? 'Z' : offset}`);
			return moment(Math.ceil(instant.epochMilliseconds / 1000) * 1000, [], { now, zone });
		}
		const assumed = time === undefined ? ['No time of day was given, so 09:00.'] : [];
		const wall = Temporal.PlainDateTime.from(`${date}T${time ?? '09:00'}`).round('second');
		if (bracket === undefined || bracket === zone) return settle(wall, assumed, { now, zone });
		return moment(wall.toZonedDateTime(bracket).epochMilliseconds, assumed, { now, zone });
	} catch {
		return open(`"${shorten(written)}" is no date that exists. Which day and time are meant?`);
	}
}

async function checkRecurrence(
	said: { readonly every: string; readonly words: string; readonly assumed: readonly string[] },
	{ now, zone }: WhenContext,
): Promise<WhenResult> {
	const result = { type: 'recurrence', every: said.every, zone, words: said.words, assumed: said.assumed } as const;
	if (said.every.startsWith('P')) return result;
	const { nextDue, readRecurrence } = await loadRecurrence();
	const recurrence = readRecurrence({ type: 'cron', cron: said.every, zone, until: null });
	if (!recurrence.ok) return open(`${recurrence.error.reason} How often should it be, for example "weekdays at 8"?`);
	if (nextDue(recurrence.value, now) !== undefined) return result;
	return open(`The schedule "${said.every}" never comes due. How often should it be?`);
}

/** `in 20 minutes`, `2 hours from now`, `an hour and a half`. */
function readDistance(normal: string): Span | undefined {
	const led = /^(?:in|after|within) (.+)$/.exec(normal)?.[1] ?? /^(.+?) (?:from now|later)$/.exec(normal)?.[1];
	// Without "in", 21h30 is a time of day.
	if (led === undefined && /\d ?h ?\d/.test(normal)) return undefined;
	const bare = led ?? normal;
	const exact = bare.replace(/^(?:about|around|exactly) /, '').replace(/(?:'s)? time$/, '');
	return readSpan(exact);
}

function addSpan(span: Span, context: WhenContext): WhenResult {
	const { years, months, weeks, days, seconds } = span;
	if (years + months / 12 + weeks / 52 + days / 365 > MAX_YEARS_AHEAD || seconds > MAX_YEARS_AHEAD * 31_536_000)
		return open('That is more than twenty years ahead. When should it be?');
	// The whole second at or after now: a moment never comes early.
	const from = zonedAt(Math.ceil(context.now / 1000) * 1000, context.zone);
	const to = from.add({ years, months, weeks, days }).add({ seconds });
	const whole = isCalendarSpan(span) && seconds === 0 ? to.round({ smallestUnit: 'minute', roundingMode: 'ceil' }) : to;
	return moment(whole.epochMilliseconds, span.assumed, context);
}

/** `10 minutes before 5pm`, `an hour after noon tomorrow`, `2 days before 24 December`. */
async function readBeside(normal: string, context: WhenContext): Promise<WhenResult | undefined> {
	const said = /^(?:in |at |on )?(?<span>.+?) (?<way>before|after) (?<anchor>.+)$/.exec(normal)?.groups;
	const span = said?.span ? readSpan(said.span) : undefined;
	if (!span || !said?.anchor) return undefined;
	const anchor = said.anchor.replace(/^(\d{1,2})\b(?![:.]|[ap]m|st|nd|rd|th| \w)/, 'at $1');
	const { times } = takeTime(anchor);
	// Days after a day keep to the calendar, which readDay knows.
	if (span.seconds === 0 && said.way === 'after') return undefined;
	if (span.seconds > 0 && times.length === 0) return undefined;
	const from = await parseWhen(anchor, context);
	if (from.type !== 'moment') return from.type === 'question' ? from : undefined;
	const { years, months, weeks, days, seconds } = span;
	const wall = zonedAt(from.instant, context.zone);
	const to =
		said.way === 'before'
			? wall.subtract({ years, months, weeks, days }).subtract({ seconds })
			: wall.add({ years, months, weeks, days }).add({ seconds });
	return moment(to.epochMilliseconds, [...from.assumed, ...span.assumed], context);
}

async function readDayAndTime(normal: string, written: string, context: WhenContext): Promise<WhenResult> {
	const { now, zone } = context;
	const here = zonedAt(now, zone);
	const said = takeTime(normal);
	const spoken = readDay(said.rest, { today: here.toPlainDate(), chrono: await loadChrono() });
	const day = spoken.type === 'unknown' ? readDistanceDay(said, context) : spoken;
	if (day.type === 'unknown') return unclear(written);
	if (day.type === 'question') {
		return { type: 'question', question: day.question, reason: day.isPast ? 'past' : 'open' };
	}
	if (day.type === 'none' && said.times.length === 0 && !said.isMidnight && (!said.part || said.partForm === 'bare')) {
		return unclear(written);
	}
	if (said.isEarly) return open('How early: at what time?');
	if (said.times.length > 1) return open('Two times of day were given. Which one is meant?');
	const chosen = chooseTime({ said, day, now: here.toPlainDateTime() });
	switch (chosen.type) {
		case 'question':
			return open(chosen.question);
		case 'past':
			return past(formatLocal(chosen.wall), zone);
		case 'chosen':
			return settle(chosen.wall, [...byWord(said, normal), ...chosen.assumed], context);
	}
}

/** `in 3 days at noon`, `2 weeks from now at 10`. */
function readDistanceDay(said: SaidTime, { now, zone }: WhenContext): SaidDay {
	// "For 3 days" lasts; it begins nobody knows when.
	if (/^for\b/.test(said.rest)) return { type: 'unknown' };
	const span = readDistance(said.rest.replace(/^(.*?),? (?:at|in the)$/, '$1'));
	if (!span || span.seconds > 0) return { type: 'unknown' };
	const { years, months, weeks, days } = span;
	if (years + months / 12 + weeks / 52 + days / 365 > MAX_YEARS_AHEAD) return { type: 'unknown' };
	const date = zonedAt(now, zone).toPlainDate().add({ years, months, weeks, days });
	return { type: 'day', date, assumed: span.assumed };
}

function byWord(said: SaidTime, normal: string): readonly string[] {
	if (said.hedge) return [`"${said.hedge === 'by' ? 'By' : 'Around'}" was taken as exactly that time.`];
	return normal.startsWith('by ') ? ['"By" was taken as that very day.'] : [];
}

/** The instant of a wall time, stating what daylight saving does to it. */
function settle(wall: Temporal.PlainDateTime, assumed: readonly string[], context: WhenContext): WhenResult {
	const { zone } = context;
	const zoned = wall.toZonedDateTime(zone, { disambiguation: 'compatible' });
	const later = wall.toZonedDateTime(zone, { disambiguation: 'later' });
	const said = `${wall.toPlainTime().toString({ smallestUnit: 'minute' })} on ${formatDate(wall.toPlainDate())}`;
	if (!zoned.toPlainDateTime().equals(wall)) {
		const shifted = zoned.toPlainTime().toString({ smallestUnit: 'minute' });
		return moment(
			zoned.epochMilliseconds,
			[...assumed, `${said} does not exist in ${zone}, where clocks go forward, so ${shifted}.`],
			context,
		);
	}
	const isTwice = zoned.epochMilliseconds !== later.epochMilliseconds;
	const twice = isTwice ? [`${said} comes twice in ${zone}, where clocks go back; the first was taken.`] : [];
	return moment(zoned.epochMilliseconds, [...assumed, ...twice], context);
}

function moment(instant: number, assumed: readonly string[], { now, zone }: WhenContext): WhenResult {
	const local = localOf(instant, zone);
	if (instant <= now) return past(local, zone);
	if (instant > zonedAt(now, zone).add({ years: MAX_YEARS_AHEAD }).epochMilliseconds)
		return open('That is more than twenty years ahead. When should it be?');
	return { type: 'moment', local, instant, zone, weekday: weekdayOf(instant, zone), assumed };
}

/** How a moment is written into a task file: its wall time, with an offset where that alone would mean another. */
export function writeMoment(instant: number, zone: string): string {
	const local = localOf(instant, zone);
	return isSecondOfTwo(instant, zone) ? `${local}${zonedAt(instant, zone).offset}` : local;
}
