import { type Bytes, utf8 } from '@pocketeer/core/bytes';
import type { SnapshotId } from '@pocketeer/core/ids';
import { emptyChain, nextChain } from '@pocketeer/core/protocol/chain';
import { deviceListHash, encodeDeviceList } from '@pocketeer/core/protocol/device-list';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import { createTestClock, type TestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, describe, expect, test } from 'vitest';
import { entryId, idOf, join, newSpace, openAll, streamId, type TestClient, type TestSpace } from './test-client.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from './testing.ts';

let relay: TestRelay | undefined;
afterEach(async () => {
	await relay?.stop();
	relay = undefined;
});

const stream = streamId(1);
const WEEK_MS = 7 * 24 * 60 * 60_000;

/** A relay, a space of two devices, and the first of them connected. */
async function setUp(options: TestRelayOptions = {}) {
	relay = await startRelay(options);
	const { url } = relay;
	const space = await newSpace(2);
	return { url, space, client: await join(url, space, { device: 0 }) };
}

const textOf = (id: number) => `entry ${id} ${'x'.repeat(100)}`;

/** Appends entries of a hundred bytes and more; answers when they are on disk. */
async function append(client: TestClient, ...ids: readonly number[]): Promise<void> {
	for (const id of ids) client.send({ type: 'append', stream, id: entryId(id), entry: utf8(textOf(id)) });
	await client.drain();
}

async function chainAfter(...ids: readonly number[]): Promise<Bytes> {
	let chain = emptyChain();
	for (const id of ids) chain = await nextChain(chain, utf8(textOf(id)));
	return chain;
}

/** What comes up to the head of a stream that was opened. */
async function untilHead(client: TestClient): Promise<readonly RelayMessage[]> {
	const told: RelayMessage[] = [];
	while (!told.some(({ type }) => type === 'head')) told.push(...(await client.drain()));
	return told;
}

interface Offer {
	readonly id: number;
	readonly covers: number;
	readonly chain: Bytes;
	readonly parts?: readonly Uint8Array<ArrayBuffer>[];
}

/** Sends all parts of a snapshot. */
function put(client: TestClient, { id, covers, chain, parts = [utf8(`snapshot ${id}`)] }: Offer): void {
	for (const [index, part] of parts.entries()) {
		const place = { stream, id: idOf<SnapshotId>(id), covers, chain };
		client.send({ type: 'snapshot-put', ...place, index, count: parts.length, part });
	}
}

/** What a follower learned, in order. */
function story(messages: readonly RelayMessage[]): string[] {
	return messages.map((message) => {
		if (message.type === 'entries') return `entries ${message.from}–${message.from + message.entries.length - 1}`;
		if (message.type === 'echo') return `echo ${message.seq}`;
		if (message.type === 'head') return `head ${message.seq}`;
		if (message.type === 'snapshot') return `part ${message.index + 1}/${message.count} of ${message.covers}`;
		if (message.type === 'snapshot-kept') return `kept ${message.covers}`;
		if (message.type === 'error') return `${message.code} ${message.about === idOf(7) ? 7 : message.about}`;
		return message.type;
	});
}

async function join2(url: string, space: TestSpace): Promise<TestClient> {
	return join(url, space, { device: 1 });
}

