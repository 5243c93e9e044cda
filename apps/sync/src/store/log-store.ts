import type { Bytes } from '@pocketeer/core/bytes';
import type { EntryId, SnapshotId, SpaceId, StreamId } from '@pocketeer/core/ids';

/**
 * The sealed log: per space and stream an append-only row of entries, numbered from 1 without gaps, and the newest
 * snapshots of it. A number is never given twice (R2), an id is kept once (R6); number, id and hash of an entry stay
 * for ever, its body until it is pruned. Rejects only when the disk fails; then nothing of the call happened.
 */
export interface LogStore {
	/** Appends in the order given, all or none, on disk when it resolves. One outcome per request. `now` in ms. */
	append(batch: readonly AppendRequest[], now: number): Promise<readonly AppendOutcome[]>;
	/** The entries after `after`, at least one if there is any, as many as fit into `maxBytes`. */
	read(range: LogRange): Promise<LogBatch>;
	/** The log as it is behind entry `seq`, pruned or not; undefined when it does not reach that far. */
	look(place: LogPlace): Promise<LogView | undefined>;
	/** The streams of a space that moved since its count `since`, and the count now. */
	moved(space: SpaceId, since: number): Promise<MovedStreams>;

	/** Makes room for a snapshot's parts, which count against the space's room at once and are lost at a restart. */
	beginUpload(offer: SnapshotOffer): Promise<UploadStart>;
	/** Keeps the next part aside; false, and nothing kept, when the space has no room. */
	addPart(upload: UploadKey, index: number, part: Bytes): Promise<boolean>;
	/** Makes the parts the newest snapshot of their stream, wholly or not at all, and lets go of the third newest. */
	finishUpload(upload: UploadKey, now: number): Promise<SnapshotEnd>;
	/** Drops an unfinished upload; one that is finished or gone already is left alone. */
	dropUpload(upload: UploadKey): Promise<void>;
	/** The newest snapshot of a stream. */
	snapshot(at: StreamPlace): Promise<KeptSnapshot | undefined>;
	/** One part of a kept snapshot; undefined when it was let go of. */
	snapshotPart(at: StreamPlace & { readonly id: SnapshotId; readonly index: number }): Promise<Bytes | undefined>;

	/**
	 * Drops bodies of entries older than `before` that the older of two snapshots covers (SY17), a bounded number of
	 * them; going on with the cursor it answers, until that is undefined, visits every stream once.
	 */
	prune(step: { readonly before: number; readonly cursor: PruneCursor | undefined }): Promise<PruneStep>;
	/** What counts against the room of a space, and the room. */
	usage(space: SpaceId): Promise<{ readonly usedBytes: number; readonly limitBytes: number }>;
	/** Drops everything of a space, in steps: one that was interrupted is taken up by calling it again. */
	deleteSpace(space: SpaceId): Promise<void>;
}
export interface LogStoreDep {
	readonly logStore: LogStore;
}

export interface StreamPlace {
	readonly space: SpaceId;
	readonly stream: StreamId;
}
export interface LogPlace extends StreamPlace {
	readonly seq: number;
}

export interface AppendRequest extends StreamPlace {
	readonly id: EntryId;
	readonly entry: Bytes;
}

export type AppendOutcome =
	/**
	 * `isNew` is false for an id that was there: `seq` is the one it got the first time. `change` is the space's count
	 * after this commit to this stream.
	 */
	| { readonly type: 'kept'; readonly seq: number; readonly isNew: boolean; readonly change: number }
	/**
	 * The space has no room for this entry, or for one before it in the batch on the same stream: what follows a
	 * refused entry may rest on it. Nothing of it was stored.
	 */
	| { readonly type: 'quota' }
	/** The space was deleted. */
	| { readonly type: 'deleted' };

interface LogRange extends StreamPlace {
	readonly after: number;
	readonly maxBytes: number;
}

export interface LogBatch {
	/** Empty when there is nothing more, or when the next entry was pruned. */
	readonly items: readonly LogItem[];
	readonly isPruned: boolean;
	/** The stream at the moment of reading. */
	readonly head: LogHead;
}

export interface LogItem {
	readonly seq: number;
	readonly id: EntryId;
	readonly entry: Bytes;
}

/** Where a stream stands. A stream nobody wrote to stands at 0. */
export interface LogHead {
	readonly seq: number;
	readonly chain: Bytes;
	/** Bytes of all its entries ever, pruned ones too. */
	readonly bytes: number;
	/** What the newest snapshot covers, the bytes of the entries up to there, and its own bytes; 0 without one. */
	readonly covered: number;
	readonly coveredBytes: number;
	readonly snapshotBytes: number;
	/** Number of the newest entry whose body is gone, 0 if none is. */
	readonly pruned: number;
}

export interface LogView {
	/** The log's hash behind the place, zeros at 0. */
	readonly chain: Bytes;
	/** Bytes of the entries up to the place. */
	readonly bytes: number;
	readonly head: LogHead;
}

export interface MovedStreams {
	readonly change: number;
	readonly heads: readonly { readonly stream: StreamId; readonly seq: number }[];
}

export interface SnapshotOffer extends StreamPlace {
	readonly id: SnapshotId;
	readonly covers: number;
	readonly chain: Bytes;
	readonly count: number;
}

/** Names an upload while the process runs. */
export type UploadKey = number;

/**
 * `stale-snapshot`: it covers no more than the present one (R3). `forked`: the log has another hash there, or does not
 * reach that far. `kept`: this very snapshot is the present one already.
 */
type SnapshotRefusal = { readonly type: 'stale-snapshot' } | { readonly type: 'forked' };
export type UploadStart =
	| { readonly type: 'begun'; readonly upload: UploadKey }
	| { readonly type: 'kept' }
	| SnapshotRefusal;
/** `gone`: the upload was dropped meanwhile, or a part of it is missing. */
export type SnapshotEnd = { readonly type: 'kept' } | { readonly type: 'gone' } | SnapshotRefusal;

export interface KeptSnapshot {
	readonly id: SnapshotId;
	readonly covers: number;
	readonly chain: Bytes;
	readonly count: number;
}

/** A place among the streams, opaque to callers. */
export type PruneCursor = number | string;
export interface PruneStep {
	/** Where to go on; undefined when every stream was visited. */
	readonly next: PruneCursor | undefined;
	readonly entries: number;
	readonly bytes: number;
}

/** Bytes that rows and indexes of one entry cost besides its own, kept for ever; so that empty entries are not free. */
export const ENTRY_OVERHEAD = 128;
/** The same of one part of a snapshot. */
export const PART_OVERHEAD = 128;
/** Snapshots that are kept of one stream. */
export const SNAPSHOTS_KEPT = 2;
/** Entries that one step of pruning drops, which bounds how long it holds everybody else up. */
export const PRUNE_ENTRIES = 1_000;
