import { escapeMarks, taintOf } from '../agent/calls/trust.ts';
import { type IndexedTurn, indexLine, type LineIndex } from '../agent/line/line-index.ts';
import type { Author, LineRecord, MessageRecord, TurnRecord } from '../space/records.ts';

/** Something that was said on a line, as it is searched and quoted. */
export interface Said {
	/** Of the message, the turn or the occurrence. */
	readonly id: string;
	readonly at: number;
	readonly by: Author | { readonly type: 'answer'; readonly from: TurnRecord['by'] } | { readonly type: 'reminder' };
	readonly text: string;
	/** It is, or may repeat, text from outside. */
	readonly untrusted?: { readonly source: string };
}

/**
 * What was said on a line, in the order of its records: messages with the names of what was attached, answers in one
 * piece (without what was cut off), reminders shown.
 */
export function saidOn(records: readonly LineRecord[]): readonly Said[] {
	const index = indexLine(records);
	const { turns } = index;
	const outside = new Map<string, { readonly source: string }>();
	const said: Said[] = [];
	const seen = new Set<string>();
	for (const record of records) {
		if (record.kind !== 'message' && record.kind !== 'reminder' && record.kind !== 'turn') continue;
		if (seen.has(record.id)) continue;
		seen.add(record.id);
		if (record.kind === 'reminder') {
			said.push({ id: record.id, at: record.at, by: { type: 'reminder' }, text: record.text });
		} else if (record.kind === 'message') {
			said.push(sayMessage(record, outside));
		} else {
			const turn = turns.get(record.id);
			const untrusted = turn && sourceOf(index, turn, outside);
			if (untrusted) outside.set(record.id, untrusted);
			const text = turn ? textOf(turn.modelSteps) : '';
			if (text === '') continue;
			const by = { type: 'answer', from: record.by } as const;
			said.push({ id: record.id, at: record.at, by, text, ...(untrusted && { untrusted }) });
		}
	}
	return said;
}

type Outside = Map<string, { readonly source: string }>;

function sayMessage(record: MessageRecord, outside: Outside): Said {
	const { id, at, author, attachments = [] } = record;
	const written = record.content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
	const names = attachments.map(
		({ name, mediaType, blob }) => `[attached: ${escapeMarks(name)}, ${mediaType}, ${blob}]`,
	);
	const [first] = attachments;
	const untrusted = record.untrusted ?? (first && { source: `attachment ${first.name}` });
	if (untrusted) outside.set(id, untrusted);
	// What the person typed themselves stays theirs; only the request that holds the attachment is tainted by it.
	const marked = record.untrusted;
	return { id, at, by: author, text: [...written, ...names].join('\n'), ...(marked && { untrusted: marked }) };
}

/** Why a turn's words may repeat text from outside: what it read itself, what stood in its context, and what that repeated. */
function sourceOf(index: LineIndex, turn: IndexedTurn, outside: Outside): { readonly source: string } | undefined {
	// The clerk follows no text, but shows what it found.
	for (const step of turn.toolSteps.values()) if (step.untrusted) return step.untrusted;
	const taint = taintOf(index, turn.record);
	if (taint || outside.size === 0) return taint;
	for (const item of turn.record.context) {
		const known = 'reminder' in item ? undefined : outside.get('message' in item ? item.message : item.turn);
		if (known) return known;
	}
	return undefined;
}

function textOf(steps: readonly { readonly stop: unknown; readonly content: readonly unknown[] }[]): string {
	return steps
		.filter(({ stop }) => stop !== 'cut')
		.map(({ content }) => content.map(blockText).join(''))
		.filter((text) => text.trim() !== '')
		.join('\n')
		.trim();
}

function blockText(block: unknown): string {
	const isText = typeof block === 'object' && block !== null && 'type' in block && block.type === 'text';
	return isText && 'text' in block && typeof block.text === 'string' ? block.text : '';
}
