import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bytes } from '../bytes.ts';
import { createDeviceIdentity, listDevice } from '../crypto/device-keys.ts';
import type { JsonObject } from '../json.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';
import {
	ANNA,
	createMembersWorld,
	MEMBERS_RELAY,
	type MembersDevice,
	type MembersWorld,
} from '../testing/members-world.ts';
import { createTestNetwork } from '../testing/socket-pair.ts';
import { joinMailbox, type Mailbox, openMailbox } from './mailbox.ts';
import { openMemberSession } from './member-session.ts';
import { mailboxOf, readInvitation } from './pairing-code.ts';
import { commitmentOf, derivePairingKeys, linkProof, newEphemeral } from './pairing-keys.ts';
import {
	encodeCommit,
	encodeOffer,
	encodeOpen,
	openingOf,
	openMessage,
	readOffer,
	readOpen,
	sealMessage,
	welcomeJson,
} from './pairing-messages.ts';

let world: MembersWorld;
beforeEach(() => {
	world = createMembersWorld();
});
afterEach(() => world[Symbol.dispose]());

const NONCE = new Uint8Array(32).fill(4);
const GARBLED = { type: 'failed', reason: expect.stringContaining('not what the other device must have said') };

/** What a guest does otherwise than it should; everything else is as it must be. */
interface Guile {
	/** Commits to another key than it opens, having seen the host's. */
	readonly commitsToOther?: boolean;
	/** Claims to have the link, with this secret. */
	readonly secret?: Bytes;
	/** Takes the secret from the link, but proves nothing with it. */
	readonly provesNothing?: boolean;
	readonly ask?: (ask: JsonObject) => JsonObject;
	readonly done?: 'ask';
}

describe('a guest that cheats', () => {
	it('and does not is let in: the test is a fair one', async () => {
		const { host, laptop } = await meet({});
		expect(host.state.type).toBe('compare');
		host.confirm();
		await world.settle();
		expect(host.state.type).toBe('added');
		expect(laptop.members.devices()).toHaveLength(2);
	});

	it('by opening another key than it committed to is not let in', async () => {
		const { host } = await meet({ commitsToOther: true });
		expect(host.state).toMatchObject(GARBLED);
	});

	it('by claiming to have the link is not let in, and not even shown', async () => {
		const { host } = await meet({ secret: new Uint8Array(16) });
		expect(host.state).toMatchObject(GARBLED);
	});

	it('by having the link and not proving it is not let in', async () => {
		const { host } = await meet({ provesNothing: true });
		expect(host.state).toMatchObject(GARBLED);
	});

	it.each<[string, (ask: JsonObject) => JsonObject]>([
		['no device', ({ device: _, ...ask }) => ask],
		['a key that is none', (ask) => ({ ...ask, device: { ...(ask.device as JsonObject), signKey: 'AAAA' } })],
		['a name that turns the text around', (ask) => ({ ...ask, deviceName: 'Pho\u202ene' })],
		['a name of two lines', (ask) => ({ ...ask, personName: 'Anna\nThe code is right' })],
		['a name without end', (ask) => ({ ...ask, deviceName: 'x'.repeat(81) })],
		['a later form', (ask) => ({ ...ask, v: 2 })],
	])('by asking with %s is not shown', async (_, ask) => {
		const { host } = await meet({ ask });
		expect(host.state).toMatchObject(GARBLED);
	});

	it('with a key that nothing can be sealed to is not put on the list', async () => {
		const sealKey = 'A'.repeat(43);
		const { host, laptop } = await meet({
			ask: (ask) => ({ ...ask, device: { ...(ask.device as JsonObject), sealKey } }),
		});
		host.confirm();
		await world.settle();
		expect(host.state).toMatchObject({ type: 'failed', reason: expect.stringContaining('nothing can be sealed') });
		expect(host.state).not.toHaveProperty('device');
		expect(newestOf(laptop).devices).toHaveLength(1);
		expect(laptop.store.state.unconfirmed).toEqual([]);
	});

	it('by taking the id of a device that is in, or by writing more into the list than its keys, gains nothing', async () => {
		const laptop = await world.found();
		const taken = laptop.identity.identity.id;
		const first = await meet(
			{ ask: (ask) => ({ ...ask, device: { ...(ask.device as JsonObject), id: taken } }) },
			laptop,
		);
		first.host.confirm();
		await world.settle();
		expect(first.host.state).toMatchObject({ type: 'failed' });
		expect(newestOf(laptop).devices).toHaveLength(1);

		const second = await meet(
			{ ask: (ask) => ({ ...ask, device: { ...(ask.device as JsonObject), admin: true } }) },
			laptop,
		);
		second.host.confirm();
		await world.settle();
		expect(second.host.state.type).toBe('added');
		expect(Object.keys(newestOf(laptop).devices[1] ?? {})).toEqual(['id', 'signKey', 'sealKey', 'added']);
	});

	it('by saying that it is in with another message is shown as one that may not be', async () => {
		const { host, laptop } = await meet({ done: 'ask' });
		host.confirm();
		await world.settle();
		expect(host.state).toMatchObject({ type: 'failed', device: expect.any(String) });
		expect(laptop.members.devices()[1]).toMatchObject({ isUnconfirmed: true });
	});

	it('finds no room in a space that is full', async () => {
		const laptop = await world.found();
		for (let count = 1; count < LIMITS.devices; count++) await world.add(laptop);
		const { host } = await meet({}, laptop);
		host.confirm();
		await world.settle();
		expect(host.state).toMatchObject({ type: 'failed', reason: expect.stringContaining('more there cannot be') });
	});
});

