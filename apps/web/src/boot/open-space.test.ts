import 'fake-indexeddb/auto';
import type { PersonId, SpaceId } from '@pocketeer/core/ids';
import type { Log } from '@pocketeer/core/ports/log';
import type { Dialer } from '@pocketeer/core/ports/socket';
import { ok } from '@pocketeer/core/result';
import { lineId } from '@pocketeer/core/space/lines';
import { createMemoryStore } from '@pocketeer/core/testing/memory-store';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, expect, it } from 'vitest';
import { type DeviceDb, type KnownSpace, openDeviceDb } from '../platform/device-db.ts';
import { ensureSpaceStore, type OpenedSpace, openSpace } from './open-space.ts';
import { createRecovery, foundNewSpace, keepJoined, noteRemoved, openByWords, type RecoveryDeps } from './recovery.ts';
import { createSpaces, keepSpaceNamed } from './spaces.ts';

const log: Log = { info: () => undefined, warn: () => undefined };
/** A network that is not there. */
const dialer: Dialer = {
	dial: (_, events) => {
		queueMicrotask(() => events.closed({ code: 1006, reason: 'no network' }));
		return { send: () => undefined, bufferedBytes: 0, [Symbol.dispose]: () => undefined };
	},
};
const random = createSeededRandom(7);
const relay = { url: 'http://relay.test', invite: undefined };
const owned: (() => Promise<void>)[] = [];
let count = 0;

afterEach(async () => {
	for (const release of owned.splice(0)) await release();
});

async function setUp(): Promise<RecoveryDeps & { readonly device: DeviceDb }> {
	const device = await openDeviceDb(`boot-device-${count++}`);
	if (!device.ok) throw new Error(device.error.type);
	owned.push(async () => device.value[Symbol.dispose]());
	return { clock: createTestClock(), random, log, dialer, device: device.value, relayUrl: relay.url };
}

async function founded(deps: RecoveryDeps): Promise<KnownSpace> {
	const known = await foundNewSpace(deps);
	if (!known.ok) throw new Error(known.error.type);
	return known.value;
}

async function opened(deps: RecoveryDeps, known: KnownSpace): Promise<OpenedSpace> {
	const space = await openSpace({ ...deps, openTabs: () => createMemoryTabs().open() }, known, relay);
	if (!space.ok) throw new Error(space.error.type);
	return space.value;
}

async function close(opened: OpenedSpace): Promise<void> {
	await opened.close();
}

/** What a browser that needs room does. */
function evict(known: KnownSpace): Promise<void> {
	return new Promise((resolve) => {
		indexedDB.deleteDatabase(`pocketeer-space-${known.id}`).onsuccess = () => resolve();
	});
}

it('founds a space that opens without a network and is the same at the next start', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	const first = await opened(deps, known);
	await first.space.lines.ensure('Kitchen');
	await close(first);

	const current = await deps.device.currentSpace();
	if (!current.ok || !current.value) throw new Error('not kept');
	const again = await opened(deps, current.value);
	expect(again.space.lines.list().map((line) => line.id)).toContain(lineId('Kitchen'));
	expect(again.space.self).toEqual({ device: known.identity.id, person: 'me' });
	await close(again);
});

it('says that a store is lost instead of showing an empty space in its place', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	await close(await opened(deps, known));
	await evict(known);
	const openTabs = () => createMemoryTabs().open();
	expect(await openSpace({ ...deps, openTabs }, known, relay)).toMatchObject({ error: { type: 'StoreLost' } });
	// Looking did not make it look new either.
	expect(await openSpace({ ...deps, openTabs }, known, relay)).toMatchObject({ error: { type: 'StoreLost' } });
});

it('opens no store that the relay has to fill before it did', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	await evict(known);
	expect(await ensureSpaceStore(deps, known)).toEqual(ok());
	const openTabs = () => createMemoryTabs().open();
	expect(await openSpace({ ...deps, openTabs }, known, relay)).toMatchObject({ error: { type: 'NotFilled' } });
	expect(await openSpace({ ...deps, openTabs }, known, relay)).toMatchObject({ error: { type: 'NotFilled' } });
});

