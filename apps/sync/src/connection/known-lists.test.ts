import { encodeDeviceList } from '@pocketeer/core/protocol/device-list';
import { expect, test } from 'vitest';
import { openDatabase } from '../store/database.ts';
import { createSqliteSpaceStore } from '../store/space-store.ts';
import { listsOf, newSpace } from '../test-client.ts';
import { createKnownLists } from './known-lists.ts';

function setUp(options: { readonly memoryBytes?: number } = {}) {
	const database = openDatabase(':memory:');
	if (!database.ok) throw new Error(database.error.reason);
	const spaceStore = createSqliteSpaceStore({ database: database.value });
	return { spaceStore, knownLists: createKnownLists({ spaceStore }, options) };
}

test('a list is parsed once, and anew when the store has another', async () => {
	const { spaceStore, knownLists } = setUp();
	const space = await newSpace(2);
	expect(await knownLists.newest(space.id)).toBeUndefined();
	const [one, two] = await listsOf(space, [[0]]);
	if (!one || !two) throw new Error('two versions');
	await spaceStore.put({ space: space.id, version: 1, list: one });
	const first = await knownLists.newest(space.id);
	const again = await knownLists.newest(space.id);
	if (!first?.ok || !again?.ok) throw new Error('known');
	expect(again.value.list).toBe(first.value.list);
	await spaceStore.put({ space: space.id, version: 2, list: two });
	expect(await knownLists.newest(space.id)).toMatchObject({ value: { bytes: two, list: { version: 2 } } });
	await spaceStore.deleteSpace(space.id);
	expect(await knownLists.newest(space.id)).toBeUndefined();
});

test('of many spaces those used last are remembered, and all are known', async () => {
	const [a, b] = [await newSpace(), await newSpace()];
	const { spaceStore, knownLists } = setUp({ memoryBytes: a.bytes.length + b.bytes.length - 1 });
	for (const { id, bytes } of [a, b]) await spaceStore.put({ space: id, version: 1, list: bytes });
	const listOf = async (space: typeof a) => {
		const known = await knownLists.newest(space.id);
		if (!known?.ok) throw new Error('known');
		return known.value.list;
	};
	const first = await listOf(a);
	expect(await listOf(a)).toBe(first);
	await listOf(b);
	const anew = await listOf(a);
	expect(anew).not.toBe(first);
	expect(anew).toEqual(first);
});

test('a list that a newer relay kept is told from a broken one', async () => {
	const { spaceStore, knownLists } = setUp();
	const [newer, broken] = [await newSpace(), await newSpace()];
	const list = await encodeDeviceList({ ...newer.list, v: 2 as 1 }, newer.root.sign);
	await spaceStore.put({ space: newer.id, version: 1, list });
	expect(await knownLists.newest(newer.id)).toEqual({ ok: false, error: { type: 'NewerForm' } });
	await spaceStore.put({ space: broken.id, version: 1, list: new Uint8Array(5) });
	await expect(knownLists.newest(broken.id)).rejects.toThrow('broken');
});
