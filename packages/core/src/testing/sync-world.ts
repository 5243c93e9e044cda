import type * as Y from 'yjs';
import { wordsOfRoot } from '../crypto/recovery-words.ts';
import type { StreamName } from '../ids.ts';
import { createMemberKeys } from '../members/create-member-keys.ts';
import { createMembers } from '../members/create-members.ts';
import type { MemberKeys } from '../members/member-keys.ts';
import type { Members } from '../members/members.ts';
import { foundSpace, joinByWords, type SpaceIdentity } from '../members/space-identity.ts';
import type { Log } from '../ports/log.ts';
import type { Dialer } from '../ports/socket.ts';
import type { OpenDoc } from '../space/space.ts';
import { createSync, type SyncClient } from '../sync/create-sync.ts';
import { createMemoryMemberStore, type MemoryMemberStore } from './memory-member-store.ts';
import { createMemoryRelay, type MemoryRelay, type RelayCopy } from './memory-relay.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk, type MemoryStore } from './memory-store.ts';
import { createMemoryTabs, type MemoryTab } from './memory-tabs.ts';
import { createQuiet } from './quiet.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { createTestNetwork, type TestNetwork } from './socket-pair.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

/** A relay and devices of one space, in which time and network obey the test. */
export interface SyncWorld extends AsyncDisposable {
	readonly relay: MemoryRelay;
	readonly clock: TestClock;
	readonly random: SeededRandom;
	readonly devices: readonly WorldDevice[];
	/** Founds the space on a first device, or joins it by its words on another. */
	addDevice(identity?: SpaceIdentity): Promise<WorldDevice>;
	/** Lets time pass, and everything it starts come to rest. */
	pass(ms: number): Promise<void>;
	/** Waits until nothing moves, without time passing. */
	settle(): Promise<void>;
	/** Joins by other words, through a network of its own. */
	join(words: string): ReturnType<typeof joinByWords>;
	/** Only the device that founded the space knows them. */
	words(): Promise<string>;
}

/** One browser profile: a disk, a network, tabs. */
export interface WorldDevice {
	readonly identity: SpaceIdentity;
	readonly disk: MemoryDisk;
	/** What it knows of the space's members; on another disk, as in a browser. */
	readonly memberStore: MemoryMemberStore;
	readonly network: TestNetwork;
	/** Opens the app in a tab. */
	openTab(): WorldTab;
	readonly tabs: readonly WorldTab[];
	/** The same device, on a disk as it was when `copyDisk` was called: a profile restored from a backup. */
	restoreDisk(disk: MemoryDisk): void;
	copyDisk(): MemoryDisk;
}

export interface WorldTab {
	readonly sync: SyncClient;
	readonly keys: MemberKeys;
	/** Who belongs to the space, as this tab sees it. */
	readonly members: Members;
	readonly store: MemoryStore;
	readonly tab: MemoryTab;
	/** Opens a document, once, and keeps it open. */
	doc(stream: string): Promise<Y.Doc>;
	/** Gone from one moment to the next; the disk stays. */
	kill(): void;
	readonly isDead: boolean;
}

export interface SyncWorldOptions {
	readonly seed?: number;
	/** Carries on where an earlier world was. */
	readonly relay?: RelayCopy;
}

export const RELAY_URL = 'http://relay.test';
const SILENT: Log = { info: () => {}, warn: () => {} };

