/**
 * Makes a kept store: a device's database of a space with a little of everything, as this build writes it, and writes it
 * down as JSON. `node scripts/make-store-fixture.ts <file>`; run it once for each form of the database, before the
 * next form comes, and commit the file beside the others. A file that is there is never made anew: it is the proof that
 * what an old build wrote still opens.
 */
import 'fake-indexeddb/auto';
import { existsSync, writeFileSync } from 'node:fs';
import { backupRecords } from '@pocketeer/core/backup/collect-backup';
import { toBase64Url } from '@pocketeer/core/bytes';
import type { LineId, MessageId, StreamName } from '@pocketeer/core/ids';
import type { Store } from '@pocketeer/core/ports/store';
import type { Actor, LineRecord, RunRecord } from '@pocketeer/core/space/records';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { createMemoryRelay } from '@pocketeer/core/testing/memory-relay';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { createTestNetwork } from '@pocketeer/core/testing/socket-pair';
import { expectOk } from '@pocketeer/core/testing/test-space';
import { type OpenedSpace, openSpace } from '../apps/web/src/boot/open-space.ts';
import { foundNewSpace } from '../apps/web/src/boot/recovery.ts';
import { type KnownSpace, openDeviceDb } from '../apps/web/src/platform/device-db.ts';

const [, , target] = process.argv;
if (target === undefined) throw new Error('Say where to write it: node scripts/make-store-fixture.ts <file>');
if (existsSync(target)) throw new Error(`${target} is there already, and kept stores are not made anew.`);

const HOME = 'home' as StreamName;
/** Longer than the outbox waits for more. */
const BATCH_MS = 3_000;
const clock = createSystemClock();
const random = createSystemRandom();
const log = { info() {}, warn() {} };

makeKeysReadable();
const relay = createMemoryRelay({ clock, random });
const network = createTestNetwork(relay.accept);
const device = expectOk(await openDeviceDb());
const deps = { clock, random, log, dialer: network, device };

const known = expectOk(await foundNewSpace(deps));
const opened = expectOk(
	await openSpace({ ...deps, openTabs: () => createMemoryTabs().open() }, known, {
		url: 'http://relay.test',
		invite: undefined,
	}),
);
await write(opened);
const dump = { store: await dumpDatabase(`pocketeer-space-${known.id}`), ...(await outsideOfTheStore(known)) };
writeFileSync(target, `${JSON.stringify(encode(dump), null, '\t')}\n`);
process.exit(); // The sync client would go on dialling.

/** Device keys cannot be taken out; these must be, to be written down. */
function makeKeysReadable(): void {
	const generate = crypto.subtle.generateKey.bind(crypto.subtle);
	const readable = (algorithm: AlgorithmIdentifier, _: boolean, uses: KeyUsage[]) => generate(algorithm, true, uses);
	Object.defineProperty(crypto.subtle, 'generateKey', { value: readable });
}

/** What the relay has confirmed, what was sent and not confirmed, what was never sent, and what never leaves. */
async function write({ space, store }: OpenedSpace): Promise<void> {
	const me: Actor = { type: 'person', ...space.self };
	const { files, lines, runs } = space;
	expectOk(await files.write({ path: 'notes/garden.md', text: '# Garden\n\nPlant the beans.\n' }, me));
	expectOk(await files.edit({ path: 'notes/garden.md', old: 'beans', new: 'peas' }, me));
	expectOk(await files.append({ path: 'journal/2026-11-20.md', text: '- 09:00 | rain #weather' }, me));
	expectOk(await files.write({ path: 'notes/gone.md', text: 'Soon deleted.\n' }, me));
	expectOk(await files.remove('notes/gone.md', me));
	const line = expectOk(await lines.ensure('Kitchen'));
	using chat = expectOk(await lines.open(line.id));
	expectOk(await chat.append([message('first', 'What grows in November?')]));
	expectOk(await runs.append(run(line.id)));
	await rest();
	await compact(store, HOME);

	// Frames that the device sends from here on reach nobody, so entries stay sealed and unconfirmed.
	network.hold('to-relay');
	expectOk(await files.append({ path: 'notes/garden.md', text: 'Sent, not confirmed.' }, me));
	expectOk(await chat.append([message('second', 'Sent, not confirmed.')]));
	await rest();
	network.isDown = true;
	network.cut();
	expectOk(await files.append({ path: 'notes/garden.md', text: 'Never sent.' }, me));
	expectOk(await files.write({ path: 'notes/offline.md', text: 'Made without a network.\n' }, me));

	expectOk(
		await store.putValues({ [`draft/${line.id}`]: 'A thought not finished', 'test/bytes': Uint8Array.of(1, 2, 3) }),
	);
	space.flush();
	await rest();
}

