import { stemmer } from 'stemmer';

/**
 * The words of a text as the index compares them: lower case, without accents, English ones by their stem, without
 * stop words; writing without spaces (Chinese, Japanese, Thai …) as pairs of neighbouring characters.
 */
export function termsOf(text: string): readonly string[] {
	const terms: string[] = [];
	for (const [word] of fold(text).matchAll(/[\p{L}\p{M}\p{N}]+(?:'[\p{L}]+)*/gu)) {
		for (const [part] of word.matchAll(PARTS)) {
			if (UNSPACED.test(part)) terms.push(...pairsOf(part));
			else addWord(part, terms);
		}
	}
	return terms;
}

/** The terms of a question, without the words that only ask. */
export function queryTermsOf(query: string): readonly string[] {
	const asking = query.replace(/['’](?:s|re|ve|ll|d|m)\b/giu, '').replace(ASKING, ' ');
	const terms = termsOf(asking);
	// "remember" alone may be what is looked for.
	return [...new Set(terms.length > 0 ? terms : termsOf(query))];
}

/** Lower case without accents, so that "Über" is found as "uber" and the other way round. */
export function fold(text: string): string {
	return text
		.replace(/[’‘]/g, "'")
		.normalize('NFKD')
		.replace(/(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu, '')
		.normalize('NFC')
		.toLowerCase()
		.replaceAll('ß', 'ss')
		.replaceAll('ς', 'σ');
}

const UNSPACED_SCRIPTS =
	'\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}ー';
const UNSPACED = new RegExp(`^[${UNSPACED_SCRIPTS}]`, 'u');
const PARTS = new RegExp(`[${UNSPACED_SCRIPTS}]\\p{M}*(?:[${UNSPACED_SCRIPTS}]\\p{M}*)*|[^${UNSPACED_SCRIPTS}]+`, 'gu');

function pairsOf(run: string): readonly string[] {
	const characters = [...run];
	if (characters.length < 2) return characters;
	return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

function addWord(word: string, terms: string[]): void {
	const bare = word.replace(/'(?:s|re|ve|ll|d|m|t)?$/, '').replaceAll("'", '');
	if (bare === '' || bare.length > 60 || STOP_WORDS.has(bare)) return;
	const base = IRREGULAR.get(bare) ?? bare;
	terms.push(/^[a-z]+$/.test(base) ? stemmer(base) : base);
}

const ASKING =
	/\b(?:what(?:'s)?|who(?:'s)?|whom|whose|which|when|where|why|how) (?:(?:do|does|did|is|are|was|were|can|could|have|has) )?(?:(?:you|i|we) )?(?:(?:know|remember|recall|say|said|tell|told|note|noted|write|wrote|written) )?(?:me )?(?:about )?|\b(?:tell|remind) me (?:about|what|who|when|where)\b|\b(?:do|did|can|could) you (?:know|remember|recall|find)\b|\b(?:search for|look up|look for|find)\b/giu;

const STOP_WORDS: ReadonlySet<string> = new Set(
	`a about above after again all also am an and any are as at be because been before being below between both but by can could
	did do does doing don down during each few for from further had has have having he her here hers herself him himself his how i
	if in into is it its itself just let me more most my myself no nor not now of off on once only or other our ours ourselves out
	over own please same she should so some such than that the their theirs them themselves then there these they this those through
	to too under until up us very was we were what when where which while who whom why will with would you your yours yourself`.split(
		/\s+/,
	),
);

/** Verbs and plurals whose forms no stemmer joins. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
	`began begin|begun begin|bought buy|brought bring|built build|came come|caught catch|chose choose|chosen choose|drank drink|drove
	drive|driven drive|ate eat|eaten eat|fell fall|felt feel|flew fly|forgot forget|forgotten forget|found find|gave give|given give|went
	go|gone go|grew grow|grown grow|heard hear|held hold|kept keep|knew know|known know|left leave|lent lend|lost lose|made make|met
	meet|paid pay|ran run|rode ride|said say|sang sing|saw see|seen see|sent send|sold sell|spent spend|spoke speak|spoken speak|stood
	stand|swam swim|taken take|took take|taught teach|thought think|told tell|wore wear|won win|wrote write|written write|children
	child|feet foot|men man|people person|teeth tooth|wives wife|women woman|mum mother|mom mother|mummy mother|dad father|daddy father`
		.replace(/\s+/g, ' ')
		.split('|')
		.map((pair) => pair.trim().split(' ') as [string, string]),
);
