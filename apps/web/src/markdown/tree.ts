import type { SyntaxNode } from '@lezer/common';
import { Autolink, parser, Strikethrough, Table, TaskList } from '@lezer/markdown';
import { linkTarget } from './link-target.ts';
import { decodeEntity, unescapeMarkdown } from './text.ts';

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

/** The dialect of chat: CommonMark with GFM's tables, task lists, strikethrough and autolinks. */
export const markdownParser = parser.configure([Table, TaskList, Strikethrough, Autolink]);

/** The text as elements, link definitions resolved. */
export function markdownTree(text: string): readonly MarkdownNode[] {
	const top = markdownParser.parse(text).topNode;
	const definitions = readDefinitions(text, top);
	return childrenOf(top).flatMap((node) => blockTree(text, node, definitions));
}

/** One block of a parsed text as elements; most make one, definitions and comments' gaps none. */
export function blockTree(text: string, node: SyntaxNode, definitions: LinkDefinitions): readonly MarkdownNode[] {
	return block({ text, definitions }, node, false);
}

interface Source {
	readonly text: string;
	readonly definitions: LinkDefinitions;
}

function readDefinitions(text: string, top: SyntaxNode): LinkDefinitions {
	const definitions = new Map<string, string>();
	for (const node of childrenOf(top)) {
		if (node.name !== 'LinkReference') continue;
		const label = node.getChild('LinkLabel');
		const url = node.getChild('URL');
		if (!label || !url) continue;
		const key = normaliseLabel(text.slice(label.from, label.to));
		// The first definition of a label wins (CommonMark 4.7).
		if (!definitions.has(key)) definitions.set(key, text.slice(url.from, url.to));
	}
	return definitions;
}

function block(source: Source, node: SyntaxNode, isTight: boolean): readonly MarkdownNode[] {
	const { text } = source;
	switch (node.name) {
		case 'Paragraph':
			return isTight ? inline(source, node) : [element('p', inline(source, node))];
		case 'ATXHeading1':
		case 'SetextHeading1':
			return [element('h3', trimmed(inline(source, node)), { class: 'md-top' })];
		case 'ATXHeading2':
		case 'SetextHeading2':
			return [element('h3', trimmed(inline(source, node)))];
		case 'ATXHeading3':
			return [element('h4', trimmed(inline(source, node)))];
		case 'ATXHeading4':
		case 'ATXHeading5':
		case 'ATXHeading6':
			return [element('h5', trimmed(inline(source, node)))];
		case 'HorizontalRule':
			return [element('hr', [])];
		case 'Blockquote':
			return [element('blockquote', blocks(source, node, false))];
		case 'BulletList':
		case 'OrderedList':
			return [list(source, node)];
		case 'FencedCode':
		case 'CodeBlock':
			return [code(text, node)];
		case 'Table':
			return [table(source, node)];
		case 'Task':
			return task(source, node);
		case 'HTMLBlock':
		case 'CommentBlock':
		case 'ProcessingInstructionBlock':
			return [element('p', lines(text.slice(node.from, node.to)))];
		default:
			return [];
	}
}

function blocks(source: Source, node: SyntaxNode, isTight: boolean): MarkdownNode[] {
	return childrenOf(node).flatMap((child) => block(source, child, isTight));
}

function list(source: Source, node: SyntaxNode): MarkdownElement {
	const items = childrenOf(node).filter((child) => child.name === 'ListItem');
	const isTight = !isLoose(source.text, items);
	const children = items.map((item) => {
		const isTask = item.getChild('Task') !== null;
		return element('li', blocks(source, item, isTight), isTask ? { class: 'md-task' } : {});
	});
	if (node.name === 'BulletList') return element('ul', children);
	const mark = items[0]?.getChild('ListMark');
	const start = mark ? Number.parseInt(source.text.slice(mark.from, mark.to), 10) : 1;
	return element('ol', children, start === 1 || !Number.isSafeInteger(start) ? {} : { start: String(start) });
}

