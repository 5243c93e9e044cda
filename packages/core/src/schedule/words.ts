import { WEEKDAYS } from './zoned.ts';

/**
 * Time words in one spelling: lower case, digits for numbers, `am`/`pm` without dots, one space between words.
 * Everything that reads times reads this form.
 */
export function normalizeWords(words: string): string {
	const spaced = words
		.normalize('NFKC')
		.toLowerCase()
		.replace(/[’‘]/g, "'")
		.replace(/\b([ap])\.\s?m\b\.?/g, '$1m')
		.replace(/\bo'? ?clock\b/g, "o'clock")
		.replace(/\s+/g, ' ')
		.trim()
		.replace(/(?<!\d\.\d{1,2})[.,;!?]+$/, '');
	return spaced
		.replace(TENS_AND_ONES, (_, tens: string, ones: string) => String(numberOf(tens) + numberOf(ones)))
		.replace(NUMBER_NAME, (word) => String(numberOf(word)))
		.replace(/(\d) ?([ap])m\b/g, '$1$2m')
		.replace(/\b(?:mintues?|mintes?|minuts?|minuites?|minuets?|minues)\b/g, 'minutes')
		.replace(/\bho(?:ru|ur)s\b|\bhorus\b/g, 'hours')
		.replace(/\b(?:tommorrow|tommorow|tomorow|tomorrw|tomorro|tmrw|tmr)\b/g, 'tomorrow')
		.trim();
}

/** Sources of patterns for single words of time as they are written. */
export const WEEKDAY_WORD = '(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun';
export const MONTH_WORD =
	'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
export const NUMBER_WORD =
	'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|ninety';
export const UNIT_WORD =
	'seconds?|secs?|minutes?|mins?|mintues?|mintes?|minuts?|minuites?|hours?|hrs?|days?|weeks?|months?|years?|fortnights?|nights?';

const NUMBERS: Readonly<Record<string, number>> = {
	one: 1,
	two: 2,
	three: 3,
	four: 4,
	five: 5,
	six: 6,
	seven: 7,
	eight: 8,
	nine: 9,
	ten: 10,
	eleven: 11,
	twelve: 12,
	thirteen: 13,
	fourteen: 14,
	fifteen: 15,
	sixteen: 16,
	seventeen: 17,
	eighteen: 18,
	nineteen: 19,
	twenty: 20,
	thirty: 30,
	forty: 40,
	fifty: 50,
	sixty: 60,
	ninety: 90,
};
const TENS_AND_ONES = /\b(twenty|thirty|forty|fifty)[- ](one|two|three|four|five|six|seven|eight|nine)\b/g;
const NUMBER_NAME = new RegExp(`\\b(${Object.keys(NUMBERS).join('|')})\\b`, 'g');

function numberOf(word: string): number {
	return NUMBERS[word] ?? 0;
}

/** Matches one weekday, full or shortened; `dayOfWeekOf` tells which. */
export const WEEKDAY_PATTERN =
	'(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';

/** ISO weekday, 1 (Monday) to 7, of a word that `WEEKDAY_PATTERN` matches. */
export function dayOfWeekOf(word: string): number {
	return WEEKDAYS.findIndex((name) => name.toLowerCase().startsWith(word.slice(0, 3))) + 1;
}

const ORDINALS: readonly string[] = ['', 'first', 'second', 'third', 'fourth', 'fifth'];

/** Matches `first` to `fifth`, `1st` to `5th` and `last`; `nthOf` tells which. */
export const NTH_PATTERN = '(?:first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th|last)';

/** 1 to 5, or `last`. */
export function nthOf(word: string): number | 'last' {
	if (word === 'last') return 'last';
	const index = ORDINALS.indexOf(word);
	return index > 0 ? index : Number.parseInt(word, 10);
}

/** `first` … `fifth`. */
export function nthWord(nth: number): string {
	return ORDINALS[nth] ?? `${nth}th`;
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(day: number): string {
	const teen = day % 100 >= 11 && day % 100 <= 13;
	const suffix = teen ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
	return `${day}${suffix}`;
}
