import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startRelayProcess } from '../e2e/support/relay-process.ts';
import { type Figure, spread } from './figure.ts';
import { startFleet } from './fleet.ts';
import type { BenchOptions } from './options.ts';
import { residentKilobytes } from './process-stats.ts';
import { dialRaw, type RawSocket } from './raw-socket.ts';
import { elapse } from './wait.ts';

const DEVICES = 2;
/** Target of issue 3, at 10,000. */
const KILOBYTES_PER_SOCKET = 10;
const LIMITED_FROM = 10_000;
/** Memory of the arrival is given back within so many looks, one a second. */
const LOOKS = 25;
const FEW_LOOKS = 8;
/** A connection of each kind was there before the first look, so that no code is loaded in between. */
const WARM_UP_SPACES = 50;

/**
 * Resident memory of a relay per connection that is authenticated, watches its space, follows one stream, and says
 * nothing.
 */
export async function benchSockets({ isFull }: BenchOptions): Promise<readonly Figure[]> {
	const figures: Figure[] = [];
	for (const sockets of isFull ? [1_000, 5_000, 10_000] : [1_000]) {
		const runs: number[] = [];
		const looks = isFull ? LOOKS : FEW_LOOKS;
		while (runs.length < (isFull ? 3 : 1)) runs.push(await kilobytesPerSocket(sockets, looks));
		const floor = await bareKilobytesPerSocket(sockets, looks);
		figures.push({
			name: `idle socket, of ${sockets}`,
			...spread(runs),
			...{ unit: 'kB', floor, ...(sockets >= LIMITED_FROM && { limit: KILOBYTES_PER_SOCKET }) },
			note: `resident, over the same relay without them; ${DEVICES} devices of a space, watching, one stream open; floor: a process with nothing but ws in it`,
		});
	}
	return figures;
}

async function kilobytesPerSocket(sockets: number, looks: number): Promise<number> {
	await using relay = await startRelayProcess();
	await using warmUp = startFleet();
	await warmUp.found({ origin: relay.url, spaces: WARM_UP_SPACES, devices: DEVICES });
	await warmUp.connect();
	await warmUp.hangUp();
	await using fleet = startFleet();
	await fleet.found({ origin: relay.url, spaces: sockets / DEVICES, devices: DEVICES, entries: 1 });
	const before = await lowest(relay.pid, looks);
	await fleet.connect();
	const after = await lowest(relay.pid, looks);
	return (after - before) / sockets;
}

/** Looks until garbage is collected: the least of what it saw. */
async function lowest(pid: number | undefined, looks: number): Promise<number> {
	let least = residentKilobytes(pid);
	for (let look = 0; look < looks; look++) {
		await elapse(1_000);
		least = Math.min(least, residentKilobytes(pid));
	}
	return least;
}

/** Accepts WebSockets and does nothing with them. */
const BARE_SERVER = `
	const { WebSocketServer } = require('ws');
	const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, backlog: 4096 });
	server.on('connection', (ws) => ws.on('message', () => undefined));
	server.on('listening', () => console.log(server.address().port));
`;
/** Dialled at a time. */
const AT_ONCE = 64;

async function bareKilobytesPerSocket(sockets: number, looks: number): Promise<number> {
	const server = spawn(process.execPath, ['--eval', BARE_SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = await once(server.stdout, 'data');
	const origin = `http://127.0.0.1:${Number(String(line))}`;
	const open: RawSocket[] = [];
	const dialSome = (count: number) => Promise.all(Array.from({ length: count }, () => dialOne(origin, open)));
	await dialSome(AT_ONCE);
	const before = await lowest(server.pid, looks);
	for (let left = sockets; left > 0; left -= AT_ONCE) await dialSome(Math.min(AT_ONCE, left));
	const after = await lowest(server.pid, looks);
	for (const socket of open) socket.close();
	server.kill();
	return (after - before) / sockets;
}

function dialOne(origin: string, open: RawSocket[]): Promise<void> {
	return new Promise((resolve) => open.push(dialRaw(origin, { opened: resolve, received: () => undefined })));
}
