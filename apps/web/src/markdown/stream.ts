import type { MarkdownNode } from './node.ts';
import { asWritten, blockTree, parseMarkdown } from './tree.ts';

/** A text that grows at its end, as elements: what is final is handed over once, the rest is rendered anew. */
export interface MarkdownStream {
	/** Takes the whole text so far. `finished` adds to what came before unless `isReset`; `tail` replaces the last tail. */
	update(text: string): StreamUpdate;
}
interface StreamUpdate {
	/** The text did not continue the last one: forget what was rendered. */
	readonly isReset: boolean;
	readonly finished: readonly MarkdownNode[];
	readonly tail: readonly MarkdownNode[];
}

const NO_DEFINITIONS: ReadonlyMap<string, string> = new Map();

/**
 * Parses only the unstable tail. A block of the document is final once another has begun after it on a complete
 * line: an unfinished line may still turn out to continue it (`#` of "#tag", `-` of a setext underline). Links by
 * reference wait for the whole text, see `markdownTree`.
 */
export function createMarkdownStream(): MarkdownStream {
	let finishedText = '';
	return {
		update(text) {
			const isReset = !text.startsWith(finishedText);
			if (isReset) finishedText = '';
			const rest = text.slice(finishedText.length);
			const top = parseMarkdown(rest);
			if (!top) return { isReset, finished: [], tail: [asWritten(rest)] };
			const lastLineAt = rest.lastIndexOf('\n') + 1;
			const finished: MarkdownNode[] = [];
			let node = top.firstChild;
			let through = 0;
			while (node?.nextSibling && node.nextSibling.from < lastLineAt) {
				finished.push(...blockTree(rest, node, NO_DEFINITIONS));
				through = node.nextSibling.from;
				node = node.nextSibling;
			}
			const tail: MarkdownNode[] = [];
			for (; node; node = node.nextSibling) tail.push(...blockTree(rest, node, NO_DEFINITIONS));
			// Blocks are parsed on without their indentation before them; keep the line's own.
			finishedText += rest.slice(0, lineStart(rest, through));
			return { isReset, finished, tail };
		},
	};
}

function lineStart(text: string, at: number): number {
	return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}
