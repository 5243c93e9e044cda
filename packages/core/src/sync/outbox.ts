import * as Y from 'yjs';
import { type Bytes, equalBytes } from '../bytes.ts';
import { sha256 } from '../crypto/derive.ts';
import { openEntry, readEntryHeader, sealEntry } from '../crypto/entry.ts';
import type { SpaceSecrets } from '../crypto/space-secrets.ts';
import type { EntryId, StreamId, StreamName, WriterId } from '../ids.ts';
import { newId, type RandomDep } from '../ports/random.ts';
import type { SealedRow, StoreDep, StoreError, StreamPosition, UnsealedRow, WriterState } from '../ports/store.ts';
import { err, ok, type Result } from '../result.ts';
import { isLastOfWriter, NO_TAIL } from './inbox.ts';

export type OutboxDeps = StoreDep &
	RandomDep & {
		readonly secrets: SpaceSecrets;
		/** What is about to be sent: a tab that died may have kept it without telling the others. */
		outgoing(stream: StreamName, update: Bytes): void;
	};

/** A stream whose outbox is looked at, and where the log stands: everything the relay had has been read. */
export interface OutboxPlace {
	readonly name: StreamName;
	readonly id: StreamId;
	readonly position: StreamPosition;
}

/** Rows looked at for one entry; `mergeUpdates` is super-linear, so not all of a long absence at once. */
const ROWS_AT_ONCE = 1_000;
/** Bytes merged into one entry, well below the relay's limit of one. */
const BYTES_AT_ONCE = 512 * 1024;
/** Tabs that seal at once resolve within a round or two; more means a bug. */
const MOST_ATTEMPTS = 20;

/**
 * The entry to send next: one that was sealed before and not echoed, verbatim, or the oldest unsealed rows, sealed
 * now. undefined when nothing waits. Whatever it answers is on disk.
 */
export async function nextOutgoing(
	deps: OutboxDeps,
	place: OutboxPlace,
): Promise<Result<SealedRow | undefined, StoreError>> {
	for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
		const sealed = await deps.store.sealed(place.name);
		if (!sealed.ok) return sealed;
		const [first] = sealed.value;
		if (first && (await continuesLog(deps, first, place.position))) return ok(first);

		const outcome = first ? await reseal(deps, place, sealed.value) : await sealRows(deps, place);
		if (!outcome.ok && outcome.error.type !== 'WriterMoved') return err(outcome.error);
		if (outcome.ok && outcome.value === 'nothing') return ok(undefined);
	}
	throw new Error('the outbox does not come to rest');
}

/**
 * Whether the log can take the entry as its writer's next. One that the log holds as its writer's last may be sent
 * too: the relay knows it by its id and echoes it. One of an epoch that is over is taken by no relay (SY15), and what
 * follows an entry that was put aside could not be checked by those that put it aside too (SY14).
 */
async function continuesLog(deps: OutboxDeps, row: SealedRow, position: StreamPosition): Promise<boolean> {
	const header = readEntryHeader(row.entry);
	if (!header.ok) return false;
	const { epoch, writer, writerSeq, previous } = header.value;
	const tail = position.tails[writer] ?? NO_TAIL;
	if (epoch < deps.secrets.epoch || tail.isTorn) return false;
	if (writerSeq === tail.seq + 1) return equalBytes(previous, tail.hash);
	return isLastOfWriter(position, row.entry, { writer, seq: writerSeq });
}

type Sealing = Promise<Result<'sealed' | 'nothing', StoreError | { readonly type: 'WriterMoved' }>>;

async function sealRows(deps: OutboxDeps, place: OutboxPlace): Sealing {
	const unsealed = await deps.store.unsealed(place.name, ROWS_AT_ONCE);
	if (!unsealed.ok) return unsealed;
	const rows = takeRows(unsealed.value);
	if (rows.length === 0) return ok('nothing');
	const payload = merge(rows.map(({ update }) => update));
	deps.outgoing(place.name, payload);
	return commit(deps, place, { payload, rows: rows.map(({ row }) => row), unechoed: [] });
}

