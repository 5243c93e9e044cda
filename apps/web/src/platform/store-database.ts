import type { Bytes } from '@pocketeer/core/bytes';
import type { EntryId, StreamName } from '@pocketeer/core/ids';
import type { StreamPosition, WriterState } from '@pocketeer/core/ports/store';
import { Dexie, type Table } from 'dexie';
import { checksum } from './checksum.ts';
import { StoreFault } from './idb-errors.ts';

/** Bytes at rest with the checksum they were written with. */
export interface SummedRow {
	readonly bytes: Bytes;
	readonly sum: number;
}
/** One Yjs update of a document, or one that waits to be sealed. */
export interface UpdateRow extends SummedRow {
	readonly row?: number;
	readonly stream: StreamName;
}
export interface SnapshotRow extends SummedRow {
	readonly stream: StreamName;
	/** Newest update row the snapshot holds; an older snapshot never takes its place. */
	readonly through: number;
}
export interface SealedEntryRow extends SummedRow {
	readonly row?: number;
	readonly id: EntryId;
	readonly stream: StreamName;
}
export interface PositionRow extends StreamPosition {
	readonly stream: StreamName;
}
export interface WriterRow extends WriterState {
	readonly stream: StreamName;
}
export interface ValueRow {
	readonly key: string;
	readonly value: unknown;
}

/** The tables of one space on this device. */
export interface StoreDatabase extends Dexie {
	readonly updates: Table<UpdateRow, number>;
	readonly snapshots: Table<SnapshotRow, StreamName>;
	readonly unsealed: Table<UpdateRow, number>;
	readonly sealed: Table<SealedEntryRow, number>;
	readonly positions: Table<PositionRow, StreamName>;
	readonly writers: Table<WriterRow, StreamName>;
	readonly kept: Table<ValueRow, string>;
}

const VERSION = 1;
/** The version as the browser counts it: Dexie multiplies by ten. */
export const NATIVE_VERSION = VERSION * 10;

/** The tables, unopened; every write is on disk before it resolves. */
export function defineStoreDatabase(name: string): StoreDatabase {
	const database = new Dexie(name, { chromeTransactionDurability: 'strict', cache: 'disabled' });
	database.version(VERSION).stores({
		updates: '++row, stream',
		snapshots: 'stream',
		unsealed: '++row, stream',
		sealed: '++row, &id, stream',
		positions: 'stream',
		writers: 'stream',
		kept: 'key',
	});
	return database as StoreDatabase;
}

/** A row's bytes with their checksum. */
export function summed(bytes: Bytes): SummedRow {
	return { bytes, sum: checksum(bytes) };
}

/** The bytes of a row as they were written; throws a `StoreFault` when they are not. */
export function intact(row: SummedRow, stream: StreamName): Bytes {
	const bytes: unknown = row.bytes;
	if (!isBytes(bytes)) throw corrupt(stream, 'a row holds no bytes');
	if (row.sum !== checksum(bytes)) throw corrupt(stream, `a row of ${bytes.length} bytes is not what was written`);
	return bytes;
}

/** Whether a value read from disk is bytes. */
export function isBytes(value: unknown): value is Bytes {
	return value instanceof Uint8Array && value.buffer instanceof ArrayBuffer;
}

/** The fault of a row that is not what was written. */
export function corrupt(stream: StreamName, reason: string): StoreFault {
	return new StoreFault({ type: 'CorruptRow', stream, reason });
}
