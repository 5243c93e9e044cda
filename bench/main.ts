import { cpus, loadavg } from 'node:os';
import { benchCatchUp } from './catch-up.ts';
import { benchColdJoin } from './cold-join.ts';
import { benchColdStart } from './cold-start.ts';
import { type Figure, printFigures } from './figure.ts';
import { benchFirstLoad } from './first-load.ts';
import { benchIdleMemory } from './idle-memory.ts';
import { benchJoin } from './join.ts';
import { benchKill } from './kill.ts';
import { benchKnownStreams } from './known-streams.ts';
import type { BenchOptions } from './options.ts';
import { benchRelay } from './relay.ts';
import { benchSockets } from './sockets.ts';
import { benchStorm } from './storm.ts';
import { benchTyping } from './typing.ts';

/**
 * Measures what the issues set budgets for: `npm run bench` in a few minutes, `npm run bench -- --full` with the
 * numbers they name, `npm run bench -- relay storm` for some parts.
 */

const PARTS: Readonly<Record<string, (options: BenchOptions) => Promise<readonly Figure[]>>> = {
	'first-load': benchFirstLoad,
	'cold-start': benchColdStart,
	relay: benchRelay,
	'catch-up': benchCatchUp,
	storm: benchStorm,
	kill: benchKill,
	memory: benchIdleMemory,
	sockets: benchSockets,
	join: benchJoin,
	'cold-join': benchColdJoin,
	typing: benchTyping,
	'known-streams': benchKnownStreams,
};

const args = process.argv.slice(2);
const isFull = args.includes('--full');
const asked = args.filter((arg) => arg !== '--full');
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
	console.error(`There is no part ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`);
	process.exit(1);
}

const figures: Figure[] = [];
for (const [name, run] of Object.entries(PARTS)) {
	if (asked.length > 0 && !asked.includes(name)) continue;
	console.error(`${name} …`);
	const started = performance.now();
	figures.push(...(await run({ isFull })));
	console.error(`  ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
printFigures(figures);
// Numbers of a busy machine say little: compare the ratios.
const [load = 0] = loadavg();
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, load ${load.toFixed(1)}`);
