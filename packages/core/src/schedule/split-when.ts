import { type LeftOver, leftOverAfter, leftOverBefore } from './edges.ts';
import { parseWhen, type WhenContext, type WhenResult } from './parse-when.ts';
import { readSpan } from './span.ts';
import { takeTime } from './time-of-day.ts';
import { MONTH_WORD, NUMBER_WORD, normalizeWords, UNIT_WORD, WEEKDAY_WORD } from './words.ts';

/** A sentence parted into what is to be done and when. */
export interface SplitWhen {
	/** What remains without the words of time, without a leading "to", "that" or "about". */
	readonly text: string;
	/** The words of time as they stood in the sentence; empty when there were none. */
	readonly words: string;
	/** A question when there were no words of time, or several that contradict each other. */
	readonly when: WhenResult;
	/** Words of time were not understood together with `words`; the question is about them. */
	readonly isLeftOver?: boolean;
}

/** Finds the words of time in a sentence such as "take the pasta off in 20 minutes". */
export async function splitWhen(sentence: string, context: WhenContext): Promise<SplitWhen> {
	const tokens = tokensOf(sentence);
	const found = longestOnly(await findSpans(sentence, tokens, context));
	const [first] = found;
	if (!first) return { text: tidy(sentence), words: '', when: await parseWhen('', context) };
	const chosen = found.length === 1 ? { spans: found, when: first.when } : await chooseSpans(found, context);
	const words = chosen.spans.map((span) => span.words).join(' ');
	const left = leftOver(sentence, chosen.spans, found);
	const text = tidy(without(sentence, [...leadIn(sentence, chosen.spans), ...left]));
	if (left.length > 0 && chosen.when.type !== 'question')
		return { text, words, when: askAbout(left.map((part) => part.words)), isLeftOver: true };
	if (chosen.when.type === 'moment' && hasEveryBeside(sentence, chosen.spans)) {
		const question = 'How often is meant, for example "every day at 8", "weekdays at 8:30" or "every Monday at 9"?';
		return { text, words, when: { type: 'question', reason: 'open', question } };
	}
	if (chosen.when.type !== 'question' && isCutShort(sentence, chosen.spans)) {
		const question =
			'The time goes on in a way that was not understood. Which single moment, in your own time zone, is meant?';
		return { text, words, when: { type: 'question', reason: 'open', question } };
	}
	return { text, words, when: chosen.when };
}

/** Words of time beside what was understood change its meaning, so they are asked about and never dropped. */
function leftOver(sentence: string, spans: readonly Span[], found: readonly Span[]): readonly LeftOver[] {
	const parts = new Map<number, LeftOver>();
	for (const span of spans) {
		for (const part of [leftOverBefore(sentence, span.start), leftOverAfter(sentence, span.end)]) {
			if (!part || /^(?:and|or|,|&)$/.test(part.words)) continue;
			const { start, end } = part;
			if (spans.some((other) => start >= other.start && start < other.end)) continue;
			const next = spans.find((other) => other.start > start)?.start ?? end;
			const clipped = Math.min(end, next);
			parts.set(start, { start, end: clipped, words: sentence.slice(start, clipped).replace(/[\s,.;:!?]+$/, '') });
		}
	}
	for (const span of found) {
		const joint = /(?:,? and|,? then|;)+ $/i.exec(sentence.slice(0, span.start))?.[0];
		const isTaken = [...parts.values()].some(({ start, end }) => span.start < end && span.end > start);
		if (spans.length === 0 || spans.includes(span) || joint === undefined || isTaken) continue;
		// What is to be done at the other time goes with it: one at a time.
		const start = span.start - joint.length;
		const isBehind = /[\p{L}\p{N}]/u.test(tidy(sentence.slice(spans.at(-1)?.end, start)));
		parts.set(start, { start, end: isBehind ? sentence.length : span.end, words: span.words });
	}
	return [...parts.values()].sort((a, b) => a.start - b.start);
}

/** The first span with the small words ahead of it, when nothing else is: "for the …". */
function leadIn(sentence: string, spans: readonly Span[]): readonly Span[] {
	const [first, ...rest] = spans;
	const isSmall =
		first && /^(?:(?:for|over|during|in|and|the|of|from|starting)\s+)+$/i.test(sentence.slice(0, first.start));
	return isSmall ? [{ ...first, start: 0 }, ...rest] : spans;
}

