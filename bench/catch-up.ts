import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { EntryId, SnapshotId } from '@pocketeer/core/ids';
import { encodeClientMessage } from '@pocketeer/core/protocol/codec';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import { type RelayProcess, startRelayProcess } from '../e2e/support/relay-process.ts';
import { type Figure, spread } from './figure.ts';
import { ENTRY_BYTES, forEachEntry } from './load-device.ts';
import type { BenchOptions } from './options.ts';
import { peakKilobytes, resetPeak, residentKilobytes } from './process-stats.ts';
import { joinedRaw, makeRawSpace, openFromStart, type RawSpace, randomId, readMessage } from './raw-device.ts';
import type { RawSocket } from './raw-socket.ts';

const MANY_ENTRIES = 10_000;
/** A log of large entries, and a snapshot that is a little smaller, so that the relay prefers it. */
const LARGE = { entries: 2_560, bytes: 4_096 } as const;
const SNAPSHOT_BYTES = 10_000_000;
/** Appends sent before the relay is asked whether it is done with them. */
const BURST = 500;
/** Version and epoch, with which all that is sealed begins (SPEC.md). */
const SEALED_HEAD = Uint8Array.of(1, 1);
/** Targets of issue 3, for 10 MB; the half of it in small entries has them, too. */
const LIMIT_MS = 250;
const LIMIT_GROWTH_MB = 20;

