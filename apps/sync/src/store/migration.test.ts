import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { utf8 } from '@pocketeer/core/bytes';
import type { SpaceId, StreamId } from '@pocketeer/core/ids';
import { emptyChain, nextChain } from '@pocketeer/core/protocol/chain';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, MIGRATIONS, openDatabase } from './database.ts';
import { idFrom } from './log-store-contract.ts';
import { createSqliteLogStore } from './sqlite-log-store.ts';
import { createSqliteStores } from './stores.ts';

let folder = '';
let path = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pocketeer-migration-'));
	path = join(folder, 'relay.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const space = idFrom<SpaceId>('space');
const stream = idFrom<StreamId>('stream');
const texts = ['one', 'two', 'three'];

/** A database as version 1 wrote it, with two streams of a space and one of another. */
async function writeVersion1(): Promise<void> {
	const db = new DatabaseSync(path);
	db.exec(`${MIGRATIONS[0]} PRAGMA user_version = 1;`);
	db.prepare('INSERT INTO lists VALUES (?, 1, ?)').run(space, utf8('list'));
	const places = [
		{ id: 1, space, stream, texts },
		{ id: 2, space, stream: idFrom<StreamId>('other'), texts: ['x'] },
		{ id: 3, space: idFrom<SpaceId>('another'), stream, texts: ['y'] },
	];
	for (const place of places) {
		let chain = emptyChain();
		for (const [index, text] of place.texts.entries()) {
			chain = await nextChain(chain, utf8(text));
			const id = idFrom<string>(`${text} id`);
			db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?)').run(place.id, index + 1, id, chain, utf8(text));
		}
		db.prepare('INSERT INTO streams VALUES (?, ?, ?, ?, ?)').run(
			place.id,
			place.space,
			place.stream,
			place.texts.length,
			chain,
		);
		db.prepare('INSERT INTO spaces VALUES (?, 500) ON CONFLICT DO NOTHING').run(place.space);
	}
	db.close();
}

function mustOpen(): Database {
	const database = openDatabase(path);
	if (!database.ok) throw new Error(database.error.reason);
	return database.value;
}

test('a database of version 1 keeps everything: entries, numbers, ids, hashes, sizes and lists', async () => {
	await writeVersion1();
	using database = mustOpen();
	const { logStore, spaceStore } = createSqliteStores({ database });
	const place = { space, stream };
	const { items, head } = await logStore.read({ ...place, after: 0, maxBytes: 1e6 });
	expect(items).toEqual(texts.map((text, index) => ({ seq: index + 1, id: idFrom(`${text} id`), entry: utf8(text) })));
	let chain = emptyChain();
	for (const text of texts) chain = await nextChain(chain, utf8(text));
	expect(head).toEqual({
		seq: 3,
		chain,
		bytes: 11,
		covered: 0,
		coveredBytes: 0,
		snapshotBytes: 0,
		pruned: 0,
	});
	expect(await logStore.look({ ...place, seq: 2 })).toMatchObject({ bytes: 6 });
	expect((await logStore.usage(space)).usedBytes).toBe(500);
	expect(await logStore.moved(space, 0)).toEqual({
		change: 2,
		heads: [
			{ stream, seq: 3 },
			{ stream: idFrom('other'), seq: 1 },
		],
	});
	expect(await spaceStore.newest(space)).toEqual({ version: 1, list: utf8('list') });
	const repeated = { ...place, id: idFrom<never>('two id'), entry: utf8('two') };
	const fresh = { ...place, id: idFrom<never>('fresh'), entry: utf8('fresh') };
	expect(await logStore.append([repeated, fresh], 0)).toMatchObject([
		{ seq: 2, isNew: false },
		{ seq: 4, isNew: true, change: 3 },
	]);
	expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
});

test('a migration that fails in the middle leaves version 1 as it was, and is done at the next start', async () => {
	await writeVersion1();
	const before = new DatabaseSync(path);
	// In the way of one of the last tables that the migration makes.
	before.exec('CREATE TABLE deletions (x)');
	before.close();
	expect(openDatabase(path)).toMatchObject({ ok: false, error: { type: 'CannotOpen' } });

	const after = new DatabaseSync(path);
	expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
	expect(after.prepare('SELECT count(*) AS n FROM entries WHERE id = ?').get(idFrom<string>('one id'))).toEqual({
		n: 1,
	});
	expect(after.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE '%snapshot%'").get()).toEqual({ n: 0 });
	after.exec('DROP TABLE deletions');
	after.close();
	using database = mustOpen();
	const { items } = await createSqliteLogStore({ database }).read({ space, stream, after: 0, maxBytes: 1e6 });
	expect(items).toHaveLength(3);
});
