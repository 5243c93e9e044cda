import * as Y from 'yjs';
import { isJsonObject } from '../json.ts';
import { hashText } from './hash.ts';
import { parseStamp } from './hlc.ts';
import type { Actor, HistoryPatch, HistoryRecord, HistoryWriter, YjsId } from './records.ts';
import { applyEdits, type TextEdit } from './text-diff.ts';

/** The optional fields of a patch that say what happened besides the text. */
export type PatchNote = Pick<HistoryPatch, 'undoes' | 'created' | 'movedFrom' | 'movedTo' | 'deleted' | 'restored'>;

/** An edit that was just made to a shared text, nothing else having changed since. */
export interface MadeEdit {
	readonly text: Y.Text;
	readonly base: string;
	readonly result: string;
	readonly edits: readonly TextEdit[];
	/** First clock of the own client that the edit used. */
	readonly firstClock: number;
}

/** The record of an edit. Call it before any other change of the document. */
export function makePatch(
	made: MadeEdit,
	by: { readonly id: string; readonly stamp: string; readonly at: number; readonly actor: Actor } & PatchNote,
): HistoryPatch {
	return {
		kind: 'patch',
		...by,
		base: hashText(made.base),
		result: hashText(made.result),
		patch: made.edits,
		items: ownItems(made),
		...(made.edits.length > 0 && { anchors: anchorsOf(made) }),
	};
}

/** The patches among raw rows of a history document, oldest first; rows that are none are left out. */
export function readPatches(rows: readonly unknown[]): readonly HistoryPatch[] {
	return rows
		.map(parseHistoryRecord)
		.filter((record) => record?.kind === 'patch')
		.sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
}

/** A raw row as the record it is, or undefined: unknown kinds and malformed rows are skipped, never thrown over. */
export function parseHistoryRecord(row: unknown): HistoryRecord | undefined {
	return isPatch(row) || isWriter(row) ? row : undefined;
}

/** Whether a row is of an unknown kind and says that it must not be skipped. */
export function needsUpdate(rows: readonly unknown[]): boolean {
	return rows.some(
		(row) => isJsonObject(row) && row.critical === true && row.kind !== 'patch' && row.kind !== 'writer',
	);
}

function isWriter(row: unknown): row is HistoryWriter {
	return (
		isJsonObject(row) &&
		row.kind === 'writer' &&
		typeof row.client === 'number' &&
		typeof row.device === 'string' &&
		typeof row.person === 'string' &&
		typeof row.at === 'number'
	);
}

function isPatch(row: unknown): row is HistoryPatch {
	return (
		isJsonObject(row) &&
		row.kind === 'patch' &&
		typeof row.id === 'string' &&
		typeof row.stamp === 'string' &&
		parseStamp(row.stamp) !== undefined &&
		typeof row.at === 'number' &&
		isJsonObject(row.actor) &&
		typeof row.base === 'string' &&
		typeof row.result === 'string' &&
		Array.isArray(row.patch) &&
		row.patch.every(isEdit) &&
		Array.isArray(row.items) &&
		row.items.every((item) => isNumbers(item, 3)) &&
		(row.anchors === undefined || (Array.isArray(row.anchors) && row.anchors.every(isAnchor)))
	);
}

function isAnchor(value: unknown): boolean {
	return Array.isArray(value) && value.length === 2 && value.every((id) => id === null || isNumbers(id, 2));
}

function isNumbers(value: unknown, length: number): boolean {
	return Array.isArray(value) && value.length === length && value.every((one) => Number.isSafeInteger(one));
}

/** Why a patch cannot be undone, as the end of a sentence, or the edits of the present text that undo it. */
export type Inverse =
	| { readonly ok: true; readonly edits: readonly TextEdit[] }
	| { readonly ok: false; readonly reason: string };

/**
 * The inverse of a patch as edits of the present text. Where each part of it stands now is found by the identity of
 * its Yjs items, not by counting offsets through later patches: that holds after merges too, where concurrent
 * patches have offsets in texts that never met. Refuses when what it inserted is no longer there as it was.
 */
