import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import { foundSpace, joinByWords, type SpaceIdentity } from '@pocketeer/core/members/space-identity';
import { readDeviceList } from '@pocketeer/core/protocol/device-list';
import { createSeededRandom, type SeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createTestNetwork } from '@pocketeer/core/testing/socket-pair';
import { createTestClock, type TestClock } from '@pocketeer/core/testing/test-clock';
import type * as Y from 'yjs';
import { createWorldDevice, RELAY_URL, type WorldDevice, type WorldIdentity, type WorldTab } from './device.ts';
import { heldByRelay } from './held-by-relay.ts';
import { inlinePlatform } from './inline-platform.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createWorldNetwork } from './network.ts';
import { createWorldRelay, type WorldRelay } from './relay.ts';
import { createTally, type Tally } from './tally.ts';

export type { WorldDevice, WorldTab } from './device.ts';

/** Devices of one space around the real relay, in which time, network, disks and processes obey the schedule. */
export interface World extends AsyncDisposable {
	readonly random: SeededRandom;
	readonly clock: TestClock;
	readonly relay: WorldRelay;
	/** Those that are in the space now. */
	readonly devices: readonly WorldDevice[];
	/** Those that others took out of it. */
	readonly removed: readonly WorldDevice[];
	readonly ledger: Ledger;
	readonly tally: Tally;
	/** Lets time pass, and everything it starts come to rest. */
	pass(ms: number): Promise<void>;
	/** The document of a tab, or undefined when it cannot be opened now. */
	docOf(tab: WorldTab, stream: string): Promise<Y.Doc | undefined>;
	/** Tabs whose store died are dead as a whole. */
	bury(): void;
	/** Something was destroyed: the ledger learns what is held by nobody any more. */
	noteLosses(): Promise<void>;
	/**
	 * Whether the relay has all lists of devices that anybody has, and nobody is at work on another one. What is decided
	 * elsewhere would be a second version of one number: that is for people to judge, not to be healed (SY16).
	 */
	isListAgreed(): boolean;
	/** Those that the relay's newest list no longer names leave: what only they have is lost to the space. */
	partWithRemoved(): Promise<void>;
	/** One more device of the space, which has never been open. */
	addDevice(identity: WorldIdentity): WorldDevice;
	/** Somebody types the recovery words into a new device; undefined when it does not get in. */
	joinByWords(): Promise<WorldDevice | undefined>;
	/** The device is gone for good, keys and all; it stays on the list. */
	loseDevice(device: WorldDevice): Promise<void>;
}

export const DAY_MS = 24 * 60 * 60_000;
/** A manifest, a text, a month of a line that is over, and one that grows: each is compacted by rules of its own. */
export const STREAMS = ['home', 'file/a', 'line/kitchen/2026-10', 'line/kitchen/2026-11'] as const;

/** A space as it was founded: the relay's disk, who is in it, and the words that open it. */
export interface Founded {
	readonly relay: WorldRelay['disk'];
	readonly devices: readonly WorldIdentity[];
	readonly words: string;
}

