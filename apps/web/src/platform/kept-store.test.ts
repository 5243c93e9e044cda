import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import { type Bytes, fromBase64Url } from '@pocketeer/core/bytes';
import type { DeviceIdentity } from '@pocketeer/core/crypto/device-keys';
import { createSpaceSecrets } from '@pocketeer/core/crypto/space-secrets';
import type { EntryId, LineId, StreamId, StreamName } from '@pocketeer/core/ids';
import { emptyChain, nextChain } from '@pocketeer/core/protocol/chain';
import { createMemoryRelay, type MemoryRelay, type RelaySpace } from '@pocketeer/core/testing/memory-relay';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createTestNetwork } from '@pocketeer/core/testing/socket-pair';
import { createTestClock, type TestClock } from '@pocketeer/core/testing/test-clock';
import { expectOk } from '@pocketeer/core/testing/test-space';
import { afterEach, expect, it } from 'vitest';
import { type OpenedSpace, openSpace, storeName } from '../boot/open-space.ts';
import { type DeviceDb, type KnownSpace, openDeviceDb } from './device-db.ts';

/** What `scripts/make-store-fixture.ts` wrote with the first version of the database. */
const FIRST = 'fixtures/store-1.json';

interface KeptStore {
	readonly store: {
		readonly version: number;
		readonly tables: readonly {
			readonly name: string;
			readonly keyPath: string;
			readonly isAutomatic: boolean;
			readonly indexes: readonly { readonly name: string; readonly keyPath: string; readonly isUnique: boolean }[];
			readonly rows: readonly unknown[];
		}[];
	};
	readonly known: Omit<KnownSpace, 'identity' | 'root'>;
	readonly root: Bytes;
	readonly identity: Readonly<Record<'signing' | 'sealing', Readonly<Record<'privateKey' | 'publicKey', JsonWebKey>>>> &
		Pick<DeviceIdentity, 'id'>;
	readonly relay: {
		readonly lists: Bytes[];
		readonly logs: readonly {
			readonly stream: StreamId;
			readonly entries: { readonly id: EntryId; readonly entry: Bytes }[];
		}[];
	};
}

const owned: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const release of owned.splice(0).reverse()) await release();
});

it('a store of the first version opens with everything in it', async () => {
	const { opened } = await openKept();
	const { space, store } = opened;
	expect(expectOk(await space.files.read('notes/garden.md')).text).toBe(
		'# Garden\n\nPlant the peas.\nSent, not confirmed.\nNever sent.\n',
	);
	expect(expectOk(await space.files.read('journal/2026-11-20.md')).text).toBe('- 09:00 | rain #weather\n');
	expect(expectOk(await space.files.read('notes/offline.md')).text).toBe('Made without a network.\n');
	expect(space.files.deleted().map(({ path }) => path)).toEqual(['notes/gone.md']);
	expect(expectOk(await space.files.history('notes/garden.md')).length).toBe(4);
	expect(space.lines.list().map(({ name }) => name)).toEqual(['Kitchen']);
	using line = expectOk(await space.lines.open('kitchen' as LineId));
	expect(line.records().map((record) => 'id' in record && record.id)).toEqual(['first', 'second']);
	expect(expectOk(await space.runs.recent(10)).map(({ id }) => id)).toEqual(['turn-1']);
	expect(expectOk(await store.value('draft/kitchen'))).toBe('A thought not finished');
	expect(expectOk(await store.value('test/bytes'))).toEqual(Uint8Array.of(1, 2, 3));
	expect(expectOk(await store.pendingStreams()).length).toBeGreaterThan(4);
	expect(expectOk(await store.writer('home' as StreamName))?.seq).toBe(5);
});

it('what a store of the first version had not sent goes out, once, and a change of it can still be undone', async () => {
	const { opened, relay, clock, kept } = await openKept();
	const { store, space } = opened;
	const before = lengthsAt(relay, kept);
	for (let round = 0; round < 400 && expectOk(await store.pendingStreams()).length > 0; round++) await pass(clock);
	expect(expectOk(await store.pendingStreams())).toEqual([]);
	const after = lengthsAt(relay, kept);
	const home = await createSpaceSecrets(kept.known.ring, kept.known.id).streamId('home' as StreamName);
	// One entry that was sealed before, sent again verbatim, and one for all rows that never were.
	expect((after.get(home) ?? 0) - (before.get(home) ?? 0)).toBe(2);

	const patches = expectOk(await space.files.history('notes/garden.md'));
	const edit = patches[1];
	if (!edit) throw new Error('no second patch');
	const me = { type: 'person' as const, ...space.self };
	expectOk(await space.files.undo({ path: 'notes/garden.md', patch: edit.id }, me));
	expect(expectOk(await space.files.read('notes/garden.md')).text).toContain('Plant the beans.');
});

interface Kept {
	readonly opened: OpenedSpace;
	readonly relay: MemoryRelay;
	readonly clock: TestClock;
	readonly kept: KeptStore;
}

