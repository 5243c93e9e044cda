// Not from 'diff': its other kinds of difference would all be in the first load.
import { diffArrays } from 'diff/lib/diff/array.js';

/** At `offset` of the base text (UTF-16 units), `removed` gave way to `inserted`. Lists of edits ascend and do not touch. */
export interface TextEdit {
	readonly offset: number;
	readonly removed: string;
	readonly inserted: string;
}

/** Beyond this many differing lines or words the search costs more than a smaller edit is worth. */
const MAX_EDIT_LENGTH = 1_000;
/** A hunk longer than this is replaced as a whole line block: it was rewritten, not edited. */
const MAX_WORD_DIFF_LENGTH = 20_000;

/**
 * A small edit that turns `base` into `result`: differing lines first, differing words inside them, then without
 * what is equal at the ends of those. Whole words, because single letters that happen to be equal make patches nobody can
 * read and merges that mix two words. Never splits a surrogate pair.
 */
export function diffText(base: string, result: string): readonly TextEdit[] {
	if (base === result) return [];
	const core = trimCommonLines(base, result);
	const edits: TextEdit[] = [];
	for (const hunk of diffTokens(core, splitLines)) {
		const isSmall = hunk.removed.length + hunk.inserted.length <= MAX_WORD_DIFF_LENGTH;
		const parts = isSmall && hunk.removed && hunk.inserted ? diffTokens(hunk, splitWords) : [hunk];
		for (const part of parts) edits.push(trimCommon(part));
	}
	return mergeTouching(edits);
}

/** Carries out edits; the text must be the one they were made for. */
export function applyEdits(base: string, edits: readonly TextEdit[]): string {
	const parts: string[] = [];
	let at = 0;
	for (const edit of edits) {
		parts.push(base.slice(at, edit.offset), edit.inserted);
		at = edit.offset + edit.removed.length;
	}
	return parts.join('') + base.slice(at);
}

/** The edits that lead back, with offsets in the result text. */
export function invertEdits(edits: readonly TextEdit[]): readonly TextEdit[] {
	let shift = 0;
	return edits.map(({ offset, removed, inserted }) => {
		const inverse = { offset: offset + shift, removed: inserted, inserted: removed };
		shift += inserted.length - removed.length;
		return inverse;
	});
}

/** How many lines came and went between two texts; a changed line counts as both. */
export function countLines(base: string, result: string): { linesAdded: number; linesRemoved: number } {
	if (base === result) return { linesAdded: 0, linesRemoved: 0 };
	const a = splitLines(base);
	const b = splitLines(result);
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) start++;
	let end = 0;
	while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
	const before = a.slice(start, a.length - end);
	const after = b.slice(start, b.length - end);
	const changes = diffArrays(before, after, { maxEditLength: MAX_EDIT_LENGTH });
	if (!changes) return { linesAdded: after.length, linesRemoved: before.length };
	let linesAdded = 0;
	let linesRemoved = 0;
	for (const change of changes) {
		if (change.added) linesAdded += change.value.length;
		if (change.removed) linesRemoved += change.value.length;
	}
	return { linesAdded, linesRemoved };
}

/** Lines with their line feed, so that joining gives the text again. */
function splitLines(text: string): string[] {
	return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function splitWords(text: string): string[] {
	return text.match(/[\p{L}\p{M}\p{N}_]+|\s|./gsu) ?? [];
}

function diffTokens(hunk: TextEdit, split: (text: string) => string[]): TextEdit[] {
	const changes = diffArrays(split(hunk.removed), split(hunk.inserted), { maxEditLength: MAX_EDIT_LENGTH });
	if (!changes) return [hunk];
	const edits: TextEdit[] = [];
	let offset = hunk.offset;
	let open: { offset: number; removed: string; inserted: string } | undefined;
	for (const change of changes) {
		const text = change.value.join('');
		if (!change.added && !change.removed) {
			if (open) edits.push(open);
			open = undefined;
			offset += text.length;
			continue;
		}
		open ??= { offset, removed: '', inserted: '' };
		if (change.added) open.inserted += text;
		else open.removed += text;
		if (change.removed) offset += text.length;
	}
	if (open) edits.push(open);
	return edits;
}

/** Leaves out whole lines that are equal at both ends, which is most of the text in most edits. */
function trimCommonLines(base: string, result: string): TextEdit {
	const { offset, removed } = trimCommon({ offset: 0, removed: base, inserted: result });
	const start = offset === 0 ? 0 : base.lastIndexOf('\n', offset - 1) + 1;
	const tail = base.length - offset - removed.length;
	const lineEnd = base.indexOf('\n', base.length - tail);
	const keptTail = lineEnd < 0 ? 0 : base.length - lineEnd - 1;
	return {
		offset: start,
		removed: base.slice(start, base.length - keptTail),
		inserted: result.slice(start, result.length - keptTail),
	};
}

function trimCommon({ offset, removed, inserted }: TextEdit): TextEdit {
	const shorter = Math.min(removed.length, inserted.length);
	let start = 0;
	while (start < shorter && removed[start] === inserted[start]) start++;
	if (start > 0 && isHighSurrogate(removed, start - 1)) start--;
	let end = 0;
	while (end < shorter - start && removed[removed.length - 1 - end] === inserted[inserted.length - 1 - end]) end++;
	if (end > 0 && isLowSurrogate(removed, removed.length - end)) end--;
	return {
		offset: offset + start,
		removed: removed.slice(start, removed.length - end),
		inserted: inserted.slice(start, inserted.length - end),
	};
}

function mergeTouching(edits: readonly TextEdit[]): readonly TextEdit[] {
	const merged: TextEdit[] = [];
	for (const edit of edits) {
		if (edit.removed === '' && edit.inserted === '') continue;
		const last = merged.at(-1);
		if (last && last.offset + last.removed.length === edit.offset) {
			const removed = last.removed + edit.removed;
			merged[merged.length - 1] = { offset: last.offset, removed, inserted: last.inserted + edit.inserted };
		} else {
			merged.push(edit);
		}
	}
	return merged;
}

function isHighSurrogate(text: string, index: number): boolean {
	const unit = text.charCodeAt(index);
	return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(text: string, index: number): boolean {
	const unit = text.charCodeAt(index);
	return unit >= 0xdc00 && unit <= 0xdfff;
}
