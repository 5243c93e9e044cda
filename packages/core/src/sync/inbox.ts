import * as Y from 'yjs';
import { type Bytes, equalBytes } from '../bytes.ts';
import { sha256 } from '../crypto/derive.ts';
import { type EntryError, type EntryHeader, openEntry } from '../crypto/entry.ts';
import type { SpaceSecrets } from '../crypto/space-secrets.ts';
import type { EntryId, StreamId, StreamName } from '../ids.ts';
import type { StoreDep, StoreError, StreamPosition, WriterTail } from '../ports/store.ts';
import { nextChain } from '../protocol/chain.ts';
import { ok, type Result } from '../result.ts';

/** One entry, checked against the log before it. */
export interface ReadEntry {
	readonly id: EntryId;
	readonly payload: Bytes;
	/** Where the stream stands with it. */
	readonly position: StreamPosition;
}

/** Why an entry cannot be taken: the cursor stays in front of it (R4). */
export type ReadError =
	| EntryError
	/** It opens, but what it holds is no Yjs update. */
	| { readonly type: 'NoUpdate' }
	/** Its writer's chain does not lead to it: an entry was left out, repeated or put in front of another. */
	| { readonly type: 'BrokenWriter' };

/** The tail of a writer nobody has seen. */
export const NO_TAIL: WriterTail = { seq: 0, hash: new Uint8Array(32) };

/**
 * Opens entries and checks each against the log before it. Answers those that can be taken, up to the first that cannot,
 * and why that one cannot.
 */
export async function readEntries(
	deps: { readonly secrets: SpaceSecrets },
	entries: readonly Bytes[],
	from: { readonly stream: StreamId; readonly position: StreamPosition },
): Promise<{ readonly read: readonly ReadEntry[]; readonly problem: ReadError | undefined }> {
	const place = { space: deps.secrets.space, stream: from.stream };
	const keyOf = (epoch: number) => deps.secrets.streamKey(from.stream, epoch);
	// Opening is most of the work and needs no order; only the chains do.
	const opened = await Promise.all(
		entries.map(async (bytes) => ({ bytes, entry: await openEntry(bytes, { place, keyOf }) })),
	);
	const read: ReadEntry[] = [];
	for (const { bytes, entry } of opened) {
		const position = read.at(-1)?.position ?? from.position;
		if (!entry.ok) return { read, problem: entry.error };
		const { header, payload } = entry.value;
		if (!followsTail(header, position)) return { read, problem: { type: 'BrokenWriter' } };
		if (!isUpdate(payload)) return { read, problem: { type: 'NoUpdate' } };
		const next = await positionAfter(position, bytes, { writer: header.writer, seq: header.writerSeq });
		read.push({ id: header.id, payload, position: next });
	}
	return { read, problem: undefined };
}

/**
 * Whether an entry is its writer's next. Where an entry of the writer was put aside, one that cannot be checked is let
 * through: a later one, which names what nobody here could read (SY14).
 */
export function followsTail(
	header: Pick<EntryHeader, 'writer' | 'writerSeq' | 'previous'>,
	{ tails }: StreamPosition,
): boolean {
	const tail = tails[header.writer] ?? NO_TAIL;
	if (header.writerSeq === tail.seq + 1) return equalBytes(header.previous, tail.hash);
	return tail.isTorn === true && header.writerSeq > tail.seq;
}

/** Where a stream stands behind one more entry. */
export async function positionAfter(
	position: StreamPosition,
	entry: Bytes,
	by: { readonly writer: string; readonly seq: number },
): Promise<StreamPosition> {
	const [chain, hash] = await Promise.all([nextChain(position.chain, entry), sha256(entry)]);
	return {
		seq: position.seq + 1,
		chain,
		tails: { ...position.tails, [by.writer]: { seq: by.seq, hash } },
	};
}

/** Whether this very entry is the newest that was read of its writer. */
export async function isLastOfWriter(
	{ tails }: StreamPosition,
	entry: Bytes,
	by: { readonly writer: string; readonly seq: number },
): Promise<boolean> {
	const tail = tails[by.writer] ?? NO_TAIL;
	return tail.seq === by.seq && equalBytes(await sha256(entry), tail.hash);
}

/**
 * Keeps read entries in their order: those of others as updates, our own as settled. Each step moves the stored position
 * together with what it stands for; `arrived` hears of every update that is on disk now. Our own are among them: a tab
 * that died may have kept its last words without telling the others.
 */
export async function keepEntries(
	deps: StoreDep,
	stream: StreamName,
	entries: readonly ReadEntry[],
	{ isOwn, arrived }: { isOwn(id: EntryId): boolean; arrived(updates: readonly Bytes[]): void },
): Promise<Result<void, StoreError>> {
	let run: ReadEntry[] = [];
	for (const entry of entries) {
		if (!isOwn(entry.id)) {
			run.push(entry);
			continue;
		}
		const kept = await keepRun();
		if (!kept.ok) return kept;
		const settled = await deps.store.settle({ stream, id: entry.id, position: entry.position });
		if (!settled.ok) return settled;
		arrived([entry.payload]);
	}
	return keepRun();

	async function keepRun(): Promise<Result<void, StoreError>> {
		const last = run.at(-1);
		if (!last) return ok();
		const updates = run.map(({ payload }) => payload);
		run = [];
		const kept = await deps.store.appendRemote({ stream, updates, position: last.position });
		if (kept.ok) arrived(updates);
		return kept;
	}
}

/**
 * Whether bytes are a Yjs update, V1 encoding, that a document can take. Yjs applies what refers to itself, or takes no
 * room, until it throws: kept, it would leave its document unreadable at every later start.
 */
export function isUpdate(payload: Bytes): boolean {
	try {
		return Y.decodeUpdate(payload).structs.every(isApplicable);
	} catch {
		return false;
	}
}

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number];

/** What other clients made may be still to come; of its own client a struct names only what came before it. */
function isApplicable(struct: Struct): boolean {
	const { client, clock } = struct.id;
	if (struct.length < 1) return false;
	if (!(struct instanceof Y.Item)) return true;
	const named = [struct.origin, struct.rightOrigin, struct.parent];
	return named.every((id) => !(id instanceof Y.ID) || id.client !== client || id.clock < clock);
}