/** Makes a world at the relay of a space, without any device yet. */
export function createWorld({ seed, founded }: { readonly seed: number; readonly founded?: Founded }): World {
	const platform = inlinePlatform();
	const clock = createTestClock({ settle: nextTurn });
	const random = createSeededRandom(seed);
	const tally = createTally();
	const deps = { clock, random, log: tally.log };
	const devices: WorldDevice[] = [];
	const removed: WorldDevice[] = [];
	const lost: WorldDevice[] = [];
	const relay = createWorldRelay(deps, {
		...(founded && { disk: structuredClone(founded.relay) }),
		died() {
			for (const device of [...devices, ...removed]) device.network.cut();
		},
	});
	const ledger = createLedger();

	const world: World = {
		...{ random, clock, relay, devices, removed, ledger, tally },
		pass: (ms) => clock.advance(ms),
		async docOf(tab, stream) {
			return Promise.race([tab.doc(stream), nextTurn().then(() => undefined)]);
		},
		bury() {
			for (const device of devices) device.bury();
		},
		async noteLosses() {
			const [device] = devices.toSorted((a, b) => epochsOf(b) - epochsOf(a));
			if (!device) return;
			const { ring } = device.members.state;
			const { spaceId } = device.identity;
			const atRelay = await heldByRelay(relay.disk, { spaceId, ring, streams: STREAMS });
			ledger.destroyed([...devices.map((each) => each.held()), atRelay]);
		},
		isListAgreed() {
			const known = [...devices, ...removed].map(({ members }) => members.state);
			return known.every(({ removal, lists }) => removal === undefined && lists.length <= relayLists().length);
		},
		async partWithRemoved() {
			const list = readDeviceList(relayLists().at(-1) ?? new Uint8Array(0));
			const listed = new Set(list.ok ? list.value.devices.map(({ id }) => id) : []);
			for (const device of devices.filter(({ identity }) => !listed.has(identity.id))) {
				devices.splice(devices.indexOf(device), 1);
				removed.push(device);
				tally.note('removed');
			}
			if (removed.length > 0) await world.noteLosses();
		},
		addDevice(identity) {
			const network = createWorldNetwork(relay.accept, (direction, frame) =>
				tally.frame(clock.now(), direction, frame),
			);
			const device = createWorldDevice({ ...deps, network }, identity);
			devices.push(device);
			return device;
		},
		async joinByWords() {
			const dialer = createTestNetwork(relay.accept);
			let joined: SpaceIdentity | undefined;
			let isOver = false;
			const words = founded?.words ?? '';
			void joinByWords({ ...deps, dialer }, { words, relayUrl: RELAY_URL }).then((answer) => {
				isOver = true;
				if (answer.ok) joined = answer.value;
			});
			for (let second = 0; second < 10 && !isOver; second++) await world.pass(1_000);
			// Who did not get in by now gave up; whether the relay counts it among the devices is another question.
			if (!isOver) dialer.isDown = true;
			dialer.cut();
			return joined && world.addDevice(identityOf(joined));
		},
		async loseDevice(device) {
			device.evict();
			devices.splice(devices.indexOf(device), 1);
			lost.push(device);
			await world.noteLosses();
		},
		async [Symbol.asyncDispose]() {
			for (const device of [...devices, ...removed, ...lost]) for (const tab of device.aliveTabs()) tab.kill();
			await nextTurn();
			platform[Symbol.dispose]();
		},
	};
	return world;

	function relayLists(): readonly Uint8Array<ArrayBuffer>[] {
		const [lists] = relay.disk.lists.values();
		return lists ?? [];
	}
}

/** How many devices the space of all schedules has; the last one opens only to be compared with. */
const DEVICES = 6;

/** A space with all its devices at a relay, from which every schedule starts. */
export async function foundWorld(): Promise<Founded> {
	await using world = createWorld({ seed: 1 });
	const deps = { clock: world.clock, random: world.random, log: world.tally.log };
	const first = await foundSpace(deps);
	const words = (await wordsOfRoot(first.root)).join(' ');
	const founder = world.addDevice(identityOf(first));
	founder.openTab();
	await world.pass(3_000);
	const identities = [first as SpaceIdentity];
	while (identities.length < DEVICES) {
		const dialer = createTestNetwork(world.relay.accept);
		const joined = await joinByWords({ ...deps, dialer }, { words, relayUrl: RELAY_URL });
		if (!joined.ok) throw new Error(`cannot join: ${JSON.stringify(joined.error)}`);
		identities.push(joined.value);
	}
	return { relay: structuredClone(world.relay.disk), devices: identities.map(identityOf), words };
}

function epochsOf({ members }: WorldDevice): number {
	return members.state.ring.epochs.length;
}

/** What a device of the world is made of, from what founding or joining gave. */
export function identityOf({ spaceId, identity, keyRing, lists }: SpaceIdentity): WorldIdentity {
	return { spaceId, identity, state: { lists, ring: keyRing } };
}

/** Everything that waits for nothing but its turn has run then: with the platform inlined, that is all but timers. */
function nextTurn(): Promise<void> {
	return new Promise((resolve) => void setImmediate(resolve));
}
