import type { SyntaxNode } from '@lezer/common';
import { linkTarget } from './link-target.ts';
import { childrenOf, element, type MarkdownNode, normaliseLabel, type Source } from './node.ts';
import { decodeEntity, unescapeMarkdown } from './text.ts';

/** Marks of markdown's own, which the reader is not to see. */
const MARKS = new Set([
	'HeaderMark',
	'QuoteMark',
	'ListMark',
	'LinkMark',
	'EmphasisMark',
	'CodeMark',
	'StrikethroughMark',
	'TaskMarker',
	'TableDelimiter',
	'LinkTitle',
	'LinkLabel',
]);

/** What stands inside a block, marks left out, trimmed at both ends of line breaks. */
export function inline(source: Source, node: SyntaxNode, from = node.from, to = node.to): MarkdownNode[] {
	const out: MarkdownNode[] = [];
	let at = from;
	for (const child of childrenOf(node)) {
		if (child.to <= at || child.from >= to) continue;
		if (child.from > at) push(out, lines(source.text.slice(at, child.from)));
		push(out, inlineNode(source, child));
		at = child.name === 'QuoteMark' ? afterSpaces(source.text, child.to) : child.to;
	}
	if (at < to) push(out, lines(source.text.slice(at, to)));
	return trimEdges(out);
}

function afterSpaces(text: string, at: number): number {
	let end = at;
	while (text[end] === ' ' || text[end] === '\t') end += 1;
	return end;
}

function inlineNode(source: Source, node: SyntaxNode): readonly MarkdownNode[] {
	const written = source.text.slice(node.from, node.to);
	switch (node.name) {
		case 'Emphasis':
			return [element('em', spaced(source, node))];
		case 'StrongEmphasis':
			return [element('strong', spaced(source, node))];
		case 'Strikethrough':
			return [element('del', spaced(source, node))];
		case 'InlineCode':
			return [element('code', [inlineCode(source.text, node)])];
		case 'HardBreak':
			return [element('br', [])];
		case 'Escape':
			return [written.slice(1)];
		case 'Entity':
			return [decodeEntity(written)];
		case 'Link':
			return link(source, node);
		case 'Image':
			return image(source, node);
		case 'Autolink':
			return anchor([written.slice(1, -1)], written.slice(1, -1)) ?? [written];
		case 'URL':
			return anchor([written], written) ?? [written];
		default:
			return MARKS.has(node.name) ? [] : lines(written);
	}
}

/** Inline content whose outer spaces matter. */
function spaced(source: Source, node: SyntaxNode): readonly MarkdownNode[] {
	const marks = childrenOf(node).filter((child) => MARKS.has(child.name));
	return inline(source, node, marks[0]?.to ?? node.from, marks.at(-1)?.from ?? node.to);
}

function inlineCode(text: string, node: SyntaxNode): string {
	const marks = node.getChildren('CodeMark');
	const body = text.slice(marks[0]?.to ?? node.from, marks[1]?.from ?? node.to).replace(/\n/g, ' ');
	// One space on both sides is padding that lets code begin with a backtick (CommonMark 6.1).
	return /^ .*[^ ].* $/.test(body) ? body.slice(1, -1) : body;
}

function link(source: Source, node: SyntaxNode): readonly MarkdownNode[] {
	const label = linkLabel(source, node);
	const written = source.text.slice(node.from, node.to);
	const target = linkUrl(source, node);
	if (target === undefined) {
		// Not a link after all: `[x]` stays what was written, a refused target keeps its label readable.
		return node.getChild('URL')
			? [...label, ` (${urlText(source, node)})`]
			: ['[', ...label, written.slice(written.indexOf(']'))];
	}
	return anchor(label, target) ?? [...label, ` (${target})`];
}

function image(source: Source, node: SyntaxNode): readonly MarkdownNode[] {
	const alt = plainText(linkLabel(source, node)) || 'image';
	const target = linkUrl(source, node);
	// Loading it would tell a stranger's server who reads this; the person may follow the link.
	const shown = target === undefined ? undefined : anchor([alt], target, 'md-image');
	return shown ?? [element('span', [alt], { class: 'md-image' })];
}

function linkLabel(source: Source, node: SyntaxNode): readonly MarkdownNode[] {
	const marks = node.getChildren('LinkMark');
	return inline(source, node, marks[0]?.to ?? node.from, marks[1]?.from ?? node.to);
}

function linkUrl(source: Source, node: SyntaxNode): string | undefined {
	const url = node.getChild('URL');
	if (url) return linkTarget(urlText(source, node));
	const marks = node.getChildren('LinkMark');
	const label = node.getChild('LinkLabel');
	const written = label && label.to - label.from > 2 ? label : { from: (marks[0]?.to ?? 0) - 1, to: marks[1]?.to ?? 0 };
	const found = source.definitions.get(normaliseLabel(source.text.slice(written.from, written.to).replace(/^!/, '')));
	return found === undefined ? undefined : linkTarget(unescapeMarkdown(found));
}

function urlText(source: Source, node: SyntaxNode): string {
	const url = node.getChild('URL');
	return url ? unescapeMarkdown(source.text.slice(url.from, url.to).replace(/^<|>$/g, '')) : '';
}

function anchor(children: readonly MarkdownNode[], written: string, className?: string): MarkdownNode[] | undefined {
	const href = linkTarget(written);
	if (href === undefined) return undefined;
	const attrs = { href, rel: 'noopener noreferrer', target: '_blank' };
	return [element('a', children, className === undefined ? attrs : { ...attrs, class: className })];
}

/** Text with its line breaks kept: what an assistant writes on two lines is meant as two lines. */
export function lines(text: string): MarkdownNode[] {
	return text
		.split('\n')
		.flatMap((line, index) =>
			index === 0 ? [line.replace(/[ \t]+$/, ' ')] : [element('br', []), line.replace(/^[ \t]+/, '')],
		)
		.filter((part) => part !== '');
}

function trimEdges(nodes: MarkdownNode[]): MarkdownNode[] {
	const isBreak = (node: MarkdownNode | undefined) => typeof node === 'object' && node.tag === 'br';
	while (isBreak(nodes[0])) nodes.shift();
	while (isBreak(nodes.at(-1))) nodes.pop();
	return nodes;
}

/** Without white space at its ends. */
export function trimmed(nodes: MarkdownNode[]): MarkdownNode[] {
	const [first] = nodes;
	if (typeof first === 'string') nodes[0] = first.trimStart();
	const last = nodes.at(-1);
	if (typeof last === 'string') nodes[nodes.length - 1] = last.trimEnd();
	return trimEdges(nodes.filter((node) => node !== ''));
}

/** Adds nodes, joining neighbouring text. */
function push(out: MarkdownNode[], nodes: readonly MarkdownNode[]): void {
	for (const node of nodes) {
		const last = out.at(-1);
		if (typeof node === 'string' && typeof last === 'string') out[out.length - 1] = last + node;
		else out.push(node);
	}
}

function plainText(nodes: readonly MarkdownNode[]): string {
	return nodes.map((node) => (typeof node === 'string' ? node : plainText(node.children))).join('');
}
