import 'fake-indexeddb/auto';
import { utf8 } from '@pocketeer/core/bytes';
import type { EntryId, StreamName, WriterId } from '@pocketeer/core/ids';
import type { StreamPosition, WriterState } from '@pocketeer/core/ports/store';
import { storeContract } from '@pocketeer/core/testing/store-contract';
import { afterEach, describe, expect, it } from 'vitest';
import { createDexieStore, type DexieStore } from './dexie-store.ts';
import { defineStoreDatabase } from './store-database.ts';

const stream = 'home' as StreamName;
const position: StreamPosition = { seq: 1, chain: new Uint8Array(32), tails: {} };
const writer = (seq: number): WriterState => ({
	writer: 'w' as WriterId,
	seq,
	hash: new Uint8Array(32).fill(seq),
	fence: seq,
});

let count = 0;
const open: DexieStore[] = [];
const freshName = () => `store-${count++}`;

async function opened(name: string): Promise<DexieStore> {
	const store = await createDexieStore(name);
	if (!store.ok) throw new Error(store.error.type);
	open.push(store.value);
	return store.value;
}

/** Does what a bad disk would: changes rows behind the store's back. */
async function tamper(
	name: string,
	change: (database: ReturnType<typeof defineStoreDatabase>) => PromiseLike<unknown>,
) {
	const database = defineStoreDatabase(name);
	await database.open();
	await change(database);
	database.close();
}

afterEach(() => {
	for (const store of open.splice(0)) store[Symbol.dispose]();
});

storeContract('createDexieStore', async (name) => {
	const store = await createDexieStore(name);
	if (!store.ok) throw new Error(store.error.type);
	return store.value;
});

describe('a damaged database', () => {
	it.each([
		['a flipped bit', { bytes: new Uint8Array([1, 2, 4]) }],
		['a shorter row', { bytes: new Uint8Array([1, 2]) }],
		['no bytes at all', { bytes: 'gone' as unknown as Uint8Array<ArrayBuffer> }],
	])('answers CorruptRow for an update with %s instead of half a document', async (_, change) => {
		const name = freshName();
		const store = await opened(name);
		await store.appendLocal([
			{ stream, update: new Uint8Array([9]) },
			{ stream, update: new Uint8Array([1, 2, 3]) },
		]);
		await tamper(name, (database) =>
			database.updates
				.toCollection()
				.last()
				.then((row) => database.updates.update(row?.row ?? 0, change)),
		);
		expect(await store.loadDoc(stream)).toMatchObject({ ok: false, error: { type: 'CorruptRow', stream } });
		expect(await store.loadDoc('file/1' as StreamName)).toMatchObject({ ok: true });
	});

	it('answers CorruptRow for a changed snapshot, outbox row, sealed entry, place and writer', async () => {
		const name = freshName();
		const store = await opened(name);
		await store.appendLocal([{ stream, update: utf8('one') }]);
		await store.compactDoc({ stream, snapshot: utf8('snapshot'), through: 1 });
		await store.commitSealed({
			stream,
			rows: [],
			sealed: { id: 'e' as EntryId, entry: utf8('entry') },
			expected: undefined,
			next: writer(1),
		});
		await store.appendRemote({ stream, updates: [], position });
		await tamper(name, async (database) => {
			await database.snapshots.toCollection().modify({ sum: 1 });
			await database.unsealed.toCollection().modify({ sum: 1 });
			await database.sealed.toCollection().modify({ sum: 1 });
			await database.positions.toCollection().modify({ seq: Number.NaN });
			await database.writers.toCollection().modify({ fence: 0.5 });
		});
		const answers = [
			await store.loadDoc(stream),
			await store.coveredDoc(stream),
			await store.unsealed(stream, 10),
			await store.sealed(stream),
			await store.position(stream),
			await store.writer(stream),
		];
		expect(answers.map((answer) => !answer.ok && answer.error.type)).toEqual(Array(6).fill('CorruptRow'));
	});

	it.each([
		['a chain of another length', { chain: new Uint8Array(5) }],
		['no tails', { tails: null }],
		['a tail without a hash', { tails: { w: { seq: 1 } } }],
		['a place before the beginning', { seq: -1 }],
	])('answers CorruptRow for a place in the log with %s', async (_, damage) => {
		const name = freshName();
		const store = await opened(name);
		await store.appendRemote({ stream, updates: [], position });
		await tamper(name, (database) => database.positions.put(Object.assign({ stream }, position, damage)));
		expect(await store.position(stream)).toMatchObject({ ok: false, error: { type: 'CorruptRow', stream } });
		expect(await store.positions([stream])).toEqual({ ok: true, value: new Map() });
		expect(await store.coveredDoc(stream)).toMatchObject({ ok: false, error: { type: 'CorruptRow', stream } });
	});
});

