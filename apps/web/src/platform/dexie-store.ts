import { equalBytes } from '@pocketeer/core/bytes';
import type { StreamName } from '@pocketeer/core/ids';
import type {
	Store,
	StoredDoc,
	StoreError,
	StreamPosition,
	WriterMoved,
	WriterState,
	WriterTail,
} from '@pocketeer/core/ports/store';
import { err, ok, type Result } from '@pocketeer/core/result';
import { NEWER_VERSION, toStoreError } from './idb-errors.ts';
import {
	corrupt,
	defineStoreDatabase,
	intact,
	isBytes,
	NATIVE_VERSION,
	type PositionRow,
	type StoreDatabase,
	summed,
	type WriterRow,
} from './store-database.ts';

/** A store that lives in IndexedDB. Disposing closes this tab's connection; what is kept stays. */
export interface DexieStore extends Store, Disposable {
	/** Calls once when the database was closed for good under us: another tab upgrades or deletes it. */
	onClosed(listener: () => void): void;
}

/**
 * Opens, or makes, the database of one space. Each method is one transaction with strict durability that several tabs
 * may run against each other. Nothing in here awaits anything but the database, or the transaction would commit early.
 */
export async function createDexieStore(name: string): Promise<Result<DexieStore, StoreError>> {
	const database = defineStoreDatabase(name);
	const listeners = new Set<() => void>();
	database.on('versionchange', () => {
		// Holding on would block the other tab. Later calls answer StoreUnavailable.
		database.close();
		for (const listener of listeners) listener();
		// False: Dexie's own handler would reopen it with the tables this build does not know.
		return false;
	});

	const opened = await attempt(() => database.open());
	if (!opened.ok) return opened;
	if (database.backendDB().version > NATIVE_VERSION) {
		// Dexie would work on it all the same; but what a newer build made new rules for, an older one must not touch.
		database.close();
		return err({ type: 'StoreUnavailable', reason: NEWER_VERSION });
	}
	return ok({
		...documents(database),
		...covered(database),
		...outbox(database),
		...places(database),
		...valuesOf(database),
		onClosed: (listener) => void listeners.add(listener),
		[Symbol.dispose]: () => {
			listeners.clear();
			database.close();
		},
	});
}

function documents(database: StoreDatabase): Pick<Store, 'loadDoc' | 'appendLocal' | 'appendRemote' | 'compactDoc'> {
	const { updates, snapshots, unsealed, positions, kept } = database;
	return {
		loadDoc: (stream) => attempt(() => database.transaction('r', snapshots, updates, () => readDoc(database, stream))),

		appendLocal: (locals) =>
			attempt(() =>
				database.transaction('rw', updates, unsealed, async () => {
					const rows = locals.map(({ stream, update }) => ({ stream, ...summed(update) }));
					await updates.bulkAdd(rows);
					await unsealed.bulkAdd(rows);
				}),
			),

		appendRemote: ({ stream, updates: payloads, position, offer, values }) =>
			attempt(() =>
				database.transaction('rw', updates, positions, unsealed, kept, async () => {
					const all = offer ? [...payloads, offer] : payloads;
					await updates.bulkAdd(all.map((update) => ({ stream, ...summed(update) })));
					if (offer) await unsealed.add({ stream, ...summed(offer) });
					if (values) await putAll(database, values);
					await positions.put({ stream, ...position });
				}),
			),

		compactDoc: ({ stream, snapshot, through }) =>
			attempt(() =>
				database.transaction('rw', snapshots, updates, async () => {
					const present = await snapshots.get(stream);
					// Another tab, which had loaded more, was faster: its rows are gone, so ours would lose them.
					if (present && present.through > through) return;
					await snapshots.put({ stream, through, ...summed(snapshot) });
					await updates
						.where('stream')
						.equals(stream)
						.and((row) => (row.row ?? 0) <= through)
						.delete();
				}),
			),
	};
}

function covered(database: StoreDatabase): Pick<Store, 'coveredDoc' | 'streams'> {
	const { updates, snapshots, unsealed, sealed, positions } = database;
	return {
		coveredDoc: (stream) =>
			attempt(() =>
				database.transaction('r', snapshots, updates, positions, unsealed, sealed, async () => {
					const doc = await readDoc(database, stream);
					const position = positionOf(await positions.get(stream));
					if (!position) throw corrupt(stream, UNREADABLE_PLACE);
					const waiting = await unsealed.where('stream').equals(stream).count();
					const sent = await sealed.where('stream').equals(stream).count();
					return { doc, position, hasRows: waiting + sent > 0 };
				}),
			),
		streams: () =>
			attempt(() =>
				database.transaction('r', snapshots, updates, positions, unsealed, sealed, async () => {
					const ofRows = [updates, unsealed, sealed].map((table) => table.orderBy('stream').uniqueKeys());
					const ofPlaces = [snapshots, positions].map((table) => table.toCollection().primaryKeys());
					const keys = [...(await Promise.all(ofRows)), ...(await Promise.all(ofPlaces))].flat();
					return [...new Set(keys.map((key) => String(key) as StreamName))];
				}),
			),
	};
}

/** To be run in a transaction over both of a document's tables. */
async function readDoc({ snapshots, updates }: StoreDatabase, stream: StreamName): Promise<StoredDoc> {
	const snapshot = await snapshots.get(stream);
	const rows = await updates.where('stream').equals(stream).toArray();
	return {
		snapshot: snapshot && intact(snapshot, stream),
		updates: rows.map((row) => intact(row, stream)),
		through: rows.at(-1)?.row ?? snapshot?.through ?? 0,
	};
}

