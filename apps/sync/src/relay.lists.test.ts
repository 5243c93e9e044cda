import { type DeviceList, deviceListHash, encodeDeviceList } from '@pocketeer/core/protocol/device-list';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from './store/database.ts';
import { createSqliteSpaceStore } from './store/space-store.ts';
import {
	approach,
	entryId,
	join,
	listsOf,
	newSigner,
	newSpace,
	streamId,
	type TestClient,
	type TestSpace,
} from './test-client.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from './testing.ts';

let relay: TestRelay | undefined;
async function start(options: TestRelayOptions = {}): Promise<TestRelay> {
	relay = await startRelay(options);
	return relay;
}
afterEach(async () => {
	await relay?.stop();
	relay = undefined;
});

/** What the relay has, as the root reads it. */
async function keptAt(url: string, space: TestSpace) {
	const root = await join(url, space, { device: null, lists: [] });
	root.send({ type: 'list-get', after: 0 });
	const { lists } = await root.next('lists');
	root.close();
	return lists;
}

describe('lists that come with the authentication', () => {
	test('[SY16] a space is founded by its whole chain, and by a device that only the newest version names', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const lists = await listsOf(space, [[0], [0, 1]]);
		const client = await approach(url, space, { device: 1, lists });
		expect(await client.next('ready')).toMatchObject({ listVersion: 3 });
		expect(await keptAt(url, space)).toEqual(lists);
	});

	test('a chain that does not begin at the first version, or has a gap, founds nothing', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [one, two, three] = await listsOf(space, [[0], [0, 1]]);
		if (!one || !two || !three) throw new Error('three versions');
		for (const [lists, code] of [
			[[two, three], 'bad-signature'],
			[[one, three], 'list-conflict'],
			[[one, one.slice(0, 100)], 'list-conflict'],
		] as const) {
			const client = await approach(url, space, { lists });
			expect(await client.next('error')).toMatchObject({ code });
			expect(await client.closed).toBe(4401);
		}
		const client = await approach(url, space, { lists: [] });
		expect(await client.next('error')).toMatchObject({ code: 'unknown-space' });
	});

	test('[SY16] a relay that was set back gets the newer versions from any device, and lets in by them', async () => {
		const { url } = await start();
		const space = await newSpace(3);
		const lists = await listsOf(space, [[0, 1], [1]]);
		await join(url, space);
		const other = await join(url, space, { device: 0 });
		const client = await approach(url, space, { device: 1, lists });
		expect(await client.next('ready')).toMatchObject({ listVersion: 3 });
		expect(await keptAt(url, space)).toEqual(lists);
		// Who is not listed any more is told at once.
		expect(await other.closed).toBe(4403);
	});

	test('[SY16] the newer versions are kept even when they show that their bringer was removed', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const lists = await listsOf(space, [[0]]);
		const staying = await join(url, space, { device: 0 });
		const leaving = await approach(url, space, { device: 1, lists });
		expect(await leaving.next('error')).toMatchObject({ code: 'not-a-device' });
		expect(await leaving.closed).toBe(4403);
		expect(await staying.next('listed')).toEqual({ type: 'listed', version: 2 });
		expect(await keptAt(url, space)).toEqual(lists);
	});

	test('versions that the relay has are passed over, so a device may bring all it knows', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const lists = await listsOf(space, [
			[0, 1],
			[0, 1],
		]);
		await join(url, space, { lists });
		for (const known of [lists, lists.slice(0, 2), lists.slice(2)]) await join(url, space, { lists: known });
		expect(await keptAt(url, space)).toEqual(lists);
	});

	test('a chain that parted from the relay’s is refused, and changes nothing', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const ours = await listsOf(space, [[0, 1]]);
		await join(url, space, { lists: ours });
		const theirs = await listsOf(space, [[0], [0]]);
		const gap = await listsOf(space, [[0, 1], [0, 1], [0]]);
		const forged = await encodeDeviceList(
			{ ...space.list, version: 3, previous: 'A'.repeat(43) },
			(await newSigner()).sign,
		);
		for (const lists of [
			theirs,
			theirs.slice(0, 2),
			theirs.slice(2),
			gap.slice(3),
			[...ours, forged],
			[new Uint8Array(10)],
		]) {
			const client = await approach(url, space, { lists });
			expect(await client.next('error')).toMatchObject({ code: 'list-conflict' });
			expect(await client.closed).toBe(4401);
		}
		expect(await keptAt(url, space)).toEqual(ours);
	});

	test('of a chain that breaks nothing is kept', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		await join(url, space);
		const [, two, three] = await listsOf(space, [[0, 1], [0]]);
		if (!two || !three) throw new Error('three versions');
		const broken = three.slice();
		const last = broken.length - 10;
		broken[last] = broken[last] === 65 ? 66 : 65;
		const client = await approach(url, space, { lists: [two, broken] });
		expect(await client.next('error')).toMatchObject({ code: 'list-conflict' });
		expect(await keptAt(url, space)).toEqual([space.bytes]);
	});
});