it('leaves a store alone that is not lost', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	expect(await ensureSpaceStore(deps, known)).toEqual(ok());
	await close(await opened(deps, known));
});

it('opens a space this device is in by its words without the relay, and keeps the other', async () => {
	const deps = await setUp();
	const first = await founded(deps);
	const second = await founded(deps);
	expect(await deps.device.currentSpace()).toMatchObject({ value: { id: second.id } });
	const words = await createRecovery(withStore(deps), first, () => undefined).words();
	expect(words).toHaveLength(24);
	expect(await openByWords(deps, (words ?? []).join(' '))).toEqual(ok());
	expect(await deps.device.currentSpace()).toMatchObject({ value: { id: first.id } });
	expect(await deps.device.space(second.id)).toMatchObject({ value: { id: second.id } });
});

it('changes nothing for wrong words, nor when the relay of right ones cannot be reached', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	const elsewhere = await setUp();
	const words = (await createRecovery(withStore(elsewhere), await founded(elsewhere), () => undefined).words()) ?? [];
	let reloads = 0;
	const recovery = createRecovery(withStore(deps), known, () => {
		reloads += 1;
	});
	expect(await recovery.open('apple pear')).toMatchObject({ error: { type: 'BadWords' } });
	expect(await recovery.open(words.join(' '))).toMatchObject({ error: { type: 'NoRelay' } });
	expect(await deps.device.currentSpace()).toMatchObject({ value: { id: known.id } });
	expect(reloads).toBe(0);
});

it('lists the spaces of this device, the present one first, and goes back to one without words or relay', async () => {
	const deps = await setUp();
	const first = await founded(deps);
	const second = await founded(deps);
	expect(await deps.device.keepSpaceName(second.id, 'Home')).toEqual(ok());
	let reloads = 0;
	const spaces = createSpaces(apart(deps), second, () => {
		reloads += 1;
	});
	expect(await spaces.list()).toEqual(
		ok([
			{ id: second.id, name: 'Home', since: second.since, isCurrent: true },
			{ id: first.id, name: '', since: first.since, isCurrent: false },
		]),
	);
	expect(await spaces.switchTo(first.id)).toEqual(ok());
	expect(reloads).toBe(1);
	const current = await deps.device.currentSpace();
	if (!current.ok || !current.value) throw new Error('not kept');
	expect(current.value.id).toBe(first.id);
	await close(await opened(deps, current.value));
});

it('stays where it is when the other space has no keys here', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	let reloads = 0;
	const spaces = createSpaces(apart(deps), known, () => {
		reloads += 1;
	});
	expect(await spaces.switchTo('elsewhere' as SpaceId)).toMatchObject({ error: { type: 'StoreUnavailable' } });
	expect(reloads).toBe(0);
	expect(await deps.device.currentSpace()).toMatchObject({ value: { id: known.id } });
});

it('knows whether the words of this space were ever shown; who typed them in to join has seen them', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	const recovery = createRecovery(withStore(deps), known, () => undefined);
	expect(await recovery.wereShown()).toBe(false);
	await recovery.words();
	expect(await recovery.wereShown()).toBe(true);
	expect(await createRecovery(withStore(deps), known, () => undefined).wereShown()).toBe(true);
	const other = await founded(deps);
	expect(await createRecovery(withStore(deps), other, () => undefined).wereShown()).toBe(false);
	const { root: _, ...joined } = other;
	expect(await createRecovery(withStore(deps), joined, () => undefined).wereShown()).toBe(true);
});

