import { createMemoryStore } from '@pocketeer/core/testing/memory-store';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { expectOk, until } from '../tests/support.ts';
import { type Figure, spread } from './figure.ts';
import { HOME, joinSpace, online, openSpace, startDevice } from './node-device.ts';
import type { BenchOptions } from './options.ts';
import { makeYear, type Year } from './year.ts';

/** A year of use (issue 3). */
export const YEAR = { messagesPerMonth: 1_500, files: 500 } as const;
/** What fits into a quick run. */
export const SHORT_YEAR = { messagesPerMonth: 100, files: 100 } as const;

/**
 * A new device of a year-old space without a browser: until it could show the newest month and the tree, and until it
 * has the text of every file; from a log of entries only, and from one with the snapshots that devices make.
 */
export async function benchJoin({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	const runs = isFull ? 5 : 3;
	const year = await makeYear({ relay: relay.url, ...(isFull ? YEAR : SHORT_YEAR) });
	const fromEntries = await joins(relay.url, year, runs);
	const snapshots = await year.addSnapshots();
	const fromSnapshots = await joins(relay.url, year, runs);
	year.close();
	const what = `${year.messages} messages, ${year.files} files, ${year.entries} entries`;
	return [
		...figuresOf('entries', fromEntries, what),
		...figuresOf('snapshots', fromSnapshots, `${what}, ${snapshots} snapshots and what came after them`),
	];
}

interface Join {
	readonly usableMs: number;
	readonly usableBytes: number;
	readonly allMs: number;
	readonly allBytes: number;
}

function figuresOf(from: string, joins: readonly Join[], what: string): readonly Figure[] {
	const of = (field: keyof Join, unit: number) => spread(joins.map((join) => join[field] / unit));
	return [
		{
			name: `join from ${from}, usable`,
			...of('usableMs', 1_000),
			unit: 's',
			note: `${what}; from dialling to the newest months and the tree in memory, with the client's own code`,
		},
		{ name: `join from ${from}, received`, ...of('usableBytes', 1_000), unit: 'kB', note: 'by then' },
		{ name: `join from ${from}, all files`, ...of('allMs', 1_000), unit: 's', note: 'until every file has its text' },
		{ name: `join from ${from}, received`, ...of('allBytes', 1_000), unit: 'kB', note: 'by then' },
	];
}

async function joins(relay: string, year: Year, runs: number): Promise<readonly Join[]> {
	const joins: Join[] = [];
	while (joins.length < runs) joins.push(await joinOnce(relay, year));
	return joins;
}

async function joinOnce(relay: string, year: Year): Promise<Join> {
	const identity = await joinSpace(relay, year.words);
	const started = performance.now();
	await using device = startDevice(relay, identity, createMemoryStore());
	await online(device);
	await device.sync.caughtUp(HOME);
	using space = await openSpace(device, identity);
	const [line] = space.lines.list();
	if (!line) throw new Error('the year has no line');
	using chat = expectOk(await space.lines.open(line.id));
	await until(chat, () => JSON.stringify(chat.records().slice(-3)).includes(year.newest));
	const usableMs = performance.now() - started;
	const usableBytes = device.traffic.received;
	const files = space.files.list().filter(({ isDefault }) => !isDefault);
	if (files.length < year.files) throw new Error(`${files.length} of ${year.files} files are in the tree`);
	for (const { path } of files) {
		await until(space.files, async () => (await space.files.read(path)).ok);
	}
	return { usableMs, usableBytes, allMs: performance.now() - started, allBytes: device.traffic.received };
}
