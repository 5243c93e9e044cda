import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toBase64Url } from '@pocketeer/core/bytes';
import type { EntryId } from '@pocketeer/core/ids';
import { SYNC_PATH } from '@pocketeer/core/protocol/messages';
import { join as joinSpace, newSpace, streamId, type TestClient } from '@pocketeer/sync/test-client';

/** One figure of the benchmark. */
export interface Figure {
	readonly name: string;
	readonly value: number;
	readonly unit: string;
	/** What was measured, in half a sentence. */
	readonly note: string;
}

const MAIN = fileURLToPath(new URL('../apps/sync/src/main.ts', import.meta.url));
const CONNECTIONS = 2;
/** A chat message or a second of typing, sealed and padded. */
const ENTRY_BYTES = 512;
const WARM_UP_MS = 500;
const MEASURE_MS = 3_000;

/** Starts the relay as a process of its own and measures what it keeps on disk per second, and its memory when idle. */
export async function benchRelay(): Promise<Figure[]> {
	const dataDir = await mkdtemp(join(tmpdir(), 'pocketeer-bench-'));
	const child = spawn(process.execPath, [MAIN], {
		env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: '0' },
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	try {
		const url = await listening(child);
		await fetch(`${url}/healthz`);
		const idleBytes = residentBytes(child);
		const space = await newSpace(CONNECTIONS);
		const socketUrl = `${url.replace('http', 'ws')}${SYNC_PATH}`;
		const clients: TestClient[] = [];
		for (let device = 0; device < CONNECTIONS; device++) clients.push(await joinSpace(socketUrl, space, { device }));
		const pipelined = await appendsPerSecond(clients, 256);
		const alone = await appendsPerSecond(clients.slice(0, 1), 1);
		for (const client of clients) client.close();
		const what = `of ${ENTRY_BYTES} bytes, each on disk before its echo`;
		return [
			{
				name: 'relay appends',
				value: pipelined,
				unit: '/s',
				note: `${CONNECTIONS} connections, 256 under way, ${what}`,
			},
			{ name: 'relay appends, one by one', value: alone, unit: '/s', note: `1 connection, 1 under way, ${what}` },
			{
				name: 'relay memory, idle',
				value: toMegabytes(idleBytes),
				unit: 'MB',
				note: 'resident, after its first request',
			},
			{
				name: 'relay memory, after load',
				value: toMegabytes(residentBytes(child)),
				unit: 'MB',
				note: 'resident, after the appends above',
			},
		];
	} finally {
		child.kill('SIGTERM');
		await new Promise((resolve) => child.once('close', resolve));
		await rm(dataDir, { recursive: true, force: true });
	}
}

/** Echoes per second over all clients, each keeping `window` appends under way. */
async function appendsPerSecond(clients: readonly TestClient[], window: number): Promise<number> {
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
	const before = echoes;
	const started = performance.now();
	await elapse(MEASURE_MS);
	const rate = ((echoes - before) * 1000) / (performance.now() - started);
	isOver = true;
	await Promise.all(work);
	return Math.round(rate);
}

function listening(child: ChildProcess): Promise<string> {
	return new Promise((resolve, reject) => {
		let said = '';
		child.stdout?.on('data', (chunk) => {
			said += String(chunk);
			const url = /running at (\S+)\n/.exec(said)?.[1];
			if (url) resolve(url);
		});
		child.once('close', () => reject(new Error('the relay did not start')));
	});
}

/** Resident memory of a process, by the system's own account. */
function residentBytes({ pid }: ChildProcess): number {
	return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) * 1024;
}

function elapse(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

function toMegabytes(bytes: number): number {
	return Math.round(bytes / 1024 / 1024);
}
