import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTATIONS, type Mutation } from '../tests/world/mutations.ts';
import type { ShardOrder, ShardWord } from '../tests/world/shard.ts';

// Plays schedules of the seeded world on all cores: `--runs` of them from `--seed` on, and says which went wrong.
// With `--mutations` each rule is switched off in turn (or, with `--only R3`, those named so), and the world has to notice.
// `--stats` tells in how many schedules what came about.

const { values } = parseArgs({
	options: {
		runs: { type: 'string', default: '2000' },
		seed: { type: 'string', default: '1' },
		stats: { type: 'boolean', default: process.env.WORLD_STATS !== undefined },
		mutations: { type: 'boolean', default: false },
		only: { type: 'string', default: '' },
	},
});
const SHARD = fileURLToPath(new URL('../tests/world/shard.ts', import.meta.url));
/** A schedule takes a tenth of a second; one that does not end is a failure like any other. */
const SILENT_MS = 60_000;
/** Schedules in which a rule that is switched off has to be missed. */
const MUTATION_RUNS = 400;
const SHOWN_FAILURES = 10;

interface Played {
	readonly seed: number;
	readonly wrong: readonly string[];
	readonly happened: readonly string[];
}

if (values.mutations) await checkMutations();
else await playAll(Number(values.runs), Number(values.seed));

async function playAll(runs: number, first: number): Promise<void> {
	const started = performance.now();
	let failures = 0;
	const tell = ({ seed, wrong }: Played) => {
		if (wrong.length === 0 || ++failures > SHOWN_FAILURES) return;
		console.error(`seed ${seed}: npm run test:world -- --runs 1 --seed ${seed}`);
		for (const line of wrong) console.error(`  ${line}`);
	};
	const cores = Math.min(availableParallelism(), runs);
	const shards = Array.from({ length: cores }, (_, shard) =>
		play({ seeds: seedsFrom(first, runs).filter((seed) => seed % cores === shard) }, tell),
	);
	const played = (await Promise.all(shards)).flat();
	const failed = played.filter(({ wrong }) => wrong.length > 0);
	if (values.stats) printHappened(played);
	const seconds = ((performance.now() - started) / 1000).toFixed(0);
	console.log(`${played.length} schedules from seed ${first} in ${seconds} s: ${failed.length} went wrong`);
	if (failed.length > 0 || played.length < runs) process.exitCode = 1;
}

async function checkMutations(): Promise<void> {
	const started = performance.now();
	const mutations = MUTATIONS.filter(({ name }) => name.includes(values.only));
	const waiting = [...mutations];
	const survivors: string[] = [];
	const workers = Array.from({ length: availableParallelism() }, async () => {
		for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
			const noticed = await isNoticed(mutation);
			console.log(`${noticed ? `noticed with seed ${noticed.seed}` : 'NOT NOTICED'}: ${mutation.name}`);
			if (values.stats && noticed) console.log(`  ${noticed.wrong.join('\n  ')}`);
			if (!noticed) survivors.push(mutation.name);
		}
	});
	await Promise.all(workers);
	const seconds = ((performance.now() - started) / 1000).toFixed(0);
	console.log(`${mutations.length} rules switched off in ${seconds} s: ${survivors.length} not missed`);
	if (survivors.length > 0) process.exitCode = 1;
}

async function isNoticed(mutation: Mutation): Promise<Played | undefined> {
	const seeds = [...mutation.seeds, ...seedsFrom(1, MUTATION_RUNS)];
	const { by = '' } = mutation;
	const played = await play({ seeds, until: by, mutation });
	return played.find(({ wrong }) => wrong.some((line) => line.includes(by)));
}

/** One process; resolves with how its schedules ended, and tells of each as it ends. */
function play(order: ShardOrder, tell: (played: Played) => void = () => {}): Promise<readonly Played[]> {
	const played: Played[] = [];
	const note = (one: Played) => {
		played.push(one);
		tell(one);
	};
	// The world signs with keys that cannot be taken out, by an older door of Node.
	const child = fork(SHARD, { execArgv: ['--disable-warning=DEP0204'] });
	return new Promise((resolve, reject) => {
		let seed = order.seeds[0] ?? 0;
		let silence = watch();
		child.on('message', (word: ShardWord) => {
			clearTimeout(silence);
			if (word.type === 'over') return end(child);
			silence = watch();
			seed = word.seed;
			if (word.type === 'played') note(word);
		});
		child.on('exit', (code, signal) => {
			clearTimeout(silence);
			const isCrash = code !== 0 && signal !== 'SIGKILL';
			const how = `its process ended with ${code ?? signal}`;
			if (isCrash && order.mutation) return reject(new Error(`${order.mutation.name}, seed ${seed}: ${how}`));
			if (isCrash) note({ seed, wrong: [how], happened: [] });
			resolve(played);
		});
		child.send(order);

		function watch(): NodeJS.Timeout {
			return setTimeout(() => {
				note({ seed, wrong: ['it did not end'], happened: [] });
				child.kill('SIGKILL');
			}, SILENT_MS);
		}
	});
}

function end(child: ChildProcess): void {
	child.disconnect();
}

function seedsFrom(first: number, count: number): readonly number[] {
	return Array.from({ length: count }, (_, index) => first + index);
}

function printHappened(played: readonly Played[]): void {
	const schedules = new Map<string, number>();
	for (const { happened } of played) for (const what of happened) schedules.set(what, (schedules.get(what) ?? 0) + 1);
	for (const [what, count] of [...schedules].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
		console.log(`${((count / played.length) * 100).toFixed(1).padStart(6)} % of the schedules: ${what}`);
	}
}
