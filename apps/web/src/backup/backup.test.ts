import 'fake-indexeddb/auto';
import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import type { Log } from '@pocketeer/core/ports/log';
import type { Dialer } from '@pocketeer/core/ports/socket';
import { readDeviceList, verifyDeviceList } from '@pocketeer/core/protocol/device-list';
import { ok } from '@pocketeer/core/result';
import type { Actor } from '@pocketeer/core/space/records';
import { createMemoryRelay } from '@pocketeer/core/testing/memory-relay';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createTestNetwork } from '@pocketeer/core/testing/socket-pair';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { expectError, expectOk } from '@pocketeer/core/testing/test-space';
import { Dexie } from 'dexie';
import { afterEach, describe, expect, it } from 'vitest';
import { type OpenedSpace, openSpace, storeName } from '../boot/open-space.ts';
import { foundNewSpace } from '../boot/recovery.ts';
import { DEFAULT_SETTINGS } from '../boot/settings.ts';
import { type DeviceDb, type KnownSpace, memberStateOf, openDeviceDb } from '../platform/device-db.ts';
import { createDexieStore } from '../platform/dexie-store.ts';
import { type Backup, type BackupDeps, createBackup, withoutSecrets } from './backup.ts';
import { carryOn } from './carry-on.ts';
import type { Databases } from './databases.ts';
import { restoreSpace } from './restore.ts';

const CANARY = 'sk-ant-canary-7f3a';
const SETTINGS = {
	...DEFAULT_SETTINGS,
	model: { apiKey: CANARY, baseUrl: `https://user:${CANARY}@models.example/`, model: 'claude' },
	theme: 'dark' as const,
};
const log: Log = { info: () => undefined, warn: () => undefined };
const random = createSeededRandom(11);
const noNetwork: Dialer = {
	dial: (_, events) => {
		queueMicrotask(() => events.closed({ code: 1006, reason: 'no network' }));
		return { send: () => undefined, bufferedBytes: 0, [Symbol.dispose]: () => undefined };
	},
};
const owned: (() => Promise<void>)[] = [];
let browsers = 0;

afterEach(async () => {
	for (const release of owned.splice(0).reverse()) await release();
});

