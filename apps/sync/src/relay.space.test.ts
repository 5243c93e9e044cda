import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Bytes, toBase64Url } from '@pocketeer/core/bytes';
import type { EntryId } from '@pocketeer/core/ids';
import { encodeDeletion } from '@pocketeer/core/protocol/deletion';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPushReceiver } from './push/open-push.ts';
import { openDatabase } from './store/database.ts';
import {
	approach,
	entryId,
	idOf,
	join,
	listsOf,
	newSigner,
	newSpace,
	openAll,
	streamId,
	type TestSpace,
	wakeId,
} from './test-client.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from './testing.ts';

const MINUTE = 60_000;
let relay: TestRelay | undefined;
async function start(options: TestRelayOptions = {}): Promise<TestRelay> {
	relay = await startRelay(options);
	return relay;
}
afterEach(async () => {
	await relay?.stop();
	relay = undefined;
});

async function deletionOf(
	space: TestSpace,
	{ by = 0, signer }: { by?: number | null; signer?: TestSpace['root'] } = {},
) {
	const device = by === null ? undefined : space.devices[by];
	const sign = (signer ?? device?.signer ?? space.root).sign;
	return encodeDeletion({ v: 1, space: space.id, at: 1_760_000_000_000, by: device?.id ?? null }, sign);
}

describe('the state of a space', () => {
	test('says what is used of how much, and when each listed device was there, to the minute', async () => {
		const clock = createTestClock();
		const start0 = Math.ceil(clock.now() / MINUTE) * MINUTE;
		await clock.advance(start0 - clock.now() + 1_000);
		const { url } = await start({ clock, quotaBytes: 10_000 });
		const space = await newSpace(3);
		const phone = await join(url, space);
		const laptop = await join(url, space, { device: 1 });
		phone.send({ type: 'space-get' });
		const before = await phone.next('space-state');
		expect(before).toMatchObject({ usedBytes: 0, limitBytes: 10_000 });
		await clock.advance(10 * MINUTE);
		laptop.close();
		await laptop.closed;
		phone.send({ type: 'append', stream: streamId(1), id: entryId(1), entry: new Uint8Array(1_000) });
		await phone.next('echo');
		await clock.advance(5 * MINUTE);
		phone.send({ type: 'space-get' });
		const { usedBytes, devices } = await phone.next('space-state');
		expect(usedBytes).toBeGreaterThanOrEqual(1_000);
		const [a, b, c] = space.devices.map(({ id }) => id);
		expect(devices).toEqual([
			{ id: a, seen: start0 + 15 * MINUTE },
			{ id: b, seen: start0 + 10 * MINUTE },
			{ id: c, seen: 0 },
		]);
	});

	test('outlives a restart, and forgets who was removed', async () => {
		const clock = createTestClock();
		const first = await start({ clock });
		const dataDir = first.dataDir;
		const space = await newSpace(2);
		const laptop = await join(first.url, space, { device: 1 });
		laptop.close();
		await laptop.closed;
		await clock.advance(5_000);
		const opened = openDatabase(joinPath(dataDir, 'relay.sqlite'));
		if (!opened.ok) throw new Error(opened.error.reason);
		using database = opened.value;
		const rows = () => database.prepare('SELECT device, at FROM seen').all();
		expect(rows()).toEqual([{ device: space.devices[1]?.id, at: Math.floor(clock.now() / MINUTE) * MINUTE }]);
		const [, two] = await listsOf(space, [[0]]);
		const phone = await join(first.url, space);
		phone.send({ type: 'list-put', list: two ?? new Uint8Array(0) });
		await phone.next('list-kept');
		await clock.advance(5_000);
		expect(rows().map(({ device }) => device)).toEqual([space.devices[0]?.id]);
	});
});

