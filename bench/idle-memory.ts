import { spawn } from 'node:child_process';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { type Figure, spread } from './figure.ts';
import type { BenchOptions } from './options.ts';
import { residentKilobytes } from './process-stats.ts';

/** Start-up garbage is collected by then. */
const IDLE_MS = 3_000;

/** Resident memory of a relay that was started, asked once, and left alone; next to it the same of Node doing nothing. */
export async function benchIdleMemory({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	const runs = isFull ? 5 : 3;
	const relays: number[] = [];
	const bare: number[] = [];
	for (let run = 0; run < runs; run++) {
		await using relay = await startRelayProcess();
		await fetch(`${relay.url}/healthz`);
		const node = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6)']);
		await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
		relays.push(residentKilobytes(relay.pid) / 1024);
		bare.push(residentKilobytes(node.pid) / 1024);
		node.kill();
	}
	return [
		{
			name: 'idle relay',
			...spread(relays),
			unit: 'MB',
			floor: spread(bare).value,
			note: `resident, ${IDLE_MS / 1000} s after its first request, ${runs} starts; floor: Node with an empty program`,
		},
	];
}
