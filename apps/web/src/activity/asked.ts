import type { LineRecord, RunRecord } from '@pocketeer/core/space/records';

/** Enough to know it again, and one line on most screens. */
const LONGEST = 80;

/** What a run was asked, by the id of its message or occurrence. */
export type Asked = ReadonlyMap<string, string>;

/** Where a run's question stands on its line: the id of a message, or the occurrence of a reminder; undefined if nobody asked. */
export function askedId({ trigger }: Pick<RunRecord, 'trigger'>): string | undefined {
	if (trigger.type === 'compaction') return undefined;
	return trigger.type === 'reminder' ? trigger.occurrence : trigger.message;
}

/** The first words of each wanted record among these. */
export function findAsked(records: readonly LineRecord[], wanted: ReadonlySet<string>): Asked {
	const found = new Map<string, string>();
	for (const record of records) {
		if ((record.kind !== 'message' && record.kind !== 'reminder') || !wanted.has(record.id)) continue;
		const words = firstWords(record.kind === 'reminder' ? record.text : textOf(record.content));
		if (words !== '' && !found.has(record.id)) found.set(record.id, words);
	}
	return found;
}

/** A text on one line, cut between words where there are any. */
export function firstWords(text: string): string {
	// What is far behind the cut is never looked at: a message may hold megabytes.
	const line = text
		.slice(0, LONGEST * 4)
		.replace(/\s+/g, ' ')
		.trim();
	const letters = [...line];
	if (letters.length <= LONGEST && text.length <= LONGEST * 4) return line;
	const cut = letters.slice(0, LONGEST).join('');
	const space = cut.lastIndexOf(' ');
	return `${(space > LONGEST / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

function textOf(content: Extract<LineRecord, { kind: 'message' }>['content']): string {
	return content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(' ');
}
