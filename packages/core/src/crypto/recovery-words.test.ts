import { expect, it } from 'vitest';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { checkWords, drawWordCheck, rootOfWords, wordsOfRoot } from './recovery-words.ts';

const ROOT = Uint8Array.from({ length: 32 }, (_, index) => index);
const WORDS =
	'abandon amount liar amount expire adjust cage candy arch gather drum bullet ' +
	'absurd math era live bid rhythm alien crouch range attend journey unaware';

it('a root is always written in the same 24 words', async () => {
	expect((await wordsOfRoot(ROOT)).join(' ')).toBe(WORDS);
	// BIP39's own vector for 32 zero bytes.
	expect((await wordsOfRoot(new Uint8Array(32))).join(' ')).toBe(`${'abandon '.repeat(23)}art`);
});

it('any root comes back from its words', async () => {
	const random = createSeededRandom(1);
	for (let round = 0; round < 50; round++) {
		const root = random.bytes(32);
		expect(await rootOfWords((await wordsOfRoot(root)).join(' '))).toEqual({ ok: true, value: root });
	}
});

it.each([
	['capitals', WORDS.toUpperCase()],
	['spaces and line breaks', `\n\t ${WORDS.replaceAll(' ', ' \r\n  ')}  `],
	['numbers "1. word"', numbered((index) => `${index}. `)],
	['numbers "1) word"', numbered((index) => `${index}) `)],
	['numbers stuck to the word', numbered((index) => `${index}.`)],
	['commas', WORDS.replaceAll(' ', ', ')],
	['no-break spaces', WORDS.replaceAll(' ', '\u00a0')],
])('words typed with %s are understood', async (_, typed) => {
	expect(await rootOfWords(typed)).toEqual({ ok: true, value: ROOT });
});

it.each([
	['', 'Type the 24 recovery words.'],
	['  \n ', 'Type the 24 recovery words.'],
	['abandon', 'There is 1 word; a space has 24 recovery words. Some are missing.'],
	[WORDS.replace(' unaware', ''), 'There are 23 words; a space has 24 recovery words. Some are missing.'],
	[`${WORDS} art`, 'There are 25 words; a space has 24 recovery words. Some are too many.'],
	[WORDS.replace('expire', 'expyre'), 'Word no. 5, "expyre", is not one of the recovery words. Check its spelling.'],
	[
		WORDS.replace('amount liar', 'liar amount'),
		'These are all recovery words, but together they do not fit: one of them is a wrong word, or two changed places.',
	],
])('wrong words %j are answered with what is wrong', async (typed, reason) => {
	expect(await rootOfWords(typed)).toEqual({ ok: false, error: { type: 'BadWords', reason } });
});

function numbered(prefix: (index: number) => string): string {
	return WORDS.split(' ')
		.map((word, index) => `${prefix(index + 1)}${word}`)
		.join('\n');
}

it('asks for two different places among the 24, any of them, in order', () => {
	const random = createSeededRandom(1);
	const seen = new Set<number>();
	for (let draw = 0; draw < 500; draw++) {
		const [first, second] = drawWordCheck({ random });
		expect(first).toBeLessThan(second);
		for (const place of [first, second]) seen.add(place);
	}
	expect([...seen].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
});

it('takes the words asked for however they were typed, and names the place of a wrong one', async () => {
	const words = await wordsOfRoot(ROOT);
	const right = (place: number) => ({ place, word: ` ${place}. ${words[place - 1]?.toUpperCase()} ` });
	expect(checkWords(words, [right(3), right(24)])).toEqual({ ok: true });
	expect(checkWords(words, [right(3), { place: 24, word: words[0] ?? '' }])).toEqual({
		ok: false,
		error: { type: 'WrongWord', place: 24, reason: 'That is not word no. 24. Look at what you wrote down.' },
	});
	expect(checkWords(words, [{ place: 3, word: '' }])).toMatchObject({ error: { type: 'WrongWord', place: 3 } });
	expect(checkWords(words, [{ place: 25, word: '' }])).toMatchObject({ error: { type: 'WrongWord' } });
});
