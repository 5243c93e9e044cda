import { startRelayProcess } from '../e2e/support/relay-process.ts';
import type { Figure } from './figure.ts';
import { startFleet } from './fleet.ts';
import type { BenchOptions } from './options.ts';
import { elapse } from './wait.ts';

const SPACES = 20;
const DEVICES = 2;
const WINDOW = 4;
/** Killed earlier or later each time: at other points of a commit. */
const LEAST_MS = 300;
const STEP_MS = 137;

/** Entries a relay acknowledged before it was killed under load, and whether they are there when it comes back. */
export async function benchKill({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	await using relay = await startRelayProcess();
	await using fleet = startFleet();
	await fleet.found({ origin: relay.url, spaces: SPACES, devices: DEVICES });
	const kills = isFull ? 20 : 3;
	for (let kill = 0; kill < kills; kill++) {
		await fleet.connect();
		const over = fleet.appendUntilCut(WINDOW);
		await elapse(LEAST_MS + ((kill * STEP_MS) % 1_000));
		await relay.stop('SIGKILL');
		await over;
		await relay.start();
	}
	const { acknowledged, missing, present } = await fleet.check();
	return [
		{ name: 'acknowledged before kill −9', value: acknowledged, unit: '', note: `${kills} kills under load` },
		{
			name: 'of them missing afterwards',
			...{ value: missing, unit: '', limit: 0 },
			note: `each looked for under its number; the logs hold ${present} entries, some never acknowledged. The disk keeps power: that it does what it is told is not measured here`,
		},
	];
}
