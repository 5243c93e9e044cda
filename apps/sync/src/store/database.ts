import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import type { Bytes } from '@pocketeer/core/bytes';
import { err, ok, type Result } from '@pocketeer/core/result';
import { LOG_VERSION_2 } from './log-schema.ts';

/** The relay's SQLite file; several adapters share it. */
export interface Database extends Disposable {
	prepare(sql: string): StatementSync;
	/** Runs `work` in one transaction that has reached the disk when this returns; rolls back and rethrows when it throws. */
	transaction<T>(work: () => T): T;
	/** Whether the file still answers. */
	isHealthy(): boolean;
	/**
	 * Writes what waits in the log beside the file into it and empties that log, so that what was deleted is in neither.
	 * Answers false when somebody who reads stands in the way. With `rewrite` all pages are written anew first, because
	 * those that rows moved out of keep shreds of them; of a file above a hundred megabytes, which would hold
	 * everybody up for long, they stay.
	 */
	checkpoint(options?: { readonly rewrite: boolean }): boolean;
	/** Bytes of the file, without what waits in the log beside it. */
	sizeBytes(): number;
}

export type DatabaseError =
	/** Not openable as a database of this relay: no right to write, not SQLite, or written by a newer relay. */
	{ readonly type: 'CannotOpen'; readonly reason: string };

/** How long a write waits for another process that writes: an operator's script. */
const BUSY_MS = 5_000;

/** A file up to this size is written anew within a second, and its copy fits the memory. */
const REWRITE_BYTES = 128 * 1024 * 1024;

/** One step per published version of the schema; a step is never changed once it has shipped. */
export const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
	CREATE TABLE spaces (space TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT;
	CREATE TABLE lists (
		space TEXT NOT NULL, version INTEGER NOT NULL, list BLOB NOT NULL, PRIMARY KEY (space, version)
	) STRICT;
	CREATE TABLE streams (
		id INTEGER PRIMARY KEY, space TEXT NOT NULL, stream TEXT NOT NULL,
		head INTEGER NOT NULL, chain BLOB NOT NULL, UNIQUE (space, stream)
	) STRICT;
	CREATE TABLE entries (
		stream INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, chain BLOB NOT NULL, entry BLOB NOT NULL,
		UNIQUE (stream, seq), UNIQUE (stream, id)
	) STRICT;
	CREATE TABLE wakes (
		space TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, recurrence TEXT NOT NULL,
		ttl INTEGER NOT NULL, payload BLOB NOT NULL, next INTEGER, fired INTEGER NOT NULL, dropped INTEGER NOT NULL,
		PRIMARY KEY (space, id)
	) STRICT;
	CREATE INDEX wakes_next ON wakes (next) WHERE next IS NOT NULL;
	CREATE TABLE subscriptions (
		space TEXT NOT NULL, device TEXT NOT NULL, endpoint TEXT NOT NULL, p256dh TEXT NOT NULL, auth TEXT NOT NULL,
		app_url TEXT NOT NULL, PRIMARY KEY (space, device)
	) STRICT;
	CREATE TABLE deliveries (
		id INTEGER PRIMARY KEY, space TEXT NOT NULL, device TEXT NOT NULL, wake TEXT NOT NULL, due INTEGER NOT NULL,
		expires INTEGER NOT NULL, attempt INTEGER NOT NULL, at INTEGER NOT NULL, UNIQUE (space, device, wake, due)
	) STRICT;
	CREATE INDEX deliveries_at ON deliveries (at);
	CREATE TABLE claims (
		space TEXT NOT NULL, occurrence TEXT NOT NULL, device TEXT NOT NULL, fence INTEGER NOT NULL,
		expires INTEGER NOT NULL, done INTEGER NOT NULL, PRIMARY KEY (space, occurrence)
	) STRICT;
	CREATE INDEX claims_expires ON claims (expires);
	`,
	`${LOG_VERSION_2}
	CREATE TABLE invites (hash TEXT PRIMARY KEY, made INTEGER NOT NULL, space TEXT) STRICT;
	CREATE TABLE seen (
		space TEXT NOT NULL, device TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (space, device)
	) STRICT;
	CREATE TABLE deletions (space TEXT PRIMARY KEY, statement BLOB NOT NULL, erased INTEGER NOT NULL) STRICT;
	`,
];

/** Opens the file, or makes it; `:memory:` for a test of an adapter. */
export function openDatabase(path: string): Result<Database, DatabaseError> {
	let db: DatabaseSync | undefined;
	try {
		db = new DatabaseSync(path, { timeout: BUSY_MS });
		// Acknowledged means on disk: FULL makes every commit wait for it, also in WAL.
		db.exec(
			'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;',
		);
		// Pages that every commit touches are carried into the file once for many commits; 32 MB wait at most.
		db.exec('PRAGMA wal_autocheckpoint = 8000;');
		// What is deleted is overwritten: pruned bodies and replaced snapshots, too, belong to spaces that may be deleted.
		db.exec('PRAGMA secure_delete = ON;');
		migrate(db);
	} catch (error) {
		db?.close();
		return err({ type: 'CannotOpen', reason: error instanceof Error ? error.message : String(error) });
	}
	return ok(wrap(db));
}

function migrate(db: DatabaseSync): void {
	const version = integer(db.prepare('PRAGMA user_version').get(), 'user_version');
	if (version > MIGRATIONS.length) throw new Error('the database was written by a newer version of Pocketeer');
	// Version 1 kept ids as text.
	db.function('raw_id', { deterministic: true }, (id) => new Uint8Array(Buffer.from(String(id), 'base64url')));
	for (const [index, sql] of MIGRATIONS.entries()) {
		if (index >= version) db.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${index + 1}; COMMIT;`);
	}
}

