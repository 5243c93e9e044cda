import { describeEvery, durationOf } from './describe-every.ts';
import { readEveryDays } from './every-days.ts';
import { readSpan } from './span.ts';
import { type ClockTime, formatTime, PART_HOUR, settleByPart, takeTime } from './time-of-day.ts';
import { normalizeWords, WEEKDAY_PATTERN } from './words.ts';

/** A recurrence as it was said. */
export type SaidEvery =
	| {
			readonly type: 'recurrence';
			/** Cron in five fields, or an ISO 8601 duration of at least a minute. */
			readonly every: string;
			/** How it reads: `every weekday at 08:30`. */
			readonly words: string;
			readonly assumed: readonly string[];
	  }
	| {
			readonly type: 'question';
			readonly question: string;
			/** The words after "every" are none of time: "every plant". */
			readonly isUnclear?: boolean;
	  };

/**
 * Reads a recurrence in words, cron or as an ISO duration; undefined when the words speak of none. Cron fields are
 * checked by `readRecurrence`, not here.
 */
export function readEvery(words: string): SaidEvery | undefined {
	const written = words.trim();
	const duration = readDuration(written);
	if (duration) return duration;
	if (isCronLike(written)) {
		const cron = written.replace(/\s+/g, ' ');
		return { type: 'recurrence', every: cron, words: describeEvery(cron), assumed: [] };
	}
	const normal = normalizeWords(words);
	return RECURRENT.test(normal) || SEVERAL_WEEKDAYS.test(normal) ? readWords(normal) : undefined;
}

