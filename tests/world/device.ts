import type { DeviceIdentity } from '@pocketeer/core/crypto/device-keys';
import type { DeviceId, SpaceId, StreamName } from '@pocketeer/core/ids';
import { createMemberKeys } from '@pocketeer/core/members/create-member-keys';
import { createMembers } from '@pocketeer/core/members/create-members';
import type { MemberState } from '@pocketeer/core/members/member-store';
import type { Members } from '@pocketeer/core/members/members';
import type { Clock } from '@pocketeer/core/ports/clock';
import type { Log } from '@pocketeer/core/ports/log';
import type { Dialer } from '@pocketeer/core/ports/socket';
import type { OpenDoc } from '@pocketeer/core/space/space';
import { createSync, type SyncClient } from '@pocketeer/core/sync/create-sync';
import { createMemoryMemberStore, type MemoryMemberStore } from '@pocketeer/core/testing/memory-member-store';
import {
	createMemoryDisk,
	createMemoryStore,
	type MemoryDisk,
	type MemoryStore,
} from '@pocketeer/core/testing/memory-store';
import { createMemoryTabs, type MemoryTab } from '@pocketeer/core/testing/memory-tabs';
import type { SeededRandom } from '@pocketeer/core/testing/seeded-random';
import * as Y from 'yjs';
import type { Holder } from './ledger.ts';
import type { WorldNetwork } from './network.ts';

/** Who a device is, and what it knew of the space's members when it came. */
export interface WorldIdentity {
	readonly spaceId: SpaceId;
	readonly identity: DeviceIdentity;
	readonly state: MemberState;
}

/** A way to the relay that can be cut. */
export type DeviceNetwork = Dialer & { cut(): void };

/** One browser profile: keys, a disk, a network, tabs. */
export interface WorldDevice<Network extends DeviceNetwork = WorldNetwork> {
	readonly identity: { readonly spaceId: SpaceId; readonly id: DeviceId };
	readonly members: MemoryMemberStore;
	readonly network: Network;
	readonly disk: MemoryDisk;
	/** Its wall clock beside the others'. */
	skewMs: number;
	isAsleep: boolean;
	openTab(): WorldTab;
	aliveTabs(): readonly WorldTab[];
	/** One that is alive; undefined when all are gone. */
	someTab(): WorldTab | undefined;
	/** Tabs whose store died in the middle of a call are gone as a whole. */
	bury(): void;
	/** The browser deleted the space's database; the keys are in another one. */
	evict(): void;
	/** The documents on its disk. */
	held(): Holder;
}

export interface WorldTab {
	readonly sync: SyncClient;
	readonly members: Members;
	readonly store: MemoryStore;
	readonly tab: MemoryTab;
	readonly isDead: boolean;
	/** Opens a document, once, and keeps it open; undefined when it cannot be opened. */
	doc(stream: string): Promise<Y.Doc | undefined>;
	/** Whether everything typed so far is on disk; false when the tab dies before it says so. */
	saved(stream: string): Promise<boolean>;
	/** Gone from one moment to the next; the disk stays. */
	kill(): void;
}

export const RELAY_URL = 'http://relay.test';

interface DeviceDeps<Network> {
	readonly clock: Clock;
	readonly random: SeededRandom;
	readonly log: Log;
	readonly network: Network;
	/** Origin of the relay; the imaginary one when left out. */
	readonly relayUrl?: string;
}

/** Makes a device with nothing on its disk and no tab open. */
export function createWorldDevice<Network extends DeviceNetwork>(
	deps: DeviceDeps<Network>,
	{ spaceId, identity, state }: WorldIdentity,
): WorldDevice<Network> {
	const { network, relayUrl = RELAY_URL } = deps;
	const memberStore = createMemoryMemberStore(state);
	let hub = createMemoryTabs();
	let tabs: WorldTab[] = [];
	let disk = createMemoryDisk();
	const device: WorldDevice<Network> = {
		identity: { spaceId, id: identity.id },
		members: memberStore,
		network,
		get disk() {
			return disk;
		},
		skewMs: 0,
		isAsleep: false,
		openTab,
		aliveTabs: () => tabs.filter(({ isDead }) => !isDead),
		someTab() {
			const alive = device.aliveTabs();
			return alive.length > 0 ? deps.random.pick(alive) : undefined;
		},
		bury() {
			for (const tab of tabs) if (!tab.isDead && tab.store.isDead) tab.kill();
			tabs = tabs.filter(({ isDead }) => !isDead);
		},
		evict() {
			for (const tab of tabs) if (!tab.isDead) tab.kill();
			tabs = [];
			hub = createMemoryTabs();
			disk = createMemoryDisk();
		},
		held: () => new Map([...disk.docs].map(([stream, { snapshot, rows }]) => [stream, docOf(snapshot, rows)])),
	};
	return device;

	function openTab(): WorldTab {
		const store = createMemoryStore(disk);
		const tab = hub.open();
		const docs = new Map<string, Promise<OpenDoc | undefined>>();
		let isDead = false;
		const clock: Clock = {
			now: () => deps.clock.now() + device.skewMs,
			zone: () => deps.clock.zone(),
			setTimer: (delayMs, fire) => deps.clock.setTimer(delayMs, () => !isDead && fire()),
		};
		const own = { ...deps, clock, store, tabs: tab, memberStore, dialer: whileAlive(network, () => !isDead) };
		const keys = createMemberKeys(own, { spaceId, identity, state: memberStore.state });
		const sync = createSync(own, { relayUrl, spaceId, identity, keys });
		const members = createMembers({ ...own, keys }, { spaceId, identity, relayUrl, state: memberStore.state });
		const opened: WorldTab = {
			sync,
			members,
			store,
			tab,
			get isDead() {
				return isDead;
			},
			async doc(stream) {
				const present = docs.get(stream) ?? open(stream);
				docs.set(stream, present);
				const found = await present;
				if (!found) docs.delete(stream);
				return found?.doc;
			},
			async saved(stream) {
				const found = await docs.get(stream);
				const saved = await found?.saved();
				return saved?.ok === true && !isDead;
			},
			kill() {
				if (isDead) return;
				isDead = true;
				store.kill();
				const wasLeader = tab.isLeader();
				tab.kill();
				if (wasLeader) network.cut();
			},
		};
		tabs.push(opened);
		return opened;

		async function open(stream: string): Promise<OpenDoc | undefined> {
			const answer = await sync.open(stream as StreamName);
			if (!answer.ok) return undefined;
			// Yjs draws these by itself, outside of the seed; nothing was typed under it yet.
			answer.value.doc.clientID = deps.random.below(2 ** 32);
			return answer.value;
		}
	}
}

function docOf(snapshot: Uint8Array | undefined, rows: readonly { readonly update: Uint8Array }[]): Y.Doc {
	const doc = new Y.Doc();
	if (snapshot) Y.applyUpdateV2(doc, snapshot);
	for (const { update } of rows) Y.applyUpdate(doc, update);
	return doc;
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
