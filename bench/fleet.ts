import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Arrival, LoadAnswers, LoadRequest, LoadShape } from './load-protocol.ts';

/** Devices in processes of their own, thousands if need be. */
export interface Fleet extends AsyncDisposable {
	/** How many processes they are in. */
	readonly processes: number;
	found(what: {
		readonly origin: string;
		readonly spaces: number;
		readonly devices: number;
		readonly entries?: number;
	}): Promise<void>;
	/** Connects all devices, each at a random moment of `spreadMs`; of several processes the slowest counts. */
	connect(spreadMs?: number): Promise<Arrival>;
	append(how: LoadShape & { readonly runs: number; readonly spanMs: number; readonly warmUpMs: number }): Promise<Load>;
	/** Resolves, once the relay is gone, with how many entries it acknowledged before. */
	appendUntilCut(window: number): Promise<number>;
	check(): Promise<LoadAnswers['check']>;
	hangUp(): Promise<void>;
}

/** What came of a load, of all processes together. */
export interface Load {
	readonly spans: readonly { readonly rate: number; readonly echo: Uint32Array; readonly fanOut: Uint32Array }[];
	readonly appends: number;
}

const PROGRAM = fileURLToPath(new URL('./load-process.ts', import.meta.url));
/** More than this drive any relay of one process. */
const MOST_PROCESSES = 4;

/** Starts the processes: all cores but the relay's. */
export function startFleet(): Fleet {
	const size = Math.min(MOST_PROCESSES, Math.max(1, availableParallelism() - 1));
	const children = Array.from({ length: size }, () => fork(PROGRAM, { serialization: 'advanced' }));
	const all = <Type extends LoadRequest['type']>(request: (index: number) => Extract<LoadRequest, { type: Type }>) =>
		Promise.all(children.map((child, index) => ask<Type>(child, request(index))));

	return {
		processes: size,
		async found({ origin, spaces, devices, entries = 0 }) {
			await all<'found'>((index) => ({ type: 'found', origin, spaces: share(spaces, size, index), devices, entries }));
		},
		async connect(spreadMs = 0) {
			const arrivals = await all<'connect'>(() => ({ type: 'connect', spreadMs }));
			return {
				halfMs: Math.max(...arrivals.map(({ halfMs }) => halfMs)),
				allMs: Math.max(...arrivals.map(({ allMs }) => allMs)),
				redials: arrivals.reduce((sum, { redials }) => sum + redials, 0),
				bytes: arrivals.reduce((sum, { bytes }) => sum + bytes, 0),
			};
		},
		async append(how) {
			const shape = 'perSecond' in how ? { ...how, perSecond: how.perSecond / size } : how;
			return merge(await all<'append'>(() => ({ type: 'append', ...shape })));
		},
		async appendUntilCut(window) {
			const ends = await all<'append-until-cut'>(() => ({ type: 'append-until-cut', window }));
			return ends.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
		},
		async check() {
			const checks = await all<'check'>(() => ({ type: 'check' }));
			const add = (field: keyof LoadAnswers['check']) => checks.reduce((sum, check) => sum + check[field], 0);
			return { acknowledged: add('acknowledged'), missing: add('missing'), present: add('present') };
		},
		async hangUp() {
			await all<'hang-up'>(() => ({ type: 'hang-up' }));
		},
		async [Symbol.asyncDispose]() {
			await Promise.all(children.map(end));
		},
	};
}

function share(total: number, parts: number, index: number): number {
	return Math.floor(total / parts) + (index < total % parts ? 1 : 0);
}

function ask<Type extends LoadRequest['type']>(
	child: ChildProcess,
	request: Extract<LoadRequest, { type: Type }>,
): Promise<LoadAnswers[Type]> {
	return new Promise((resolve, reject) => {
		const exited = () => reject(new Error('a process of load generators ended'));
		child.once('exit', exited);
		child.once('message', (message: { value: LoadAnswers[Type] } | { error: string }) => {
			child.off('exit', exited);
			if ('error' in message) reject(new Error(message.error));
			else resolve(message.value);
		});
		child.send(request);
	});
}

function end(child: ChildProcess): Promise<unknown> {
	if (child.exitCode !== null) return Promise.resolve();
	const exited = new Promise((resolve) => child.once('exit', resolve));
	child.kill('SIGKILL');
	return exited;
}

/** Rates add up; latencies are of one distribution. */
function merge(loads: readonly Load[]): Load {
	const [first] = loads;
	const spans = (first?.spans ?? []).map((_, index) => {
		const parts = loads.flatMap(({ spans }) => spans[index] ?? []);
		return {
			rate: parts.reduce((sum, { rate }) => sum + rate, 0),
			echo: addUp(parts.map(({ echo }) => echo)),
			fanOut: addUp(parts.map(({ fanOut }) => fanOut)),
		};
	});
	return { spans, appends: loads.reduce((sum, { appends }) => sum + appends, 0) };
}

function addUp(counts: readonly Uint32Array[]): Uint32Array {
	const [first = new Uint32Array(), ...others] = counts;
	return first.map((count, step) => others.reduce((sum, other) => sum + (other[step] ?? 0), count));
}