it('makes another space under its name and opens it at the next start', async () => {
	const deps = await setUp();
	const first = await founded(deps);
	let reloads = 0;
	const spaces = createSpaces(apart(deps), first, () => {
		reloads += 1;
	});
	expect(await spaces.create('Our flat')).toEqual(ok());
	expect(reloads).toBe(1);
	const list = await createSpaces(apart(deps), first, () => undefined).list();
	expect(list).toMatchObject({ value: [{ id: first.id, name: '' }, { name: 'Our flat' }] });
	const current = await deps.device.currentSpace();
	if (!current.ok || !current.value) throw new Error('not kept');
	expect(current.value.id).not.toBe(first.id);
	const open = await opened(deps, current.value);
	using _ = await keepSpaceNamed(deps.device, current.value, open.space.directory);
	expect(open.space.directory.spaceName()).toBe('Our flat');
	await open.space.directory.nameSpace('The flat');
	expect(await deps.device.spaceName(current.value.id)).toBe('The flat');
	await close(open);
});

it('believes that the words are written down when two of them are right, and remembers it', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	const store = createMemoryStore();
	const recovery = createRecovery({ ...deps, store }, known, () => undefined);
	const words = (await recovery.words()) ?? [];
	expect(await recovery.progress()).toBe('unconfirmed');
	const [first, second] = await recovery.draw();
	expect([1 <= first, first < second, second <= 24]).toEqual([true, true, true]);
	const answer = (place: number, word = words[place - 1] ?? '') => ({ place, word });
	expect(await recovery.confirm([answer(3), answer(20, words[0] === words[19] ? 'zoo' : words[0])])).toBe(false);
	expect(await recovery.confirm([])).toBe(false);
	expect(await recovery.progress()).toBe('unconfirmed');
	await recovery.dismissReminder();
	expect(await recovery.progress()).toBe('dismissed');
	expect(await recovery.confirm([answer(3, ` ${words[2]?.toUpperCase()} `), answer(20)])).toBe(true);
	expect(await createRecovery({ ...deps, store }, known, () => undefined).progress()).toBe('confirmed');
	const { root: _, ...joined } = known;
	expect(await createRecovery({ ...deps, store }, joined, () => undefined).progress()).toBe('absent');
});

it('comes into a space that removed this device as a new device, and keeps what is there', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	const words = ((await createRecovery(withStore(deps), known, () => undefined).words()) ?? []).join(' ');
	// Still in it: nothing is asked of the relay.
	expect(await openByWords(deps, words)).toEqual(ok());
	expect(await noteRemoved(deps.device, known.id)).toEqual(ok());
	expect(await openByWords(deps, words)).toMatchObject({ error: { type: 'NoRelay' } });
	const elsewhere = await setUp();
	const { identity } = await founded(elsewhere);
	const next = new Uint8Array([1]);
	const joined = { spaceId: known.id, identity, keyRing: known.ring, deviceList: next, lists: [known.list, next] };
	expect(await keepJoined(deps, { joined, person: 'eleni' as PersonId })).toEqual(ok());
	const { value } = (await deps.device.space(known.id)) as { readonly value?: KnownSpace };
	expect(value).toMatchObject({ person: 'eleni', identity: { id: identity.id }, root: known.root });
	expect(await openByWords(deps, words)).toEqual(ok());
});

it('takes no other keys for a space that is here from somebody who invites, whatever space they name', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	const attacker = await setUp();
	const { identity, ring, list } = await founded(attacker);
	// A list in the name of the space that is here, which its host vouches for: it is no version of that space.
	const joined = { spaceId: known.id, identity, keyRing: ring, deviceList: list, lists: [list] };
	expect(await keepJoined(deps, { joined, person: 'eve' as PersonId })).toMatchObject({ error: { type: 'Untrusted' } });
	expect(await deps.device.space(known.id)).toMatchObject({
		value: { person: known.person, identity: { id: known.identity.id }, ring: known.ring, list: known.list },
	});
});

function withStore(deps: RecoveryDeps) {
	return { ...deps, store: createMemoryStore() };
}

function apart(deps: RecoveryDeps) {
	return { ...deps, close: async () => undefined };
}
