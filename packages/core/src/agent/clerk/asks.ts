import type { WhenContext } from '../../schedule/parse-when.ts';
import { dayOfWeekOf, WEEKDAY_PATTERN, WEEKDAY_WORD } from '../../schedule/words.ts';
import { formatMoment, zonedAt } from '../../schedule/zoned.ts';
import { call, type Intent, say, stripEnd } from './intent.ts';
import { EMPTY_COMMAND, NOT_FOUND_NO_AI } from './words.ts';

/** "what time is it?" */
export function readTime(said: string, { now, zone }: WhenContext): Intent | undefined {
	const bare = said.replace(/[.!?,\s]+$/, '').toLowerCase();
	const asks =
		/^(?:what(?:'s| is) the time|what time is it|(?:tell me )?the time|what (?:day|date) is (?:it|today)|what(?:'s| is) (?:the|today's) (?:date|day))(?: now| today| right now)*$/;
	return asks.test(bare) ? say(`It is ${formatMoment(now, zone)}.`) : undefined;
}

const LISTS =
	/^(?:what(?:'s| is) (?:on|planned|happening|next|coming|there)|what (?:do i have|have i got)|do i have|have i got|is there|anything|am i (?:free|busy))\b/;
const PLANS = new RegExp(
	`\\b(?:today|tomorrow|tonight|this (?:week|weekend|morning|afternoon|evening|month)|next (?:week|month)|on (?:${WEEKDAY_WORD})|planned|my (?:schedule|agenda|calendar))$`,
);

/** A question about what is planned. */
export function readTaskList(said: string): Intent | undefined {
	const bare = said.replace(/[.!?\s]+$/, '').toLowerCase();
	if (/^(?:my |all |the )?(?:reminders|tasks)$/.test(bare)) return call('list_tasks', {});
	if (LISTS.test(bare) && PLANS.test(bare)) return call('list_tasks', {});
	const asks = /^(?:what|which|show|list|do i have|are there|any|tell me|see|how many)\b/.test(bare);
	const about = /\b(?:reminders?|tasks|nudges|scheduled|coming up)\b/.test(bare);
	return asks && about && !/\babout\b/.test(bare) ? call('list_tasks', {}) : undefined;
}

const JOURNAL_ASKED =
	/^(?:what did (?:i|we) (?:write|note|say|put|add|do|journal)\b|(?:show|read|open|give)\b(?: me)?\b|what(?:'s| is| was) in)(?<rest>.*)$/i;

/** "what did I write in my journal yesterday?": the page of that day, or of the last week. */
export function readJournalDay(said: string, { now, zone }: WhenContext): Intent | undefined {
	const rest = JOURNAL_ASKED.exec(stripEnd(said))?.groups?.rest;
	if (rest === undefined) return undefined;
	const isJournal = /\b(?:journal|diary)\b/i.test(rest);
	const day = pastDay(rest.toLowerCase(), zonedAt(now, zone).toPlainDate());
	if (day !== undefined && (isJournal || /^what did/i.test(said)) && !/\babout\b/i.test(rest)) {
		return call('journal_entries', { from: day, to: day });
	}
	const isWhole =
		isJournal &&
		/^\W*(?:(?:in|to|my|the|our|last week|this week)\W+)*(?:journal|diary)\W*(?:(?:last|this) week)?$/i.test(rest);
	return isWhole ? call('journal_entries', {}) : undefined;
}

function pastDay(words: string, today: ReturnType<ReturnType<typeof zonedAt>['toPlainDate']>): string | undefined {
	const iso = /\b\d{4}-\d\d-\d\d\b/.exec(words)?.[0];
	if (iso) return iso;
	const ago = /\b(\d{1,3}) days ago\b/.exec(words)?.[1];
	if (ago) return today.subtract({ days: Number(ago) }).toString();
	if (/\bday before yesterday\b/.test(words)) return today.subtract({ days: 2 }).toString();
	if (/\byesterday\b|\blast night\b/.test(words)) return today.subtract({ days: 1 }).toString();
	if (/\b(?:today|tonight|this (?:morning|afternoon|evening))\b/.test(words)) return today.toString();
	const weekday = new RegExp(`\\b(?:on|last) (${WEEKDAY_PATTERN})\\b`).exec(words)?.[1];
	if (!weekday) return undefined;
	return today.subtract({ days: (today.dayOfWeek - dayOfWeekOf(weekday) + 7) % 7 || 7 }).toString();
}

const RECALLS: readonly RegExp[] = [
	/^what\s+(?:do|did|can)\s+(?:you|we|i)\s+(?:know|remember|have|say|said|tell|note|write)\b(?:\s+(?:to\s+)?you)?(?:\s+(?:down|noted|written))?\s+(?:about|of|on|for|regarding)\s+(.+)$/i,
	/^(?:do|did)\s+(?:you|we|i)\s+(?:know|remember|have|say|note|write)\s+(?:anything|something|any notes?|notes?)?\s*(?:down\s+)?(?:about|of|on|for)\s+(.+)$/i,
	/^tell\s+me\s+(?:what\s+you\s+know\s+)?about\s+(.+)$/i,
	/^(?:search|look)\s+(?:(?:in|through)\s+)?(?:my\s+(?:notes|files|journal)\s+)?for\s+(.+)$/i,
	/^(?:recall|find|look\s+up|search)\s+(.+)$/i,
	/^who(?:\s+is|'s|\s+are)\s+(.+)$/i,
];

/** A question of fact, which may stand in the person's files though it does not say "my". */
const ASKS =
	/^(?:what|where|when|who|whose|which)(?:'s|’s)? \S|^how (?:many|much|old|long|tall|big|far|often|do|does|did|is|are|was) \S/i;

/** A question about something that may stand in the person's own files; the clerk searches, it does not know. */
export function readQuestion(said: string): Intent | undefined {
	for (const pattern of RECALLS) {
		const about = pattern.exec(said)?.[1];
		if (about !== undefined) {
			return search(about, /^who/i.test(said) ? NOT_FOUND_NO_AI : undefined);
		}
	}
	const isAboutThem =
		/^(?:what|when|where|which|who|how|is|are|does|do|did|was|were|has|have)\b.*\b(?:my|our|i|we)\b/i.test(said);
	if (isAboutThem && said.trimEnd().endsWith('?')) return search(said);
	return said.length < 300 && ASKS.test(said) ? search(said, NOT_FOUND_NO_AI) : undefined;
}

function search(about: string, ifNothing?: string): Intent {
	const query = stripEnd(about).replace(/^(?:my|our|the)\s+/i, '');
	return query === ''
		? say(EMPTY_COMMAND.recall)
		: { ...call('search_files', { query }), ...(ifNothing && { ifNothing }) };
}
