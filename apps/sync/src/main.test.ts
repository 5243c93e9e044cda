import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bytes, fromUtf8, toBase64Url, utf8 } from '@pocketeer/core/bytes';
import type { EntryId, StreamId } from '@pocketeer/core/ids';
import { emptyChain, nextChain } from '@pocketeer/core/protocol/chain';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { entryId, join as joinSpace, newSpace, openAll, streamId, type TestClient } from './test-client.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

let dataDir = '';
const running: ChildProcess[] = [];
beforeEach(async () => {
	dataDir = await mkdtemp(join(tmpdir(), 'pocketeer-main-'));
});
afterEach(async () => {
	for (const child of running.splice(0)) child.kill('SIGKILL');
	await rm(dataDir, { recursive: true, force: true });
});

/** Runs the relay as `npm start` does. */
function run(env: Record<string, string> = {}) {
	const child = spawn(process.execPath, [MAIN], {
		env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir, PORT: '0', ...env },
	});
	running.push(child);
	const said = { out: '', error: '' };
	child.stdout.on('data', (chunk) => {
		said.out += String(chunk);
	});
	child.stderr.on('data', (chunk) => {
		said.error += String(chunk);
	});
	const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
	const listening = new Promise<string>((resolve, reject) => {
		child.stdout.on('data', () => {
			const url = /^Pocketeer is running at (http:\/\/localhost:\d+)$/m.exec(said.out)?.[1];
			if (url) resolve(url);
		});
		void ended.then(() => reject(new Error(`ended: ${said.error}`)));
	});
	listening.catch(() => undefined);
	return { child, said, ended, listening };
}

/** A 16-byte id of any number. */
function wideId(number: number): EntryId {
	const bytes = new Uint8Array(16);
	new DataView(bytes.buffer).setUint32(0, number);
	return toBase64Url(bytes) as EntryId;
}

/** The whole log of a stream, in order, and the head behind it. */
async function readAll(reader: TestClient, stream: StreamId) {
	const entries: Bytes[] = [];
	openAll(reader, stream);
	for (;;) {
		for (const message of await reader.drain()) {
			if (message.type === 'head') return { entries, head: message };
			if (message.type !== 'entries') continue;
			expect(message.from).toBe(entries.length + 1);
			entries.push(...message.entries);
		}
	}
}

const socketOf = (httpUrl: string) => `${httpUrl.replace('http', 'ws')}/v1/sync`;

