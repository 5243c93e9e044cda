import { queryTermsOf, termsOf } from './terms.ts';

/** One found text: its place in the list that was searched, and how well it fits. */
export interface SaidHit {
	readonly index: number;
	readonly score: number;
}

/** Tuned BM25 for short turns of talk: PLATFORM.md, recall. */
const K1 = 0.7;
const B = 0.2;
/** What a text gains from the two before and after it: an answer is found by the words of its question. */
const NEIGHBOURS = [0.4, 0.2] as const;

/**
 * Finds texts of a conversation by the words of a query, any of them, best first; of equals the newer. `texts` stand in the
 * order they were said, each list of one conversation.
 */
export function searchSaid(
	conversations: readonly (readonly string[])[],
	query: string,
	limit: number,
): readonly SaidHit[] {
	const wanted = queryTermsOf(query);
	if (wanted.length === 0 || limit <= 0) return [];
	const documents = conversations.map((texts) => texts.map((text) => countTerms(text, wanted)));
	const all = documents.flat();
	const rarity = wanted.map((_, term) => {
		const count = all.filter(({ counts }) => (counts[term] ?? 0) > 0).length;
		return Math.log(1 + (all.length - count + 0.5) / (count + 0.5));
	});
	const average = all.reduce((sum, { length }) => sum + length, 0) / Math.max(1, all.length) || 1;
	const hits: SaidHit[] = [];
	let offset = 0;
	for (const documentsOfOne of documents) {
		const own = documentsOfOne.map((document) => scoreOf(document, rarity, average));
		for (const [place, score] of own.entries()) {
			if (score === 0) continue;
			const near = NEIGHBOURS.reduce((sum, share, distance) => {
				const around = Math.max(own[place - distance - 1] ?? 0, own[place + distance + 1] ?? 0);
				return sum + share * around;
			}, 0);
			hits.push({ index: offset + place, score: score + near });
		}
		offset += documentsOfOne.length;
	}
	return hits.sort((a, b) => b.score - a.score || b.index - a.index).slice(0, limit);
}

interface Counted {
	readonly length: number;
	/** How often each term of the query occurs. */
	readonly counts: readonly number[];
}

function countTerms(text: string, wanted: readonly string[]): Counted {
	const terms = termsOf(text);
	return { length: terms.length, counts: wanted.map((term) => terms.filter((other) => other === term).length) };
}

function scoreOf({ length, counts }: Counted, rarity: readonly number[], average: number): number {
	const weight = K1 * (1 - B + (B * length) / average);
	return counts.reduce((sum, count, term) => sum + ((rarity[term] ?? 0) * (count * (K1 + 1))) / (count + weight), 0);
}
