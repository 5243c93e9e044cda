import type { Bytes } from '../bytes.ts';
import type { EntryId, StreamName, WriterId } from '../ids.ts';
import type { Result } from '../result.ts';

/**
 * What one space keeps on this device. Every method is one transaction: it has happened wholly, on disk
 * (`durability: 'strict'`), when the promise resolves ok, and not at all otherwise.
 */
export interface Store {
	/** All that is kept of a document: apply the snapshot, then the updates, in order. */
	loadDoc(stream: StreamName): Promise<Result<StoredDoc, StoreError>>;
	/** Keeps updates made on this device and queues them for the relay. */
	appendLocal(updates: readonly LocalUpdate[]): Promise<Result<void, StoreError>>;
	/**
	 * Keeps what was opened from the relay and moves the cursor and writers' tails behind it; where the relay lacks
	 * something, queues that for it.
	 */
	appendRemote(advance: RemoteAdvance): Promise<Result<void, StoreError>>;
	/** Puts a snapshot in place of exactly the rows that `through` names; later rows stay. */
	compactDoc(compaction: Compaction): Promise<Result<void, StoreError>>;

	/** A document together with its place in the log and whether rows of it wait: what a snapshot may be made of (R1). */
	coveredDoc(stream: StreamName): Promise<Result<CoveredDoc, StoreError>>;
	/** Every stream this device keeps anything of: rows, a snapshot or a place in the log. */
	streams(): Promise<Result<readonly StreamName[], StoreError>>;

	/** Streams with unsealed or unechoed rows. */
	pendingStreams(): Promise<Result<readonly StreamName[], StoreError>>;
	/** Updates of a stream not sealed yet, oldest first, at most `limit`. */
	unsealed(stream: StreamName, limit: number): Promise<Result<readonly UnsealedRow[], StoreError>>;
	/**
	 * Turns unsealed rows into one sealed entry and advances this device's writer, if `expected` is still the
	 * writer's state (compare-and-set); answers `WriterMoved` with the present state otherwise: reseal.
	 */
	commitSealed(commit: SealedCommit): Promise<Result<void, StoreError | WriterMoved>>;
	/** Entries sent or to be sent, not echoed yet, in writer order. They leave through `settle` only (rule R7). */
	sealed(stream: StreamName): Promise<Result<readonly SealedRow[], StoreError>>;
	/** The relay has it: drops the sealed entry and moves the cursor, in one step. */
	settle(echo: Settled): Promise<Result<void, StoreError>>;

	/** Where this device stands in a stream; seq 0 for a stream never seen. */
	position(stream: StreamName): Promise<Result<StreamPosition, StoreError>>;
	/** The same for many at once; one whose place is unreadable is left out: `position` says why. */
	positions(streams: readonly StreamName[]): Promise<Result<ReadonlyMap<StreamName, StreamPosition>, StoreError>>;
	/** This device's present incarnation in a stream; undefined before its first entry. */
	writer(stream: StreamName): Promise<Result<WriterState | undefined, StoreError>>;

	/** A JSON-like value (bytes and CryptoKey allowed) kept under a key: settings, drafts, turns in flight. */
	value(key: string): Promise<Result<unknown, StoreError>>;
	values(prefix: string): Promise<Result<ReadonlyMap<string, unknown>, StoreError>>;
	/** undefined deletes. Several keys change together or not at all. */
	putValues(entries: Readonly<Record<string, unknown>>): Promise<Result<void, StoreError>>;
}
export interface StoreDep {
	readonly store: Store;
}

export type StoreError =
	/** The disk or the browser's quota is full; nothing was written. */
	| { readonly type: 'QuotaExceeded' }
	/** A row is not what was written; the document stays unreadable rather than half-read. */
	| { readonly type: 'CorruptRow'; readonly stream: StreamName; readonly reason: string }
	/** The database cannot be opened or was closed under us. */
	| { readonly type: 'StoreUnavailable'; readonly reason: string };

export interface WriterMoved {
	readonly type: 'WriterMoved';
	readonly actual: WriterState | undefined;
}

export interface StoredDoc {
	readonly snapshot: Bytes | undefined;
	readonly updates: readonly Bytes[];
	/** Number of the newest row loaded; hand it to `compactDoc`. */
	readonly through: number;
}

export interface LocalUpdate {
	readonly stream: StreamName;
	/** Yjs update, V1 encoding. */
	readonly update: Bytes;
}

/** Place in the relay's log: everything up to `seq` is applied; `chain` is the log's hash there. */
export interface StreamPosition {
	readonly seq: number;
	readonly chain: Bytes;
	/** Last entry seen of each writer, by writer id: the chain readers check. */
	readonly tails: Readonly<Record<string, WriterTail>>;
	/**
	 * The relay's log is not the one this device had read (a relay restored from an older copy), or the document came
	 * from elsewhere (a backup): `seq` is 0, the log is read from its beginning, and what it lacks is published again
	 * before anything else (R7). Lifted in the transaction that queues it.
	 */
	readonly republish?: true;
}

export interface WriterTail {
	readonly seq: number;
	/** SHA-256 of that writer's newest entry. */
	readonly hash: Bytes;
	/** An entry of this writer was put aside (quarantine), so what follows it cannot be checked against it: one is let through. */
	readonly isTorn?: true;
}

/** This device as author in one stream. `fence` grows with every change, so no two tabs advance one state. */
export interface WriterState extends WriterTail {
	readonly writer: WriterId;
	readonly fence: number;
}

export interface RemoteAdvance {
	readonly stream: StreamName;
	/** Payloads as decrypted, even those whose dependencies are missing: Yjs raises no event for these. */
	readonly updates: readonly Bytes[];
	readonly position: StreamPosition;
	/** An update of this document that the relay lacks: kept in the outbox, like one made here (R7). */
	readonly offer?: Bytes;
	/** Values kept in the same transaction, as by `putValues`. */
	readonly values?: Readonly<Record<string, unknown>>;
}

export interface CoveredDoc {
	readonly doc: StoredDoc;
	readonly position: StreamPosition;
	/** Whether the document holds changes that have not come back from the relay. */
	readonly hasRows: boolean;
}

export interface Compaction {
	readonly stream: StreamName;
	/** Yjs update, V2 encoding, of the whole document. */
	readonly snapshot: Bytes;
	readonly through: number;
}

export interface UnsealedRow {
	/** Grows by insertion over all streams of the device. */
	readonly row: number;
	readonly update: Bytes;
}

export interface SealedRow {
	readonly id: EntryId;
	readonly entry: Bytes;
}

export interface SealedCommit {
	readonly stream: StreamName;
	/** Rows the entry holds; they leave the unsealed outbox. */
	readonly rows: readonly number[];
	readonly sealed: SealedRow;
	readonly expected: WriterState | undefined;
	readonly next: WriterState;
}

export interface Settled {
	readonly stream: StreamName;
	readonly id: EntryId;
	readonly position: StreamPosition;
}