async function openKept(): Promise<Kept> {
	const file = readFileSync(new URL(FIRST, import.meta.url), 'utf8');
	const kept = decode(JSON.parse(file)) as KeptStore;
	const known: KnownSpace = { ...kept.known, root: kept.root, identity: await identityOf(kept) };
	await putBack(storeName(known), kept.store);
	const device = await deviceWith(known);
	const clock = createTestClock();
	const random = createSeededRandom(3);
	const relay = createMemoryRelay({ clock, random });
	relay.restore(await relayCopy(kept), { keepsTimeline: true });
	const deps = { clock, random, device, log: { info() {}, warn() {} }, dialer: createTestNetwork(relay.accept) };
	const openTabs = () => createMemoryTabs().open();
	const opened = expectOk(
		await openSpace({ ...deps, openTabs }, known, { url: 'http://relay.test', invite: undefined }),
	);
	owned.push(async () => {
		opened.space[Symbol.dispose]();
		await opened.sync[Symbol.asyncDispose]();
		opened.store[Symbol.dispose]();
		await request(indexedDB.deleteDatabase(storeName(known)));
	});
	return { opened, relay, clock, kept };
}

async function deviceWith(known: KnownSpace): Promise<DeviceDb> {
	const device = expectOk(await openDeviceDb(`kept-${owned.length}-${Math.random()}`));
	expectOk(await device.keepSpace(known, { makeCurrent: true }));
	owned.push(async () => device[Symbol.dispose]());
	return device;
}

async function identityOf({ identity }: KeptStore): Promise<DeviceIdentity> {
	const pair = async (kind: 'signing' | 'sealing'): Promise<CryptoKeyPair> => {
		const curve = kind === 'signing' ? 'Ed25519' : 'X25519';
		const [secret, open]: KeyUsage[][] = kind === 'signing' ? [['sign'], ['verify']] : [['deriveBits'], []];
		const { privateKey, publicKey } = identity[kind];
		return {
			privateKey: await crypto.subtle.importKey('jwk', { ...privateKey, ext: true }, curve, false, secret ?? []),
			publicKey: await crypto.subtle.importKey('jwk', publicKey, curve, true, open ?? []),
		};
	};
	return { id: identity.id, signing: await pair('signing'), sealing: await pair('sealing') };
}

/** Plain IndexedDB: nothing of today's database code has a hand in what is found. */
async function putBack(name: string, { version, tables }: KeptStore['store']): Promise<void> {
	const opening = indexedDB.open(name, version);
	opening.onupgradeneeded = () => {
		for (const { name: table, keyPath, isAutomatic, indexes } of tables) {
			const made = opening.result.createObjectStore(table, { keyPath, autoIncrement: isAutomatic });
			for (const index of indexes) made.createIndex(index.name, index.keyPath, { unique: index.isUnique });
		}
	};
	const database = await request(opening);
	const transaction = database.transaction(
		tables.map((table) => table.name),
		'readwrite',
	);
	for (const { name: table, rows } of tables) for (const row of rows) transaction.objectStore(table).put(row);
	await new Promise<void>((resolve, reject) => {
		transaction.oncomplete = () => resolve();
		transaction.onerror = () => reject(transaction.error);
	});
	database.close();
}

/** The relay of today with the log of then. */
async function relayCopy({ known, relay }: KeptStore): Promise<ReturnType<MemoryRelay['copy']>> {
	const logs: RelaySpace['logs'] = new Map();
	for (const [index, { stream, entries }] of relay.logs.entries()) {
		const chains = [emptyChain()];
		for (const { entry } of entries) chains.push(await nextChain(chains.at(-1) ?? emptyChain(), entry));
		logs.set(stream, { entries, chains, snapshots: [], prunedTo: 0, change: index + 1 });
	}
	const rest = { wakes: new Map(), claims: new Map(), subscriptions: new Map(), seen: new Map(), deleted: undefined };
	return new Map([[known.id, { ...rest, lists: relay.lists, logs, change: logs.size }]]);
}

function lengthsAt(relay: MemoryRelay, { known }: KeptStore): ReadonlyMap<StreamId, number> {
	return new Map([...(relay.spaces.get(known.id)?.logs ?? [])].map(([stream, log]) => [stream, log.entries.length]));
}

/** Half a second of the test's time, and a moment of real time, which the database in this process takes. */
async function pass(clock: TestClock): Promise<void> {
	await clock.advance(500);
	await new Promise((resolve) => setImmediate(resolve));
}

function request<T>(asked: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		asked.onsuccess = () => resolve(asked.result);
		asked.onerror = () => reject(asked.error);
	});
}

function decode(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(decode);
	if (typeof value !== 'object' || value === null) return value;
	if ('$bytes' in value) return fromBase64Url(String(value.$bytes));
	return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, decode(part)]));
}