describe('the relay as a process', () => {
	test('prints where it runs, answers there, and keeps its data in one folder', async () => {
		const { listening, said } = run();
		const url = await listening;
		expect((await fetch(`${url}/healthz`)).status).toBe(200);
		expect(said.out).toBe(`Pocketeer is running at ${url}\n`);
		expect(said.error).toBe('');
		expect((await stat(join(dataDir, 'vapid.json'))).mode & 0o077).toBe(0);
		expect(existsSync(join(dataDir, 'relay.sqlite'))).toBe(true);
	});

	test.each(['SIGINT', 'SIGTERM'] as const)(
		'on %s it says goodbye, leaves one whole file, and ends within a second',
		async (signal) => {
			const { child, listening, ended } = run();
			const client = await joinSpace(socketOf(await listening), await newSpace());
			client.send({ type: 'append', stream: streamId(1), id: entryId(1), entry: utf8('kept') });
			const asked = performance.now();
			// Under npm the signal comes from the terminal and from npm.
			child.kill(signal);
			child.kill(signal);
			expect(await client.closed).toBe(4501);
			expect(await ended).toBe(0);
			expect(performance.now() - asked).toBeLessThan(1_000);
			expect(existsSync(join(dataDir, 'relay.sqlite-wal'))).toBe(false);
		},
	);

	test('a client that does not answer the goodbye does not keep it running', async () => {
		const { child, listening, ended } = run();
		const client = await joinSpace(socketOf(await listening), await newSpace());
		client.pause();
		child.kill('SIGTERM');
		expect(await ended).toBe(0);
	});

	test('what was echoed is there after kill −9, and its push keys and timeline stay the same', async () => {
		const space = await newSpace();
		const first = run();
		const writer = await joinSpace(socketOf(await first.listening), space);
		for (let n = 1; n <= 50; n++)
			writer.send({ type: 'append', stream: streamId(1), id: entryId(n), entry: utf8(`e${n}`) });
		for (let n = 1; n <= 50; n++) await writer.next('echo');
		first.child.kill('SIGKILL');
		await first.ended;
		const keys = await readFile(join(dataDir, 'vapid.json'), 'utf8');

		const second = run();
		const reader = await joinSpace(socketOf(await second.listening), space, { withList: false });
		openAll(reader, streamId(1));
		const { from, entries } = await reader.next('entries');
		expect([from, entries.length]).toEqual([1, 50]);
		expect(await readFile(join(dataDir, 'vapid.json'), 'utf8')).toBe(keys);
	});

	test('killed again and again while many write, it has every entry it echoed, once, in order, under its number', async () => {
		const space = await newSpace(3);
		/** What the relay said it has: number by stream and entry. */
		const echoed = new Map<string, number>();
		let entry = 0;
		for (let round = 0; round < 4; round++) {
			const relay = run();
			const url = socketOf(await relay.listening);
			const writers = await Promise.all([0, 1, 2].map((device) => joinSpace(url, space, { device })));
			const writing = writers.map(async (writer, index) => {
				for (let count = 0; count < 400; count++) {
					const id = wideId(++entry);
					writer.send({
						type: 'append',
						stream: streamId(1 + (index % 2)),
						id,
						entry: utf8(`${id} ${'x'.repeat(900)}`),
					});
				}
				for (;;) {
					const { stream, id, seq } = await writer.next('echo');
					echoed.set(`${stream} ${id}`, seq);
					// In the middle of it, at another place each round.
					if (echoed.size > (round + 1) * 150 + index) relay.child.kill('SIGKILL');
				}
			});
			await Promise.allSettled(writing);
			await relay.ended;
		}

		const last = run();
		const reader = await joinSpace(socketOf(await last.listening), space);
		const kept = new Map<string, number>();
		for (const stream of [streamId(1), streamId(2)]) {
			const { entries, head } = await readAll(reader, stream);
			let chain = emptyChain();
			for (const [index, bytes] of entries.entries()) {
				chain = await nextChain(chain, bytes);
				const key = `${stream} ${fromUtf8(bytes).split(' ')[0]}`;
				expect(kept.has(key)).toBe(false);
				kept.set(key, index + 1);
			}
			expect([head.seq, head.chain]).toEqual([entries.length, chain]);
		}
		expect(echoed.size).toBeGreaterThan(600);
		for (const [key, seq] of echoed) expect([key, kept.get(key)]).toEqual([key, seq]);
	}, 60_000);

	test('a port that is taken, a folder that cannot be made and keys that are broken are named in one sentence', async () => {
		const taken = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => taken.once('listening', resolve));
		const address = taken.address();
		const port = typeof address === 'object' && address ? address.port : 0;
		const busy = run({ PORT: String(port) });
		expect(await busy.ended).toBe(1);
		expect(busy.said.error).toBe(`Port ${port} is in use already. Stop what uses it, or set PORT to another number.\n`);
		taken.close();

		await writeFile(join(dataDir, 'file'), '');
		const noFolder = run({ DATA_DIR: join(dataDir, 'file/data') });
		expect(await noFolder.ended).toBe(1);
		expect(noFolder.said.error).toMatch(/^The data folder .* cannot be made \(ENOTDIR\)\. Set DATA_DIR .*\.\n$/);

		await writeFile(join(dataDir, 'vapid.json'), '{"publicKey":"x"}');
		const badKeys = run();
		expect(await badKeys.ended).toBe(1);
		expect(badKeys.said.error).toContain('does not hold the push keys');
		expect(await readFile(join(dataDir, 'vapid.json'), 'utf8')).toBe('{"publicKey":"x"}');
	});

	test('a folder in which nothing can be put is named in one sentence', async () => {
		const first = run();
		await first.listening;
		first.child.kill('SIGTERM');
		await first.ended;
		// As a full or protected disk would: the file beside the database cannot be written anew.
		await mkdir(join(dataDir, 'starts.json.new'));
		const second = run();
		expect(await second.ended).toBe(1);
		expect(second.said.error).toMatch(/^The data folder .* cannot be written \(EISDIR\)\. [^\n]*\n$/);
	});

	test('a database that is none is named, and left as it is', async () => {
		await writeFile(join(dataDir, 'relay.sqlite'), 'x'.repeat(10_000));
		const { ended, said } = run();
		expect(await ended).toBe(1);
		expect(said.error).toMatch(/^The database .*relay\.sqlite cannot be opened: .*\n$/);
		expect(await readFile(join(dataDir, 'relay.sqlite'), 'utf8')).toBe('x'.repeat(10_000));
	});

	test('DATABASE_URL and a bad PORT are answered before anything is touched', async () => {
		const postgres = run({ DATABASE_URL: 'postgres://localhost/pocketeer' });
		expect(await postgres.ended).toBe(1);
		expect(postgres.said.error).toContain('PostgreSQL is not built yet');
		const badPort = run({ PORT: 'eight' });
		expect(await badPort.ended).toBe(1);
		expect(badPort.said.error).toContain('PORT is "eight"');
		expect(existsSync(join(dataDir, 'relay.sqlite'))).toBe(false);
	});

	test('its log holds no content, token or endpoint', async () => {
		const { child, listening, ended, said } = run({ LOG_LEVEL: 'info', INVITE_TOKEN: 'sesame-token' });
		const space = await newSpace();
		const client = await joinSpace(socketOf(await listening), space, { invite: 'sesame-token' });
		client.send({ type: 'append', stream: streamId(1), id: entryId(1), entry: utf8('sealed-content') });
		const subscription = { endpoint: 'https://evil.example/secret-endpoint', p256dh: '', auth: '', appUrl: '' };
		client.send({ type: 'push-put', subscription });
		await client.drain();
		client.sendRaw(Uint8Array.of(1));
		await client.closed;
		child.kill('SIGTERM');
		await ended;
		for (const line of said.error.trimEnd().split('\n'))
			expect(JSON.parse(line)).toMatchObject({ event: expect.any(String) });
		expect(said.error).toContain('"event":"started"');
		expect(said.error).not.toMatch(/sesame|sealed-content|evil\.example|secret-endpoint/);
	});
});
