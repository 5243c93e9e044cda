import type { SyntaxNode } from '@lezer/common';
import { Autolink, parser, Strikethrough, Table, TaskList } from '@lezer/markdown';
import { inline, lines, trimmed } from './inline.ts';
import {
	childrenOf,
	element,
	type LinkDefinitions,
	type MarkdownElement,
	type MarkdownNode,
	normaliseLabel,
	type Source,
} from './node.ts';

/** The dialect of chat: CommonMark with GFM's tables, task lists, strikethrough and autolinks. */
const markdownParser = parser.configure([Table, TaskList, Strikethrough, Autolink]);

/** The text as elements, link definitions resolved. */
export function markdownTree(text: string): readonly MarkdownNode[] {
	const top = parseMarkdown(text);
	if (!top) return [asWritten(text)];
	const definitions = readDefinitions(text, top);
	return childrenOf(top).flatMap((node) => blockTree(text, node, definitions));
}

/** One block of a parsed text as elements; most make one, definitions and comments' gaps none. */
export function blockTree(text: string, node: SyntaxNode, definitions: LinkDefinitions): readonly MarkdownNode[] {
	if (isTooDeep(node)) return [asWritten(text.slice(node.from, node.to))];
	return block({ text, definitions }, node, false);
}

/** The document node; undefined for what the parser itself cannot take: it nests by recursion, too. */
export function parseMarkdown(text: string): SyntaxNode | undefined {
	try {
		return markdownParser.parse(text).topNode;
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}

/** A text whose markdown cannot be followed, shown as it stands. */
export function asWritten(text: string): MarkdownElement {
	return element('p', lines(text));
}

/** Nobody writes so many quotes in quotes; thousands of them would break off the renderer, and with it the whole chat. */
const DEEPEST = 100;

/** By a cursor, not by recursion: how deep it goes is what is asked. */
function isTooDeep(node: SyntaxNode): boolean {
	const cursor = node.cursor();
	for (let depth = 0; depth <= DEEPEST; ) {
		if (cursor.firstChild()) {
			depth++;
			continue;
		}
		while (!cursor.nextSibling()) {
			if (depth === 0 || !cursor.parent()) return false;
			depth--;
			if (depth === 0) return false;
		}
	}
	return true;
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
