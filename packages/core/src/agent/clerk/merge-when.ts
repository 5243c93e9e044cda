import { parseWhen, type WhenContext, type WhenResult } from '../../schedule/parse-when.ts';
import { formatTime, type SaidTime, takeTime } from '../../schedule/time-of-day.ts';
import { normalizeWords, WEEKDAY_PATTERN } from '../../schedule/words.ts';

/** Words of time with what they mean. */
export interface ReadWords {
	readonly words: string;
	readonly when: WhenResult;
}

/**
 * Reads the answer to the clerk's question about a time, beside what was known before: "5 December" keeps the hour said
 * earlier, "at 9" the day. A question of reason `unclear` when the answer speaks of no time.
 */
export async function mergeWhen(answer: string, known: string, context: WhenContext): Promise<ReadWords> {
	const said = bareTime(answer);
	const words = together(said, known);
	const merged = await read(words, context);
	if (words === said || merged.when.type !== 'question' || merged.when.reason !== 'unclear') return merged;
	return read(said, context);
}

async function read(words: string, context: WhenContext): Promise<ReadWords> {
	return { words, when: await parseWhen(words, context) };
}

const LEAD =
	/^(?:(?:yes|yeah|yep|no|ok|okay|well|oh|sorry|please|make it|let'?s say|say|how about|what about|i mean|i meant|it'?s|it is|then|just|the one)\b[,.!:]?\s+)+/i;

/** The answer without the words around a time; a lone number is an hour. */
function bareTime(answer: string): string {
	const bare = answer
		.trim()
		.slice(0, 200)
		.replace(/[\s.!?,;]+$/, '')
		.replace(LEAD, '')
		.replace(/[,\s]+(?:please|pls|thanks|thank you|then|is fine|is good|would be (?:good|fine|great))$/i, '')
		.trim();
	const isHour = /^\d{1,2}(?::\d{2})?$/.test(normalizeWords(bare));
	return isHour ? `at ${bare}` : bare;
}

/** Days said that no hour can complete. */
const NO_DAY = /^(?:later|soon|sometime|some time|eventually|asap|now|in (?:a|some) .*|after .*|before .*)$/;
const RECURS =
	/\b(?:every|each|daily|weekly|monthly|yearly|weekdays|weekends|(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b/;

const WEEKDAY_FIRST = new RegExp(`^${WEEKDAY_PATTERN}\\b(?! (?:week|next week))`);

function together(answer: string, known: string): string {
	const [said, before] = [normalizeWords(answer), normalizeWords(known)];
	if (before === '') return answer;
	const [time, timeBefore] = [takeTime(said), takeTime(before)];
	const dayBefore = timeBefore.rest.replace(/^(?:on|at|for) /, '').replace(/ (?:at|on)$/, '');
	const next = /^(?:the )?next(?: 1)?\b(?! \w*(?:day|week|month|year|mon|tue|wed|thu|fri|sat|sun))(.*)$/.exec(said);
	if (next) return nextOf(dayBefore, next[1] ?? '', timeBefore);
	const day = time.rest.replace(/^(?:on|at|for|in the|the) ?/, '');
	const hasTime = time.times.length > 0 || time.isMidnight;
	if (!hasTime && time.part && time.rest === '' && timeBefore.times.length > 0) {
		return `${known} ${time.partForm === 'bare' ? 'in the ' : ''}${answer}`;
	}
	if (hasTime && day === '') return NO_DAY.test(dayBefore) || dayBefore === '' ? answer : `${dayBefore} ${answer}`;
	const isNextWeek = /\bnext week\b/.test(dayBefore) && !RECURS.test(said.replace(day, ''));
	const whole = isNextWeek && WEEKDAY_FIRST.test(day) ? `next week ${answer.replace(/^on /i, '')}` : answer;
	return !hasTime && day !== '' ? `${whole}${clockOf(timeBefore)}` : whole;
}

/** "the next one": a week after today's weekday, or the same day of next month. */
function nextOf(dayBefore: string, rest: string, timeBefore: SaidTime): string {
	const time = takeTime(normalizeWords(rest)).times.length > 0 ? rest : clockOf(timeBefore);
	const isNumber = /\d(?:st|nd|rd|th)$/.test(dayBefore);
	return isNumber ? `${dayBefore} of next month${time}` : `next ${dayBefore.replace(/^(?:this|next|the) /, '')}${time}`;
}

/** The one time of day said, as words: " at 9:30", " in the morning". */
function clockOf({ times, part, partForm }: SaidTime): string {
	const [time, ...more] = times;
	if (more.length > 0) return '';
	const hour = time && (time.certainty === 'bare' ? formatTime(time).replace(/^0/, '') : formatTime(time));
	const stretch = part && partForm !== 'this' ? ` in the ${part}` : '';
	return `${hour ? ` at ${hour}` : ''}${part === 'night' && partForm !== 'this' ? ' at night' : stretch}`;
}