/** A device that has nothing reads a long log, and what the relay takes for it. */
export async function benchCatchUp({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	const runs = isFull ? 9 : 3;
	const many = await makeRawSpace(2);
	await fill(relay.url, many, { entries: MANY_ENTRIES, bytes: ENTRY_BYTES });
	const ofMany = await measure(relay, many, runs);
	const large = await makeRawSpace(2);
	const head = await fill(relay.url, large, LARGE);
	const ofLarge = await measure(relay, large, runs);
	await putSnapshot(relay.url, large, head);
	const ofSnapshot = await measure(relay, large, runs);
	const megabytes = (LARGE.entries * LARGE.bytes) / 1e6;
	return [
		...figuresOf(`${MANY_ENTRIES} entries`, ofMany, `${ENTRY_BYTES} bytes each`),
		...figuresOf('10 MB of entries', ofLarge, `${LARGE.entries} of ${LARGE.bytes} bytes, ${megabytes.toFixed(1)} MB`),
		...figuresOf('10 MB snapshot', ofSnapshot, `in parts of ${LIMITS.snapshotPart / 1024} kB; no entries behind it`),
	];
}

interface Read {
	readonly ms: number;
	readonly floorMs: number;
	readonly growthMegabytes: number;
}

function figuresOf(name: string, reads: readonly Read[], note: string): readonly Figure[] {
	const floor = spread(reads.map(({ floorMs }) => floorMs)).value;
	return [
		{
			name: `${name} to a new device`,
			...spread(reads.map(({ ms }) => ms)),
			...{ unit: 'ms', floor, limit: LIMIT_MS },
			note: `${note}; from dialling to its head, authentication included; floor: the same bytes over a bare TCP connection`,
		},
		{
			name: `relay's growth by it`,
			...spread(reads.map(({ growthMegabytes }) => growthMegabytes)),
			...{ unit: 'MB', limit: LIMIT_GROWTH_MB },
			note: 'peak of resident memory over that before, of a relay just started and asked for little',
		},
	];
}

async function measure(relay: RelayProcess, space: RawSpace, runs: number): Promise<readonly Read[]> {
	const small = await makeRawSpace(2);
	await fill(relay.url, small, { entries: 20, bytes: ENTRY_BYTES });
	const reads: Read[] = [];
	while (reads.length < runs) {
		await relay.stop();
		await relay.start();
		await readAll(relay.url, small);
		const before = residentKilobytes(relay.pid);
		resetPeak(relay.pid);
		const { ms, bytes } = await readAll(relay.url, space);
		const growthMegabytes = (peakKilobytes(relay.pid) - before) / 1024;
		reads.push({ ms, growthMegabytes, floorMs: await bareTransfer(bytes) });
	}
	return reads;
}

/** Everything of the home stream, to a device that has nothing. */
async function readAll(url: string, space: RawSpace): Promise<{ readonly ms: number; readonly bytes: number }> {
	const started = performance.now();
	let next = 1;
	let end: (seq: number) => void = () => undefined;
	const head = new Promise<number>((resolve) => {
		end = resolve;
	});
	const socket = await joinedRaw(url, { space, index: 1 }, (bytes) => {
		const message = readMessage(bytes);
		if (message.type === 'snapshot' && message.index + 1 === message.count) next = message.covers + 1;
		if (message.type === 'entries') {
			forEachEntry(bytes, (_, seq) => {
				if (seq !== next++) throw new Error(`entry ${seq} came out of turn`);
			});
		}
		if (message.type === 'head') end(message.seq);
	});
	openFromStart(socket, space.home);
	const seq = await head;
	if (next !== seq + 1) throw new Error(`${next - 1} of ${seq} entries came`);
	const ms = performance.now() - started;
	const bytes = socket.receivedBytes;
	socket.close();
	return { ms, bytes };
}

type Head = Extract<RelayMessage, { readonly type: 'head' }>;

/** Founds a space whose home stream holds so many entries; answers where it stands. */
async function fill(
	url: string,
	space: RawSpace,
	{ entries, bytes }: { readonly entries: number; readonly bytes: number },
): Promise<Head> {
	const { socket, next } = await talk(url, space);
	for (let count = 1; count <= entries; count++) {
		const entry = sealedNoise(bytes);
		socket.send(encodeClientMessage({ type: 'append', stream: space.home, id: randomId<EntryId>(), entry }));
		if (count % BURST > 0) continue;
		socket.send(encodeClientMessage({ type: 'ping' }));
		await next('pong');
	}
	openFromStart(socket, space.home);
	const head = await next('head');
	socket.close();
	return head;
}

async function putSnapshot(url: string, space: RawSpace, { seq, chain }: Head): Promise<void> {
	const { socket, next } = await talk(url, space);
	const snapshot = sealedNoise(SNAPSHOT_BYTES);
	const count = Math.ceil(snapshot.length / LIMITS.snapshotPart);
	const fields = { stream: space.home, id: randomId<SnapshotId>(), covers: seq, chain, count };
	for (let index = 0; index < count; index++) {
		const part = snapshot.slice(index * LIMITS.snapshotPart, (index + 1) * LIMITS.snapshotPart);
		socket.send(encodeClientMessage({ type: 'snapshot-put', ...fields, index, part }));
	}
	await next('snapshot-kept');
	socket.close();
}

/** The first device of a space, which founds it; `next` resolves with the next message of a type. */
async function talk(url: string, space: RawSpace) {
	let heard: (message: RelayMessage) => void = () => undefined;
	const socket: RawSocket = await joinedRaw(url, { space, index: 0, isFounding: true }, (bytes) =>
		heard(readMessage(bytes)),
	);
	const next = <Type extends RelayMessage['type']>(type: Type) =>
		new Promise<Extract<RelayMessage, { readonly type: Type }>>((resolve, reject) => {
			const isWanted = (message: RelayMessage): message is Extract<RelayMessage, { readonly type: Type }> =>
				message.type === type;
			heard = (message) => {
				if (isWanted(message)) resolve(message);
				else if (message.type === 'error') reject(new Error(`the relay refused: ${message.message}`));
			};
		});
	return { socket, next };
}

function sealedNoise(bytes: number): Uint8Array<ArrayBuffer> {
	const sealed = new Uint8Array(randomBytes(bytes));
	sealed.set(SEALED_HEAD);
	return sealed;
}

/** What another process writes at once to whoever connects. */
const BARE_SERVER = `
	const bytes = Buffer.alloc(Number(process.argv[1]), 7);
	const server = require('node:net').createServer((socket) => socket.end(bytes));
	server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** Milliseconds from dialling to the last of so many bytes, from a process that does nothing else. */
async function bareTransfer(bytes: number): Promise<number> {
	const server: ChildProcess = spawn(process.execPath, ['--eval', BARE_SERVER, String(bytes)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	try {
		if (!server.stdout) throw new Error('no output');
		const [line] = await once(server.stdout, 'data');
		const started = performance.now();
		const socket = connect(Number(String(line)), '127.0.0.1');
		let received = 0;
		socket.on('data', (chunk) => {
			received += chunk.length;
		});
		await once(socket, 'close');
		if (received !== bytes) throw new Error('the bare transfer was cut');
		return performance.now() - started;
	} finally {
		server.kill();
	}
}
