import 'fake-indexeddb/auto';
import { utf8 } from '@pocketeer/core/bytes';
import { createDeviceIdentity } from '@pocketeer/core/crypto/device-keys';
import { createKeyRing } from '@pocketeer/core/crypto/key-ring';
import type { PersonId, SpaceId } from '@pocketeer/core/ids';
import { ok } from '@pocketeer/core/result';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { afterEach, expect, it } from 'vitest';
import { type DeviceDb, type KnownSpace, openDeviceDb } from './device-db.ts';
import { openKeyValueDb } from './key-value-db.ts';

const random = createSeededRandom(1);
const opened: Disposable[] = [];
let count = 0;
const freshName = () => `device-${count++}`;

afterEach(() => {
	for (const db of opened.splice(0)) db[Symbol.dispose]();
});

async function open(name: string): Promise<DeviceDb> {
	const db = await openDeviceDb(name);
	if (!db.ok) throw new Error(db.error.type);
	opened.push(db.value);
	return db.value;
}

async function knownSpace(id = 'space'): Promise<KnownSpace> {
	return {
		id: id as SpaceId,
		person: 'me' as PersonId,
		identity: await createDeviceIdentity({ random }),
		ring: createKeyRing({ random }),
		list: utf8('list'),
		root: random.bytes(32),
		since: 1,
	};
}

it('knows no space before one was kept, and after that the current one with usable keys', async () => {
	const name = freshName();
	const first = await open(name);
	expect(await first.currentSpace()).toEqual(ok(undefined));
	const space = await knownSpace();
	expect(await first.keepSpace(space, { makeCurrent: true })).toEqual(ok());

	const current = await (await open(name)).currentSpace();
	if (!current.ok || !current.value) throw new Error('not kept');
	expect(current.value.ring).toEqual(space.ring);
	expect(current.value.root).toEqual(space.root);
	const signed = await crypto.subtle.sign('Ed25519', current.value.identity.signing.privateKey, utf8('x'));
	expect(await crypto.subtle.verify('Ed25519', space.identity.signing.publicKey, signed, utf8('x'))).toBe(true);
});

it('keeps the former space when another becomes the current one', async () => {
	const db = await open(freshName());
	await db.keepSpace(await knownSpace('old'), { makeCurrent: true });
	await db.keepSpace(await knownSpace('new'), { makeCurrent: true });
	expect(await db.currentSpace()).toMatchObject({ value: { id: 'new' } });
	expect(await db.space('old' as SpaceId)).toMatchObject({ value: { id: 'old' } });
});

it('never says "no space" when the keys of the current one are gone or damaged', async () => {
	const name = freshName();
	const db = await open(name);
	await db.keepSpace(await knownSpace(), { makeCurrent: true });
	const raw = await openKeyValueDb(name);
	if (!raw.ok) throw new Error(raw.error.type);
	opened.push(raw.value);
	for (const damage of [undefined, 'text', { id: 'space', person: 'me' }]) {
		await raw.value.put({ 'space/space': damage });
		expect(await db.currentSpace()).toMatchObject({ ok: false, error: { type: 'StoreUnavailable' } });
	}
});

it('takes newer device lists and a ring without touching the rest, also where only the newest was kept', async () => {
	const db = await open(freshName());
	const space = await knownSpace();
	await db.keepSpace(space, { makeCurrent: true });
	const ring = { ...space.ring, epochs: [...space.ring.epochs, random.bytes(32)] };
	const lists = [utf8('list'), utf8('list 2')];
	const kept = await db.keepKeys(space.id, (present) => {
		expect(present).toEqual({ lists: [utf8('list')], ring: space.ring });
		return { ...present, lists, ring, unconfirmed: [space.identity.id] };
	});
	expect(kept).toEqual(ok());
	expect(await db.currentSpace()).toMatchObject({
		value: { id: 'space', ring, list: utf8('list 2'), lists, root: space.root, unconfirmed: [space.identity.id] },
	});
});

it('keeps no keys for a space that is not here any more', async () => {
	const db = await open(freshName());
	const kept = await db.keepKeys('gone' as SpaceId, (present) => present);
	expect(kept).toMatchObject({ error: { type: 'StoreUnavailable' } });
	expect(await db.spaces()).toEqual(ok([]));
});

it('lets two tabs change settings at once without undoing each other', async () => {
	const name = freshName();
	const tabs = [await open(name), await open(name)];
	const add = (key: string) => (present: unknown) => ({ ...(present as object | undefined), [key]: true });
	await Promise.all([tabs[0]?.updateSettings(add('a')), tabs[1]?.updateSettings(add('b'))]);
	expect(await tabs[0]?.settings()).toEqual(ok({ a: true, b: true }));
});

it('gives way when the database is deleted and then says that it is unavailable', async () => {
	const name = freshName();
	const db = await open(name);
	await new Promise<void>((resolve) => {
		indexedDB.deleteDatabase(name).onsuccess = () => resolve();
	});
	expect(await db.settings()).toMatchObject({ ok: false, error: { type: 'StoreUnavailable' } });
});

it('lists every space whose keys can be read and opens a listed one at the next start, but none that is not here', async () => {
	const name = freshName();
	const db = await open(name);
	for (const id of ['a', 'b', 'damaged']) await db.keepSpace(await knownSpace(id), { makeCurrent: true });
	const raw = await openKeyValueDb(name);
	if (!raw.ok) throw new Error(raw.error.type);
	opened.push(raw.value);
	await raw.value.put({ 'space/damaged': 'text' });

	const spaces = await db.spaces();
	expect(spaces.ok && spaces.value.map(({ id }) => id)).toEqual(['a', 'b']);
	expect(await db.makeCurrent('a' as SpaceId)).toEqual(ok());
	expect(await db.currentSpace()).toMatchObject({ value: { id: 'a' } });
	for (const id of ['damaged', 'unknown'])
		expect(await db.makeCurrent(id as SpaceId)).toMatchObject({ error: { type: 'StoreUnavailable' } });
	expect(await db.currentSpace()).toMatchObject({ value: { id: 'a' } });
});

it('remembers for each space by itself that its words were shown', async () => {
	const db = await open(freshName());
	const space = await knownSpace('a');
	await db.keepSpace(space, { makeCurrent: true });
	expect(await db.wereWordsShown(space.id)).toEqual(ok(false));
	await db.keepWordsShown(space.id);
	// As when it is opened by its words again.
	await db.keepSpace(space, { makeCurrent: true });
	expect(await db.wereWordsShown(space.id)).toEqual(ok(true));
	expect(await db.wereWordsShown('b' as SpaceId)).toEqual(ok(false));
});