describe('a backup restored into an empty browser', () => {
	it('brings everything back on a device of its own, without a network', async () => {
		const one = await browserWithSpace();
		await one.write('notes/garden.md', 'Plant the peas.');
		await one.opened.store.putValues({ 'draft/chat': 'half a thought' });
		const saved = expectOk(await one.backup.save());
		expect(saved.name).toBe(`pocketeer-${one.known.id.slice(0, 8)}-2026-11-20.pocketeer`);
		expect(saved.missing).toBe(0);
		expect(await one.backup.lastSaved()).toBe(one.clock.now());

		const two = await browserWithSpace();
		const found = expectOk(await two.backup.open(saved.file, await one.words()));
		expect(found).toMatchObject({ place: 'elsewhere', space: one.known.id, documents: saved.documents });
		expectOk(await two.backup.restore(found));
		expect(two.reloads()).toBe(1);

		const known = await two.current();
		expect(known.id).toBe(one.known.id);
		expect(known.person).toBe(one.known.person);
		expect(known.identity.id).not.toBe(one.known.identity.id);
		const again = await two.open(known);
		expect(expectOk(await again.space.files.read('notes/garden.md')).text).toBe('Plant the peas.');
		expect(await again.store.value('draft/chat')).toEqual(ok('half a thought'));
		// What its space was before is still there.
		expect(expectOk(await two.device.spaces())).toHaveLength(2);
	});

	it('makes two devices when two browsers restore the same file', async () => {
		const one = await browserWithSpace();
		const saved = expectOk(await one.backup.save());
		const words = await one.words();
		const ids = new Set<DeviceId>();
		for (const browser of [await browserWithSpace(), await browserWithSpace()]) {
			expectOk(await browser.backup.restore(expectOk(await browser.backup.open(saved.file, words))));
			ids.add((await browser.current()).identity.id);
		}
		expect(ids.size).toBe(2);
	});

	it('is added to the list of devices at a later start, when the relay can be reached, once', async () => {
		const one = await browserWithSpace();
		const saved = expectOk(await one.backup.save());
		const two = await browserWithSpace();
		expectOk(await two.backup.restore(expectOk(await two.backup.open(saved.file, await one.words()))));
		const known = await two.current();
		expect(await two.carryOn(known.id)).toMatchObject({ type: 'later' });
		expect((await two.current()).list).toEqual(one.known.list);

		const relay = createMemoryRelay({ clock: two.clock, random });
		const dialer = createTestNetwork(relay.accept);
		expect(await two.carryOn(known.id, dialer)).toEqual({ type: 'joined' });
		expect(await two.carryOn(known.id, dialer)).toEqual({ type: 'nothing' });
		// The relay had lost the space: the chain goes on from the backup's, signed by the root, and founds it again.
		const { lists } = memberStateOf(await two.current());
		expect(lists).toHaveLength(2);
		const newest = expectOk(await verifyDeviceList({ bytes: lists[1] ?? new Uint8Array(0), previous: lists[0] }));
		expect(newest.devices.map(({ id }) => id)).toEqual([one.known.identity.id, known.identity.id]);
		// Until the relay has it another device may be faster, and then the chain goes on from theirs.
		expect([...expectOk(await two.device.jobs('')).keys()]).toEqual([`join/${known.id}`]);
		relay.restore(new Map([[known.id, { ...relaySpace(one.known), lists: [...lists] }]]));
		expect(await two.carryOn(known.id, dialer)).toEqual({ type: 'nothing' });
		expect([...expectOk(await two.device.jobs('')).keys()]).toEqual([]);
	});

	it('comes into a space that another restored device founded again first', async () => {
		const one = await browserWithSpace();
		const saved = expectOk(await one.backup.save());
		const [two, three] = [await browserWithSpace(), await browserWithSpace()];
		const relay = createMemoryRelay({ clock: two.clock, random });
		const dialer = createTestNetwork(relay.accept);
		for (const browser of [two, three]) {
			expectOk(await browser.backup.restore(expectOk(await browser.backup.open(saved.file, await one.words()))));
			expect(await browser.carryOn(one.known.id, dialer)).toEqual({ type: 'joined' });
		}
		const { lists } = memberStateOf(await two.current());
		relay.restore(new Map([[one.known.id, { ...relaySpace(one.known), lists: [...lists] }]]));
		expect(await three.carryOn(one.known.id, dialer)).toEqual({ type: 'joined' });
		const newest = expectOk(readDeviceList((await three.current()).list));
		const ids = [one.known, await two.current(), await three.current()].map(({ identity }) => identity.id);
		expect(newest.devices.map(({ id }) => id)).toEqual(ids);
		expect(await three.carryOn(one.known.id, dialer)).toEqual({ type: 'nothing' });
	});

	it('joins at a relay that has the space, also when an earlier answer was lost', async () => {
		const one = await browserWithSpace();
		const saved = expectOk(await one.backup.save());
		const relay = createMemoryRelay({ clock: one.clock, random });
		relay.restore(new Map([[one.known.id, relaySpace(one.known)]]));
		const two = await browserWithSpace();
		expectOk(await two.backup.restore(expectOk(await two.backup.open(saved.file, await one.words()))));
		const known = await two.current();
		const dialer = createTestNetwork(relay.accept);
		// What was done at the relay is not noted here: the device cannot know, and asks again.
		const jobs = expectOk(await two.device.jobs('join/'));
		expect(await two.carryOn(known.id, dialer)).toEqual({ type: 'joined' });
		expectOk(await two.device.putJobs(Object.fromEntries(jobs)));
		expect(await two.carryOn(known.id, dialer)).toEqual({ type: 'nothing' });
		expect([...expectOk(await two.device.jobs('')).keys()]).toEqual([]);
		const newest = expectOk(readDeviceList(relay.spaces.get(known.id)?.lists.at(-1) ?? new Uint8Array(0)));
		expect(newest).toMatchObject({ version: 2 });
		expect(newest.devices.map(({ id }) => id)).toContain(known.identity.id);
	});
});

