import type * as Y from 'yjs';
import { parseHistoryRecord, readPatches } from './history.ts';
import type { HistoryPatch } from './records.ts';
import type { UntrustedPassage } from './space.ts';

/**
 * Which of a file's living text came from outside: what patches with `actor.untrusted` inserted and nobody deleted since,
 * found by the identity of its Yjs items, so that it holds after merges and wherever the file was moved. What a person types
 * is theirs, also inside such a passage.
 */
export function untrustedPassages(text: Y.Text, rows: readonly unknown[]): readonly UntrustedPassage[] {
	// Most files hold none: then their history need not be read.
	if (!rows.some(isMarked)) return [];
	const marked = new Map<number, Marked[]>();
	for (const [patch, source] of sourcesOf(readPatches(rows))) {
		for (const [client, clock, length] of patch.items) {
			addTo(marked, client, { from: clock, to: clock + length, source });
		}
	}
	const passages: UntrustedPassage[] = [];
	for (const { client, clock, length, offset } of livingItems(text)) {
		for (const { from, to, source } of marked.get(client) ?? []) {
			const first = Math.max(from, clock);
			const end = Math.min(to, clock + length);
			if (first < end) passages.push({ from: offset + first - clock, to: offset + end - clock, source });
		}
	}
	const present = text.toString();
	// What edits around it left of its spaces and stops says nothing.
	return joined(passages).filter(({ from, to }) => /[\p{L}\p{N}\p{S}]/u.test(present.slice(from, to)));
}

/**
 * Whether some of the living text stands in no patch of this history: somebody types it just now elsewhere, or their history
 * is still on its way. What is typed here has its patch soon.
 */
export function isHistoryBehind(text: Y.Text, rows: readonly unknown[]): boolean {
	const covered = new Map<number, Range[]>();
	for (const row of rows) {
		const record = parseHistoryRecord(row);
		if (record?.kind !== 'patch') continue;
		for (const [client, clock, length] of record.items) {
			addTo(covered, client, { from: clock, to: clock + length });
		}
	}
	for (const ranges of covered.values()) ranges.sort((a, b) => a.from - b.from);
	return livingItems(text)
		.filter(({ client }) => client > LAST_SEED_CLIENT && client !== text.doc?.clientID)
		.some(({ client, clock, length }) => !isCovered(covered.get(client) ?? [], clock, clock + length));
}

interface Range {
	readonly from: number;
	readonly to: number;
}

function addTo<R extends Range>(rangesByClient: Map<number, R[]>, client: number, range: R): void {
	const ranges = rangesByClient.get(client);
	if (ranges) ranges.push(range);
	else rangesByClient.set(client, [range]);
}

function isCovered(ranges: readonly Range[], from: number, to: number): boolean {
	let reached = from;
	for (const range of ranges) {
		if (range.from <= reached) reached = Math.max(reached, range.to);
	}
	return reached >= to;
}

/** Living text of writers whom this history does not name: it has not arrived here, so nobody can tell where they had it from. */
export function anonymousPassages(text: Y.Text, rows: readonly unknown[]): readonly UntrustedPassage[] {
	const known = new Set<number>();
	for (const row of rows) {
		const record = parseHistoryRecord(row);
		if (record?.kind === 'writer') known.add(record.client);
		else for (const [client] of record?.items ?? []) known.add(client);
	}
	return joined(
		livingItems(text)
			.filter(({ client }) => client > LAST_SEED_CLIENT && !known.has(client))
			.map(({ offset, length }) => ({ from: offset, to: offset + length, source: UNKNOWN_SOURCE })),
	);
}

const UNKNOWN_SOURCE = 'another device whose history has not arrived';

/** Yjs clients up to this one wrote shipped texts (`seedDefault`); those of devices are random. */
const LAST_SEED_CLIENT = 1000;

interface Marked extends Range {
	readonly source: string;
}

function isMarked(row: unknown): boolean {
	const record = parseHistoryRecord(row);
	return record?.kind === 'patch' && record.actor.untrusted !== undefined;
}

/**
 * Patches whose text came from outside. An undo that puts text back has no source of its own: what it puts back may be any
 * text that stood there before, so it takes the mark of the newest marked patch before the one it undoes.
 */
function sourcesOf(patches: readonly HistoryPatch[]): ReadonlyMap<HistoryPatch, string> {
	const sources = new Map<HistoryPatch, string>();
	for (const patch of patches) {
		const source = patch.actor.untrusted?.source ?? sourceOfUndone(patch);
		if (source !== undefined) sources.set(patch, source);
	}
	return sources;

	function sourceOfUndone({ undoes, patch }: HistoryPatch): string | undefined {
		if (undoes === undefined || patch.every(({ inserted }) => inserted === '')) return undefined;
		const at = patches.findIndex((one) => one.id === undoes);
		const before = patches.slice(0, at + 1).findLast((one) => sources.has(one));
		return before && sources.get(before);
	}
}

/** Runs of living units, with where they stand in the text now. */
function livingItems(
	text: Y.Text,
): readonly { readonly client: number; readonly clock: number; readonly length: number; readonly offset: number }[] {
	const items = [];
	let offset = 0;
	for (let item = text._start; item; item = item.right) {
		if (item.deleted || !item.countable) continue;
		items.push({ client: item.id.client, clock: item.id.clock, length: item.length, offset });
		offset += item.length;
	}
	return items;
}

/** Neighbours of one source are one passage. */
function joined(passages: readonly UntrustedPassage[]): readonly UntrustedPassage[] {
	const made: UntrustedPassage[] = [];
	for (const passage of [...passages].sort((a, b) => a.from - b.from)) {
		const last = made.at(-1);
		if (last && last.source === passage.source && passage.from <= last.to) {
			made[made.length - 1] = { ...last, to: Math.max(last.to, passage.to) };
		} else made.push(passage);
	}
	return made;
}
