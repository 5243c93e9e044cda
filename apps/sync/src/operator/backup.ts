import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { err, ok, type Result } from '@pocketeer/core/result';
import { syncFile, writeFileDurably } from '../files.ts';
import { stampOf } from './command.ts';

/** The files of a backup, in a folder of its own. */
export const BACKUP_FILES = { database: 'relay.sqlite', vapid: 'vapid.json' } as const;

/** Pages copied before others get the processor; the copy is of one moment however long it takes. */
const PAGES_AT_ONCE = 1_000;

/**
 * Copies the relay's data into a fresh folder in `to`, while the relay runs: the database as it was at one moment
 * (SQLite's online backup), checked, and the push keys. Answers the folder, which appears only when it is complete.
 */
export async function makeBackup(options: {
	readonly dataDir: string;
	readonly to: string;
	readonly now: number;
}): Promise<Result<string, string>> {
	const { dataDir, to, now } = options;
	const source = join(dataDir, BACKUP_FILES.database);
	if (!existsSync(source)) return err(`There is no ${source}. Set DATA_DIR to the folder of the relay.`);
	const folder = join(to, `pocketeer-${stampOf(now)}`);
	const part = `${folder}.part`;
	mkdirSync(to, { recursive: true, mode: 0o700 });
	mkdirSync(part, { mode: 0o700 });
	try {
		const target = join(part, BACKUP_FILES.database);
		// Made by us, so that nobody else ever could read it.
		writeFileDurably(target, '');
		await copyDatabase(source, target);
		const problem = problemOf(target);
		if (problem !== undefined) return err(`The copy of ${source} is damaged: ${problem}. No backup was made.`);
		const vapid = join(dataDir, BACKUP_FILES.vapid);
		if (existsSync(vapid)) writeFileDurably(join(part, BACKUP_FILES.vapid), readFileSync(vapid, 'utf8'));
		syncFile(target);
		syncFile(part);
		renameSync(part, folder);
		syncFile(to);
		return ok(folder);
	} finally {
		rmSync(part, { recursive: true, force: true });
	}
}

/** What is wrong with a database that should be a relay's, by SQLite's own check; undefined when nothing is. */
export function problemOf(path: string): string | undefined {
	let database: DatabaseSync | undefined;
	try {
		database = new DatabaseSync(path);
		const check = database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
		if (check !== 'ok') return String(check);
		const tables = database
			.prepare("SELECT count(*) AS found FROM sqlite_schema WHERE name IN ('meta', 'lists')")
			.get();
		return tables?.found === 2 ? undefined : 'it is no database of a relay';
	} catch (error) {
		return error instanceof Error ? error.message : 'it cannot be read';
	} finally {
		database?.close();
	}
}

async function copyDatabase(source: string, target: string): Promise<void> {
	const from = new DatabaseSync(source, { timeout: 5_000 });
	try {
		// Holds on to this moment: without it, every commit of the relay would make the copy begin anew.
		from.exec('BEGIN');
		from.prepare('SELECT count(*) FROM meta').get();
		await backup(from, target, { rate: PAGES_AT_ONCE });
		from.exec('COMMIT');
	} finally {
		from.close();
	}
	const copy = new DatabaseSync(target);
	try {
		// One plain file, without a log beside it.
		copy.exec('PRAGMA journal_mode = DELETE');
	} finally {
		copy.close();
	}
}