describe('a backup of a space that is here', () => {
	it('is refused unless told what to do, and changes nothing', async () => {
		const one = await browserWithSpace();
		await one.write('notes/old.md', 'old');
		const opened = expectOk(await one.reopened());
		await one.write('notes/new.md', 'new');
		expect(opened.place).toBe('open');
		const error = expectError(await one.backup.restore(opened));
		expect(error.reason).toContain('on this device already');
		expect(one.reloads()).toBe(0);
		expect(await one.current()).toEqual(one.known);
		expect(await one.read('notes/new.md')).toBe('new');
	});

	it('merges: what only one of both has is there afterwards, twice is as once', async () => {
		const one = await browserWithSpace();
		await one.write('notes/both.md', 'first line');
		await one.write('notes/lost.md', 'comes back');
		const opened = expectOk(await one.reopened());
		await one.write('notes/new.md', 'new');
		await one.write('notes/both.md', 'first line\nsecond line');
		expectOk(await one.backup.merge(opened));
		expectOk(await one.backup.merge(opened));
		expect(await one.read('notes/both.md')).toBe('first line\nsecond line');
		expect(await one.read('notes/new.md')).toBe('new');
		expect(await one.read('notes/lost.md')).toBe('comes back');
	});

	it('replaces what the space held, and leaves what became of its devices meanwhile', async () => {
		const one = await browserWithSpace();
		const opened = expectOk(await one.reopened());
		const added = 'bmV2ZXIgc2VlbiBoZXJlIQ' as DeviceId;
		const { databases } = one.deps;
		const meanwhile: Databases = {
			...databases,
			async open(name) {
				expectOk(await one.device.keepKeys(one.known.id, (present) => ({ ...present, unconfirmed: [added] })));
				return databases.open(name);
			},
		};
		expectOk(await restoreSpace({ ...one.deps, databases: meanwhile }, opened.backup, { replace: true }));
		expect(memberStateOf(await one.current()).unconfirmed).toEqual([added]);
	});

	it('replaces: exactly the state of the backup, on the same device, and the former database is gone', async () => {
		const one = await browserWithSpace();
		await one.write('notes/old.md', 'old');
		const opened = expectOk(await one.reopened());
		await one.write('notes/new.md', 'new');
		await one.write('notes/old.md', 'changed');
		const before = storeName(one.known);
		await one.close();
		expectOk(await one.backup.replace(opened));
		const known = await one.current();
		expect(known.identity.id).toBe(one.known.identity.id);
		const again = await one.open(known);
		expect(expectOk(await again.space.files.read('notes/old.md')).text).toBe('old');
		expect(again.space.files.find('notes/new.md')).toBeUndefined();
		expect(await Dexie.getDatabaseNames()).not.toContain(before);
	});

	it.each(['before', 'after'] as const)(
		'is whole when the browser dies %s any step of replacing it, and can be replaced again',
		async (when) => {
			let step = 1;
			while (await diesAt(step, when)) step++;
			// So many steps has a replacement of these few documents; fewer would mean that some were not tried.
			expect(step).toBeGreaterThan(12);
		},
	);

	async function diesAt(step: number, when: 'before' | 'after'): Promise<boolean> {
		const one = await browserWithSpace();
		await one.write('notes/old.md', 'old');
		const opened = expectOk(await one.reopened());
		await one.write('notes/new.md', 'new');
		await one.close();

		const fate = dyingAt(step, when);
		const deps = { ...one.deps, device: fate.dies(one.device), databases: fate.databases(one.databases) };
		const outcome = await Promise.race([restoreSpace(deps, opened.backup, { replace: true }), fate.died]);
		if (outcome !== 'died') return false;

		const known = await one.current();
		if (known.store === undefined) {
			const there = await one.open(known);
			expect(expectOk(await there.space.files.read('notes/new.md')).text).toBe('new');
			await one.close();
		}
		await one.carryOn(known.id);
		const databases = (await Dexie.getDatabaseNames()).filter((name) => name.includes(known.id));
		expect(databases).toEqual([storeName(known)]);
		expect([...expectOk(await one.device.jobs('')).keys()]).toEqual([]);

		expectOk(await restoreSpace(one.deps, opened.backup, { replace: true }));
		const after = await one.open(await one.current());
		expect(after.space.files.find('notes/new.md')).toBeUndefined();
		expect(expectOk(await after.space.files.read('notes/old.md')).text).toBe('old');
		await one.close();
		return true;
	}

	it('leaves no trace when the disk is full', async () => {
		const one = await browserWithSpace();
		const opened = expectOk(await one.reopened());
		await one.close();
		const full: Databases = {
			...one.databases,
			open: async (name) => {
				const store = await one.databases.open(name);
				return store.ok
					? ok({
							...store.value,
							putValues: async () => ({ ok: false as const, error: { type: 'QuotaExceeded' as const } }),
						})
					: store;
			},
		};
		const error = expectError(await restoreSpace({ ...one.deps, databases: full }, opened.backup, { replace: true }));
		expect(error).toEqual({ type: 'QuotaExceeded' });
		expect(await one.current()).toEqual(one.known);
		expect((await Dexie.getDatabaseNames()).filter((name) => name.includes(one.known.id))).toHaveLength(1);
	});
});

