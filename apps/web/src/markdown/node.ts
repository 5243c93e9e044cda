import type { SyntaxNode } from '@lezer/common';

/**
 * Markdown as a plain tree of elements, from the syntax tree of @lezer/markdown. There is no HTML anywhere on the
 * way: raw HTML is text, link targets pass an allow list, images are links, so there is nothing to sanitise.
 */
export type MarkdownNode = string | MarkdownElement;

/** One element to be; `tag` and `attrs` come from the fixed sets below only. */
export interface MarkdownElement {
	readonly tag: MarkdownTag;
	readonly attrs: Readonly<Partial<Record<MarkdownAttr, string>>>;
	readonly children: readonly MarkdownNode[];
}
type MarkdownTag =
	| 'a'
	| 'blockquote'
	| 'br'
	| 'button'
	| 'code'
	| 'del'
	| 'div'
	| 'em'
	| 'figcaption'
	| 'figure'
	| 'h3'
	| 'h4'
	| 'h5'
	| 'hr'
	| 'input'
	| 'li'
	| 'ol'
	| 'p'
	| 'pre'
	| 'span'
	| 'strong'
	| 'table'
	| 'tbody'
	| 'td'
	| 'th'
	| 'thead'
	| 'tr'
	| 'ul';
type MarkdownAttr =
	| 'aria-label'
	| 'checked'
	| 'class'
	| 'disabled'
	| 'href'
	| 'rel'
	| 'start'
	| 'tabindex'
	| 'target'
	| 'title'
	| 'type';

/** Link targets by normalised label. */
export type LinkDefinitions = ReadonlyMap<string, string>;

/** What is parsed, and what its links by reference mean. */
export interface Source {
	readonly text: string;
	readonly definitions: LinkDefinitions;
}

/** One element. */
export function element(
	tag: MarkdownTag,
	children: readonly MarkdownNode[],
	attrs: MarkdownElement['attrs'] = {},
): MarkdownElement {
	return { tag, attrs, children };
}

/** The children of a syntax node, in order. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
	const children: SyntaxNode[] = [];
	for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
	return children;
}

/** The label of a link by reference, as labels are compared: `[A  b]` names `[a B]`. */
export function normaliseLabel(written: string): string {
	return written.slice(1, -1).trim().replace(/\s+/g, ' ').toLowerCase();
}