describe('snapshots at the relay', () => {
	test('[R5] a new device gets the snapshot whole and then the entries behind it', async () => {
		const { url, space, client } = await setUp();
		await append(client, 1, 2, 3, 4);
		const full = new Uint8Array(LIMITS.snapshotPart).fill(7);
		const chain = await chainAfter(1, 2, 3);
		put(client, { id: 1, covers: 3, chain, parts: [utf8('small')] });
		expect(story(await client.drain())).toEqual(['kept 3']);
		const late = await join2(url, space);
		openAll(late, stream);
		const told = await untilHead(late);
		expect(story(told)).toEqual(['part 1/1 of 3', 'entries 4–4', 'head 4']);
		expect(told[0]).toEqual({
			type: 'snapshot',
			stream,
			id: idOf(1),
			covers: 3,
			chain,
			index: 0,
			count: 1,
			part: utf8('small'),
		});
		expect(told[2]).toMatchObject({ covered: 3, snapshotBytes: 5, tailBytes: textOf(4).length });
		// Larger than the entries it stands for: those are sent.
		put(client, { id: 2, covers: 4, chain: await chainAfter(1, 2, 3, 4), parts: [full, utf8('rest')] });
		expect(story(await client.drain())).toEqual(['kept 4']);
		openAll(late, stream);
		expect(story(await untilHead(late))).toEqual(['entries 1–4', 'head 4']);
	});

	test('[R5] a device that was there before gets what weighs less', async () => {
		const { url, space, client } = await setUp();
		await append(client, 1, 2, 3);
		put(client, { id: 1, covers: 3, chain: await chainAfter(1, 2, 3), parts: [utf8('x'.repeat(150))] });
		await client.drain();
		const back = await join2(url, space);
		back.send({ type: 'open', stream, cursor: 2, chain: await chainAfter(1, 2) });
		expect(story(await untilHead(back))).toEqual(['entries 3–3', 'head 3']);
		back.send({ type: 'open', stream, cursor: 1, chain: await chainAfter(1) });
		expect(story(await untilHead(back))).toEqual(['part 1/1 of 3', 'head 3']);
	});

	test('[R3] a snapshot that covers no more than the present one is refused, and the same one again is there', async () => {
		const { client } = await setUp();
		await append(client, 1, 2, 3);
		const two = await chainAfter(1, 2);
		put(client, { id: 1, covers: 2, chain: two });
		put(client, { id: 7, covers: 2, chain: two });
		put(client, { id: 7, covers: 1, chain: await chainAfter(1) });
		put(client, { id: 1, covers: 2, chain: two });
		expect(story(await client.drain())).toEqual(['kept 2', 'stale-snapshot 7', 'stale-snapshot 7', 'kept 2']);
	});

	test('a snapshot of another history is refused, and its further parts are passed over', async () => {
		const { client } = await setUp();
		await append(client, 1, 2);
		const full = new Uint8Array(LIMITS.snapshotPart);
		put(client, { id: 7, covers: 2, chain: await chainAfter(1), parts: [full, full, full] });
		put(client, { id: 7, covers: 3, chain: await chainAfter(1, 2) });
		expect(story(await client.drain())).toEqual(['forked 7', 'forked 7']);
	});

	test('parts that do not fit together are refused, and nothing of them is kept', async () => {
		const { client } = await setUp();
		await append(client, 1);
		const place = { stream, id: idOf<SnapshotId>(7), covers: 1, chain: await chainAfter(1), count: 3 };
		const full = new Uint8Array(LIMITS.snapshotPart);
		client.send({ type: 'snapshot-put', ...place, index: 1, part: full });
		client.send({ type: 'snapshot-put', ...place, index: 0, part: full });
		client.send({ type: 'snapshot-put', ...place, index: 2, part: full });
		client.send({ type: 'snapshot-put', ...place, index: 0, part: utf8('not full') });
		client.send({ type: 'snapshot-put', ...place, index: 0, count: 400, part: full });
		expect(story(await client.drain())).toEqual(['malformed 7', 'malformed 7', 'malformed 7', 'too-large 7']);
		client.send({ type: 'space-get' });
		const state = await client.next('space-state');
		expect(state.usedBytes).toBeLessThan(1_000);
		put(client, { id: 7, covers: 1, chain: await chainAfter(1) });
		expect(story(await client.drain())).toEqual(['kept 1']);
	});

	test('a full space takes no snapshot; an upload that ends in the middle gives its room back', async () => {
		const { url, space, client } = await setUp({ quotaBytes: 600_000 });
		await append(client, 1);
		const chain = await chainAfter(1);
		const full = new Uint8Array(LIMITS.snapshotPart);
		put(client, { id: 7, covers: 1, chain, parts: [full, full, full] });
		expect(story(await client.drain())).toEqual(['quota 7']);
		const place = { stream, id: idOf<SnapshotId>(7), covers: 1, chain, count: 2 };
		client.send({ type: 'snapshot-put', ...place, index: 0, part: full });
		await client.drain();
		client.close();
		await client.closed;
		const again = await join2(url, space);
		put(again, { id: 8, covers: 1, chain, parts: [full, full] });
		expect(story(await again.drain())).toEqual(['kept 1']);
	});

	test('a snapshot under way ends nowhere when the relay starts again', async () => {
		const { url, space, client } = await setUp();
		await append(client, 1);
		const chain = await chainAfter(1);
		const place = { stream, id: idOf<SnapshotId>(7), covers: 1, chain, count: 2 };
		client.send({ type: 'snapshot-put', ...place, index: 0, part: new Uint8Array(LIMITS.snapshotPart) });
		await client.drain();
		client.close();
		const again = await join2(url, space);
		again.send({ type: 'snapshot-put', ...place, index: 1, part: utf8('rest') });
		expect(story(await again.drain())).toEqual(['malformed 7']);
	});
});

