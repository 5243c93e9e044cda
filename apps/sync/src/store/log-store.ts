import type { Bytes } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';

/**
 * The sealed log: per space and stream an append-only row of entries, numbered from 1 without gaps. A number is
 * never given twice (R2), an id is kept once (R6). Rejects only when the disk fails; then nothing of the call happened.
 */
export interface LogStore {
	/** Appends in the order given, all or none, on disk when it resolves. One outcome per request. */
	append(batch: readonly AppendRequest[]): Promise<readonly AppendOutcome[]>;
	/** The entries after `after`, at least one if there is any, as many as fit into `maxBytes`. */
	read(range: LogRange): Promise<LogBatch>;
	/** The log's hash behind entry `seq` (zeros at 0), or undefined when the log does not reach that far. */
	chainAt(place: {
		readonly space: SpaceId;
		readonly stream: StreamId;
		readonly seq: number;
	}): Promise<Bytes | undefined>;
}
export interface LogStoreDep {
	readonly logStore: LogStore;
}

export interface AppendRequest {
	readonly space: SpaceId;
	readonly stream: StreamId;
	readonly id: EntryId;
	readonly entry: Bytes;
}

export type AppendOutcome =
	/** `isNew` is false for an id that was there: `seq` is the one it got the first time. */
	| { readonly type: 'kept'; readonly seq: number; readonly isNew: boolean }
	/**
	 * The space has no room for this entry, or for one before it in the batch on the same stream: what follows a
	 * refused entry may rest on it. Nothing of it was stored.
	 */
	| { readonly type: 'quota' };

interface LogRange {
	readonly space: SpaceId;
	readonly stream: StreamId;
	readonly after: number;
	readonly maxBytes: number;
}

interface LogBatch {
	readonly items: readonly LogItem[];
	/** The log's hash behind the last item; undefined when there is none. */
	readonly chain: Bytes | undefined;
}

export interface LogItem {
	readonly seq: number;
	readonly id: EntryId;
	readonly entry: Bytes;
}