/** Makes a world; dispose of it, or WebCrypto stays counted. */
export function createSyncWorld(options: SyncWorldOptions = {}): SyncWorld {
	const quiet = createQuiet();
	const clock = createTestClock({ settle: quiet.settle });
	const random = createSeededRandom(options.seed ?? 1);
	const relay = createMemoryRelay({ clock, random });
	if (options.relay) relay.restore(options.relay);
	const devices: WorldDevice[] = [];
	let root: Uint8Array<ArrayBuffer> | undefined;
	const base = { clock, random, log: SILENT };

	const world: SyncWorld = {
		relay,
		clock,
		random,
		devices,
		async addDevice(known) {
			const identity = known ?? (await newIdentity());
			const device = createDevice(identity);
			devices.push(device);
			return device;
		},
		async pass(ms) {
			await clock.advance(ms);
			await quiet.settle();
		},
		settle: () => quiet.settle(),
		join(words) {
			const dialer = createTestNetwork(relay.accept);
			return joinByWords({ ...base, dialer }, { words, relayUrl: RELAY_URL });
		},
		async words() {
			if (!root) throw new Error('nobody founded this space here');
			return (await wordsOfRoot(root)).join(' ');
		},
		async [Symbol.asyncDispose]() {
			for (const device of devices)
				for (const tab of device.tabs) if (!tab.isDead) await tab.sync[Symbol.asyncDispose]();
			quiet[Symbol.dispose]();
		},
	};
	return world;

	async function newIdentity(): Promise<SpaceIdentity> {
		if (!root) {
			const founded = await foundSpace(base);
			root = founded.root;
			return founded;
		}
		const joined = await world.join(await world.words());
		if (!joined.ok) throw new Error(`cannot join: ${JSON.stringify(joined.error)}`);
		return joined.value;
	}

	function createDevice(identity: SpaceIdentity): WorldDevice {
		const network = createTestNetwork(relay.accept);
		const memberStore = createMemoryMemberStore({ lists: identity.lists, ring: identity.keyRing });
		const hub = createMemoryTabs();
		const tabs: WorldTab[] = [];
		let disk = createMemoryDisk();
		return {
			identity,
			memberStore,
			network,
			tabs,
			get disk() {
				return disk;
			},
			openTab() {
				const opened = openTab();
				tabs.push(opened);
				return opened;
			},
			copyDisk: () => structuredClone(disk),
			restoreDisk(copy) {
				disk = copy;
			},
		};

		function openTab(): WorldTab {
			const store = createMemoryStore(disk);
			const tab = hub.open();
			const docs = new Map<string, Promise<OpenDoc>>();
			let isDead = false;
			const dialer = whileAlive(network, () => !isDead);
			const { spaceId, identity: self } = identity;
			const keys = createMemberKeys({ memberStore }, { spaceId, identity: self, state: memberStore.state });
			const sync = createSync(
				{ ...base, store, dialer, tabs: tab },
				{ relayUrl: RELAY_URL, spaceId, identity: self, keys },
			);
			const memberDeps = { ...base, dialer: network, memberStore, keys };
			const memberOptions = { relayUrl: RELAY_URL, spaceId, identity: self, state: memberStore.state };
			return {
				sync,
				keys,
				members: createMembers(memberDeps, memberOptions),
				store,
				tab,
				async doc(stream) {
					const opened = docs.get(stream) ?? openOrThrow(stream);
					docs.set(stream, opened);
					return (await opened).doc;
				},
				kill() {
					isDead = true;
					store.kill();
					const wasLeader = tab.isLeader();
					tab.kill();
					if (wasLeader) network.cut();
				},
				get isDead() {
					return isDead;
				},
			};

			async function openOrThrow(stream: string): Promise<OpenDoc> {
				const opened = await sync.open(stream as StreamName);
				if (!opened.ok) throw new Error(`cannot open ${stream}: ${JSON.stringify(opened.error)}`);
				return opened.value;
			}
		}
	}
}

/** Of a tab that was killed nothing goes out any more, and nothing comes in. */
function whileAlive(dialer: Dialer, isAlive: () => boolean): Dialer {
	return {
		dial(url, events) {
			if (!isAlive()) return { send: () => {}, bufferedBytes: 0, [Symbol.dispose]: () => {} };
			const socket = dialer.dial(url, {
				opened: () => isAlive() && events.opened(),
				received: (frame) => isAlive() && events.received(frame),
				closed: (event) => isAlive() && events.closed(event),
			});
			return {
				send: (frame) => isAlive() && socket.send(frame),
				get bufferedBytes() {
					return socket.bufferedBytes;
				},
				[Symbol.dispose]: () => socket[Symbol.dispose](),
			};
		},
	};
}