export function findInverse(patch: HistoryPatch, text: Y.Text): Inverse {
	const present = text.toString();
	const edits: TextEdit[] = [];
	for (const [index, edit] of patch.patch.entries()) {
		const anchors = patch.anchors?.[index];
		if (!anchors) return refuse('this version of Pocketeer cannot find the place of the edit');
		const offset = edit.inserted ? placeOfInsertion(anchors, edit, text, present) : placeOfGap(anchors, text, present);
		if (offset === undefined) return refuse('the same place was changed by later edits');
		edits.push({ offset, removed: edit.inserted, inserted: edit.removed });
	}
	edits.sort((a, b) => a.offset - b.offset);
	return { ok: true, edits };

	function refuse(reason: string): Inverse {
		return { ok: false, reason };
	}
}

/** Whether a patch is one of the manifest: moved, deleted, restored. */
export function isManifestPatch(patch: HistoryPatch): boolean {
	return patch.movedTo !== undefined || patch.deleted !== undefined || patch.restored !== undefined;
}

/** Carries out the patch on the text it was made for; undefined when the text is another one. */
export function replayPatch(base: string, patch: HistoryPatch): string | undefined {
	if (hashText(base) !== patch.base) return undefined;
	return applyEdits(base, patch.patch);
}

function ownItems({ text, firstClock }: MadeEdit): HistoryPatch['items'] {
	if (!text.doc) return [];
	const client = text.doc.clientID;
	const length = Y.getState(text.doc.store, client) - firstClock;
	return length > 0 ? [[client, firstClock, length]] : [];
}

function anchorsOf({ text, edits, result }: MadeEdit): NonNullable<HistoryPatch['anchors']> {
	let shift = 0;
	return edits.map(({ offset, removed, inserted }) => {
		const start = offset + shift;
		shift += inserted.length - removed.length;
		if (inserted) return [idAt(text, start), idAt(text, start + inserted.length - 1)] as const;
		return [start > 0 ? idAt(text, start - 1) : null, start < result.length ? idAt(text, start) : null] as const;
	});
}

function idAt(text: Y.Text, index: number): YjsId | null {
	const { item } = Y.createRelativePositionFromTypeIndex(text, index);
	return item ? [item.client, item.clock] : null;
}

/** Where a unit of text is now, or was when it lived; undefined for one this device never received. */
function find(text: Y.Text, id: YjsId | null): { readonly index: number; readonly isAlive: boolean } | undefined {
	if (!text.doc || !id) return undefined;
	const item = { client: id[0], clock: id[1] };
	const left = absolute(text.doc, { item, assoc: 0 });
	const right = absolute(text.doc, { item, assoc: -1 });
	if (left === undefined || right === undefined) return undefined;
	return { index: left, isAlive: right > left };
}

function absolute(doc: Y.Doc, json: { item: { client: number; clock: number }; assoc: number }): number | undefined {
	return Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(json), doc)?.index;
}

function placeOfInsertion(
	[firstId, lastId]: readonly [YjsId | null, YjsId | null],
	edit: TextEdit,
	text: Y.Text,
	present: string,
): number | undefined {
	const first = find(text, firstId);
	const last = find(text, lastId);
	if (!first?.isAlive || !last?.isAlive) return undefined;
	return present.slice(first.index, last.index + 1) === edit.inserted ? first.index : undefined;
}

/** A gap is where it was as long as one of its neighbours lives, or there were none and the text is still empty. */
function placeOfGap(
	[leftId, rightId]: readonly [YjsId | null, YjsId | null],
	text: Y.Text,
	present: string,
): number | undefined {
	if (!leftId && !rightId) return present === '' ? 0 : undefined;
	const left = find(text, leftId);
	if (left?.isAlive) return left.index + 1;
	const right = find(text, rightId);
	if (right?.isAlive) return right.index;
	return undefined;
}

function isEdit(value: unknown): boolean {
	return (
		isJsonObject(value) &&
		typeof value.offset === 'number' &&
		typeof value.removed === 'string' &&
		typeof value.inserted === 'string'
	);
}
