import type { ToolOutcome } from '@pocketeer/core/agent/tool';
import type { MarkedText } from '@pocketeer/core/space/space';

/** Sources named in one mark; more would not tell a person more. */
const MOST_SOURCES = 3;

/** Where the text from outside between two offsets of a file came from; empty when there is none. */
export function sourcesIn({ untrusted }: MarkedText, from: number, to: number): readonly string[] {
	return untrusted.filter((passage) => passage.from < to && passage.to > from).map(({ source }) => source);
}

/** The mark of a result that shows text of these sources. */
export function markedBy(sources: readonly string[]): Pick<ToolOutcome, 'untrusted'> {
	const distinct = [...new Set(sources)].slice(0, MOST_SOURCES);
	return distinct.length > 0 ? { untrusted: { source: distinct.join(', ') } } : {};
}

/** Lines of a text with where each begins and ends. */
export function linesOf(
	text: string,
): readonly { readonly line: string; readonly from: number; readonly to: number }[] {
	let from = 0;
	return text.split('\n').map((line) => {
		const place = { line, from, to: from + line.length };
		from = place.to + 1;
		return place;
	});
}
