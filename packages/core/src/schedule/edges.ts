import { MONTH_WORD, NUMBER_WORD, UNIT_WORD, WEEKDAY_WORD } from './words.ts';

/** Words of time that stand next to a time that was found, and were not understood with it. */
export interface LeftOver {
	readonly start: number;
	readonly end: number;
	readonly words: string;
}

const CLOCK = `(?:[01]?\\d|2[0-4])(?:[:.h][0-5]\\d)?(?:h|[ap]\\.?m\\b\\.?| ?[ap]m\\b| o'?clock)?(?![\\w%€$£°./:-]*\\w)|(?:${NUMBER_WORD})\\b(?! thing)`;
const DAY = `(?<!\\b(?:the|a|my|our) )(?:${WEEKDAY_WORD})(?:[/&+-](?:${WEEKDAY_WORD}))*\\b|(?:${MONTH_WORD})\\b|(?:today|tomorrow|tomorow|tommorow|tmr|tmrw|tonight|tonite|yesterday)\\b`;
const OFTEN =
	'(?:every|each|everyday|fortnightly|bi-?weekly|daily|hourly|weekly|monthly|quarterly|yearly|annually|alternate)\\b';
const BOUND = '(?:until|untill|till?|except|excluding|unless|but not|besides|apart from|starting|beginning)\\b';
const COUNTED = `(?:for |over |during )?(?:the )?(?:next|coming|following|first) (?:\\d+|few|couple(?: of)?|${NUMBER_WORD}) \\w+\\b`;
const LASTING = `for (?:an? |\\d+ |(?:${NUMBER_WORD}) )?(?:days?|weeks?|months?|years?)\\b`;
const NOON = '(?:noon|midday|midnight)\\b';

/** How words that follow a time begin when they belong to it. */
const AFTER = new RegExp(
	`^(?:${[
		BOUND,
		OFTEN,
		COUNTED,
		LASTING,
		`(?:before|after|past|from|through|to) (?:${CLOCK}|${DAY}|${NOON}|(?:an?|the|${NUMBER_WORD}) (?:${UNIT_WORD})\\b)`,
		`(?:(?:and|or|&|then|plus) )?(?:again )?(?:(?:at|on|by|around|in|the) )?(?:${CLOCK}|\\d{1,2}(?:st|nd|rd|th)\\b|${DAY}|${NOON})`,
		'(?:and|or) (?:again|then) (?:at|on|in)\\b',
	].join('|')})`,
	'i',
);

/** How words that lead to a time end when they belong to it. */
const BEFORE = new RegExp(
	`(?:^|[\\s,(])(?:${[
		`(?:before|after|until|untill|till?|except|excluding|unless|but not|besides|since|starting|beginning|between)(?: at| on)?`,
		`(?:\\d|${DAY}|${NOON}) ?(?:to|through|from|-|–)`,
		'(?:every|each|alternate|fortnightly|bi-?weekly|daily|hourly|weekly|monthly|quarterly|yearly|annually|everyday)',
		COUNTED,
		LASTING,
		`(?<!for )(?:an?|half an|\\d+|${NUMBER_WORD}) (?:${UNIT_WORD})`,
		'(?:morning|afternoon|evening|night|end|start|beginning|eve|week|day)s? of',
		DAY,
		CLOCK,
		`(?:every|each)(?: other| second| third)? (?:${UNIT_WORD}|${WEEKDAY_WORD}|weekday|weekend)`,
	].join('|')})(?: and| or|,| &)?$`,
	'i',
);

const TIME_TOKEN = new RegExp(
	`^(?:to \\d\\S*|and|or|&|at|on|by|in|the|of|for|next|coming|following|again|then|an?|before|after|from|through|few|couple|other|morning|evening|afternoon|night|weekdays?|weekends?|\\d\\S*|${BOUND}|${OFTEN}|${NOON}|${DAY}|(?:${NUMBER_WORD})|(?:${UNIT_WORD}))$`,
	'i',
);
/** Looked at on each side; a run of words of time is never longer. */
const REACH = 120;

/** The words of time left over behind a removed span, which begin at `from`. */
export function leftOverAfter(sentence: string, from: number): LeftOver | undefined {
	const near = sentence.slice(from, from + REACH);
	const gap = /^[\s,;)–-]*/.exec(near)?.[0].length ?? 0;
	const match = AFTER.exec(near.slice(gap));
	if (!match) return undefined;
	let end = gap;
	for (const token of near.slice(gap).matchAll(/\s*(to \d\S*|\S+)/gi)) {
		if (!TIME_TOKEN.test((token[1] ?? '').replace(/[,.;:!?]+$/, ''))) break;
		end = gap + token.index + token[0].length;
	}
	end = Math.max(end, gap + match[0].length);
	return { start: from + gap, end: from + end, words: near.slice(gap, end).replace(/[\s,.;:!?]+$/, '') };
}

/** The words of time left over ahead of a removed span, which end at `to`. */
export function leftOverBefore(sentence: string, to: number): LeftOver | undefined {
	const floor = Math.max(0, to - REACH);
	const near = sentence.slice(floor, to);
	const bare = near.slice(0, near.length - (/[\s,;(–-]*$/.exec(near)?.[0].length ?? 0));
	const match = BEFORE.exec(bare);
	if (!match) return undefined;
	let start = bare.length;
	for (const token of [...bare.matchAll(/\S+/g)].reverse()) {
		if (!TIME_TOKEN.test(token[0].replace(/[,.;:!?]+$/, ''))) break;
		start = token.index;
	}
	start = Math.min(start, match.index + (/^[\s,(]/.test(match[0]) ? 1 : 0));
	return { start: floor + start, end: floor + bare.length, words: bare.slice(start) };
}
