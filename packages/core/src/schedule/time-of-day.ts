/** A time of day as it was said. */
export interface ClockTime {
	readonly hour: number;
	readonly minute: number;
	readonly second: number;
	/** `bare`: an hour from 1 to 12 without more, which may lie before or after noon. */
	readonly certainty: 'exact' | 'bare';
}

/** Words for a stretch of the day. */
export type DayPart = 'morning' | 'afternoon' | 'evening' | 'night';

/** What was said of the time of day, and the words that remain. */
export interface SaidTime {
	readonly times: readonly ClockTime[];
	readonly part: DayPart | undefined;
	/** `this`: names today (`tonight`, `this evening`); `in`: `in the morning`; `bare`: `morning` beside a day. */
	readonly partForm: 'this' | 'in' | 'bare' | undefined;
	readonly isMidnight: boolean;
	/** `early` without an hour: nobody knows which. */
	readonly isEarly: boolean;
	/** `by 9`, `around 9`: taken as 9, and stated. */
	readonly hedge: 'by' | 'around' | undefined;
	readonly rest: string;
}

/** The hour a stretch of the day is taken to mean when none is given; always stated. */
export const PART_HOUR: Readonly<Record<DayPart, number>> = { morning: 9, afternoon: 15, evening: 19, night: 21 };

/** Takes the time of day out of normalized words. */
export function takeTime(words: string): SaidTime {
	const written = ` ${words} `;
	let rest = written.replace(OR_SO, '').replace(EARLY, '');
	const isEarly = EARLY.test(written);
	const times: ClockTime[] = [];
	const hedge = HEDGE_BY.test(rest) ? 'by' : HEDGE_AROUND.test(rest) || / or so /.test(written) ? 'around' : undefined;
	const isMidnight = MIDNIGHT.test(rest);
	rest = rest.replace(MIDNIGHT, ' ');
	rest = rest.replace(NOON, () => {
		times.push({ hour: 12, minute: 0, second: 0, certainty: 'exact' });
		return ' ';
	});
	for (const pattern of CLOCK_PATTERNS) {
		rest = rest.replace(pattern, (...match) => {
			const time = readClock(match.at(-1) as Groups);
			if (time) times.push(time);
			return time ? ' ' : match[0];
		});
	}
	const said = PART.exec(rest);
	if (said) rest = `${rest.slice(0, said.index)} ${rest.slice(said.index + said[0].length)}`;
	return {
		times,
		part: said ? partOf(said) : isEarly ? 'morning' : undefined,
		partForm: said ? partFormOf(said) : isEarly ? 'bare' : undefined,
		isMidnight,
		isEarly: isEarly && times.length === 0,
		hedge,
		rest: rest.replace(/\s+/g, ' ').trim(),
	};
}

/** A clock time as code uses it, on the day it was said of or the one after. */
export interface SettledTime {
	readonly hour: number;
	readonly minute: number;
	readonly second: number;
	readonly isNextDay: boolean;
}

/** Settles a time by the part of the day said with it; undefined when the two contradict each other. */
export function settleByPart(time: ClockTime, part: DayPart): SettledTime | undefined {
	const { hour, minute, second } = time;
	const at = (settled: number, isNextDay = false) => ({ hour: settled, minute, second, isNextDay });
	const isBare = time.certainty === 'bare';
	switch (part) {
		case 'morning':
			return hour < 12 ? at(hour) : undefined;
		case 'afternoon':
			if (isBare && hour < 8) return at(hour + 12);
			return hour >= 12 && hour < 19 ? at(hour) : undefined;
		case 'evening':
			if (isBare && hour >= 4 && hour < 12) return at(hour + 12);
			return hour >= 16 ? at(hour) : undefined;
		case 'night':
			if (isBare && hour >= 5 && hour < 12) return at(hour + 12);
			if (isBare && hour === 12) return at(0, true);
			return hour >= 17 ? at(hour) : undefined;
	}
}

/** `09:00`, with seconds only where they are not zero. */
export function formatTime(time: { readonly hour: number; readonly minute: number; readonly second?: number }): string {
	const two = (part: number) => String(part).padStart(2, '0');
	return `${two(time.hour)}:${two(time.minute)}${time.second ? `:${two(time.second)}` : ''}`;
}

type Groups = Readonly<Record<string, string | undefined>>;

