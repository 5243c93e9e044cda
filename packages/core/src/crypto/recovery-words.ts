import type { Bytes } from '../bytes.ts';
import type { RandomDep } from '../ports/random.ts';
import { err, ok, type Result } from '../result.ts';

/** How many words a root is written in: 256 bits and a checksum (BIP39). */
export const RECOVERY_WORD_COUNT = 24;

/** What was typed is not a root's words; `reason` is a sentence that says what to look at. */
export interface BadWords {
	readonly type: 'BadWords';
	readonly reason: string;
}

/** The 24 words of a root of 32 bytes. Loads the word list at the first call. */
export async function wordsOfRoot(root: Bytes): Promise<readonly string[]> {
	const { bip39, wordlist } = await loadWords();
	return bip39.entropyToMnemonic(root, wordlist).split(' ');
}

/** The root of 24 words however they were typed: any case, spaces, line breaks, commas, "1." in front. */
export async function rootOfWords(text: string): Promise<Result<Bytes, BadWords>> {
	const words = typedWords(text);
	if (words.length !== RECOVERY_WORD_COUNT) return badWords(describeCount(words.length));

	const { bip39, wordlist } = await loadWords();
	const known = new Set(wordlist);
	const unknownAt = words.findIndex((word) => !known.has(word));
	if (unknownAt >= 0) {
		return badWords(
			`Word no. ${unknownAt + 1}, "${words[unknownAt]}", is not one of the recovery words. Check its spelling.`,
		);
	}
	try {
		return ok(new Uint8Array(bip39.mnemonicToEntropy(words.join(' '), wordlist)));
	} catch {
		// Count and words are right, so the only thing left is the checksum.
		return badWords(
			'These are all recovery words, but together they do not fit: one of them is a wrong word, or two changed places.',
		);
	}
}

/** Asks for two of the words by their place, from 1, in order: enough to see that they were written down. */
export function drawWordCheck(deps: RandomDep): readonly [number, number] {
	const first = placeOf(deps.random.bytes(1), RECOVERY_WORD_COUNT);
	const other = placeOf(deps.random.bytes(1), RECOVERY_WORD_COUNT - 1);
	// The other place is drawn among those that are left.
	const second = other >= first ? other + 1 : other;
	return first < second ? [first, second] : [second, first];
}

/** Whether each answer is the word at its place, however it was typed; the first place that is wrong otherwise. */
export function checkWords(
	words: readonly string[],
	answers: readonly { readonly place: number; readonly word: string }[],
): Result<void, { readonly type: 'WrongWord'; readonly place: number; readonly reason: string }> {
	for (const { place, word } of answers) {
		const [typed] = typedWords(word);
		if (typed !== undefined && typed === words[place - 1]) continue;
		const reason = `That is not word no. ${place}. Look at what you wrote down.`;
		return err({ type: 'WrongWord', place, reason });
	}
	return ok();
}

/** From 1 to `places`; not quite even for a byte, which nobody gains by. */
function placeOf(bytes: Bytes, places: number): number {
	return ((bytes[0] ?? 0) % places) + 1;
}

/** The words of a text in any case, with spaces, line breaks, commas, "1." in front. */
function typedWords(text: string): readonly string[] {
	return text
		.normalize('NFKD')
		.toLowerCase()
		.split(/[\s,;]+/u)
		.map((word) => word.replace(/^\d+[.):]?/u, '').replace(/[.]$/u, ''))
		.filter((word) => word !== '');
}

function describeCount(count: number): string {
	if (count === 0) return `Type the ${RECOVERY_WORD_COUNT} recovery words.`;
	const few = `There ${count === 1 ? 'is 1 word' : `are ${count} words`}; a space has ${RECOVERY_WORD_COUNT} recovery words.`;
	return count < RECOVERY_WORD_COUNT ? `${few} Some are missing.` : `${few} Some are too many.`;
}

function badWords(reason: string): Result<never, BadWords> {
	return err({ type: 'BadWords', reason });
}

/** The list weighs 13 kB and is needed once in a space's life: not part of the first load. */
async function loadWords() {
	const [bip39, { wordlist }] = await Promise.all([
		import('@scure/bip39'),
		import('@scure/bip39/wordlists/english.js'),
	]);
	return { bip39, wordlist };
}