/**
 * The log went on without us under our writer's name, because this profile is a copy, restored from a backup; or lacks
 * what we wrote before, because the relay is one; or the epoch is over. Sending the entry would fork the chain, or be
 * refused, so what it holds is sealed again by a new incarnation. Sealing it twice changes nothing in Yjs.
 */
async function reseal(deps: OutboxDeps, place: OutboxPlace, sealed: readonly SealedRow[]): Sealing {
	const [first] = sealed;
	if (!first) return ok('nothing');
	const opened = await openEntry(first.entry, {
		place: { space: deps.secrets.space, stream: place.id },
		keyOf: (epoch) => deps.secrets.streamKey(place.id, epoch),
	});
	if (!opened.ok) {
		// What this device sealed itself does not open again: the row was damaged on disk.
		return err({ type: 'CorruptRow', stream: place.name, reason: 'a sealed change cannot be opened' });
	}
	const committed = await commit(deps, place, {
		payload: opened.value.payload,
		rows: [],
		unechoed: sealed.slice(1),
	});
	if (!committed.ok) return committed;
	const dropped = await deps.store.settle({ stream: place.name, id: first.id, position: place.position });
	return dropped.ok ? ok('sealed') : dropped;
}

async function commit(
	deps: OutboxDeps,
	place: OutboxPlace,
	content: { readonly payload: Bytes; readonly rows: readonly number[]; readonly unechoed: readonly SealedRow[] },
): Sealing {
	const state = await deps.store.writer(place.name);
	if (!state.ok) return state;
	const writer = canContinue(state.value, place.position, content.unechoed)
		? state.value
		: { writer: newId<WriterId>(deps), ...NO_TAIL };
	// Looked at once: newer keys may come while this one is derived.
	const { epoch } = deps.secrets;
	const key = await deps.secrets.streamKey(place.id, epoch);
	if (!key) throw new Error('the newest epoch has no key');
	const id = newId<EntryId>(deps);
	const header = {
		epoch,
		id,
		writer: writer.writer,
		writerSeq: writer.seq + 1,
		previous: writer.hash,
	};
	// Sealed outside of any transaction, which WebCrypto would end; the compare-and-set finds out if that was too slow.
	const at = { space: deps.secrets.space, stream: place.id };
	const entry = await sealEntry(deps, { place: at, header, key, payload: content.payload });
	const next: WriterState = {
		writer: writer.writer,
		seq: header.writerSeq,
		hash: await sha256(entry),
		fence: (state.value?.fence ?? 0) + 1,
	};
	const committed = await deps.store.commitSealed({
		stream: place.name,
		rows: content.rows,
		sealed: { id, entry },
		expected: state.value,
		next,
	});
	return committed.ok ? ok('sealed') : committed;
}

/** Whether the writer's state is what the log shows plus what was sealed and not echoed. */
function canContinue(
	state: WriterState | undefined,
	position: StreamPosition,
	unechoed: readonly SealedRow[],
): state is WriterState {
	if (!state) return false;
	const own = unechoed.filter((row) => {
		const header = readEntryHeader(row.entry);
		return header.ok && header.value.writer === state.writer;
	});
	const tail = position.tails[state.writer] ?? NO_TAIL;
	if (tail.isTorn) return false;
	return own.length > 0
		? tail.seq + own.length === state.seq
		: tail.seq === state.seq && equalBytes(tail.hash, state.hash);
}

/** The oldest rows that fit into one entry; at least one. */
function takeRows(rows: readonly UnsealedRow[]): readonly UnsealedRow[] {
	let bytes = 0;
	const end = rows.findIndex((row, index) => {
		bytes += row.update.length;
		return index > 0 && bytes > BYTES_AT_ONCE;
	});
	return end < 0 ? rows : rows.slice(0, end);
}

function merge(updates: readonly Bytes[]): Bytes {
	const [only] = updates;
	return updates.length === 1 && only ? only : new Uint8Array(Y.mergeUpdates([...updates]));
}