describe('a host that cheats', () => {
	it('and does not brings the guest in: the test is a fair one', async () => {
		expect((await invite({})).guest.state).toEqual({ type: 'joined' });
	});

	it.each<[string, (welcome: JsonObject, other: MembersDevice) => JsonObject]>([
		['a list that does not name the guest', (welcome, other) => ({ ...welcome, lists: welcomeOf(other) })],
		['no list', (welcome) => ({ ...welcome, lists: [] })],
		['a chain with a gap', (welcome) => ({ ...welcome, lists: (welcome.lists as string[]).toSpliced(1, 1) })],
		[
			'an altered list',
			(welcome) => ({
				...welcome,
				lists: (welcome.lists as string[]).map((list) => list.replace('"added":1', '"added":2')),
			}),
		],
		['a person whose id leads elsewhere', (welcome) => ({ ...welcome, person: '../other' })],
		['a later form', (welcome) => ({ ...welcome, v: 2 })],
	])('with %s leaves nothing on the guest', async (_, change) => {
		const { guest, kept } = await invite({ change });
		expect(guest.state.type).toBe('failed');
		expect(kept).toEqual([]);
	});

	it('in the place of the one whose code was typed gets nobody to join before a person has compared the digits there, too', async () => {
		const { guest, kept } = await invite({ isSlow: true });
		expect(guest.state).toMatchObject({ type: 'compare', isToConfirm: true });
		await world.pass(60_000);
		expect(kept).toEqual([]);
		guest[Symbol.dispose]();
		expect(await guest.result).toMatchObject({ error: { type: 'Refused' } });
		expect(kept).toEqual([]);
	});

	it('by answering with the guest’s own message, or a key of small order, gets no answer', async () => {
		for (const publicKey of ['mirror', new Uint8Array(32)] as const) {
			const { guest, kept } = await invite({ publicKey });
			expect(guest.state).toMatchObject({ type: 'failed' });
			expect(kept).toEqual([]);
		}
	});
});

/** A guest of this test's own making comes as far as `ask`, and says `done` once it is welcomed. */
async function meet(guile: Guile, inviter?: MembersDevice) {
	const laptop = inviter ?? (await world.found());
	const host = laptop.members.invite(ANNA);
	await world.settle();
	if (host.state.type !== 'waiting') throw new Error('not waiting');
	void talkAsGuest(host.state[guile.provesNothing ? 'fragment' : 'code'], guile);
	await world.settle();
	return { host, laptop };
}

async function talkAsGuest(typed: string, guile: Guile): Promise<void> {
	const invitation = readInvitation(typed);
	const mailbox = await mailboxNamed(typed);
	const joined = await joinMailbox(
		{ ...world, dialer: createTestNetwork(world.relay.accept) },
		{ relayUrl: MEMBERS_RELAY, mailbox },
	);
	if (!joined.ok) throw new Error(joined.error.reason);
	const line = joined.value;
	const own = await newEphemeral();
	const committed = guile.commitsToOther ? await newEphemeral() : own;
	const commit = encodeCommit(await commitmentOf(committed.publicKey, NONCE));
	line.say(commit);
	const offer = await heardOn(line);
	const theirs = readOffer(offer);
	if (!theirs) throw new Error('no offer');
	const key = { publicKey: own.publicKey, nonce: NONCE };
	const said = { mailbox, commit, offer };
	const secret = guile.secret ?? (invitation.ok ? invitation.value.link?.secret : undefined);
	const proved = secret && (await linkProof(secret, { ...said, opening: openingOf(key, true) }));
	const proof = guile.provesNothing ? new Uint8Array(32) : proved;
	const open = encodeOpen(key, proof);
	const keys = await derivePairingKeys(own, theirs.publicKey, { ...said, open, secret });
	if (!keys) throw new Error('no keys');
	line.say(open);
	const seal = { key: keys.guestToHost, transcript: keys.transcript };
	const identity = await createDeviceIdentity(world);
	const { id, signKey, sealKey } = await listDevice(identity, 0);
	const ask = { device: { id, signKey, sealKey }, deviceName: 'Phone', personName: '' };
	line.say(await sealMessage(world, seal, 'ask', guile.ask?.(ask) ?? ask));
	if (!(await line.hear()).ok) return;
	line.say(await sealMessage(world, seal, guile.done ?? 'done', {}));
}

