import type { HistoryPatch } from '@pocketeer/core/space/records';

/** One line of a change as it is shown. `gap` stands for unchanged lines left out. */
interface DiffLine {
	readonly kind: 'same' | 'removed' | 'added' | 'gap';
	readonly text: string;
}

/** A change of a file, readable. */
export interface PatchView {
	readonly lines: readonly DiffLine[];
	readonly added: number;
	readonly removed: number;
	/** False: later edits overlapped, so only the changed words are known, not the lines around them. */
	readonly hasContext: boolean;
}

type Hunk = HistoryPatch['patch'][number];

/** Unchanged lines shown on each side of a change. */
const CONTEXT = 2;

/**
 * The view of every patch, in the order given (newest last). Walks back from the present text as long as each patch
 * joins the next by its hashes; older ones are shown without the lines around them.
 */
export function viewPatches(
	patches: readonly HistoryPatch[],
	present: { readonly text: string; readonly hash: string },
): readonly PatchView[] {
	const views: PatchView[] = [];
	let after: { readonly text: string; readonly hash: string } | undefined = present;
	for (const patch of patches.toReversed()) {
		const before: string | undefined = after?.hash === patch.result ? textBefore(after.text, patch.patch) : undefined;
		views.push(before === undefined ? viewFragments(patch.patch) : viewInText(before, patch.patch));
		after = before === undefined ? undefined : { text: before, hash: patch.base };
	}
	return views.reverse();
}

/** The text a patch was applied to; undefined when the patch does not fit what it should have led to. */
export function textBefore(after: string, hunks: readonly Hunk[]): string | undefined {
	let shift = 0;
	let text = '';
	let copied = 0;
	for (const hunk of hunks) {
		const start = hunk.offset + shift;
		const end = start + hunk.inserted.length;
		if (start < copied || after.slice(start, end) !== hunk.inserted) return undefined;
		text += after.slice(copied, start) + hunk.removed;
		copied = end;
		shift += hunk.inserted.length - hunk.removed.length;
	}
	return text + after.slice(copied);
}

/** The view of a change of a text that is known whole. */
export function viewInText(before: string, hunks: readonly Hunk[]): PatchView {
	const lines: DiffLine[] = [];
	let shownUntil = 0;
	for (const block of blocksOf(before, hunks)) {
		const { removed, added, start, end } = trimEqual(block, before);
		const contextStart = Math.max(shownUntil, backLines(before, start, CONTEXT));
		if (contextStart > shownUntil) lines.push({ kind: 'gap', text: '' });
		push(lines, 'same', linesOf(before.slice(contextStart, start)));
		push(lines, 'removed', removed);
		push(lines, 'added', added);
		shownUntil = Math.min(forwardLines(before, end, CONTEXT), block.limit);
		push(lines, 'same', linesOf(before.slice(end, shownUntil)));
	}
	if (shownUntil < before.length && lines.length > 0) lines.push({ kind: 'gap', text: '' });
	return counted(lines, true);
}

/** Hunks widened to whole lines; those that share a line are one block. Offsets are into the text before. */
interface Block {
	readonly start: number;
	readonly end: number;
	readonly after: string;
	/** Where the next block begins, or the end of the text. */
	readonly limit: number;
}

function blocksOf(before: string, hunks: readonly Hunk[]): readonly Block[] {
	const spans: { start: number; end: number; hunks: Hunk[] }[] = [];
	for (const hunk of hunks) {
		const start = lineStart(before, hunk.offset);
		const end = lineEnd(before, hunk.offset + hunk.removed.length);
		const last = spans.at(-1);
		if (last && start < last.end) {
			last.end = Math.max(last.end, end);
			last.hunks.push(hunk);
		} else spans.push({ start, end, hunks: [hunk] });
	}
	return spans.map((span, index) => ({
		start: span.start,
		end: span.end,
		after: apply(before, span),
		limit: spans[index + 1]?.start ?? before.length,
	}));
}

function apply(
	before: string,
	span: { readonly start: number; readonly end: number; readonly hunks: readonly Hunk[] },
) {
	let text = '';
	let copied = span.start;
	for (const hunk of span.hunks) {
		text += before.slice(copied, hunk.offset) + hunk.inserted;
		copied = hunk.offset + hunk.removed.length;
	}
	return text + before.slice(copied, span.end);
}

/** Drops lines that both sides begin or end with: widening to whole lines takes in neighbours that did not change. */
function trimEqual(block: Block, before: string) {
	const removed = linesOf(before.slice(block.start, block.end));
	const added = linesOf(block.after);
	let { start, end } = block;
	while (removed.length > 0 && added.length > 0 && removed[0] === added[0]) {
		start += removed[0]?.length ?? 0;
		removed.shift();
		added.shift();
	}
	while (removed.length > 0 && added.length > 0 && removed.at(-1) === added.at(-1)) {
		end -= removed.at(-1)?.length ?? 0;
		removed.pop();
		added.pop();
	}
	return { removed, added, start, end };
}

function viewFragments(hunks: readonly Hunk[]): PatchView {
	const lines: DiffLine[] = [];
	for (const hunk of hunks) {
		if (lines.length > 0) lines.push({ kind: 'gap', text: '' });
		push(lines, 'removed', linesOf(hunk.removed));
		push(lines, 'added', linesOf(hunk.inserted));
	}
	return counted(lines, false);
}

function counted(lines: readonly DiffLine[], hasContext: boolean): PatchView {
	const count = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length;
	return { lines, hasContext, added: count('added'), removed: count('removed') };
}

function push(lines: DiffLine[], kind: DiffLine['kind'], texts: readonly string[]): void {
	for (const text of texts) lines.push({ kind, text: text.replace(/\n$/, '') });
}

/** Lines with their ends; a text that ends in a line break has no empty last line. */
function linesOf(text: string): string[] {
	return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function lineStart(text: string, offset: number): number {
	return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
	const end = text.indexOf('\n', offset);
	return end < 0 ? text.length : end + 1;
}

function backLines(text: string, offset: number, count: number): number {
	let start = offset;
	for (let line = 0; line < count && start > 0; line++) start = lineStart(text, start - 1);
	return start;
}

function forwardLines(text: string, offset: number, count: number): number {
	let end = offset;
	for (let line = 0; line < count && end < text.length; line++) end = lineEnd(text, end);
	return end;
}
