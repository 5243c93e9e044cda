import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../bytes.ts';
import { rootOfWords, wordsOfRoot } from '../crypto/recovery-words.ts';
import { spaceKeysOf } from '../crypto/space-keys.ts';
import { deviceListHash, encodeDeviceList, readDeviceList, verifyDeviceList } from '../protocol/device-list.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createTestNetwork } from '../testing/socket-pair.ts';
import { createSyncWorld, RELAY_URL, type SyncWorld } from '../testing/sync-world.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { foundSpace, joinByWords } from './space-identity.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 3_000;

describe('founding a space', () => {
	it('makes a first list that proves itself', async () => {
		const founded = await foundSpace(world);
		const list = await verifyDeviceList({ bytes: founded.deviceList });
		expect(list).toMatchObject({
			ok: true,
			value: { space: founded.spaceId, version: 1, by: null, epoch: 1, devices: [{ id: founded.identity.id }] },
		});
		expect((await spaceKeysOf(founded.root)).id).toBe(founded.spaceId);
	});

	it('is taken up by the relay at the first connection', async () => {
		const tab = (await world.addDevice()).openTab();
		await world.pass(A_MOMENT);
		expect(tab.sync.status.connection.type).toBe('online');
		expect(world.relay.spaces.size).toBe(1);
	});
});

describe('joining by words', () => {
	it('gives the keys of the space, and a place in the list signed by the root', async () => {
		const one = await world.addDevice();
		one.openTab();
		await world.pass(A_MOMENT);
		const joined = await world.join(`  ${(await world.words()).toUpperCase().replaceAll(' ', '\n')}`);
		if (!joined.ok) throw new Error('not joined');
		expect(joined.value.spaceId).toBe(one.identity.spaceId);
		expect(joined.value.keyRing).toEqual(one.identity.keyRing);
		expect(joined.value.lists).toEqual([one.identity.deviceList, joined.value.deviceList]);
		const list = await verifyDeviceList({ bytes: joined.value.deviceList, previous: one.identity.deviceList });
		expect(list).toMatchObject({ ok: true, value: { version: 2, by: null } });
		expect(list.ok && list.value.devices.map(({ id }) => id)).toEqual([
			one.identity.identity.id,
			joined.value.identity.id,
		]);
		expect(list.ok && Object.keys(list.value.boxes)).toContain(joined.value.identity.id);
	});

	it('twice at once takes both in', async () => {
		(await world.addDevice()).openTab();
		await world.pass(A_MOMENT);
		const words = await world.words();
		const joined = await Promise.all([world.join(words), world.join(words), world.join(words)]);
		expect(joined.every(({ ok }) => ok)).toBe(true);
		const [space] = world.relay.spaces.values();
		const newest = readDeviceList(space?.lists.at(-1) ?? new Uint8Array(0));
		expect(newest.ok && newest.value.devices).toHaveLength(4);
	});

	it('with wrong words says what is wrong with them', async () => {
		expect(await world.join('abandon abandon')).toEqual({
			ok: false,
			error: { type: 'BadWords', reason: 'There are 2 words; a space has 24 recovery words. Some are missing.' },
		});
	});

	it('of a space this relay does not have says so', async () => {
		const words = await wordsOfRoot(createSeededRandom(7).bytes(32));
		expect(await world.join(words.join(' '))).toEqual({ ok: false, error: { type: 'NoSuchSpace' } });
	});

	it('without a relay says so', async () => {
		const words = (await wordsOfRoot(new Uint8Array(32))).join(' ');
		const dialer = createTestNetwork(world.relay.accept);
		dialer.isDown = true;
		const deps = { ...world, log: { info: () => {}, warn: () => {} }, dialer };
		expect(await joinByWords(deps, { words, relayUrl: RELAY_URL })).toMatchObject({
			ok: false,
			error: { type: 'NoRelay', reason: expect.stringContaining('cannot be reached') },
		});
		expect(await joinByWords(deps, { words, relayUrl: 'not an address' })).toMatchObject({
			ok: false,
			error: { type: 'NoRelay', reason: 'The address of the relay is not a web address.' },
		});
	});

	it.each([
		['nonsense', (end: { send(frame: Uint8Array): void }) => end.send(utf8('HTTP/1.1 400'))],
		['nothing at all', () => {}],
	])('through something else that answers with %s ends with a sentence', async (_, speak) => {
		const clock = createTestClock();
		const dialed = Promise.withResolvers<void>();
		const dialer = createTestNetwork((_url, end) => {
			speak(end);
			dialed.resolve();
			return { received: () => {}, closed: () => {} };
		});
		const words = (await wordsOfRoot(new Uint8Array(32))).join(' ');
		const deps = { clock, random: createSeededRandom(1), log: { info: () => {}, warn: () => {} }, dialer };
		const joining = joinByWords(deps, { words, relayUrl: RELAY_URL });
		// The keys are derived for real before anyone dials; only then does patience begin to run out.
		await dialed.promise;
		await clock.advance(60_000);
		expect(await joining).toMatchObject({ ok: false, error: { type: 'NoRelay' } });
	});

	it('keeps what a newer Pocketeer added to the list of devices', async () => {
		const one = await world.addDevice();
		one.openTab();
		await world.pass(A_MOMENT);
		const words = await world.words();
		const root = await rootOfWords(words);
		const [space] = world.relay.spaces.values();
		const [first] = space?.lists ?? [];
		const list = first && readDeviceList(first);
		if (!root.ok || !first || !list?.ok || !space) throw new Error('a space with one list');
		const keys = await spaceKeysOf(root.value);
		const grown = { ...list.value, version: 2, previous: await deviceListHash(first), policy: { later: [1] } };
		space.lists.push(await encodeDeviceList({ ...grown, by: null }, keys.sign));

		expect((await world.join(words)).ok).toBe(true);
		const newest = readDeviceList(space.lists.at(-1) ?? new Uint8Array(0));
		expect(newest).toMatchObject({ ok: true, value: { version: 3, policy: { later: [1] } } });
		expect(newest.ok && newest.value.devices).toHaveLength(list.value.devices.length + 1);
	});

	it('of a space in a newer form says to update, and calls nothing damaged', async () => {
		const one = await world.addDevice();
		one.openTab();
		await world.pass(A_MOMENT);
		const [space] = world.relay.spaces.values();
		space?.lists.push(utf8('{"v":2}\nwhatever'));
		expect(await world.join(await world.words())).toEqual({
			ok: false,
			error: { type: 'NewerForm', reason: expect.stringContaining('Update Pocketeer') },
		});
	});

	it.each<[string, (lists: Uint8Array<ArrayBuffer>[]) => void]>([
		['an altered list', (lists) => lists.splice(0, 1, flipped(lists[0]))],
		['a chain with a version left out', (lists) => lists.splice(0, 1)],
	])('refuses %s', async (_, tamper) => {
		const one = await world.addDevice();
		one.openTab();
		await world.pass(A_MOMENT);
		await world.addDevice();
		const [space] = world.relay.spaces.values();
		if (!space) throw new Error('no space');
		tamper(space.lists);
		const before = space.lists.length;
		expect(await world.join(await world.words())).toMatchObject({
			ok: false,
			error: { type: expect.stringMatching(/Untrusted|NoRelay/), reason: expect.any(String) },
		});
		expect(space.lists.length).toBe(before);
	});
});

function flipped(list: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> {
	const copy = new Uint8Array(list ?? []);
	const at = copy.indexOf(0x7b) + 60;
	copy[at] = (copy[at] ?? 0) ^ 1;
	return copy;
}