async function compact(store: Store, stream: StreamName): Promise<void> {
	const { through } = expectOk(await store.loadDoc(stream));
	for await (const record of backupRecords({ store }, { person: known.person, settings: undefined, named: [] })) {
		if (record.kind !== 'document' || record.stream !== stream) continue;
		expectOk(await store.compactDoc({ stream, snapshot: record.update, through }));
	}
}

function message(id: string, text: string): LineRecord {
	return {
		kind: 'message',
		id: id as MessageId,
		at: Date.UTC(2026, 10, 20, 9),
		author: { type: 'person', person: known.person, device: known.identity.id },
		content: [{ type: 'text', text }],
	};
}

function run(line: LineId): RunRecord {
	return {
		kind: 'run',
		id: 'turn-1',
		line,
		trigger: { type: 'message', message: 'first' as MessageId },
		device: known.identity.id,
		by: 'clerk',
		model: 'clerk',
		started: Date.UTC(2026, 10, 20, 9),
		ended: Date.UTC(2026, 10, 20, 9, 1),
		outcome: { type: 'answered' },
		modelCalls: 1,
		toolCalls: 0,
		tokens: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 },
		files: [],
	};
}

function rest(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, BATCH_MS));
}

async function outsideOfTheStore(space: KnownSpace) {
	const { identity, root, ...plain } = space;
	const pair = async ({ privateKey, publicKey }: CryptoKeyPair) => ({
		privateKey: await crypto.subtle.exportKey('jwk', privateKey),
		publicKey: await crypto.subtle.exportKey('jwk', publicKey),
	});
	const kept = relay.spaces.get(space.id);
	if (!kept || !root) throw new Error('the relay never took the space up');
	return {
		known: plain,
		root,
		identity: { id: identity.id, signing: await pair(identity.signing), sealing: await pair(identity.sealing) },
		relay: {
			lists: kept.lists,
			logs: [...kept.logs].map(([stream, { entries }]) => ({ stream, entries })),
		},
	};
}

interface Dump {
	readonly version: number;
	readonly tables: readonly {
		readonly name: string;
		readonly keyPath: unknown;
		readonly isAutomatic: boolean;
		readonly indexes: readonly { readonly name: string; readonly keyPath: unknown; readonly isUnique: boolean }[];
		readonly rows: readonly unknown[];
	}[];
}

/** Plain IndexedDB, so that nothing of the build that wrote it is needed to put it back. */
async function dumpDatabase(name: string): Promise<Dump> {
	const database = await request(indexedDB.open(name));
	const names = [...database.objectStoreNames];
	const transaction = database.transaction(names);
	const tables = names.map(async (table) => {
		const { keyPath, autoIncrement, indexNames } = transaction.objectStore(table);
		const indexes = [...indexNames].map((index) => {
			const { keyPath: path, unique } = transaction.objectStore(table).index(index);
			return { name: index, keyPath: path, isUnique: unique };
		});
		const rows: readonly unknown[] = await request(transaction.objectStore(table).getAll());
		return { name: table, keyPath, isAutomatic: autoIncrement, indexes, rows };
	});
	return { version: database.version, tables: await Promise.all(tables) };
}

function request<T>(asked: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		asked.onsuccess = () => resolve(asked.result);
		asked.onerror = () => reject(asked.error);
	});
}

/** JSON with bytes as `{"$bytes": base64url}`. */
function encode(value: unknown): unknown {
	if (value instanceof Uint8Array) return { $bytes: toBase64Url(value) };
	if (Array.isArray(value)) return value.map(encode);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, encode(part)]));
}
