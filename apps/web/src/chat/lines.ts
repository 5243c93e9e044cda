import type { Line } from '@pocketeer/core/space/space';

/** Name of the line every space has. */
export const MAIN_LINE = 'Chat';

/** A line as people read it: the main line's own name is that of a place in the navigation. */
export function lineTitle(line: Pick<Line, 'name'>): string {
	return line.name === MAIN_LINE ? 'Main line' : line.name;
}

/** The main line first, then those spoken on last. */
export function sortLines(lines: readonly Line[]): readonly Line[] {
	return lines.toSorted((a, b) => {
		if ((a.name === MAIN_LINE) !== (b.name === MAIN_LINE)) return a.name === MAIN_LINE ? -1 : 1;
		return b.touched - a.touched || a.name.localeCompare(b.name, 'en');
	});
}

/** Longest name that still reads as one. */
const NAME_LIMIT = 60;

/** Why a line cannot have this name, or undefined when it can. */
export function refuseLineName(name: string): string | undefined {
	const trimmed = name.trim();
	if (trimmed === '') return 'Give the line a name.';
	if (trimmed.length > NAME_LIMIT)
		return `A name has at most ${NAME_LIMIT} characters; this one has ${trimmed.length}.`;
	// A slug is made of it, so something must be left.
	if (!/[\p{L}\p{N}]/u.test(trimmed)) return 'A name needs at least one letter or digit.';
	return undefined;
}
