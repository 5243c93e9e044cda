import type { ModelStepRecord } from '@pocketeer/core/space/records';
import { linkTarget } from '../markdown/link-target.ts';
import type { Source } from './articles.ts';

type TextBlock = Extract<ModelStepRecord['content'][number], { readonly type: 'text' }>;

/** Gathers what the texts of one answer cite, each source once and numbered as it first comes. */
export function createCitations() {
	const places = new Map<string, number>();
	const sources: Source[] = [];
	return {
		sources,
		/** The text of a block with a small linked number for each source it rests on. */
		marked(block: TextBlock): string {
			const cited = (block.citations ?? []).flatMap((citation) =>
				'url' in citation ? [{ url: citation.url, title: citation.title ?? citation.url }] : [],
			);
			const numbers = new Set(cited.map(numberOf));
			if (numbers.size === 0) return block.text;
			const marks = [...numbers].map((number) => markOf(number, sources[number - 1])).join('');
			const end = block.text.trimEnd().length;
			return `${block.text.slice(0, end)}${marks}${block.text.slice(end)}`;
		},
	};

	function numberOf(source: Source): number {
		const known = places.get(source.url);
		if (known !== undefined) return known;
		sources.push(source);
		places.set(source.url, sources.length);
		return sources.length;
	}
}

/** Markdown for a raised number that leads to the source; the number alone where the address is none to open. */
function markOf(number: number, source: Source | undefined): string {
	const raised = [...String(number)].map((digit) => RAISED[Number(digit)]).join('');
	const href = source && linkTarget(source.url);
	return href ? `[${raised}](<${href.replace(/[<>\\]/g, encodeURIComponent)}>)` : raised;
}

const RAISED = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'] as const;

/** The text without the numbers that were put into it. */
export function withoutMarks(text: string): string {
	return text.replace(/\[[⁰¹²³⁴⁵⁶⁷⁸⁹]+\]\(<[^<>]*>\)/g, '');
}