const INTRO = '(?:at|by|around|about|approximately|@|~)';
const HOUR = '(?<h>\\d{1,2})';
const MERIDIEM = "(?: ?o'clock)?(?<ap>[ap]m)?";
const END = '(?= )';
const HEDGE_BY = / by (?=\d|noon|half|quarter|a quarter)/;
const OR_SO = / or so(?= )/g;
const EARLY = / early(?= )/;
const HEDGE_AROUND = / (?:around|about|approximately|~) ?(?=\d|noon|half|quarter|a quarter)/;
const MIDNIGHT = / (?:(?:at|by|around) )?midnight(?= )/;
const NOON = / (?:(?:at|by|around) )?(?:12 )?(?:noon|midday)(?= )/;
const MONTH_AHEAD = '(?! (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))';

/** Each match is one time of day. In order: what is longer or surer comes first. */
const CLOCK_PATTERNS: readonly RegExp[] = [
	` (?:${INTRO} ?)?(?<half>half) past ${HOUR}${MERIDIEM}${END}`,
	` (?:${INTRO} )?(?:a )?(?<quarter>quarter) (?<dir>past|to) ${HOUR}${MERIDIEM}${END}`,
	` (?:${INTRO} )?(?<m>[1-9]|[1-5]\\d) ?(?:minutes?|mins?) (?<dir>past|to) ${HOUR}${MERIDIEM}${END}`,
	` (?:${INTRO} )?(?<m>5|10|20|25) (?<dir>past) ${HOUR}${MERIDIEM}${END}`,
	` ${INTRO} (?<m>5|10|20|25) (?<dir>to) ${HOUR}${MERIDIEM}${END}`,
	` (?:${INTRO} ?)?${HOUR}:(?<m>[0-5]\\d)(?::(?<s>[0-5]\\d))?(?<ap>[ap]m)?(?: ?hrs| ?hours)?${END}`,
	` ${INTRO} ?${HOUR}\\.(?<m>[0-5]\\d)(?<ap>[ap]m)?${END}`,
	` ${HOUR}\\.(?<m>[0-5]\\d)(?<ap>[ap]m)${END}`,
	` (?:${INTRO} ?)?(?<exact>[01]?\\d|2[0-3]) ?h ?(?<m>[0-5]\\d)${END}`,
	` ${INTRO} ?(?<exact>[01]?\\d|2[0-3]) ?h${END}`,
	` (?:${INTRO} ?)?${HOUR}(?<ap>[ap]m)${END}`,
	` (?:${INTRO} ?)?${HOUR} ?o'clock(?<ap>[ap]m)?${END}`,
	` ${INTRO} ?(?<exact>[01]\\d|2[0-3])(?<m>[0-5]\\d)(?: ?hrs| ?hours| ?h)?${END}`,
	` (?<exact>[01]\\d|2[0-3])(?<m>[0-5]\\d)(?: ?hrs| ?hours)${END}`,
	` ${INTRO} ?(?<h>[1-9])(?<m>[0-5]\\d)(?<ap>[ap]m)?${END}`,
	` ${INTRO} ?${HOUR}${END}${MONTH_AHEAD}`,
	` ${HOUR}(?= (?:tonight|tonite|in the (?:morning|afternoon|evening)|at night|this (?:morning|afternoon|evening)) )`,
].map((source) => new RegExp(source, 'g'));

const PART =
	/ (?:(?<now>tonight|tonite)|(?<intro>this|in the|during the|at) (?<part>morning|afternoon|evening|night)|(?<alone>morning|afternoon|evening|night))s?(?= )/;

function readClock(groups: Groups): ClockTime | undefined {
	const said = groups.exact ?? groups.h ?? '';
	let hour = Number(said);
	let minute = groups.half ? 30 : groups.quarter ? 15 : Number(groups.m ?? 0);
	const isWritten24 =
		groups.exact !== undefined || (said.length === 2 && said.startsWith('0')) || hour > 12 || hour === 0;
	if (groups.ap) {
		if (hour < 1 || hour > 12) return undefined;
		hour = (hour % 12) + (groups.ap === 'pm' ? 12 : 0);
	}
	if (hour > 23) return undefined;
	if (groups.dir === 'to') {
		// "quarter to 1" is 12:45 and "quarter to 1am" 00:45.
		minute = 60 - minute;
		hour = hour === 1 && !groups.ap ? 12 : (hour + 23) % 24;
	}
	const certainty = groups.ap || isWritten24 ? 'exact' : 'bare';
	return { hour, minute, second: Number(groups.s ?? 0), certainty };
}

function partOf(said: RegExpExecArray): DayPart {
	const word = said.groups?.part ?? said.groups?.alone ?? 'night';
	return word === 'morning' || word === 'afternoon' || word === 'evening' ? word : 'night';
}

function partFormOf(said: RegExpExecArray): 'this' | 'in' | 'bare' {
	if (said.groups?.now || said.groups?.intro === 'this') return 'this';
	return said.groups?.intro ? 'in' : 'bare';
}
