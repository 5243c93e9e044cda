import type { PersonId } from '../ids.ts';
import { createMemberKeys } from '../members/create-member-keys.ts';
import { createMembers } from '../members/create-members.ts';
import type { MemberKeys } from '../members/member-keys.ts';
import type { InviteOptions, JoinedByPairing, Members, PairingGuest, PairingHost } from '../members/members.ts';
import { joinByPairing } from '../members/pairing-guest.ts';
import { type FoundedSpace, foundSpace, type SpaceIdentity } from '../members/space-identity.ts';
import type { Log } from '../ports/log.ts';
import type { StoreError } from '../ports/store.ts';
import { ok, type Result } from '../result.ts';
import { createMemoryMemberStore, type MemoryMemberStore } from './memory-member-store.ts';
import { createMemoryRelay, type MemoryRelay } from './memory-relay.ts';
import { createQuiet } from './quiet.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { createTestNetwork, type TestNetwork } from './socket-pair.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

/** A relay and the devices of one space as far as its membership goes; time and network obey the test. */
export interface MembersWorld extends Disposable {
	readonly relay: MemoryRelay;
	readonly clock: TestClock;
	readonly random: SeededRandom;
	readonly log: Log;
	/** Founds the space. */
	found(): Promise<MembersDevice & { readonly root: FoundedSpace['root'] }>;
	/** A device of the space, as it is at every start. */
	device(identity: SpaceIdentity, store?: MemoryMemberStore): MembersDevice;
	/** Comes in by an invitation, through a network of its own. */
	join(invitation: string, options?: JoinOptions): { readonly guest: PairingGuest; readonly network: TestNetwork };
	/** Invites and comes in, as far as comparing. */
	pair(host: MembersDevice, options: { readonly by: 'code' | 'link' } & JoinOptions): Promise<Pairing>;
	/** Pairs and confirms. */
	add(host: MembersDevice): Promise<MembersDevice>;
	settle(): Promise<void>;
	pass(ms: number): Promise<void>;
}

export interface MembersDevice extends Disposable {
	readonly identity: SpaceIdentity;
	readonly store: MemoryMemberStore;
	readonly network: TestNetwork;
	readonly keys: MemberKeys;
	readonly members: Members;
	/** The same device started again: only its store is the same. */
	restart(): MembersDevice;
}

export interface JoinOptions {
	readonly network?: TestNetwork;
	readonly keep?: (joined: JoinedByPairing) => Promise<Result<void, StoreError>>;
	/** The person at the guest waits before saying that the digits are the same. */
	readonly isSlow?: boolean;
}

export interface Pairing {
	readonly host: PairingHost;
	readonly guest: PairingGuest;
	readonly network: TestNetwork;
}

export const MEMBERS_RELAY = 'http://relay.test';
export const ANNA: InviteOptions = { person: 'anna' as PersonId, isOtherPerson: false, spaceName: 'Home' };

/** Makes a world without a space; dispose of it, or WebCrypto stays counted. */
export function createMembersWorld(seed = 1): MembersWorld {
	const quiet = createQuiet();
	const clock = createTestClock({ settle: quiet.settle });
	const random = createSeededRandom(seed);
	const relay = createMemoryRelay({ clock, random });
	const log: Log = { info: () => {}, warn: () => {} };
	const base = { clock, random, log };
	const opened: Disposable[] = [];

	const world: MembersWorld = {
		relay,
		...base,
		async found() {
			const founded = await foundSpace(base);
			return { ...world.device(founded), root: founded.root };
		},
		device,
		join(invitation, options = {}) {
			const network = options.network ?? createTestNetwork(relay.accept);
			const keep = options.keep ?? (async () => ok());
			const guest = joinByPairing(
				{ ...base, dialer: network },
				{ invitation, relayUrl: MEMBERS_RELAY, deviceName: 'Phone', personName: 'Anna', keep },
			);
			opened.push(guest);
			if (!options.isSlow) opened.push(guest.subscribe(() => guest.confirm()));
			return { guest, network };
		},
		async pair(inviter, { by, ...options }) {
			const host = inviter.members.invite(ANNA);
			opened.push(host);
			await quiet.settle();
			if (host.state.type !== 'waiting') throw new Error(`not waiting: ${JSON.stringify(host.state)}`);
			const joining = world.join(by === 'code' ? host.state.code : host.state.fragment, options);
			await quiet.settle();
			return { host, ...joining };
		},
		async add(inviter) {
			const { host, guest } = await world.pair(inviter, { by: 'link' });
			host.confirm();
			const joined = await guest.result;
			if (!joined.ok) throw new Error(joined.error.reason);
			await quiet.settle();
			return device(joined.value.identity);
		},
		settle: () => quiet.settle(),
		async pass(ms) {
			await clock.advance(ms);
			await quiet.settle();
		},
		[Symbol.dispose]() {
			for (const one of opened) one[Symbol.dispose]();
			quiet[Symbol.dispose]();
		},
	};
	return world;

	function device(
		identity: SpaceIdentity,
		store = createMemoryMemberStore({ lists: identity.lists, ring: identity.keyRing }),
	): MembersDevice {
		const network = createTestNetwork(relay.accept);
		const options = { ...identity, relayUrl: MEMBERS_RELAY, state: store.state };
		const keys = createMemberKeys({ memberStore: store }, options);
		const members = createMembers({ ...base, dialer: network, memberStore: store, keys }, options);
		const made: MembersDevice = {
			identity,
			store,
			network,
			keys,
			members,
			restart() {
				made[Symbol.dispose]();
				return device(identity, store);
			},
			[Symbol.dispose]() {
				members[Symbol.dispose]();
				keys[Symbol.dispose]();
			},
		};
		opened.push(made);
		return made;
	}
}
