import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@pocketeer/core/bytes';
import { expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { createSqliteDeletionStore } from './deletion-store.ts';
import { describeLogStore, type OpenLogStore, place, readAll, request } from './log-store-contract.ts';
import { createSqlitePushStore } from './push-store.ts';
import { describeSmallStores } from './small-stores-contract.ts';
import { describeSnapshots } from './snapshot-contract.ts';
import { createSqliteLogStore } from './sqlite-log-store.ts';
import { createSqliteStores } from './stores.ts';
import { createSqliteWakeStore } from './wake-store.ts';
import { describeWakeStores } from './wake-store-contract.ts';

function mustOpen(path: string): Database {
	const database = openDatabase(path);
	if (!database.ok) throw new Error(database.error.reason);
	return database.value;
}

const openLog: OpenLogStore = (options) => {
	const folder = mkdtempSync(join(tmpdir(), 'pocketeer-log-'));
	const path = join(folder, 'relay.sqlite');
	let database = mustOpen(path);
	return {
		store: createSqliteLogStore({ database }, options),
		reopen() {
			database[Symbol.dispose]();
			database = mustOpen(path);
			return createSqliteLogStore({ database }, options);
		},
		deleted: (space) => createSqliteDeletionStore({ database }).put(space, utf8('statement')),
		[Symbol.dispose]() {
			database[Symbol.dispose]();
			rmSync(folder, { recursive: true });
		},
	};
};
describeLogStore('SQLite', openLog);
describeSnapshots('SQLite', openLog);
describeWakeStores('SQLite', (options) => {
	const database = mustOpen(':memory:');
	return {
		wakeStore: createSqliteWakeStore({ database }, options),
		pushStore: createSqlitePushStore({ database }),
	};
});
describeSmallStores('SQLite', () => createSqliteStores({ database: mustOpen(':memory:') }));

test('[R6] a commit that fails leaves nothing of itself, on disk or in memory', async () => {
	using database = mustOpen(':memory:');
	const store = createSqliteLogStore({ database });
	await store.append([request('a')], 0);
	database
		.prepare("CREATE TRIGGER full BEFORE INSERT ON entries WHEN NEW.seq = 3 BEGIN SELECT RAISE(ABORT, 'disk'); END")
		.run();
	await expect(store.append([request('b'), request('c')], 0)).rejects.toThrow('disk');
	database.prepare('DROP TRIGGER full').run();
	expect(await store.look({ ...place, seq: 0 })).toMatchObject({ head: { seq: 1, bytes: 1 } });
	expect(await store.append([request('c')], 0)).toEqual([{ type: 'kept', seq: 2, isNew: true, change: 2 }]);
	expect(await readAll(store)).toEqual(['1 a', '2 c']);
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