/** A host of this test's own making, on a device that is in the space, leads a real guest in. */
async function invite(guile: {
	readonly change?: (welcome: JsonObject, other: MembersDevice) => JsonObject;
	readonly publicKey?: 'mirror' | Bytes;
	readonly isSlow?: boolean;
}) {
	const laptop = await world.found();
	// A chain of three: founded, one device more, and the guest.
	await world.add(laptop);
	const mailbox = await mailboxNamed('K7QM-2XPD');
	const { identity } = laptop.identity;
	const self = { type: 'device', spaceId: laptop.identity.spaceId, identity, lists: () => laptop.keys.lists } as const;
	const session = await openMemberSession({ ...world, dialer: laptop.network }, { relayUrl: MEMBERS_RELAY, self });
	if (!session.ok) throw new Error(session.error.type);
	const opened = await openMailbox(session.value, { mailbox, ttlMs: 60_000 });
	if (!opened.ok) throw new Error(opened.error.reason);
	const line = opened.value;
	const kept: unknown[] = [];
	const { guest } = world.join('K7QM-2XPD', {
		keep: async (joined) => {
			kept.push(joined);
			return { ok: true, value: undefined };
		},
		isSlow: guile.isSlow === true,
	});
	await opened.value.met;
	const own = await newEphemeral();
	const commit = await heardOn(line);
	const publicKey = guile.publicKey === 'mirror' ? commit.slice(2) : (guile.publicKey ?? own.publicKey);
	const offer = encodeOffer({ publicKey, nonce: NONCE });
	line.say(offer);
	await world.settle();
	if (guile.publicKey !== undefined) {
		if (guile.publicKey !== 'mirror') return { guest, kept };
		// The key is a hash and no key: the guest finds nobody who could answer.
		line[Symbol.dispose]();
		await world.settle();
		return { guest, kept };
	}
	const open = await heardOn(line);
	const theirs = readOpen(open);
	const keys =
		theirs && (await derivePairingKeys(own, theirs.publicKey, { mailbox, commit, offer, open, secret: undefined }));
	if (!keys) throw new Error('no keys');
	const ask = await openMessage({ key: keys.guestToHost, transcript: keys.transcript }, 'ask', await heardOn(line));
	const { addDevice } = await import('./add-device.ts');
	const device = { ...(ask?.device as { id: never; signKey: string; sealKey: string }), added: 1 };
	const deps = { keys: laptop.keys, memberStore: laptop.store };
	const added = await addDevice(deps, laptop.identity, { session: session.value, device });
	if (!added.ok) throw new Error(added.error.reason);
	const { person } = ANNA;
	const welcome = welcomeJson({ person, spaceName: '', lists: laptop.keys.lists });
	const other = await world.found();
	const seal = { key: keys.hostToGuest, transcript: keys.transcript };
	line.say(await sealMessage(world, seal, 'welcome', guile.change?.(welcome, other) ?? welcome));
	await world.settle();
	line[Symbol.dispose]();
	await world.settle();
	return { guest, kept };
}

function welcomeOf(device: MembersDevice): unknown {
	return welcomeJson({ person: ANNA.person, spaceName: '', lists: device.keys.lists }).lists;
}

async function mailboxNamed(typed: string) {
	const invitation = readInvitation(typed);
	if (!invitation.ok) throw new Error(invitation.error.reason);
	return mailboxOf(invitation.value.code);
}

async function heardOn(line: Mailbox): Promise<Bytes> {
	const heard = await line.hear();
	if (!heard.ok) throw new Error(heard.error.reason);
	return heard.value;
}

function newestOf(device: MembersDevice) {
	const list = readDeviceList(world.relay.spaces.get(device.identity.spaceId)?.lists.at(-1) ?? new Uint8Array(0));
	if (!list.ok) throw new Error(list.error.type);
	return list.value;
}
