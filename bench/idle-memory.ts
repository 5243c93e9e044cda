import { execFileSync, spawn } from 'node:child_process';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { type Figure, spread } from './figure.ts';

const RUNS = 5;
/** Start-up garbage is collected by then. */
const IDLE_MS = 3_000;

/** Resident memory of a relay that was started, asked once, and left alone; next to it the same of Node doing nothing. */
export async function benchIdleMemory(): Promise<readonly Figure[]> {
	const relays: number[] = [];
	const bare: number[] = [];
	for (let run = 0; run < RUNS; run++) {
		await using relay = await startRelayProcess();
		await fetch(`${relay.url}/healthz`);
		const node = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6)']);
		await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
		relays.push(residentMegabytes(relay.pid));
		bare.push(residentMegabytes(node.pid));
		node.kill();
	}
	return [
		{
			name: 'idle relay',
			...spread(relays),
			unit: 'MB',
			floor: spread(bare).value,
			note: `resident, ${IDLE_MS / 1000} s after its first request, ${RUNS} starts; floor: Node with an empty program`,
		},
	];
}

/** Resident memory of a process, by the system’s own account. */
export function residentMegabytes(pid: number | undefined): number {
	return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) / 1024;
}
