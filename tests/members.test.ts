import { wordsOfRoot } from '@pocketeer/core/crypto/recovery-words';
import type { PersonId } from '@pocketeer/core/ids';
import { createMemberKeys } from '@pocketeer/core/members/create-member-keys';
import { createMembers } from '@pocketeer/core/members/create-members';
import type { PairingHost } from '@pocketeer/core/members/members';
import { joinByPairing } from '@pocketeer/core/members/pairing-guest';
import { foundSpace, joinByWords, type SpaceIdentity } from '@pocketeer/core/members/space-identity';
import { ok } from '@pocketeer/core/result';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { createMemoryMemberStore } from '@pocketeer/core/testing/memory-member-store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startRelay, type TestRelay } from '../apps/sync/src/testing.ts';
import { createBrowserDialer } from '../apps/web/src/platform/dialer.ts';
import { until } from './support.ts';

const deps = {
	clock: createSystemClock(),
	random: createSystemRandom(),
	log: { info: () => {}, warn: () => {} },
	dialer: createBrowserDialer(),
};
const ANNA = { person: 'anna' as PersonId, isOtherPerson: false };

let relay: TestRelay;
beforeEach(async () => {
	relay = await startRelay();
});
afterEach(() => relay.stop());

it('devices come in by a link, by a code and by the words, go by being removed or leaving, and delete the space', async () => {
	const founded = await foundSpace(deps);
	const laptop = device(founded);
	const phone = device(await pair(laptop, 'fragment'));
	const tablet = device(await pair(phone, 'code'));
	const words = (await wordsOfRoot(founded.root)).join(' ');
	const joined = await joinByWords(deps, { words, relayUrl: relay.httpUrl });
	if (!joined.ok) throw new Error(joined.error.type);
	const desk = device(joined.value);

	expect(await laptop.members.relayState()).toMatchObject({ ok: true });
	expect(laptop.members.devices()).toHaveLength(4);
	expect(await laptop.members.remove(tablet.id)).toEqual(ok());
	expect(await desk.members.relayState()).toMatchObject({ ok: true });
	expect(desk.keys.ring).toEqual(laptop.keys.ring);
	expect(desk.keys.ring.epochs).toHaveLength(2);
	expect(await tablet.members.relayState()).toMatchObject({
		error: { type: 'Refused', reason: 'This device was removed from the space.' },
	});
	expect(await phone.members.leave()).toEqual(ok());
	const state = await desk.members.relayState();
	expect(desk.members.devices().map(({ id }) => id)).toEqual([laptop.id, desk.id]);
	expect(state.ok && state.value.seenByDevice.get(laptop.id)).toBeGreaterThan(0);

	expect(await desk.members.deleteAtRelay()).toEqual(ok());
	expect(await desk.members.deleteAtRelay()).toEqual(ok());
	expect(await laptop.members.relayState()).toMatchObject({ error: { type: 'Refused' } });
});

it('[SY16] a relay that lost everything is brought up to date by whoever comes first', async () => {
	const laptop = device(await foundSpace(deps));
	const phone = device(await pair(laptop, 'fragment'));
	await relay.stop();
	relay = await startRelay();
	const again = device(phone.identity);
	expect(await again.members.relayState()).toMatchObject({ ok: true });
	expect(await again.members.remove(laptop.id)).toEqual(ok());
	expect(again.keys.version).toBe(3);
});

function device(identity: SpaceIdentity) {
	const memberStore = createMemoryMemberStore({ lists: identity.lists, ring: identity.keyRing });
	const options = { ...identity, relayUrl: relay.httpUrl, state: memberStore.state };
	const keys = createMemberKeys({ memberStore }, options);
	return { identity, id: identity.identity.id, keys, members: createMembers({ ...deps, memberStore, keys }, options) };
}

async function pair(from: ReturnType<typeof device>, by: 'code' | 'fragment'): Promise<SpaceIdentity> {
	using host = from.members.invite(ANNA);
	await until(host, () => host.state.type !== 'opening');
	if (host.state.type !== 'waiting') throw new Error(JSON.stringify(host.state));
	using guest = joinByPairing(deps, {
		invitation: host.state[by],
		relayUrl: relay.httpUrl,
		deviceName: 'Phone',
		personName: '',
		keep: async () => ok(),
	});
	await until(host, () => host.state.type === 'compare');
	expect(guest.state).toMatchObject({ type: 'compare', shortCode: shortCodeOf(host) });
	guest.confirm();
	host.confirm();
	const result = await guest.result;
	if (!result.ok) throw new Error(result.error.reason);
	await until(host, () => host.state.type === 'added');
	return result.value.identity;
}

function shortCodeOf({ state }: PairingHost): string | undefined {
	return state.type === 'compare' ? state.shortCode : undefined;
}
