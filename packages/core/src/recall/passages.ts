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

const ITEM = /^(\s*)(?:[-*+]|\d+[.)])\s/;

/**
 * The passage as it is shown, at most `limit` characters: a list item with the items it belongs to and those under it,
 * since its neighbours speak of other things; anything else with a line or two of context each way.
 */
export function snippetOf(lines: readonly string[], passage: Passage, limit: number): string {
	const own = lines.slice(passage.lineNumber - 1, passage.endLine);
	const length = own.join('\n').length;
	if (length > limit) return `${wellFormed(own.join('\n').slice(0, limit - 1))}…`;
	const shown = ITEM.test(own[0] ?? '') ? itemLines(lines, passage) : [];
	if (shown.length > 0) return fitting(shown, own, limit).join('\n').trim();
	let [from, to] = [passage.lineNumber - 1, passage.endLine];
	const size = () => lines.slice(from, to).join('\n').length;
	const isHeading = /^#{1,6}\s/.test(own[0] ?? '');
	const mayJoin = (line: string) => isHeading || !ITEM.test(line);
	for (let reach = 0; reach < 2; reach++) {
		const [above = '', below = ''] = [lines[from - 1], lines[to]];
		if (from > 0 && !isHeading && mayJoin(above) && size() + above.length + 1 <= limit) from--;
		if (to < lines.length && mayJoin(below) && size() + below.length + 1 <= limit) to++;
	}
	return lines.slice(from, to).join('\n').trim();
}

function fitting(shown: readonly string[], own: readonly string[], limit: number): readonly string[] {
	return shown.join('\n').length <= limit ? shown : own;
}

/** The item, the items it is indented under, and what is indented under it. */
function itemLines(lines: readonly string[], { lineNumber, endLine }: Passage): readonly string[] {
	const depthOf = (line: string) => line.length - line.trimStart().length;
	const shown = lines.slice(lineNumber - 1, endLine);
	let depth = depthOf(shown[0] ?? '');
	for (let index = endLine; depthOf(lines[index] ?? '') > depth; index++) shown.push(lines[index] ?? '');
	for (let index = lineNumber - 2; index >= 0 && depth > 0; index--) {
		const line = lines[index] ?? '';
		if (line.trim() === '') break;
		if (depthOf(line) >= depth || !ITEM.test(line)) continue;
		shown.unshift(line);
		depth = depthOf(line);
	}
	return shown;
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