describe('secrets', () => {
	it('never puts the key of the model into a backup, nor an address that holds one', async () => {
		const one = await browserWithSpace();
		const saved = expectOk(await one.backup.save());
		const { backup } = expectOk(await one.backup.open(saved.file, await one.words()));
		const seen: string[] = [];
		await backup.read(async (record) => {
			seen.push(JSON.stringify(record), record.kind === 'document' ? new TextDecoder().decode(record.update) : '');
			return ok();
		});
		expect(seen.join('\n')).not.toContain(CANARY);
		expect(withoutSecrets(SETTINGS)).toEqual({ theme: 'dark', model: { baseUrl: '', model: 'claude' } });
		const plain = { ...SETTINGS, model: { ...SETTINGS.model, baseUrl: 'https://models.example/v1' } };
		expect(withoutSecrets(plain)).toMatchObject({ model: { baseUrl: 'https://models.example/v1' } });
	});

	it('says what is wrong with a file or its words in a sentence, and changes nothing', async () => {
		const [one, two] = [await browserWithSpace(), await browserWithSpace()];
		const saved = expectOk(await one.backup.save());
		const reason = async (file: Blob, words: string) => expectError(await two.backup.open(file, words)).reason;
		expect(await reason(saved.file, await two.words())).toContain('another space');
		expect(await reason(saved.file, 'apple')).toContain('24 recovery words');
		expect(await reason(new Blob(['hello']), await one.words())).toContain('not a backup');
		expect(await reason(saved.file.slice(0, -1), await one.words())).toContain('not whole');
		expect(await two.current()).toEqual(two.known);
	});
});

describe('deleting a space', () => {
	it('takes it off this device and leaves the others as they are', async () => {
		const one = await browserWithSpace();
		const first = one.known;
		await one.close();
		const second = expectOk(await foundNewSpace(one.deps));
		await one.open(second);
		expectOk(await one.backupOf(second).deleteHere());
		expect(one.reloads()).toBe(1);
		expect(await one.current()).toEqual(first);
		const names = await Dexie.getDatabaseNames();
		expect(names).toContain(storeName(first));
		expect(names).not.toContain(storeName(second));
		const again = await one.open(first);
		expect(again.space.self.device).toBe(first.identity.id);
	});

	it('is carried on at the next start when the tab closed on the way', async () => {
		const one = await browserWithSpace();
		await one.close();
		const stuck: Databases = { ...one.databases, remove: () => new Promise(() => undefined) };
		void one.backupOf(one.known, { databases: stuck }).deleteHere();
		while (expectOk(await one.device.space(one.known.id))) await new Promise((resolve) => setImmediate(resolve));
		await carryOn({ ...one.deps, dialer: noNetwork, log, relayUrl: 'http://relay.test' }, one.known);
		expect(await Dexie.getDatabaseNames()).not.toContain(storeName(one.known));
	});

	it('does not delete here what could not be deleted at the relay', async () => {
		const one = await browserWithSpace();
		const members = async () => ({
			deleteAtRelay: async () => ({ ok: false as const, error: { type: 'NoRelay' as const, reason: 'No network.' } }),
		});
		const error = expectError(await one.backupOf(one.known, { members }).deleteEverywhere());
		expect(error.reason).toContain('No network.');
		expect(await one.current()).toEqual(one.known);
	});

	it('says what is gone already when only the copy here could not be deleted', async () => {
		const one = await browserWithSpace();
		const members = async () => ({ deleteAtRelay: async () => ok() });
		const databases = { ...one.databases, alone: async () => undefined };
		const error = expectError(await one.backupOf(one.known, { members, databases }).deleteEverywhere());
		expect(error.reason).toMatch(/^It is deleted at the relay, but not on this device. Another tab/);
		expect(await one.current()).toEqual(one.known);
	});
});