/** A blank line between two items, or between two blocks of one, sets every item of the list apart. */
function isLoose(text: string, items: readonly SyntaxNode[]): boolean {
	const hasBlankBetween = (nodes: readonly SyntaxNode[]) =>
		nodes.some((node, index) => {
			const next = nodes[index + 1];
			return next !== undefined && /\n[ \t>]*\n/.test(text.slice(node.to, next.from));
		});
	return (
		hasBlankBetween(items) ||
		items.some((item) => hasBlankBetween(childrenOf(item).filter((child) => child.name !== 'ListMark')))
	);
}

function task(source: Source, node: SyntaxNode): readonly MarkdownNode[] {
	const marker = node.getChild('TaskMarker');
	const isDone = marker !== null && /x/i.test(source.text.slice(marker.from, marker.to));
	const attrs = { type: 'checkbox', disabled: '', 'aria-label': isDone ? 'done' : 'to do' };
	return [element('input', [], isDone ? { ...attrs, checked: '' } : attrs), ...inline(source, node)];
}

function code(text: string, node: SyntaxNode): MarkdownElement {
	const info = node.getChild('CodeInfo');
	const language = info ? (/^[\w+#.-]{1,24}/.exec(text.slice(info.from, info.to))?.[0] ?? '') : '';
	const body = childrenOf(node)
		.filter((child) => child.name === 'CodeText')
		.map((child) => text.slice(child.from, child.to))
		.join('');
	return element(
		'figure',
		[
			element('figcaption', [
				element('span', [language]),
				element('button', ['Copy'], { type: 'button', class: 'md-copy', 'aria-label': 'Copy code' }),
			]),
			// Focusable, so that a long line can be scrolled by keyboard.
			element('pre', [element('code', [body])], { tabindex: '0' }),
		],
		{ class: 'md-code' },
	);
}

function table(source: Source, node: SyntaxNode): MarkdownElement {
	const delimiter = childrenOf(node).find((child) => child.name === 'TableDelimiter');
	const aligns = delimiter ? columnAligns(source.text.slice(delimiter.from, delimiter.to)) : [];
	const row = (line: SyntaxNode, tag: 'td' | 'th') => {
		const cells = line.getChildren('TableCell');
		return element(
			'tr',
			cells.map((cell, column) => {
				const align = aligns[column];
				return element(tag, inline(source, cell), align === undefined ? {} : { class: align });
			}),
		);
	};
	const header = node.getChild('TableHeader');
	const rows = node.getChildren('TableRow');
	const parts = [
		...(header ? [element('thead', [row(header, 'th')])] : []),
		...(rows.length > 0
			? [
					element(
						'tbody',
						rows.map((line) => row(line, 'td')),
					),
				]
			: []),
	];
	return element('div', [element('table', parts)], { class: 'md-table', tabindex: '0' });
}

function columnAligns(delimiter: string): readonly (string | undefined)[] {
	const cells = delimiter
		.trim()
		.replace(/^\||\|$/g, '')
		.split('|');
	return cells.map((cell) => {
		const mark = cell.trim();
		if (mark.startsWith(':') && mark.endsWith(':')) return 'md-center';
		return mark.endsWith(':') ? 'md-end' : undefined;
	});
}

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

function inline(source: Source, node: SyntaxNode, from = node.from, to = node.to): MarkdownNode[] {
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
function lines(text: string): MarkdownNode[] {
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

function trimmed(nodes: MarkdownNode[]): MarkdownNode[] {
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

function normaliseLabel(written: string): string {
	return written.slice(1, -1).trim().replace(/\s+/g, ' ').toLowerCase();
}

function element(
	tag: MarkdownTag,
	children: readonly MarkdownNode[],
	attrs: MarkdownElement['attrs'] = {},
): MarkdownElement {
	return { tag, attrs, children };
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
	const children: SyntaxNode[] = [];
	for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
	return children;
}
