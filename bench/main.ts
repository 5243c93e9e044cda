import { cpus, loadavg } from 'node:os';
import { benchColdStart } from './cold-start.ts';
import { type Figure, printFigures } from './figure.ts';
import { benchFirstLoad } from './first-load.ts';
import { benchIdleMemory } from './idle-memory.ts';
import { benchRelay } from './relay.ts';

/** Measures what the issues set budgets for: `npm run bench`, or `npm run bench -- relay` for one part. */

const PARTS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
	'first-load': benchFirstLoad,
	'cold-start': benchColdStart,
	relay: benchRelay,
	memory: benchIdleMemory,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
	console.error(`There is no part ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`);
	process.exit(1);
}

const figures: Figure[] = [];
for (const [name, run] of Object.entries(PARTS)) {
	if (asked.length > 0 && !asked.includes(name)) continue;
	console.error(`${name} …`);
	figures.push(...(await run()));
}
printFigures(figures);
// Numbers of a busy machine say little: compare the ratios.
const [load = 0] = loadavg();
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, load ${load.toFixed(1)}`);