const RECURRENT =
	/\b(?:every|everyday|each|daily|hourly|weekly|monthly|yearly|annually|fortnightly|biweekly|bi-weekly|quarterly|weekdays|weekends|workdays|(?:twice|once|times) (?:a|per)|(?:mornings|evenings|afternoons|nights)|(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b/;

/** "mon, wed and fri"; two of them may be one time each. */
const SEVERAL_WEEKDAYS = new RegExp(
	`\\b${WEEKDAY_PATTERN}(?:(?: ?, ?and | ?, ?| and | & | )${WEEKDAY_PATTERN}\\b){2,}`,
);

/** Five fields of cron's characters; whether they are a schedule is for `readRecurrence` to say. */
function isCronLike(words: string): boolean {
	return /^[\d*][\d*/,-]*\s+[\d*][\d*/,-]*\s+[\d*?LW/,-]+\s+(?:[\d*/,-]|[A-Za-z]{3}\b)+\s+(?:[\d*/,\-#L?]|[A-Za-z]{3}(?![a-z]))+$/.test(
		words,
	);
}

function readDuration(words: string): SaidEvery | undefined {
	if (!/^P(?=[\dT])/i.test(words)) return undefined;
	const parts = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(words);
	const [weeks, days, hours, minutes, seconds] = (parts ?? []).slice(1).map((part) => Number(part ?? 0));
	const total = (((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
	if (!parts || total < 60)
		return { type: 'question', question: `"${words}" is no interval of at least a minute; write one such as PT30M.` };
	return { type: 'recurrence', every: words.toUpperCase(), words: describeEvery(words.toUpperCase()), assumed: [] };
}

function interval(seconds: number, assumed: readonly string[]): SaidEvery {
	if (seconds < 60) return { type: 'question', question: 'The shortest interval is a minute. How often should it be?' };
	const every = durationOf(seconds);
	return { type: 'recurrence', every, words: describeEvery(every), assumed };
}

function readWords(normal: string): SaidEvery {
	const said = takeTime(repeatAt(normal.replaceAll(',', ' , ').replace(/ +/g, ' ')));
	const rest = said.rest
		.replace(/\beach\b/g, 'every')
		.replace(/\beveryday\b/g, 'every day')
		.replace(/^(?:on|at) /, '')
		.replace(/(?: ?,| on| at| in| the| and)+$/, '')
		.replace(/^(?: ?,| ?and )+/, '')
		.trim();
	const span = readEverySpan(rest);
	if (span) {
		if (said.times.length === 0 && !said.part && !said.isMidnight) return span;
		return inexpressible('an interval with a time of day');
	}
	if (said.times.length > 1 && /\bevery\b.*\bevery\b/.test(rest))
		return {
			type: 'question',
			question: 'That is more than one schedule. One at a time: how often, and at what time?',
		};
	const days = /^(?:every)?$/.test(rest) && said.part ? { fields: '* * *' } : readEveryDays(rest);
	if (!days) return { ...inexpressible('that'), isUnclear: true };
	if ('question' in days) return { type: 'question', question: days.question };
	const time = settleTimes(said);
	if ('question' in time) return { type: 'question', question: time.question };
	const every = `${time.fields} ${days.fields}`;
	return {
		type: 'recurrence',
		every,
		words: describeEvery(every),
		assumed: [...time.assumed, ...(days.assumed ?? [])],
	};
}

/** "at 8 and 20" as "at 8 and at 20". */
function repeatAt(normal: string): string {
	const next = normal.replace(/\bat ([\d:]+(?:[ap]m)?)( ?, ?and | ?, ?| and )(?=\d)/, 'at $1$2at ');
	return next === normal ? normal : repeatAt(next);
}

function inexpressible(what: string): { readonly type: 'question'; readonly question: string } {
	return {
		type: 'question',
		question: `A schedule cannot express ${what}. It can be, for example, "every day at 8", "weekdays at 8:30", "every Monday at 9", "monthly on the 1st at 10" or "every 30 minutes". Which should it be?`,
	};
}

function readEverySpan(rest: string): SaidEvery | undefined {
	if (rest === 'hourly') return interval(3600, []);
	const said = /^every (?<span>.+)$/.exec(rest)?.groups?.span;
	if (said === undefined) return undefined;
	if (/^other\b/.test(said)) return everyOther();
	const span = readSpan(/^(?:\d|half|quarter)/.test(said) ? said : `1 ${said}`);
	if (!span) return undefined;
	if (span.years + span.months + span.weeks + span.days === 0) return interval(span.seconds, span.assumed);
	// "every day", "every week": read with the days; "every 2 days" is nothing that cron or an interval keeps to.
	if (/^(?:1 )?(?:day|week|month|year)$/.test(said)) return undefined;
	return everyOther();
}

function everyOther(): SaidEvery {
	return {
		type: 'question',
		question:
			'A schedule cannot skip days, weeks or months evenly. Should it be every day, certain weekdays, or certain days of the month?',
	};
}

type SettledTimes = { readonly fields: string; readonly assumed: readonly string[] } | { readonly question: string };

/** Minute and hour fields for what was said of the time of day. */
function settleTimes(said: ReturnType<typeof takeTime>): SettledTimes {
	if (said.isMidnight) {
		return said.times.length > 0 ? { question: 'At midnight, or at another time?' } : { fields: '0 0', assumed: [] };
	}
	if (said.isEarly) return { question: 'How early: at what time?' };
	if (said.times.length === 0) {
		const hour = said.part ? PART_HOUR[said.part] : 9;
		const why = said.part
			? `"${said.part}" was taken as ${formatTime({ hour, minute: 0 })}.`
			: 'No time of day was given, so 09:00.';
		return { fields: `0 ${hour}`, assumed: [why] };
	}
	const assumed: string[] = said.hedge ? [`"${said.hedge}" was taken as exactly that time.`] : [];
	const settled: { hour: number; minute: number }[] = [];
	for (const time of said.times) {
		const one = settleTime(time, said.part);
		if ('question' in one) return one;
		settled.push(one);
		assumed.push(...one.assumed);
	}
	const minutes = [...new Set(settled.map(({ minute }) => minute))];
	if (minutes.length > 1) {
		return {
			question: 'One schedule cannot hold times with different minutes. Should it be one of them, or two tasks?',
		};
	}
	const hours = [...new Set(settled.map(({ hour }) => hour))].sort((a, b) => a - b);
	return { fields: `${minutes[0]} ${hours.join(',')}`, assumed };
}

function settleTime(
	time: ClockTime,
	part: ReturnType<typeof takeTime>['part'],
):
	| { readonly hour: number; readonly minute: number; readonly assumed: readonly string[] }
	| { readonly question: string } {
	const { hour, minute } = time;
	if (part) {
		const settled = settleByPart(time, part);
		if (!settled || settled.isNextDay)
			return { question: `${formatTime(time)} is not in the ${part}. At what time should it be?` };
		return { hour: settled.hour, minute, assumed: [] };
	}
	if (time.certainty === 'bare' && hour < 6) {
		const later = { hour: hour + 12, minute };
		return {
			...later,
			assumed: [`${hour}${minute ? `:${String(minute).padStart(2, '0')}` : ''} was taken as ${formatTime(later)}.`],
		};
	}
	if (time.certainty === 'bare' && hour === 6) {
		return { question: `${formatTime(time)} in the morning, or ${formatTime({ hour: 18, minute })}?` };
	}
	return { hour, minute, assumed: [] };
}
