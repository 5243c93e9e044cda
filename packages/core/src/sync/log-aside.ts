import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import type { StoredDoc, StreamPosition } from '../ports/store.ts';
import { emptyChain } from '../protocol/chain.ts';
import type { ReadEntry } from './inbox.ts';
import type { ReadSnapshot } from './snapshot-parts.ts';

/** A stream's log, read from its beginning as a new device would, apart from what this device has (SY13). */
export interface LogAside {
	/** Up to where it was read. */
	readonly position: StreamPosition;
	/** Values to be kept in the end: what was put aside on the way. */
	readonly values: Readonly<Record<string, unknown>>;
	take(read: readonly ReadEntry[]): void;
	jump(snapshot: ReadSnapshot): void;
	/** Passes over an entry that was put aside. */
	pass(to: StreamPosition, values: Readonly<Record<string, unknown>>): void;
	/** What either has and the other lacks. */
	compare(stored: StoredDoc): Comparison;
}

/** Yjs updates, V1 encoding; undefined where nothing is lacking. */
export interface Comparison {
	/** In the log, and not in the document. */
	readonly fresh: Bytes | undefined;
	/** In the document, and not in the log. */
	readonly lacking: Bytes | undefined;
}

/** The place from which a log is read anew. */
export const ANEW: StreamPosition = { seq: 0, chain: emptyChain(), tails: {}, republish: true };

/** Begins at the beginning of the log. */
export function createLogAside(): LogAside {
	const log = new Y.Doc();
	let position: StreamPosition = { seq: 0, chain: emptyChain(), tails: {} };
	let values: Readonly<Record<string, unknown>> = {};

	return {
		get position() {
			return position;
		},
		get values() {
			return values;
		},
		take(read) {
			log.transact(() => {
				for (const { payload } of read) Y.applyUpdate(log, payload);
			});
			position = read.at(-1)?.position ?? position;
		},
		jump(snapshot) {
			Y.applyUpdate(log, snapshot.update);
			position = snapshot.position;
		},
		pass(to, kept) {
			position = to;
			values = { ...values, ...kept };
		},
		compare(stored) {
			const ours = docOf(stored);
			return { fresh: lackingIn(ours, log), lacking: lackingIn(log, ours) };
		},
	};
}

/** A document of its own, of what is stored. Throws on what Yjs cannot read. */
export function docOf({ snapshot, updates }: StoredDoc): Y.Doc {
	const doc = new Y.Doc();
	doc.transact(() => {
		if (snapshot) Y.applyUpdateV2(doc, snapshot);
		for (const update of updates) Y.applyUpdate(doc, update);
	});
	return doc;
}

/** What `whole` has and `part` lacks, deletions too: these are in no state vector. */
function lackingIn(part: Y.Doc, whole: Y.Doc): Bytes | undefined {
	const update = new Uint8Array(Y.encodeStateAsUpdate(whole, Y.encodeStateVector(part)));
	const { structs, ds } = Y.decodeUpdate(update);
	const isMissing = structs.some((struct) => !(struct instanceof Y.Skip)) || !areDeletedIn(part, ds.clients);
	return isMissing ? update : undefined;
}

type DeleteRanges = ReturnType<typeof Y.decodeUpdate>['ds']['clients'];

/** Whether everything that `deletions` name is deleted in a document. */
function areDeletedIn(doc: Y.Doc, deletions: DeleteRanges): boolean {
	const there = Y.createDeleteSetFromStructStore(doc.store).clients;
	for (const [client, ranges] of deletions) {
		// Both sorted, and neighbours merged: a range is covered by one of the others or not at all.
		const present = there.get(client) ?? [];
		let at = 0;
		const isCovered = ranges.every(({ clock, len }) => {
			while (at < present.length && endOf(present[at]) < clock + len) at++;
			const range = present[at];
			return range !== undefined && range.clock <= clock;
		});
		if (!isCovered) return false;
	}
	return true;
}

function endOf(range: { readonly clock: number; readonly len: number } | undefined): number {
	return range ? range.clock + range.len : 0;
}
