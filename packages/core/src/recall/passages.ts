/** One piece of a file that answers by itself: a paragraph, a list item, a journal line. */
export interface Passage {
	/** 1-based line it begins on. */
	readonly lineNumber: number;
	/** 1-based line it ends on. */
	readonly endLine: number;
	readonly text: string;
	/** Headings it stands under, outermost first. */
	readonly heading: string;
}

/** Longer paragraphs are split at lines, so that a snippet shows what was found. */
const LONGEST = 600;

/** Splits a markdown text into passages; front matter is configuration, not memory. */
export function splitPassages(text: string): readonly Passage[] {
	const lines = text.split(/\r?\n/);
	const passages: Passage[] = [];
	const headings: string[] = [];
	let open: { from: number; lines: string[] } | undefined;
	const close = (end: number) => {
		if (open?.lines.some((line) => /[\p{L}\p{N}]/u.test(line))) {
			passages.push({
				lineNumber: open.from,
				endLine: end,
				text: open.lines.join('\n'),
				heading: headings.filter((heading) => heading).join(' / '),
			});
		}
		open = undefined;
	};
	for (let index = endOfFrontMatter(lines); index < lines.length; index++) {
		const line = lines[index] ?? '';
		const heading = /^(#{1,6})\s+(.*?)#*\s*$/.exec(line);
		if (heading?.[1]) {
			close(index);
			headings.length = heading[1].length - 1;
			headings[heading[1].length - 1] = heading[2]?.trim() ?? '';
			// A heading answers too: "## Allergies" over an empty section.
			open = { from: index + 1, lines: [heading[2] ?? ''] };
			close(index + 1);
		} else if (line.trim() === '') {
			close(index);
		} else {
			const isItem = /^\s*(?:[-*+]|\d+[.)])\s/.test(line);
			if (open && (isItem || lengthOf(open.lines) + line.length > LONGEST)) close(index);
			if (open) open.lines.push(line);
			else open = { from: index + 1, lines: [line] };
		}
	}
	close(lines.length);
	return passages;
}

/** The passage with a line or two of context each way, at most `limit` characters. */
export function snippetOf(lines: readonly string[], passage: Passage, limit: number): string {
	let [from, to] = [passage.lineNumber - 1, passage.endLine];
	const length = () => lines.slice(from, to).join('\n').length;
	if (length() > limit)
		return `${wellFormed(
			lines
				.slice(from, to)
				.join('\n')
				.slice(0, limit - 1),
		)}…`;
	for (let reach = 0; reach < 2; reach++) {
		if (from > 0 && length() + (lines[from - 1] ?? '').length + 1 <= limit) from--;
		if (to < lines.length && length() + (lines[to] ?? '').length + 1 <= limit) to++;
	}
	return lines.slice(from, to).join('\n').trim();
}

function wellFormed(cut: string): string {
	return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

function lengthOf(lines: readonly string[]): number {
	return lines.reduce((sum, line) => sum + line.length, 0);
}

function endOfFrontMatter(lines: readonly string[]): number {
	if (lines[0]?.trim() !== '---') return 0;
	const end = lines.findIndex((line, index) => index > 0 && line.trim() === '---');
	return end < 0 ? 0 : end + 1;
}