function askAbout(words: readonly string[]): WhenResult {
	const what = words.map((part) => `"${part}"`).join(' and ');
	const question = `${what} was not understood together with the rest. One at a time: when should it be, for example "tomorrow at 9" or "every Monday at 8"?`;
	return { type: 'question', reason: 'open', question };
}

/** "at 9 or 10", "tomorrow between 9 and 10", "at 9 EST": what follows belongs to the time. */
function isCutShort(sentence: string, spans: readonly Span[]): boolean {
	return spans.some((span) => GOES_ON.test(sentence.slice(span.end)));
}

const GOES_ON =
	/^ ?(?:(?:or|and|to|till?|until|through|-|–) ?\d|(?:between|from) \d|(?:or|and) (?:on )?(?:mon|tue|wed|thu|fri|sat|sun)|(?:UTC|GMT|[A-Z]{1,3}[SD]T|[A-Z]E?ST|[A-Z]E?DT)\b|\w+ time\b)/;

interface Token {
	readonly start: number;
	readonly end: number;
	readonly word: string;
	/** Punctuation follows. */
	readonly isCut: boolean;
}

interface Span {
	readonly start: number;
	readonly end: number;
	readonly words: string;
	readonly when: WhenResult;
}

/** Words of time are looked for at the two ends of a long text only; nobody hides them in its middle. */
const WORDS_AT_EACH_END = 30;
const LONGEST_SPAN = 11;

