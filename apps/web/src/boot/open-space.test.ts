import 'fake-indexeddb/auto';
import type { SpaceId } from '@pocketeer/core/ids';
import type { Log } from '@pocketeer/core/ports/log';
import type { Dialer } from '@pocketeer/core/ports/socket';
import { ok } from '@pocketeer/core/result';
import { lineId } from '@pocketeer/core/space/lines';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, expect, it } from 'vitest';
import { type DeviceDb, type KnownSpace, openDeviceDb } from '../platform/device-db.ts';
import { ensureSpaceStore, type OpenedSpace, openSpace } from './open-space.ts';
import { createRecovery, foundNewSpace, openByWords, type RecoveryDeps } from './recovery.ts';

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

async function close({ space, sync, store }: OpenedSpace): Promise<void> {
	space[Symbol.dispose]();
	await sync[Symbol.asyncDispose]();
	store[Symbol.dispose]();
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
	expect(await ensureSpaceStore(deps, known.id)).toEqual(ok());
	const openTabs = () => createMemoryTabs().open();
	expect(await openSpace({ ...deps, openTabs }, known, relay)).toMatchObject({ error: { type: 'NotFilled' } });
	expect(await openSpace({ ...deps, openTabs }, known, relay)).toMatchObject({ error: { type: 'NotFilled' } });
});

it('leaves a store alone that is not lost', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	expect(await ensureSpaceStore(deps, known.id)).toEqual(ok());
	await close(await opened(deps, known));
});

it('opens a space this device is in by its words without the relay, and keeps the other', async () => {
	const deps = await setUp();
	const first = await founded(deps);
	const second = await founded(deps);
	expect(await deps.device.currentSpace()).toMatchObject({ value: { id: second.id } });
	const words = await createRecovery(deps, first, () => undefined).words();
	expect(words).toHaveLength(24);
	expect(await openByWords(deps, (words ?? []).join(' '))).toEqual(ok());
	expect(await deps.device.currentSpace()).toMatchObject({ value: { id: first.id } });
	expect(await deps.device.space(second.id)).toMatchObject({ value: { id: second.id } });
});

it('changes nothing for wrong words, nor when the relay of right ones cannot be reached', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	const elsewhere = await setUp();
	const words = (await createRecovery(elsewhere, await founded(elsewhere), () => undefined).words()) ?? [];
	let reloads = 0;
	const recovery = createRecovery(deps, known, () => {
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
	let reloads = 0;
	const recovery = createRecovery(deps, second, () => {
		reloads += 1;
	});
	expect(await recovery.spaces()).toEqual(
		ok([
			{ id: second.id, since: second.since, isCurrent: true },
			{ id: first.id, since: first.since, isCurrent: false },
		]),
	);
	expect(await recovery.switchTo(first.id)).toEqual(ok());
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
	const recovery = createRecovery(deps, known, () => {
		reloads += 1;
	});
	expect(await recovery.switchTo('elsewhere' as SpaceId)).toMatchObject({ error: { type: 'StoreUnavailable' } });
	expect(reloads).toBe(0);
	expect(await deps.device.currentSpace()).toMatchObject({ value: { id: known.id } });
});

it('knows whether the words of this space were ever shown; who typed them in to join has seen them', async () => {
	const deps = await setUp();
	const known = await founded(deps);
	const recovery = createRecovery(deps, known, () => undefined);
	expect(await recovery.wereShown()).toBe(false);
	await recovery.words();
	expect(await recovery.wereShown()).toBe(true);
	expect(await createRecovery(deps, known, () => undefined).wereShown()).toBe(true);
	const other = await founded(deps);
	expect(await createRecovery(deps, other, () => undefined).wereShown()).toBe(false);
	const { root: _, ...joined } = other;
	expect(await createRecovery(deps, joined, () => undefined).wereShown()).toBe(true);
});