describe('a full disk', () => {
	it('answers QuotaExceeded and writes nothing of the transaction', async () => {
		const store = await opened(freshName());
		await store.appendLocal([{ stream, update: utf8('before') }]);
		const add = IDBObjectStore.prototype.add;
		IDBObjectStore.prototype.add = function (this: IDBObjectStore, ...given) {
			// The first table takes its rows, the second has no room: both must be as before.
			if (this.name === 'unsealed') throw new DOMException('no room', 'QuotaExceededError');
			return add.apply(this, given);
		};
		try {
			expect(await store.appendLocal([{ stream, update: utf8('lost') }])).toEqual({
				ok: false,
				error: { type: 'QuotaExceeded' },
			});
		} finally {
			IDBObjectStore.prototype.add = add;
		}
		const doc = await store.loadDoc(stream);
		expect(doc.ok && doc.value.updates).toEqual([utf8('before')]);
	});
});

describe('a full disk in the middle of an advance', () => {
	it('[R7] leaves place, document, outbox and values as they were', async () => {
		const store = await opened(freshName());
		const put = IDBObjectStore.prototype.put;
		IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...given) {
			if (this.name === 'positions') throw new DOMException('no room', 'QuotaExceededError');
			return put.apply(this, given);
		};
		const advance = { stream, updates: [utf8('new')], position, offer: utf8('lacking'), values: { aside: 1 } };
		try {
			expect(await store.appendRemote(advance)).toEqual({ ok: false, error: { type: 'QuotaExceeded' } });
		} finally {
			IDBObjectStore.prototype.put = put;
		}
		expect(await store.coveredDoc(stream)).toMatchObject({
			value: { doc: { updates: [] }, position: { seq: 0 }, hasRows: false },
		});
		expect(await store.value('aside')).toEqual({ ok: true, value: undefined });
		expect(await store.streams()).toEqual({ ok: true, value: [] });
	});
});

describe('several tabs', () => {
	it('lets only one of two tabs advance a writer', async () => {
		const name = freshName();
		const tabs = [await opened(name), await opened(name)];
		const commits = await Promise.all(
			tabs.map((store, index) =>
				store.commitSealed({
					stream,
					rows: [],
					sealed: { id: `e${index}` as EntryId, entry: utf8('x') },
					expected: undefined,
					next: writer(1),
				}),
			),
		);
		expect(commits.filter((commit) => commit.ok)).toHaveLength(1);
		expect(commits.find((commit) => !commit.ok)).toMatchObject({ error: { type: 'WriterMoved', actual: { seq: 1 } } });
	});

	it('keeps the newer of two snapshots when a slower tab comes last', async () => {
		const name = freshName();
		const [fast, slow] = [await opened(name), await opened(name)];
		await fast.appendLocal([{ stream, update: utf8('one') }]);
		const early = await slow.loadDoc(stream);
		await fast.appendLocal([{ stream, update: utf8('two') }]);
		const late = await fast.loadDoc(stream);
		if (!early.ok || !late.ok) throw new Error('not loaded');
		await fast.compactDoc({ stream, snapshot: utf8('one two'), through: late.value.through });
		await slow.compactDoc({ stream, snapshot: utf8('one'), through: early.value.through });
		const doc = await fast.loadDoc(stream);
		expect(doc.ok && doc.value.snapshot).toEqual(utf8('one two'));
	});

	it('gives way to a newer version of the database and then says that it is unavailable', async () => {
		const name = freshName();
		const store = await opened(name);
		let closings = 0;
		store.onClosed(() => {
			closings += 1;
		});
		const newer = defineStoreDatabase(name);
		newer.version(2).stores({ later: 'id' });
		await newer.open();
		newer.close();
		expect(closings).toBe(1);
		expect(await store.loadDoc(stream)).toMatchObject({ ok: false, error: { type: 'StoreUnavailable' } });
		expect(await createDexieStore(name)).toMatchObject({ ok: false, error: { type: 'StoreUnavailable' } });
	});
});

it('keeps a CryptoKey that cannot be exported and gives it back usable', async () => {
	const name = freshName();
	const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']);
	const store = await opened(name);
	expect(await store.putValues({ key })).toEqual({ ok: true, value: undefined });
	const kept = await (await opened(name)).value('key');
	expect(kept.ok && kept.value).toBeInstanceOf(CryptoKey);
});
