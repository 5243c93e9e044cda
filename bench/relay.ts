import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type RelayProcess, startRelayProcess } from '../e2e/support/relay-process.ts';
import { type Figure, spread } from './figure.ts';
import { type Fleet, type Load, startFleet } from './fleet.ts';
import { ENTRY_BYTES } from './load-device.ts';
import { type LoadShape, quantile } from './load-protocol.ts';
import type { BenchOptions } from './options.ts';
import { cpuSeconds, residentKilobytes } from './process-stats.ts';

const SPACES = 100;
/** Appends of each device under way, where the relay is to be busy: of four documents one each. */
const WINDOW = 4;
/** A pace that leaves the relay air: what a person sees depends on this latency, not on that of a relay at its end. */
const PER_SECOND = 2_000;
const WARM_UP_MS = 500;
const FLOOR_MS = 700;
/** Targets of issue 3. */
const APPENDS_PER_CORE = 20_000;
const FAN_OUT_P99_MS = 100;

/**
 * What a relay in a process of its own keeps on disk per second and passes on to other devices; next to it what its
 * database alone does on this disk with as many rows in each commit.
 */
export async function benchRelay({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	const shape = { runs: isFull ? 7 : 3, spanMs: isFull ? 5_000 : 1_000 };
	const figures: Figure[] = [];
	for (const devices of [2, 3]) figures.push(...(await benchSpaces(devices, shape)));
	return [...figures, ...(await benchOneByOne(shape))];
}

interface Shape {
	readonly runs: number;
	readonly spanMs: number;
}

async function benchSpaces(devices: number, shape: Shape): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	await using fleet = startFleet();
	await fleet.found({ origin: relay.url, spaces: SPACES, devices });
	await fleet.connect();
	const busy = await measure(relay, fleet, { ...shape, window: WINDOW });
	const calm = await measure(relay, fleet, { ...shape, perSecond: PER_SECOND });
	const where = `${SPACES} spaces × ${devices} devices`;
	const what = `${ENTRY_BYTES} bytes, on disk before the echo, to ${devices - 1} other${devices > 2 ? 's' : ''}`;
	const many = `${WINDOW} of each device under way, ${busy.group.toFixed(0)} in a commit`;
	const after = residentKilobytes(relay.pid) / 1024;
	return [
		{
			name: `appends, ${where}`,
			...spread(busy.rates),
			...{ unit: '/s', floor: busy.floor },
			note: `${what}, ${many}; floor: SQLite alone, as many rows in a commit; ${coresOf(fleet)}`,
		},
		{
			name: `appends per core, ${where}`,
			...spread(busy.perCore),
			...{ unit: '/s', target: APPENDS_PER_CORE },
			note: 'the same, per second of processor time of the relay, its system calls and the disk’s included',
		},
		...latencies(`busy, ${where}`, busy, 'the same, from sending to another device'),
		...latencies(
			`${PER_SECOND}/s, ${where}`,
			calm,
			`appends come at ${PER_SECOND}/s (${calm.group.toFixed(1)} in a commit), each counts from when it was due`,
		),
		{ name: `relay after them, ${where}`, value: after, unit: 'MB', note: 'resident, its connections open' },
	];
}

async function benchOneByOne(shape: Shape): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	await using fleet = startFleet();
	await fleet.found({ origin: relay.url, spaces: 1, devices: 1 });
	await fleet.connect();
	const alone = await measure(relay, fleet, { ...shape, window: 1 });
	return [
		{
			name: 'appends, one by one',
			...spread(alone.rates),
			...{ unit: '/s', floor: alone.floor },
			note: 'one device, the next when the one before is on disk; floor: SQLite alone, one row in a commit',
		},
	];
}

interface Measured {
	readonly rates: readonly number[];
	readonly perCore: readonly number[];
	readonly loads: readonly Load[];
	/** Entries in a commit, on average. */
	readonly group: number;
	readonly floor: number;
}

/** Each run with its processor time, and the floor right after it: a machine is seldom as quick as a minute ago. */
async function measure(relay: RelayProcess, fleet: Fleet, how: LoadShape & Shape): Promise<Measured> {
	const [rates, perCore, loads]: [number[], number[], Load[]] = [[], [], []];
	const [groups, floors]: [number[], number[]] = [[], []];
	for (let run = 0; run < how.runs; run++) {
		const commitsBefore = await relay.metric('commits_total');
		const cpuBefore = cpuSeconds(relay.pid);
		const load = await fleet.append({ ...how, runs: 1, warmUpMs: WARM_UP_MS });
		perCore.push(load.appends / (cpuSeconds(relay.pid) - cpuBefore));
		rates.push(...load.spans.map(({ rate }) => rate));
		loads.push(load);
		const group = load.appends / ((await relay.metric('commits_total')) - commitsBefore);
		groups.push(group);
		floors.push(await rowsPerSecond(group));
	}
	return { rates, perCore, loads, group: spread(groups).value, floor: spread(floors).value };
}

function latencies(name: string, { loads }: Measured, note: string): readonly Figure[] {
	const spans = loads.flatMap((load) => load.spans);
	const of = (part: number) => spread(spans.map(({ fanOut }) => quantile(fanOut, part)));
	return [
		{ name: `fan-out p50, ${name}`, ...of(0.5), unit: 'ms', note },
		{ name: `fan-out p99, ${name}`, ...of(0.99), unit: 'ms', limit: FAN_OUT_P99_MS, note: 'the same' },
	];
}

/** Rows of an entry's size that SQLite keeps per second, so many in a commit, as durably as the relay does. */
async function rowsPerSecond(group: number): Promise<number> {
	const folder = await mkdtemp(join(tmpdir(), 'pocketeer-bench-'));
	const database = new DatabaseSync(join(folder, 'floor.sqlite'));
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000');
	database.exec('CREATE TABLE rows (entry BLOB)');
	const insert = database.prepare('INSERT INTO rows VALUES (?)');
	const entry = randomBytes(ENTRY_BYTES);
	const started = performance.now();
	let rows = 0;
	while (performance.now() - started < FLOOR_MS) {
		database.exec('BEGIN IMMEDIATE');
		for (let count = 0; count < Math.max(1, Math.round(group)); count++, rows++) insert.run(entry);
		database.exec('COMMIT');
	}
	const rate = (rows * 1000) / (performance.now() - started);
	database.close();
	await rm(folder, { recursive: true });
	return rate;
}

function coresOf({ processes }: Fleet): string {
	return `${cpus().length} cores: the relay in one process, its devices in ${processes} more`;
}