function outbox(
	database: StoreDatabase,
): Pick<Store, 'pendingStreams' | 'unsealed' | 'commitSealed' | 'sealed' | 'settle'> {
	const { unsealed, sealed, writers, positions } = database;
	return {
		pendingStreams: () =>
			attempt(() =>
				database.transaction('r', unsealed, sealed, async () => {
					const waiting = await unsealed.orderBy('stream').uniqueKeys();
					const sent = await sealed.orderBy('stream').uniqueKeys();
					return [...new Set([...waiting, ...sent])].map((key) => String(key) as StreamName);
				}),
			),

		unsealed: (stream, limit) =>
			attempt(async () => {
				const rows = await unsealed.where('stream').equals(stream).limit(limit).toArray();
				return rows.map((row) => ({ row: row.row ?? 0, update: intact(row, stream) }));
			}),

		commitSealed: (commit) =>
			attempt(() =>
				database.transaction('rw', unsealed, sealed, writers, async (): Promise<Result<void, WriterMoved>> => {
					const { stream } = commit;
					const actual = writerOf(await writers.get(stream), stream);
					if (!sameWriter(actual, commit.expected)) return err({ type: 'WriterMoved', actual });
					await unsealed.bulkDelete([...commit.rows]);
					await sealed.add({ stream, id: commit.sealed.id, ...summed(commit.sealed.entry) });
					await writers.put({ stream, ...commit.next });
					return ok();
				}),
			).then((done) => (done.ok ? done.value : done)),

		sealed: (stream) =>
			attempt(async () => {
				const rows = await sealed.where('stream').equals(stream).toArray();
				return rows.map((row) => ({ id: row.id, entry: intact(row, stream) }));
			}),

		settle: ({ stream, id, position }) =>
			attempt(() =>
				database.transaction('rw', sealed, positions, async () => {
					await sealed.where('id').equals(id).delete();
					await positions.put({ stream, ...position });
				}),
			),
	};
}

function places(database: StoreDatabase): Pick<Store, 'position' | 'positions' | 'writer'> {
	return {
		position: (stream) =>
			attempt(async (): Promise<StreamPosition> => {
				const position = positionOf(await database.positions.get(stream));
				if (!position) throw corrupt(stream, UNREADABLE_PLACE);
				return position;
			}),
		positions: (streams) =>
			attempt(async () => {
				const rows = await database.positions.bulkGet([...streams]);
				const read = new Map<StreamName, StreamPosition>();
				for (const [index, stream] of streams.entries()) {
					const position = positionOf(rows[index]);
					if (position) read.set(stream, position);
				}
				return read;
			}),
		writer: (stream) => attempt(async () => writerOf(await database.writers.get(stream), stream)),
	};
}

function valuesOf(database: StoreDatabase): Pick<Store, 'value' | 'values' | 'putValues'> {
	const { kept } = database;
	return {
		value: (key) => attempt(async () => (await kept.get(key))?.value),
		values: (prefix) =>
			attempt(async () => {
				const rows = await kept.where('key').startsWith(prefix).toArray();
				return new Map(rows.map((row) => [row.key, row.value]));
			}),
		putValues: (entries) => attempt(() => database.transaction('rw', kept, () => putAll(database, entries))),
	};
}

/** To be run in a transaction over the values. */
async function putAll({ kept }: StoreDatabase, entries: Readonly<Record<string, unknown>>): Promise<void> {
	const all = Object.entries(entries);
	await kept.bulkDelete(all.filter(([, value]) => value === undefined).map(([key]) => key));
	await kept.bulkPut(all.filter(([, value]) => value !== undefined).map(([key, value]) => ({ key, value })));
}

const UNREADABLE_PLACE = 'the place in the log is unreadable';

/** undefined for what is no place in a log. */
function positionOf(row: PositionRow | undefined): StreamPosition | undefined {
	if (!row) return { seq: 0, chain: new Uint8Array(32), tails: {} };
	if (!isPlace(row.seq) || !isHash(row.chain) || !areTails(row.tails)) return undefined;
	const { seq, chain, tails } = row;
	// Whatever stands there: to publish again what is there already costs bytes, not to do it costs what was written.
	return row.republish === undefined ? { seq, chain, tails } : { seq, chain, tails, republish: true };
}

function isPlace(seq: unknown): boolean {
	return Number.isSafeInteger(seq) && Number(seq) >= 0;
}

function isHash(value: unknown): boolean {
	return isBytes(value) && value.length === 32;
}

function areTails(tails: unknown): boolean {
	if (typeof tails !== 'object' || tails === null) return false;
	return Object.values(tails).every(isTail);
}

function isTail(tail: unknown): tail is WriterTail {
	if (typeof tail !== 'object' || tail === null || !('seq' in tail) || !('hash' in tail)) return false;
	return isPlace(tail.seq) && isHash(tail.hash);
}

function writerOf(row: WriterRow | undefined, stream: StreamName): WriterState | undefined {
	if (!row) return undefined;
	const { writer, seq, hash, fence } = row;
	if (typeof writer !== 'string' || !isPlace(seq) || !isPlace(fence) || !isHash(hash)) {
		throw corrupt(stream, 'the state of this writer is unreadable');
	}
	return { writer, seq, hash, fence };
}

function sameWriter(a: WriterState | undefined, b: WriterState | undefined): boolean {
	if (!a || !b) return a === b;
	return a.writer === b.writer && a.seq === b.seq && a.fence === b.fence && equalBytes(a.hash, b.hash);
}

async function attempt<T>(run: () => PromiseLike<T>): Promise<Result<T, StoreError>> {
	try {
		return ok(await run());
	} catch (cause) {
		const error = toStoreError(cause);
		if (!error) throw cause;
		return err(error);
	}
}
