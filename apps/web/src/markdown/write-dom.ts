import type { MarkdownElement, MarkdownNode } from './node.ts';

/** Makes the DOM node of a markdown node. */
function makeNode(node: MarkdownNode): Node {
	if (typeof node === 'string') return document.createTextNode(node);
	const made = document.createElement(node.tag);
	for (const [name, value] of Object.entries(node.attrs)) made.setAttribute(name, value);
	for (const child of node.children) made.append(makeNode(child));
	return made;
}

/**
 * Turns the children of `parent` from index `from` on, which show `before`, into `after`, touching only what differs:
 * while an answer streams, that is a few characters at its end.
 */
export function patchChildren(change: {
	readonly parent: Node;
	readonly from: number;
	readonly before: readonly MarkdownNode[];
	readonly after: readonly MarkdownNode[];
}): void {
	const { parent, from, before, after } = change;
	for (const [index, next] of after.entries()) {
		const shown = parent.childNodes[from + index];
		const last = before[index];
		if (!shown || last === undefined) parent.appendChild(makeNode(next));
		else patchNode(shown, last, next);
	}
	for (let extra = before.length - after.length; extra > 0; extra -= 1) parent.lastChild?.remove();
}

function patchNode(shown: ChildNode, last: MarkdownNode, next: MarkdownNode): void {
	if (last === next) return;
	if (typeof last === 'string' && typeof next === 'string' && shown instanceof Text) {
		if (next.startsWith(last)) shown.appendData(next.slice(last.length));
		else shown.data = next;
		return;
	}
	if (typeof last === 'object' && typeof next === 'object' && isSameElement(last, next)) {
		patchChildren({ parent: shown, from: 0, before: last.children, after: next.children });
		return;
	}
	shown.replaceWith(makeNode(next));
}

function isSameElement(a: MarkdownElement, b: MarkdownElement): boolean {
	const entries = Object.entries(b.attrs);
	const others = new Map(Object.entries(a.attrs));
	return (
		a.tag === b.tag && entries.length === others.size && entries.every(([name, value]) => others.get(name) === value)
	);
}
