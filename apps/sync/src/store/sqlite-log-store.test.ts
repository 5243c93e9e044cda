import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { describeLogStore } from './log-store-contract.ts';
import { createSqliteLogStore } from './sqlite-log-store.ts';

function mustOpen(path: string): Database {
	const database = openDatabase(path);
	if (!database.ok) throw new Error(database.error.reason);
	return database.value;
}

describeLogStore('SQLite', (options) => {
	const folder = mkdtempSync(join(tmpdir(), 'pocketeer-log-'));
	let database = mustOpen(join(folder, 'relay.sqlite'));
	return {
		store: createSqliteLogStore({ database }, options),
		reopen() {
			database[Symbol.dispose]();
			database = mustOpen(join(folder, 'relay.sqlite'));
			return createSqliteLogStore({ database }, options);
		},
		[Symbol.dispose]() {
			database[Symbol.dispose]();
			rmSync(folder, { recursive: true });
		},
	};
});

test('a batch that fails leaves nothing of itself', async () => {
	using database = mustOpen(':memory:');
	const store = createSqliteLogStore({ database });
	const request = (id: string, entry: Uint8Array<ArrayBuffer>) => ({
		space: 's' as SpaceId,
		stream: 't' as StreamId,
		id: id as EntryId,
		entry,
	});
	database
		.prepare("CREATE TRIGGER full BEFORE INSERT ON entries WHEN NEW.id = 'b' BEGIN SELECT RAISE(ABORT, 'disk'); END")
		.run();
	await expect(store.append([request('a', utf8('a')), request('b', utf8('b'))])).rejects.toThrow('disk');
	expect(await store.append([request('c', utf8('c'))])).toEqual([{ type: 'kept', seq: 1, isNew: true }]);
});

test('a file that is no database is named, not replaced', () => {
	const folder = mkdtempSync(join(tmpdir(), 'pocketeer-log-'));
	const opened = openDatabase(folder);
	expect(opened).toMatchObject({ ok: false, error: { type: 'CannotOpen' } });
	rmSync(folder, { recursive: true });
});

test('every commit waits for the disk', () => {
	const folder = mkdtempSync(join(tmpdir(), 'pocketeer-log-'));
	{
		using database = mustOpen(join(folder, 'relay.sqlite'));
		expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
		expect(database.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
	}
	rmSync(folder, { recursive: true });
});
