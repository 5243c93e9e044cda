import type { StoreError } from '@pocketeer/core/ports/store';
import { err, ok, type Result } from '@pocketeer/core/result';
import { toStoreError } from './idb-errors.ts';

/** One IndexedDB database with one table of values by key; small enough for the service worker to open per push. */
export interface KeyValueDb extends Disposable {
	get(key: string): Promise<Result<unknown, StoreError>>;
	entries(prefix: string): Promise<Result<ReadonlyMap<string, unknown>, StoreError>>;
	/** One transaction, on disk when it resolves ok; undefined deletes. */
	put(changes: Readonly<Record<string, unknown>>): Promise<Result<void, StoreError>>;
	/** Reads a key and writes what `change` makes of it in one transaction, so that two tabs cannot overwrite each other. */
	update(key: string, change: (present: unknown) => unknown): Promise<Result<void, StoreError>>;
}

const TABLE = 'kept';

/** Opens, or makes, the database. It gives way when another tab upgrades or deletes it. */
export async function openKeyValueDb(name: string): Promise<Result<KeyValueDb, StoreError>> {
	const opened = await attempt(() => open(name));
	if (!opened.ok) return opened;
	const database = opened.value;
	database.onversionchange = () => database.close();
	const within = <T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => () => T) =>
		attempt(() => transact(database, mode, work));
	return ok({
		get: (key) => within('readonly', (table) => resultOf<unknown>(table.get(key))),
		entries: (prefix) =>
			within('readonly', (table) => {
				const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
				const keys = resultOf(table.getAllKeys(range));
				const values = resultOf<unknown[]>(table.getAll(range));
				return () => new Map(keys().map((key, index) => [String(key), values()[index]]));
			}),
		put: (changes) =>
			within('readwrite', (table) => {
				for (const [key, value] of Object.entries(changes)) {
					if (value === undefined) table.delete(key);
					else table.put(value, key);
				}
				return () => undefined;
			}),
		update: (key, change) =>
			within('readwrite', (table) => {
				const request = table.get(key);
				request.onsuccess = () => table.put(change(request.result), key);
				return () => undefined;
			}),
		[Symbol.dispose]: () => database.close(),
	});
}

function open(name: string): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.open(name, 1);
		request.onupgradeneeded = () => void request.result.createObjectStore(TABLE);
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}

function transact<T>(
	database: IDBDatabase,
	mode: IDBTransactionMode,
	work: (table: IDBObjectStore) => () => T,
): Promise<T> {
	return new Promise((resolve, reject) => {
		const transaction = database.transaction(TABLE, mode, { durability: 'strict' });
		const answer = work(transaction.objectStore(TABLE));
		transaction.oncomplete = () => resolve(answer());
		transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
	});
}

function resultOf<T>(request: IDBRequest<T>): () => T {
	return () => request.result;
}

async function attempt<T>(run: () => Promise<T>): Promise<Result<T, StoreError>> {
	try {
		return ok(await run());
	} catch (cause) {
		const error = toStoreError(cause);
		if (!error) throw cause;
		return err(error);
	}
}