function wrap(db: DatabaseSync): Database {
	return {
		prepare: (sql) => db.prepare(sql),
		transaction(work) {
			db.exec('BEGIN IMMEDIATE');
			try {
				const value = work();
				db.exec('COMMIT');
				return value;
			} catch (error) {
				// SQLite rolls back by itself on some errors (a full disk among them).
				if (db.isTransaction) db.exec('ROLLBACK');
				throw error;
			}
		},
		isHealthy() {
			try {
				return integer(db.prepare('SELECT count(*) AS n FROM meta').get(), 'n') >= 0;
			} catch {
				return false;
			}
		},
		checkpoint(options) {
			// Whoever reads a backup may take minutes; connections do not wait for it.
			db.exec('PRAGMA busy_timeout = 0');
			try {
				if (options?.rewrite && sizeOf(db) <= REWRITE_BYTES) db.exec('VACUUM');
				return integer(db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get(), 'busy') === 0;
			} catch (error) {
				if (error instanceof Error && /locked|busy|in progress/i.test(error.message)) return false;
				throw error;
			} finally {
				db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
			}
		},
		sizeBytes: () => sizeOf(db),
		[Symbol.dispose]() {
			if (!db.isOpen) return;
			try {
				// Leaves one file behind, so that a copy of it is the whole relay.
				db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
			} catch {
				// No room for it on a full disk: everything stays in the log beside it, which the next start reads.
			}
			db.close();
		},
	};
}

function sizeOf(db: DatabaseSync): number {
	const pages = integer(db.prepare('PRAGMA page_count').get(), 'page_count');
	return pages * integer(db.prepare('PRAGMA page_size').get(), 'page_size');
}

/** One row as SQLite gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** A column that the schema says is an integer. */
export function integer(row: Row | undefined, column: string): number {
	const value = row?.[column];
	if (typeof value !== 'number') throw new TypeError(`column ${column} is no integer`);
	return value;
}

/** A column that the schema says is a text. The caller names the kind of id. */
export function text<Kind extends string = string>(row: Row | undefined, column: string): Kind {
	const value = row?.[column];
	if (typeof value !== 'string') throw new TypeError(`column ${column} is no text`);
	return value as Kind;
}

/** A column that the schema says is a blob. */
export function blob(row: Row | undefined, column: string): Bytes {
	const value = row?.[column];
	if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is no blob`);
	return value;
}