function tokensOf(sentence: string): readonly Token[] {
	const tokens = [...sentence.matchAll(/[^\s("'“]\S*/g)].map((match) => {
		const bare = withoutTail(match[0], /[)"'”.,;:!?]/);
		const end = match.index + bare.length;
		return { start: match.index, end, word: bare.toLowerCase(), isCut: bare !== match[0] };
	});
	if (tokens.length <= 2 * WORDS_AT_EACH_END) return tokens;
	return [...tokens.slice(0, WORDS_AT_EACH_END), ...tokens.slice(-WORDS_AT_EACH_END)];
}

const DAY_WORD = `today|tomorrow|tommorrow|tomorow|tommorow|tomorrw|tmr|tmrw|yesterday|tonight|tonite|${WEEKDAY_WORD}|weekdays?|weekends?|workdays?`;
const NUMBERS = `${NUMBER_WORD}|twenty-.+|thirty-.+|forty-.+|fifty-.+`;
const STARTS = new RegExp(
	`^(?:in|at|on|by|around|after|within|next|last|this|the|day|a|an|half|quarter|noon|midday|midnight|every|each|everyday|daily|hourly|weekly|monthly|yearly|annually|first|early|later|soon|mornings|evenings|asap|${DAY_WORD}|${MONTH_WORD}|${NUMBERS}|@?\\d.*|pt?\\d.*)$`,
);
const ENDS = new RegExp(
	`^(?:.*\\d.*|am|pm|a\\.m|p\\.m|o'?clock|noon|midday|midnight|mornings?|afternoons?|evenings?|nights?|now|later|soon|asap|ago|half|time|lunch|dinner|breakfast|work|school|bit|while|moment|(?:few|couple)|early|so|s|m|h|min|${UNIT_WORD}|everyday|daily|hourly|weekly|monthly|yearly|annually|hundred|${DAY_WORD}|${MONTH_WORD}|${NUMBERS})$`,
);

async function findSpans(sentence: string, tokens: readonly Token[], context: WhenContext): Promise<readonly Span[]> {
	const spans: Span[] = [];
	for (const [index, from] of tokens.entries()) {
		if (!STARTS.test(from.word) || isNoStart(from, tokens[index + 1])) continue;
		for (const to of tokens.slice(index, index + LONGEST_SPAN).reverse()) {
			if (!ENDS.test(to.word)) continue;
			const words = sentence.slice(from.start, to.end);
			const isEdge = index === 0 || to === tokens.at(-1);
			const when = isWeak(words) ? undefined : await parseWhen(words, context);
			if (!when || (when.type === 'question' && (when.reason === 'unclear' || !(isEdge || isTimed(words))))) continue;
			spans.push({ start: from.start, end: from.start + words.length, words, when });
			break;
		}
	}
	return spans;
}

/** "put it on at 9" keeps its "on"; "sun," is the one in the sky. */
function isNoStart(token: Token, next: Token | undefined): boolean {
	if (/^(?:on|in|by|at)$/.test(token.word) && /^(?:on|in|by|at|every|each)$/.test(next?.word ?? '')) return true;
	const isListed = new RegExp(`^(?:${WEEKDAY_WORD})$`).test(next?.word ?? '');
	return token.isCut && !isListed && /^(?:mon|tue|wed|thu|fri|sat|sun)$/.test(token.word);
}

/** Words that name a time only beside others: "20 minutes", "sat", "may", a bare number. */
function isWeak(words: string): boolean {
	const normal = normalizeWords(words);
	return (
		readSpan(normal) !== undefined ||
		/^(?:the |this )?(?:day|week|month|year|hour|minute|moment)$/.test(normal) ||
		(/^(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|\d+|[a-z]+)$/.test(normal) && !LONE_WORD.test(normal))
	);
}

const LONE_WORD =
	/^(?:today|tomorrow|tomorow|tommorow|tmr|tmrw|yesterday|tonight|tonite|noon|midday|midnight|everyday|daily|hourly|weekly|monthly|weekdays|weekends|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|later|soon|asap)$/;

function isTimed(words: string): boolean {
	const normal = normalizeWords(words);
	const said = takeTime(normal);
	return (
		said.times.length > 0 || said.isMidnight || /^in \d|^in an? |\b(?:from now|every|yesterday|ago)\b/.test(normal)
	);
}

/** Drops spans that lie within or overlap an earlier, longer one. */
function longestOnly(spans: readonly Span[]): readonly Span[] {
	const kept: Span[] = [];
	for (const span of [...spans].sort((a, b) => b.end - b.start - (a.end - a.start))) {
		if (kept.every((other) => span.end <= other.start || span.start >= other.end)) kept.push(span);
	}
	return kept.sort((a, b) => a.start - b.start);
}

/** Joins a day here and an hour there; else takes the one that is meant beyond doubt, or asks. */
async function chooseSpans(
	found: readonly Span[],
	context: WhenContext,
): Promise<{ readonly spans: readonly Span[]; readonly when: WhenResult }> {
	const [first] = found;
	if (first && first.start === 0 && isTimed(first.words)) return { spans: [first], when: first.when };
	const joined = await parseWhen(found.map((span) => span.words).join(' '), context);
	if (joined.type !== 'question') {
		const together = `${found.map((span) => `"${span.words}"`).join(' and ')} were taken together.`;
		return { spans: found, when: { ...joined, assumed: [...joined.assumed, together] } };
	}
	const strong = found.filter((span) => STRONG.test(span.words));
	const [only] = strong;
	if (only && strong.length === 1) return { spans: [only], when: only.when };
	const choices = found.map((span) => `"${span.words}"`).join(' or ');
	return { spans: [], when: { type: 'question', reason: 'open', question: `Which time is meant: ${choices}?` } };
}

/** Begins as only words of time do; a bare weekday or date may belong to what is to be done. */
const STRONG = /^(?:in|at|on|by|next|this|every|each|tomorrow|today|tonight|daily)\b/i;

/** "every blue moon at 8": the hour was understood, how often was not. */
function hasEveryBeside(sentence: string, spans: readonly Span[]): boolean {
	const before = sentence.slice(0, spans[0]?.start ?? 0);
	const after = sentence.slice(spans.at(-1)?.end ?? 0);
	return (
		(/\b(?:every|each)(?: \S+){1,3} $/i.test(before) && /^(?:every|each)\b/i.test(before)) ||
		/^,? ?(?:every|each)\b/i.test(after)
	);
}

function without(sentence: string, spans: readonly Pick<Span, 'start' | 'end'>[]): string {
	let text = '';
	let from = 0;
	for (const span of [...spans].sort((a, b) => a.start - b.start)) {
		text += `${sentence.slice(from, Math.max(from, span.start))} `;
		from = Math.max(from, span.end);
	}
	const after = sentence.slice(from);
	return text + (spans.length > 0 && /^[)"'”.,;:!?\s]*$/.test(after) ? '' : after);
}

function tidy(text: string): string {
	const whole = text
		.replace(/[^\S\n]+/g, ' ')
		.replace(/ +([,.;:!?])/g, '$1')
		.trim()
		.replace(/^[,;:.\-–—\s]+/, '')
		.replace(/^(?:(?:or so|early)\b,?\s*)?(?:(?:to|that|about|of)\s+)?/i, '')
		.replace(/\( ?\)/g, '');
	return withoutTail(whole, /[,;:(\-–—\s]/).trim();
}

/** The text without the run of such characters at its end; a pattern anchored there would try at each character of a run elsewhere. */
function withoutTail(text: string, character: RegExp): string {
	let end = text.length;
	while (end > 0 && character.test(text.charAt(end - 1))) end--;
	return text.slice(0, end);
}