interface Browser {
	readonly device: DeviceDb;
	readonly databases: Databases;
	readonly deps: BackupDeps;
	readonly clock: ReturnType<typeof createTestClock>;
	readonly known: KnownSpace;
	readonly opened: OpenedSpace;
	readonly backup: Backup;
	backupOf(known: KnownSpace, change?: Partial<BackupDeps>): Backup;
	words(): Promise<string>;
	write(path: string, text: string): Promise<void>;
	read(path: string): Promise<string>;
	/** Saves a backup and opens it with the right words. */
	reopened(): ReturnType<Backup['open']>;
	current(): Promise<KnownSpace>;
	open(known: KnownSpace): Promise<OpenedSpace>;
	close(): Promise<void>;
	carryOn(space: SpaceId, dialer?: Dialer): ReturnType<typeof carryOn>;
	reloads(): number;
}

async function browserWithSpace(): Promise<Browser> {
	const clock = createTestClock();
	const device = expectOk(await openDeviceDb(`backup-device-${browsers++}`));
	owned.push(async () => device[Symbol.dispose]());
	const base = { clock, random, log, dialer: noNetwork, device };
	const known = expectOk(await foundNewSpace(base));
	const open: OpenedSpace[] = [];
	const close = async () => {
		for (const { space, sync, store } of open.splice(0)) {
			space[Symbol.dispose]();
			await sync[Symbol.asyncDispose]();
			store[Symbol.dispose]();
		}
	};
	owned.push(close);
	const openHere = async (space: KnownSpace) => {
		const openTabs = () => createMemoryTabs().open();
		const opened = await openSpace({ ...base, openTabs }, space, { url: 'http://relay.test', invite: undefined });
		open.push(expectOk(opened));
		return expectOk(opened);
	};
	const opened = await openHere(known);
	let reloads = 0;
	const deps: BackupDeps = {
		...base,
		...opened,
		databases: databasesOf(),
		settings: { current: () => SETTINGS },
		members: async () => ({ deleteAtRelay: async () => ok() }),
		flush: () => opened.space.flush(),
		close,
		localStorage: undefined,
		reload: () => void reloads++,
	};
	const me: Actor = { type: 'person', ...opened.space.self };
	const backup = createBackup(deps);
	const words = async () => (await wordsOfRoot(known.root ?? new Uint8Array(32))).join(' ');
	return {
		...{ device, deps, clock, known, opened, backup, close, words, databases: deps.databases },
		backupOf: (space, change) => createBackup({ ...deps, ...change, known: space }),
		async write(path, text) {
			expectOk(await opened.space.files.write({ path, text }, me));
		},
		read: async (path) => expectOk(await opened.space.files.read(path)).text,
		reopened: async () => backup.open(expectOk(await backup.save()).file, await words()),
		async current() {
			const current = expectOk(await device.currentSpace());
			if (!current) throw new Error('no space');
			return current;
		},
		open: openHere,
		carryOn: (space, dialer = noNetwork) => carryOn({ ...deps, dialer, relayUrl: 'http://relay.test' }, { id: space }),
		reloads: () => reloads,
	};
}

function databasesOf(): Databases {
	return {
		open: createDexieStore,
		remove: (name) => Dexie.delete(name),
		alone: (work) => work(),
	};
}

function relaySpace(known: KnownSpace) {
	const empty = { logs: new Map(), wakes: new Map(), claims: new Map(), subscriptions: new Map(), seen: new Map() };
	return { ...empty, lists: [known.list], change: 0, deleted: undefined };
}

/** Counts calls of databases and stores; the browser dies at one of them: this and all later ones are never answered. */
function dyingAt(step: number, when: 'before' | 'after') {
	const { promise: died, resolve } = Promise.withResolvers<'died'>();
	let calls = 0;
	const dies = <T extends object>(target: T): T =>
		new Proxy(target, {
			get(object, key) {
				const value: unknown = Reflect.get(object, key);
				if (typeof value !== 'function' || typeof key === 'symbol') return value;
				return async (...given: unknown[]) => {
					calls++;
					const isOver = calls > step || (calls === step && when === 'before');
					const answer: unknown = isOver ? undefined : await Reflect.apply(value, object, given);
					if (calls < step) return answer;
					resolve('died');
					return new Promise(() => undefined);
				};
			},
		});
	const databases = (real: Databases): Databases => ({
		...dies(real),
		alone: real.alone,
		async open(name) {
			const opened = await dies(real).open(name);
			if (!opened.ok) return opened;
			owned.push(async () => opened.value[Symbol.dispose]());
			return ok(dies(opened.value));
		},
		remove: (name) => dies(real).remove(name),
	});
	return { died, dies, databases };
}