describe('pruning', () => {
	/** Two snapshots, of 3 and of 4 entries out of 5. */
	async function compact(client: TestClient): Promise<void> {
		await append(client, 1, 2, 3, 4, 5);
		put(client, { id: 1, covers: 3, chain: await chainAfter(1, 2, 3) });
		put(client, { id: 2, covers: 4, chain: await chainAfter(1, 2, 3, 4), parts: [utf8('x'.repeat(5_000))] });
		expect(story(await client.drain())).toEqual(['kept 3', 'kept 4']);
	}

	/** Lets a week pass and a round of pruning come. */
	async function prune(clock: TestClock, running: TestRelay): Promise<void> {
		clock.jump(WEEK_MS + 1_000);
		await clock.advance(60 * 60_000);
		await running.settled();
	}

	test('[R5] who was away behind a pruned place gets the snapshot, though it weighs more', async () => {
		const clock = createTestClock();
		const { url, space, client } = await setUp({ clock });
		await compact(client);
		const back = await join2(url, space);
		openAll(back, stream);
		expect(story(await untilHead(back))).toEqual(['entries 1–5', 'head 5']);
		if (relay) await prune(clock, relay);
		const [fresh, known] = [await join2(url, space), await join2(url, space)];
		fresh.send({ type: 'open', stream, cursor: 2, chain: await chainAfter(1, 2) });
		expect(story(await untilHead(fresh))).toEqual(['part 1/1 of 4', 'entries 5–5', 'head 5']);
		known.send({ type: 'open', stream, cursor: 3, chain: await chainAfter(1, 2, 3) });
		expect(story(await untilHead(known))).toEqual(['entries 4–5', 'head 5']);
	});

	test('[R6] [R2] ids, numbers and the chain outlive the bodies', async () => {
		const clock = createTestClock();
		const { url, space, client } = await setUp({ clock });
		await compact(client);
		if (relay) await prune(clock, relay);
		const again = await join2(url, space);
		again.send({ type: 'append', stream, id: entryId(2), entry: utf8(textOf(2)) });
		again.send({ type: 'append', stream, id: entryId(6), entry: utf8(textOf(6)) });
		expect(story(await again.drain()).sort()).toEqual(['echo 2', 'echo 6']);
		again.send({ type: 'open', stream, cursor: 1, chain: await chainAfter(2) });
		expect(story(await again.drain())[0]).toMatch(/^forked/);
	});

	test('[SY17] young entries stay, and the room of old ones comes back', async () => {
		const clock = createTestClock();
		const { client } = await setUp({ clock, prune: { ageMs: 10_000, periodMs: 1_000 } });
		await compact(client);
		const used = async () => {
			client.send({ type: 'space-get' });
			return (await client.next('space-state')).usedBytes;
		};
		const before = await used();
		await clock.advance(9_000);
		await relay?.settled();
		expect(await used()).toBe(before);
		await clock.advance(3_000);
		await relay?.settled();
		expect(await used()).toBe(before - 3 * textOf(1).length);
	});
});

test('[SY15] a snapshot or entry of an epoch that is over is refused', async () => {
	relay = await startRelay();
	const space = await newSpace(1);
	const root = await join(relay.url, space, { device: null });
	const client = await join(relay.url, space);
	const sealed = (epoch: number, text: string) => new Uint8Array([1, epoch, ...utf8(text)]);
	const send = (id: number, epoch: number) =>
		client.send({ type: 'append', stream, id: entryId(id), entry: sealed(epoch, `${id}`) });
	send(1, 1);
	expect(story(await client.drain())).toEqual(['echo 1']);
	const next = { ...space.list, version: 2, previous: await deviceListHash(space.bytes), epoch: 2 };
	root.send({ type: 'list-put', list: await encodeDeviceList(next, space.root.sign) });
	await root.next('list-kept');
	send(7, 1);
	send(3, 1);
	expect(await client.next('error')).toMatchObject({ code: 'stale-epoch', about: entryId(7) });
	expect(await client.next('error')).toMatchObject({ code: 'stale-epoch', about: entryId(3) });
	openAll(client, stream);
	send(4, 2);
	const chain = await nextChain(emptyChain(), sealed(1, '1'));
	put(client, { id: 7, covers: 1, chain, parts: [sealed(1, 'old')] });
	put(client, { id: 8, covers: 1, chain, parts: [sealed(2, 'new')] });
	expect(story(await client.drain()).slice(-3)).toEqual(['echo 2', 'stale-epoch 7', 'kept 1']);
	// Nor is it taken from who comes later.
	const later = await join(relay.url, space, { withList: false });
	later.send({ type: 'append', stream, id: entryId(9), entry: sealed(1, '9') });
	expect(await later.next('error')).toMatchObject({ code: 'stale-epoch' });
});