test('every other connection of the space hears of a new list, the one that put it does not', async () => {
	const { url } = await start();
	const space = await newSpace(2);
	const [, two] = await listsOf(space, [[0, 1]]);
	const clients = [await join(url, space), await join(url, space), await join(url, space, { device: 1 })];
	const foreign = await join(url, await newSpace());
	clients[0]?.send({ type: 'list-put', list: two ?? new Uint8Array(0) });
	// One after the other: the first answers when the list is kept.
	const heard = [];
	for (const client of clients) heard.push(await client.drain());
	const listed = [{ type: 'listed', version: 2 }];
	expect(heard).toEqual([[{ type: 'list-kept', version: 2 }], listed, listed]);
	expect(await foreign.drain()).toEqual([]);
});

test('[SY15] from a list with a newer epoch on, entries sealed under an older one are refused, now and at the next start', async () => {
	const { url, dataDir } = await start();
	const space = await newSpace();
	const phone = await join(url, space);
	const append = async (client: TestClient, epoch: number) => {
		const id = entryId(epoch);
		client.send({
			type: 'append',
			stream: streamId(epoch),
			id,
			entry: Uint8Array.of(1, epoch, ...new Array(90).fill(0)),
		});
		return (await client.drain()).map((message) => (message.type === 'error' ? message.code : message.type));
	};
	expect(await append(phone, 1)).toEqual(['echo']);
	const list = await nextOf(space, { epoch: 3 });
	const root = await join(url, space, { device: null });
	root.send({ type: 'list-put', list });
	await root.next('list-kept');
	await phone.next('listed');
	expect(await append(phone, 2)).toEqual(['stale-epoch']);
	expect(await append(phone, 3)).toEqual(['echo']);
	await using again = await startRelay({ dataDir });
	const back = await join(again.url, space, { withList: false });
	expect(await append(back, 2)).toEqual(['stale-epoch']);
	expect(await append(back, 3)).toEqual(['echo']);
});

test('a list changes so many times and no more', async () => {
	const { url, dataDir } = await start();
	const space = await newSpace();
	const root = await join(url, space, { device: null });
	// As if the list had been changed all these times: only the newest is looked at.
	const opened = openDatabase(`${dataDir}/relay.sqlite`);
	if (!opened.ok) throw new Error(opened.error.reason);
	using database = opened.value;
	database.prepare('DELETE FROM lists').run();
	const newest = { ...space.list, version: LIMITS.listVersions, previous: 'A'.repeat(43) };
	const bytes = await encodeDeviceList(newest, space.root.sign);
	database.prepare('INSERT INTO lists VALUES (?, ?, ?)').run(space.id, LIMITS.listVersions, bytes);
	const full: TestSpace = { ...space, list: newest, bytes };
	const next = await nextOf(full);
	root.send({ type: 'list-put', list: next });
	expect(await root.next('error')).toMatchObject({ code: 'quota', message: expect.stringContaining('1000 times') });
	const client = await approach(url, space, { lists: [next] });
	expect(await client.next('error')).toMatchObject({ code: 'quota' });
	expect(await createSqliteSpaceStore({ database }).newest(space.id)).toMatchObject({ version: LIMITS.listVersions });
});

async function nextOf(space: TestSpace, changes: Partial<DeviceList> = {}) {
	const previous = await deviceListHash(space.bytes);
	return encodeDeviceList({ ...space.list, version: space.list.version + 1, previous, ...changes }, space.root.sign);
}
