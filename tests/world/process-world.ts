import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import { foundSpace, joinByWords } from '@pocketeer/core/members/space-identity';
import type { Clock } from '@pocketeer/core/ports/clock';
import type { Log } from '@pocketeer/core/ports/log';
import type { Dialer } from '@pocketeer/core/ports/socket';
import { createSystemRandom } from '@pocketeer/core/system';
import { createSeededRandom, type SeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createBrowserDialer } from '../../apps/web/src/platform/dialer.ts';
import { createWorldDevice, type WorldDevice } from './device.ts';
import { compare, standings } from './judge.ts';
import { createLedger } from './ledger.ts';
import { pickStream, type } from './typing.ts';
import { identityOf, STREAMS } from './world.ts';

/** One space whose devices are in this process and whose relay is another, over real sockets. */
export interface ProcessWorld {
	/** Its devices type and fail until `isOver`. */
	play(isOver: () => boolean): Promise<void>;
	/** Nothing fails any more; resolves when nothing waits. */
	heal(): Promise<void>;
	/** What is wrong, in words. */
	judge(): Promise<readonly string[]>;
	/** Whether a device noticed that the relay was set back. */
	readonly isRepublished: boolean;
	/** How often somebody typed. */
	readonly edits: number;
}

/** Timers of the clients run so many times faster; the relay's, which guard against strangers, do not. */
const SPEED = 6;
const DEVICES = 3;
const SILENT: Log = { info: () => {}, warn: () => {} };

/** A network over real sockets that can be cut. */
interface RealNetwork extends Dialer {
	isDown: boolean;
	cut(): void;
}

/** Founds a space at the relay, with all its devices in it. */
export async function createProcessWorld(seed: number, relayUrl: string): Promise<ProcessWorld> {
	const random = createSeededRandom(seed);
	const clock = createFastClock();
	const deps = { clock, random: createSystemRandom(), log: SILENT };
	const ledger = createLedger();
	const devices: WorldDevice<RealNetwork>[] = [];
	const founded = await foundSpace(deps);
	const words = (await wordsOfRoot(founded.root)).join(' ');
	add(founded);
	await until(() => devices.every(isOnline));
	while (devices.length < DEVICES) await join();
	const world = { random, ledger, docOf: (tab: Parameters<typeof docOf>[0], stream: string) => docOf(tab, stream) };

	return {
		get isRepublished() {
			return devices.some((device) => device.aliveTabs().some(({ sync }) => sync.status.republished !== undefined));
		},
		get edits() {
			return ledger.size;
		},
		async play(isOver) {
			while (!isOver()) {
				const device = random.pick(devices);
				if (random.chance(0.6)) await type(world, device, pickStream(random));
				else disturb(random, device);
				for (const each of devices) each.bury();
				await pause(random.below(200));
			}
		},
		async heal() {
			for (const device of devices) {
				device.bury();
				device.network.isDown = false;
				device.network.cut();
				if (device.aliveTabs().length === 0) device.openTab();
				for (const { store, tab, sync } of device.aliveTabs()) {
					store.faults.isFull = false;
					store.faults.dieAt = undefined;
					tab.thaw();
					sync.wake();
				}
			}
			for (const stream of STREAMS) {
				for (const device of devices) for (const tab of device.aliveTabs()) await tab.doc(stream);
			}
			await until(() => devices.every(isAtRest));
		},
		async judge() {
			const witness = await join();
			const tabs = [witness, ...devices].flatMap((device) => device.aliveTabs());
			for (const tab of tabs) for (const stream of STREAMS) await tab.doc(stream);
			await until(() => devices.every(isAtRest));
			for (const stream of STREAMS)
				await Promise.all(witness.aliveTabs().map(({ sync }) => sync.caughtUp(stream as never)));
			const wrong: string[] = [];
			for (const stream of STREAMS) {
				const docs = [];
				for (const tab of tabs) docs.push(await tab.doc(stream));
				wrong.push(...compare(ledger, stream, docs));
			}
			wrong.push(...standings(tabs));
			for (const tab of tabs) tab.kill();
			return wrong;
		},
	};

	function add(member: Parameters<typeof identityOf>[0]): WorldDevice<RealNetwork> {
		const network = createRealNetwork();
		const device = createWorldDevice({ ...deps, random, network, relayUrl }, identityOf(member));
		devices.push(device);
		device.openTab();
		return device;
	}

	async function join(): Promise<WorldDevice<RealNetwork>> {
		const joined = await joinByWords({ ...deps, dialer: createBrowserDialer() }, { words, relayUrl });
		if (!joined.ok) throw new Error(`cannot join: ${JSON.stringify(joined.error)}`);
		return add(joined.value);
	}

	async function docOf(tab: ReturnType<WorldDevice['openTab']>, stream: string) {
		return Promise.race([tab.doc(stream), pause(100).then(() => undefined)]);
	}
}

function disturb(random: SeededRandom, device: WorldDevice<RealNetwork>): void {
	const tab = device.someTab();
	switch (random.below(6)) {
		case 0:
			device.network.cut();
			return;
		case 1:
			device.network.isDown = !device.network.isDown;
			device.network.cut();
			return;
		case 2:
			tab?.kill();
			return;
		case 3:
			if (device.aliveTabs().length < 2) device.openTab();
			return;
		case 4:
			if (tab) tab.store.faults.isFull = !tab.store.faults.isFull;
			return;
		default: {
			const when = random.pick(['before', 'after'] as const);
			if (tab) tab.store.faults.dieAt = { method: 'any', when, calls: 1 + random.below(40) };
		}
	}
}

function isOnline(device: WorldDevice<RealNetwork>): boolean {
	return device.aliveTabs().every(({ sync }) => sync.status.connection.type === 'online');
}

function isAtRest(device: WorldDevice<RealNetwork>): boolean {
	const { sealed, unsealed } = device.disk;
	const isEmpty = device.aliveTabs().every(({ sync }) => sync.status.pendingStreams === 0);
	return isOnline(device) && isEmpty && sealed.length + unsealed.length === 0;
}

function createFastClock(): Clock {
	const startedAt = Date.now();
	return {
		now: () => startedAt + (Date.now() - startedAt) * SPEED,
		zone: () => 'Europe/Athens',
		setTimer(delayMs, fire) {
			const timer = setTimeout(fire, delayMs / SPEED);
			return { [Symbol.dispose]: () => clearTimeout(timer) };
		},
	};
}

function createRealNetwork(): RealNetwork {
	const dialer = createBrowserDialer();
	const open = new Set<() => void>();
	const network: RealNetwork = {
		isDown: false,
		dial(url, events) {
			const socket = dialer.dial(network.isDown ? 'ws://127.0.0.1:9' : url, {
				...events,
				closed(event) {
					open.delete(end);
					events.closed(event);
				},
			});
			const end = () => {
				open.delete(end);
				socket[Symbol.dispose]();
				events.closed({ code: 1006, reason: 'cut' });
			};
			open.add(end);
			return {
				send: (frame) => socket.send(frame),
				get bufferedBytes() {
					return socket.bufferedBytes;
				},
				[Symbol.dispose]() {
					open.delete(end);
					socket[Symbol.dispose]();
				},
			};
		},
		cut() {
			for (const end of open) end();
		},
	};
	return network;
}

/** Real processes are waited for in real time; who never gets there fails by the test's own limit. */
async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await pause(50);
}

/** Resolves after so much real time. */
export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => void setTimeout(resolve, ms));
}
