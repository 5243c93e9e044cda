import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { err, ok, type Result } from '@pocketeer/core/result';
import { syncFile, writeFileDurably } from '../files.ts';
import { blob, openDatabase, type Row } from '../store/database.ts';
import { BACKUP_FILES, problemOf } from './backup.ts';
import { stampOf } from './command.ts';

export interface RestoreOptions {
	readonly dataDir: string;
	/** Folder of a backup. */
	readonly from: string;
	/** Whether data that is there may be put aside. */
	readonly overwrite: boolean;
	readonly now: number;
	/** Whether a relay answers where this one is configured to listen; asked when its database cannot say so. */
	readonly isAnswering: () => Promise<boolean>;
}

const RUNNING = 'The relay is running. Stop it first.';

/**
 * Puts a backup in place of a relay's data, wholly or not at all, while no relay runs on it. The log gets another name,
 * so that every device publishes again what the backup lacks; what was deleted since, and invitations used since, stay
 * so as far as the data that is replaced can still be read. Answers what was done, in sentences.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Result<string, string>> {
	const { dataDir, from } = options;
	const backup = join(from, BACKUP_FILES.database);
	if (!existsSync(backup)) return err(`There is no ${backup}. Name the folder that relay:backup printed.`);
	const target = join(dataDir, BACKUP_FILES.database);
	const hasData = existsSync(target);
	if (hasData && !options.overwrite) {
		return err(`${target} is there already. Add --overwrite to put it aside and use the backup instead.`);
	}
	mkdirSync(dataDir, { recursive: true, mode: 0o700 });
	const fresh = `${target}.restoring`;
	try {
		const copied = copyChecked(backup, fresh);
		if (!copied.ok) return copied;
		using held = hasData ? hold(target) : undefined;
		if (held?.state === 'running') return err(RUNNING);
		if (held?.state === 'unreadable' && (await options.isAnswering())) return err(RUNNING);
		const prepared = prepare(fresh, held?.state === 'held' ? held.remember() : undefined);
		if (!prepared.ok) return err(`The backup ${backup} cannot be used: ${prepared.error}.`);
		return ok(putInPlace(options, fresh, target));
	} finally {
		rmSync(fresh, { force: true });
	}
}

/** What must not come back with an older copy. */
interface Remembered {
	readonly deletions: readonly Row[];
	readonly usedInvites: readonly Row[];
}

type Hold = Disposable &
	(
		| { readonly state: 'held'; remember(): Remembered }
		/** Another process has it open. */
		| { readonly state: 'running' }
		/** No database, or a damaged one: nothing can be said about it. */
		| { readonly state: 'unreadable' }
	);

/**
 * Locks a database until disposed. A relay that runs, even one that is idle, holds a lock that lets nobody leave the
 * write-ahead log; the kernel drops it when the process ends, however it ends.
 */
function hold(path: string): Hold {
	const nothing = { [Symbol.dispose]: () => undefined };
	let database: DatabaseSync | undefined;
	try {
		database = new DatabaseSync(path, { timeout: 0 });
		database.prepare('SELECT count(*) FROM sqlite_schema').get();
		const mode = database.prepare('PRAGMA journal_mode = DELETE').get()?.journal_mode;
		if (mode !== 'delete') throw new Error('database is locked');
		database.exec('BEGIN EXCLUSIVE');
	} catch (error) {
		database?.close();
		const isLocked = error instanceof Error && /locked|busy/i.test(error.message);
		return { state: isLocked ? 'running' : 'unreadable', ...nothing };
	}
	const opened = database;
	return {
		state: 'held',
		remember: () => ({
			deletions: rowsOf(opened, 'SELECT space, statement FROM deletions'),
			usedInvites: rowsOf(opened, 'SELECT hash, made, space FROM invites WHERE space IS NOT NULL'),
		}),
		[Symbol.dispose]: () => opened.close(),
	};
}

/** None when the table is not there: an older schema, or a damaged file. */
function rowsOf(database: DatabaseSync, sql: string): readonly Row[] {
	try {
		return database.prepare(sql).all();
	} catch {
		return [];
	}
}

function copyChecked(backup: string, fresh: string): Result<void, string> {
	copyFileSync(backup, fresh);
	chmodSync(fresh, 0o600);
	const problem = problemOf(fresh);
	return problem === undefined ? ok() : err(`The backup ${backup} cannot be used: ${problem}.`);
}

/** Brings the copy to today's schema and takes the name of its log away: the relay draws a new one. */
function prepare(fresh: string, remembered: Remembered | undefined): Result<void, string> {
	const database = openDatabase(fresh);
	if (!database.ok) return err(database.error.reason);
	{
		using opened = database.value;
		opened.transaction(() => {
			opened.prepare("DELETE FROM meta WHERE key = 'timeline'").run();
			// The relay erases them when it starts.
			const addDeletion = opened.prepare('INSERT OR IGNORE INTO deletions (space, statement, erased) VALUES (?, ?, 0)');
			for (const row of remembered?.deletions ?? []) addDeletion.run(String(row.space), blob(row, 'statement'));
			const addInvite = opened.prepare('INSERT OR REPLACE INTO invites (hash, made, space) VALUES (?, ?, ?)');
			for (const { hash, made, space } of remembered?.usedInvites ?? []) {
				addInvite.run(String(hash), Number(made), String(space));
			}
		});
	}
	syncFile(fresh);
	return ok();
}

function putInPlace({ dataDir, from, now }: RestoreOptions, fresh: string, target: string): string {
	const said: string[] = [];
	const aside = (path: string) => {
		if (!existsSync(path)) return;
		const kept = `${path}.before-${stampOf(now)}`;
		renameSync(path, kept);
		said.push(`What was there is kept as ${kept}.`);
	};
	const vapid = join(dataDir, BACKUP_FILES.vapid);
	const backedUp = join(from, BACKUP_FILES.vapid);
	if (existsSync(backedUp)) {
		const keys = readFileSync(backedUp, 'utf8');
		const isSame = existsSync(vapid) && readFileSync(vapid, 'utf8') === keys;
		if (!isSame) {
			aside(vapid);
			writeFileDurably(vapid, keys);
		}
	}
	// A log that was left beside a damaged database belongs to it, and to no other.
	for (const suffix of ['-wal', '-shm', '-journal']) aside(`${target}${suffix}`);
	aside(target);
	renameSync(fresh, target);
	syncFile(dataDir);
	said.push('The backup is in place. Start the relay; the devices bring what the backup lacks when they connect.');
	return said.join('\n');
}
