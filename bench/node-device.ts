import type { PersonId, StreamName } from '@pocketeer/core/ids';
import { createMemberKeys } from '@pocketeer/core/members/create-member-keys';
import type { SpaceIdentity } from '@pocketeer/core/members/space-identity';
import { joinByWords } from '@pocketeer/core/members/space-identity';
import type { Log } from '@pocketeer/core/ports/log';
import type { Dialer } from '@pocketeer/core/ports/socket';
import type { Store } from '@pocketeer/core/ports/store';
import { createSpace } from '@pocketeer/core/space/create-space';
import type { Space } from '@pocketeer/core/space/space';
import { createSync, type SyncClient } from '@pocketeer/core/sync/create-sync';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { createMemoryMemberStore } from '@pocketeer/core/testing/memory-member-store';
import { createMemoryTabs } from '@pocketeer/core/testing/memory-tabs';
import { createBrowserDialer } from '../apps/web/src/platform/dialer.ts';
import { expectOk, until } from '../tests/support.ts';

/** Bytes of messages that went over the wire; what WebSocket and TCP put around them is not counted. */
export interface Traffic {
	sent: number;
	received: number;
	/** Bytes of the largest message sent. */
	largestSent: number;
}

/** The client's real sync on a store in memory, over a real WebSocket. */
export interface NodeDevice extends AsyncDisposable {
	readonly sync: SyncClient;
	readonly traffic: Traffic;
}

const clock = createSystemClock();
const random = createSystemRandom();
const log: Log = { info() {}, warn() {} };
export const HOME = 'home' as StreamName;

/** Becomes a device of the space of these words; nothing of the space is read yet. */
export async function joinSpace(relay: string, words: string): Promise<SpaceIdentity> {
	const deps = { clock, random, log, dialer: createBrowserDialer() };
	return expectOk(await joinByWords(deps, { words, relayUrl: relay }));
}

/** Switches a device on; what it knows is in the store. */
export function startDevice(relay: string, identity: SpaceIdentity, store: Store): NodeDevice {
	// In Node, y-websocket listens to the end of the process once for each open document.
	process.setMaxListeners(0);
	const traffic: Traffic = { sent: 0, received: 0, largestSent: 0 };
	const { spaceId, lists, keyRing: ring } = identity;
	const state = { lists, ring };
	const keys = createMemberKeys(
		{ memberStore: createMemoryMemberStore(state) },
		{ spaceId, identity: identity.identity, state },
	);
	const sync = createSync(
		{ clock, random, log, dialer: countTraffic(traffic), store, tabs: createMemoryTabs().open() },
		{ relayUrl: relay, spaceId, identity: identity.identity, keys },
	);
	return { sync, traffic, [Symbol.asyncDispose]: () => sync[Symbol.asyncDispose]() };
}

/** The workspace on a device that is on. */
export async function openSpace({ sync }: NodeDevice, identity: SpaceIdentity): Promise<Space> {
	const self = { device: identity.identity.id, person: 'me' as PersonId };
	return expectOk(await createSpace({ docs: sync, clock, random, self, log }));
}

/** Resolves when the relay let the device in. */
export function online({ sync }: NodeDevice): Promise<void> {
	return until(sync, () => sync.status.connection.type === 'online');
}

function countTraffic(traffic: Traffic): Dialer {
	const dialer = createBrowserDialer();
	return {
		dial(url, events) {
			const socket = dialer.dial(url, {
				...events,
				received(frame) {
					traffic.received += frame.length;
					events.received(frame);
				},
			});
			return {
				send(frame) {
					traffic.sent += frame.length;
					traffic.largestSent = Math.max(traffic.largestSent, frame.length);
					socket.send(frame);
				},
				get bufferedBytes() {
					return socket.bufferedBytes;
				},
				[Symbol.dispose]: () => socket[Symbol.dispose](),
			};
		},
	};
}