test('a space has so many claims on record; those of long ago make room', async () => {
	const clock = createTestClock();
	const { url, dataDir } = await start({ clock });
	const space = await newSpace();
	const client = await join(url, space);
	const opened = openDatabase(joinPath(dataDir, 'relay.sqlite'));
	if (!opened.ok) throw new Error(opened.error.reason);
	using database = opened.value;
	database
		.prepare(
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
			 INSERT INTO claims SELECT ?, 'claim-' || i, 'phone', 1, ?, 1 FROM n`,
		)
		.run(space.id, clock.now());
	const occurrence = new Uint8Array(16).fill(7);
	client.send({ type: 'claim', occurrence, leaseMs: 60_000 });
	expect(await client.next('error')).toMatchObject({ code: 'quota', about: idOf(7) });
	clock.jump(91 * 24 * 60 * MINUTE);
	client.send({ type: 'claim', occurrence, leaseMs: 60_000 });
	expect(await client.next('claimed')).toMatchObject({ fence: 1 });
});

/** Recognizable bytes, as ciphertext would be: nowhere else on this disk. */
const CANARY = crypto.getRandomValues(new Uint8Array(24));
function sealed(length: number): Bytes {
	const bytes = new Uint8Array(randomBytes(length));
	for (let at = 0; at + CANARY.length <= length; at += 100) bytes.set(CANARY, at);
	return bytes;
}

/** How often the canary stands in the files of a folder. */
function canaries(folder: string): number {
	let found = 0;
	for (const name of readdirSync(folder)) {
		const file = readFileSync(joinPath(folder, name));
		for (let at = file.indexOf(CANARY); at >= 0; at = file.indexOf(CANARY, at + 1)) found++;
	}
	return found;
}

describe('deleting a space', () => {
	let clock = createTestClock();
	beforeEach(() => {
		clock = createTestClock();
	});

	/** A space with something of everything in it, all of it with the canary where bytes are free. */
	async function fill(url: string, space: TestSpace) {
		const client = await join(url, space);
		for (let n = 1; n <= 60; n++) {
			const id = entryId(n);
			client.send({ type: 'append', stream: streamId(1 + (n % 3)), id, entry: sealed(n * 150) });
		}
		client.send({ type: 'append', stream: streamId(9), id: entryId(99), entry: sealed(300_000) });
		const recurrence = { type: 'interval', intervalMs: MINUTE, anchor: clock.now(), until: null } as const;
		for (let n = 1; n <= 20; n++) {
			const wake = { id: wakeId(n), revision: 1, recurrence, ttlMs: MINUTE, payload: sealed(1_500) };
			client.send({ type: 'wake-put', wake });
		}
		const { p256dh, auth } = createPushReceiver();
		const subscription = { endpoint: 'https://fcm.googleapis.com/x', p256dh, auth, appUrl: 'https://app.example/' };
		client.send({ type: 'push-put', subscription });
		client.send({ type: 'claim', occurrence: new Uint8Array(16), leaseMs: 1_000 });
		await client.drain();
		return client;
	}

	const tables = ['lists', 'streams', 'entries', 'wakes', 'subscriptions', 'deliveries', 'claims', 'seen'];
	function rowsLeft(dataDir: string): Record<string, unknown> {
		const opened = openDatabase(joinPath(dataDir, 'relay.sqlite'));
		if (!opened.ok) throw new Error(opened.error.reason);
		using database = opened.value;
		const left = tables.map((name) => [name, database.prepare(`SELECT count(*) AS n FROM ${name}`).get()?.n]);
		return Object.fromEntries(left);
	}

	const pushClient = { post: async () => ({ status: 503, retryAfter: undefined }) };

	test('leaves the statement and nothing else: no row, and no byte in any file', async () => {
		const { url, dataDir, settled } = await start({ clock, pushClient });
		const space = await newSpace();
		const client = await fill(url, space);
		await clock.advance(2 * MINUTE);
		expect(canaries(dataDir)).toBeGreaterThan(500);
		const statement = await deletionOf(space);
		client.send({ type: 'space-delete', statement });
		expect(await client.next('space-deleted')).toEqual({ type: 'space-deleted', statement });
		expect(await client.closed).toBe(4410);
		expect(canaries(dataDir)).toBe(0);
		await clock.advance(5_000);
		await settled();
		expect(rowsLeft(dataDir)).toEqual(Object.fromEntries(tables.map((name) => [name, 0])));
		expect(canaries(dataDir)).toBe(0);
	});

	test('every connection is told by the statement, and nobody comes in or founds it again', async () => {
		const { url } = await start({ clock });
		const space = await newSpace(2);
		const phone = await join(url, space);
		const laptop = await join(url, space, { device: 1 });
		const statement = await deletionOf(space, { by: null });
		const root = await join(url, space, { device: null });
		root.send({ type: 'space-delete', statement });
		for (const client of [phone, laptop, root]) {
			expect(await client.next('space-deleted')).toEqual({ type: 'space-deleted', statement });
			expect(await client.closed).toBe(4410);
		}
		for (const withList of [false, true]) {
			const back = await approach(url, space, { withList });
			expect(await back.next('space-deleted')).toEqual({ type: 'space-deleted', statement });
			expect(await back.closed).toBe(4410);
		}
	});

	test('a statement that is not by the space’s own deletes nothing', async () => {
		const { url } = await start({ clock });
		const space = await newSpace(2);
		const foreign = await newSpace();
		const client = await join(url, space);
		await join(url, foreign);
		const [, two] = await listsOf(space, [[0]]);
		client.send({ type: 'list-put', list: two ?? new Uint8Array(0) });
		await client.next('list-kept');
		const statements = [
			await deletionOf(space, { signer: await newSigner() }),
			await deletionOf(space, { by: 1 }),
			await deletionOf(foreign),
			new Uint8Array(100),
		];
		for (const statement of statements) {
			client.send({ type: 'space-delete', statement });
			expect(await client.next('error')).toMatchObject({ code: 'bad-signature' });
		}
		await join(url, foreign);
		expect(await client.drain()).toEqual([]);
	});

	test('the other spaces keep all they have', async () => {
		const { url, dataDir, settled } = await start({ clock, pushClient });
		const [gone, stays] = [await newSpace(), await newSpace()];
		const other = await join(url, stays);
		for (let n = 1; n <= 20; n++) {
			other.send({ type: 'append', stream: streamId(1), id: entryId(n), entry: new Uint8Array(500).fill(n) });
		}
		await other.drain();
		const client = await fill(url, gone);
		// Row by row in between, so that pages are shared, split and joined again.
		for (let n = 1; n <= 200; n++) {
			const id = toBase64Url(randomBytes(16)) as EntryId;
			const entry = sealed(30 + ((n * 37) % 1_900));
			client.send({ type: 'append', stream: streamId(4), id, entry });
			other.send({ type: 'append', stream: streamId(2), id, entry: new Uint8Array(entry.length).fill(n) });
			await Promise.all([client.next('echo'), other.next('echo')]);
		}
		client.send({ type: 'space-delete', statement: await deletionOf(gone) });
		await client.closed;
		await clock.advance(5_000);
		await settled();
		const reader = await join(url, stays);
		openAll(reader, streamId(2));
		expect(await reader.next('head')).toMatchObject({ seq: 200 });
		openAll(reader, streamId(1));
		expect((await reader.next('entries')).entries).toEqual(
			Array.from({ length: 20 }, (_, index) => new Uint8Array(500).fill(index + 1)),
		);
		expect(canaries(dataDir)).toBe(0);
	});

	test('what others write while it is deleted does not stay', async () => {
		const { url, dataDir, settled } = await start({ clock });
		const space = await newSpace(2);
		const [phone, laptop] = [await join(url, space), await join(url, space, { device: 1 })];
		const statement = await deletionOf(space);
		phone.send({ type: 'space-delete', statement });
		for (let n = 1; n <= 200; n++) {
			laptop.send({ type: 'append', stream: streamId(1), id: entryId(n), entry: sealed(1_000) });
		}
		await laptop.closed;
		await phone.closed;
		await settled();
		await clock.advance(5_000);
		await settled();
		expect([canaries(dataDir), rowsLeft(dataDir)]).toMatchObject([0, { streams: 0, entries: 0 }]);
	});

	test('while somebody reads a backup it is told done, and the last bytes go when they are through', async () => {
		const { url, dataDir, settled } = await start({ clock });
		const space = await newSpace();
		const client = await fill(url, space);
		const reader = new DatabaseSync(joinPath(dataDir, 'relay.sqlite'));
		reader.exec('BEGIN');
		reader.prepare('SELECT count(*) FROM lists').get();
		client.send({ type: 'space-delete', statement: await deletionOf(space) });
		await client.next('space-deleted');
		await clock.advance(5_000);
		await settled();
		expect(canaries(dataDir)).toBeGreaterThan(0);
		reader.close();
		await clock.advance(30_000);
		await settled();
		expect(canaries(dataDir)).toBe(0);
	});

	test('a relay that ended in the middle goes on at its next start', async () => {
		const first = await start({ clock });
		const space = await newSpace();
		await fill(first.url, space);
		const statement = await deletionOf(space);
		const opened = openDatabase(joinPath(first.dataDir, 'relay.sqlite'));
		if (!opened.ok) throw new Error(opened.error.reason);
		{
			using database = opened.value;
			database.prepare('INSERT INTO deletions VALUES (?, ?, 0)').run(space.id, statement);
		}
		const second = await startRelay({ clock, dataDir: first.dataDir });
		try {
			await second.settled();
			expect(rowsLeft(first.dataDir)).toMatchObject({ lists: 0, entries: 0, wakes: 0 });
			const back = await approach(second.url, space);
			expect(await back.next('space-deleted')).toEqual({ type: 'space-deleted', statement });
		} finally {
			await second.stop();
		}
	});
});
