import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toBase64Url } from '@pocketeer/core/bytes';
import type { EntryId } from '@pocketeer/core/ids';
import { SYNC_PATH } from '@pocketeer/core/protocol/messages';
import { join as joinSpace, newSpace, streamId, type TestClient } from '@pocketeer/sync/test-client';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { type Figure, spread } from './figure.ts';
import { residentMegabytes } from './idle-memory.ts';

const CONNECTIONS = 2;
/** A chat message or a second of typing, sealed and padded. */
const ENTRY_BYTES = 512;
const RUNS = 5;
const WARM_UP_MS = 500;
const MEASURE_MS = 1_500;

/** What a relay in a process of its own keeps on disk per second; next to it what its database alone does on this disk. */
export async function benchRelay(): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	const space = await newSpace(CONNECTIONS);
	const url = `${relay.url.replace('http', 'ws')}${SYNC_PATH}`;
	const clients: TestClient[] = [];
	for (let device = 0; device < CONNECTIONS; device++) clients.push(await joinSpace(url, space, { device }));
	// Before, between and after, because a machine is seldom as quick at one moment as at another.
	const floors = [await commitsPerSecond()];
	const pipelined = await appendsPerSecond(clients, 256);
	floors.push(await commitsPerSecond());
	const alone = await appendsPerSecond(clients.slice(0, 1), 1);
	floors.push(await commitsPerSecond());
	const floor = spread(floors).value;
	const after = residentMegabytes(relay.pid);
	for (const client of clients) client.close();
	const what = `${ENTRY_BYTES} bytes, each on disk before its echo`;
	return [
		{
			name: 'relay appends',
			...spread(pipelined),
			unit: '/s',
			floor,
			note: `${CONNECTIONS} connections, 256 under way, ${what}; floor: SQLite alone, one commit each`,
		},
		{
			name: 'relay appends, one by one',
			...spread(alone),
			unit: '/s',
			floor,
			note: `1 connection, 1 under way, ${what}; the same floor`,
		},
		{ name: 'relay after them', value: after, unit: 'MB', note: 'resident, with its connections open' },
	];
}

/** Echoes per second over all clients in each of some spans, each client keeping `window` appends under way. */
async function appendsPerSecond(clients: readonly TestClient[], window: number): Promise<readonly number[]> {
	let echoes = 0;
	let isOver = false;
	const work = clients.map(async (client, index) => {
		const stream = streamId(index + 1);
		const append = () => {
			const id = toBase64Url(randomBytes(16)) as EntryId;
			client.send({ type: 'append', stream, id, entry: new Uint8Array(randomBytes(ENTRY_BYTES)) });
		};
		for (let count = 0; count < window; count++) append();
		for (let open = window; open > 0; ) {
			await client.next('echo');
			echoes++;
			if (isOver) open--;
			else append();
		}
	});
	await elapse(WARM_UP_MS);
	const rates: number[] = [];
	while (rates.length < RUNS) {
		const before = echoes;
		const started = performance.now();
		await elapse(MEASURE_MS);
		rates.push(((echoes - before) * 1000) / (performance.now() - started));
	}
	isOver = true;
	await Promise.all(work);
	return rates;
}

/** Rows of an entry's size that SQLite commits per second, one by one, as durably as the relay does. */
async function commitsPerSecond(): Promise<number> {
	const folder = await mkdtemp(join(tmpdir(), 'pocketeer-bench-'));
	const database = new DatabaseSync(join(folder, 'floor.sqlite'));
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (entry BLOB)');
	const insert = database.prepare('INSERT INTO rows VALUES (?)');
	const started = performance.now();
	let commits = 0;
	for (; performance.now() - started < MEASURE_MS; commits++) insert.run(randomBytes(ENTRY_BYTES));
	const rate = (commits * 1000) / (performance.now() - started);
	database.close();
	await rm(folder, { recursive: true });
	return rate;
}

function elapse(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
