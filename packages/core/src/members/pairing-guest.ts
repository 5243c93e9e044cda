import { type Bytes, equalBytes } from '../bytes.ts';
import { createDeviceIdentity, type DeviceIdentity, listDevice } from '../crypto/device-keys.ts';
import { createEmitter } from '../emitter.ts';
import { type ClockDep, sleep } from '../ports/clock.ts';
import type { RandomDep } from '../ports/random.ts';
import type { DialerDep } from '../ports/socket.ts';
import type { StoreError } from '../ports/store.ts';
import { type DeviceList, readDeviceList, spaceIdOf, verifyDeviceList } from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';
import { err, ok, type Result } from '../result.ts';
import { openOwnBox } from './create-member-keys.ts';
import { joinMailbox, type Mailbox } from './mailbox.ts';
import { isRelayUrl } from './member-session.ts';
import type { GuestState, JoinedByPairing, PairingGuest } from './members.ts';
import { type Invitation, mailboxOf, readInvitation } from './pairing-code.ts';
import {
	commitmentOf,
	derivePairingKeys,
	keyHashOf,
	linkProof,
	newEphemeral,
	type PairingKeys,
} from './pairing-keys.ts';
import {
	encodeCommit,
	encodeOpen,
	isRefused,
	NONCE_BYTES,
	nameToSend,
	openingOf,
	openMessage,
	readOffer,
	readWelcome,
	sealMessage,
	type Welcome,
} from './pairing-messages.ts';

export interface JoinByPairingOptions {
	/** A code as typed, the fragment of a link, or the whole link. */
	readonly invitation: string;
	readonly relayUrl: string;
	readonly deviceName: string;
	/** What the person wants to be called; may be empty. */
	readonly personName: string;
	/**
	 * Keeps what was joined on this device. Called before the other device is told that this one is in; when it fails,
	 * the pairing fails. `Untrusted`: this device knows better, `reason` is a sentence.
	 */
	keep(
		joined: JoinedByPairing,
	): Promise<Result<void, StoreError | { readonly type: 'Untrusted'; readonly reason: string }>>;
}

type Refused = { readonly type: 'Refused'; readonly reason: string };

/** The host answers by machine, but its network may be slow. */
const MACHINE_WITHIN_MS = 30_000;
/** For the last word to be heard before the connection goes; the host hangs up as soon as it has heard it. */
const LINGER_MS = 3_000;

const GARBLED =
	'What arrived is not what the other device must have said. Somebody may be listening in. Start anew on both devices.';
const OTHER_KEY =
	'Somebody else answered than the device that made this link. Nothing was told to them. Start anew on both devices.';
const SLOW = 'The other device does not answer. Start anew on both.';
const REFUSED = 'The other device refused this one.';
const UNPROVEN = 'What the other device sent does not prove itself. Nothing was kept. Start anew on both devices.';
const NOT_KEPT = 'This device could not keep the keys of the space. Is its storage full?';
const CLOSED = 'You stopped it. Nothing was kept.';

/** Comes into a space by an invitation. Nothing is kept unless the result is ok. */
export function joinByPairing(deps: ClockDep & RandomDep & DialerDep, options: JoinByPairingOptions): PairingGuest {
	const changed = createEmitter<void>();
	const closing = new AbortController();
	const same = Promise.withResolvers<void>();
	let state: GuestState = { type: 'connecting' };
	const overdue = deps.clock.setTimer(LIMITS.mailboxMs, () => closing.abort(SLOW));
	const result = run().then((end) => {
		overdue[Symbol.dispose]();
		show(end.ok ? { type: 'joined' } : { type: 'failed', reason: end.error.reason });
		return end;
	});

	return {
		get state() {
			return state;
		},
		result,
		subscribe: (listener) => changed.subscribe(listener),
		confirm() {
			if (state.type !== 'compare' || !state.isToConfirm) return;
			show({ ...state, isToConfirm: false });
			same.resolve();
		},
		[Symbol.dispose]: () => closing.abort(CLOSED),
	};

	function show(next: GuestState): void {
		state = next;
		changed.emit();
	}

	async function run(): Promise<Result<JoinedByPairing, Refused>> {
		const invitation = readInvitation(options.invitation);
		if (!invitation.ok) return invitation;
		if (!isRelayUrl(options.relayUrl)) return refused('The address of the relay is not a web address.');
		const identity = await createDeviceIdentity(deps);
		const id = await mailboxOf(invitation.value.code);
		if (closing.signal.aborted) return refused(CLOSED);
		const joined = await joinMailbox(deps, { relayUrl: options.relayUrl, mailbox: id });
		if (!joined.ok) return refused(joined.error.reason);
		using mailbox = joined.value;
		const keys = await agree(mailbox, { invitation: invitation.value, id });
		if (!keys.ok) return keys;
		const { id: device, signKey, sealKey } = await listDevice(identity, 0);
		const ask = {
			device: { id: device, signKey, sealKey },
			deviceName: nameToSend(options.deviceName),
			personName: nameToSend(options.personName),
		};
		mailbox.say(await sealMessage(deps, sealOf(keys.value, 'guestToHost'), 'ask', ask));
		// A link names the host's key; behind a code that was typed anybody may be, the relay first of all.
		const isToConfirm = invitation.value.link === undefined;
		show({ type: 'compare', shortCode: keys.value.shortCode, isToConfirm });
		if (!isToConfirm) same.resolve();
		return await comeIn(mailbox, keys.value, identity);
	}

	async function agree(
		mailbox: Mailbox,
		by: { readonly invitation: Invitation; readonly id: Awaited<ReturnType<typeof mailboxOf>> },
	): Promise<Result<PairingKeys, Refused>> {
		const { link } = by.invitation;
		const own = await newEphemeral();
		const nonce = deps.random.bytes(NONCE_BYTES);
		const commit = encodeCommit(await commitmentOf(own.publicKey, nonce));
		mailbox.say(commit);
		const offer = await hear(mailbox, MACHINE_WITHIN_MS);
		if (!offer.ok) return offer;
		const offered = readOffer(offer.value);
		if (!offered) return refused(GARBLED);
		if (link && !equalBytes(await keyHashOf(offered.publicKey), link.keyHash)) return refused(OTHER_KEY);
		const key = { publicKey: own.publicKey, nonce };
		const said = { mailbox: by.id, commit, offer: offer.value };
		const proof = link && (await linkProof(link.secret, { ...said, opening: openingOf(key, true) }));
		const open = encodeOpen(key, proof);
		const keys = await derivePairingKeys(own, offered.publicKey, { ...said, open, secret: link?.secret });
		if (!keys) return refused(GARBLED);
		mailbox.say(open);
		return ok(keys);
	}

	async function comeIn(
		mailbox: Mailbox,
		keys: PairingKeys,
		identity: DeviceIdentity,
	): Promise<Result<JoinedByPairing, Refused>> {
		// As long as the person compares; the relay ends the mailbox when its time is over.
		const heard = await hear(mailbox, LIMITS.mailboxMs);
		if (!heard.ok) return heard;
		if (isRefused(heard.value)) return refused(REFUSED);
		const compared = await orOver(same.promise);
		if (!compared.ok) return compared;
		show({ type: 'joining' });
		const json = await openMessage(sealOf(keys, 'hostToGuest'), 'welcome', heard.value);
		const welcome = json && readWelcome(json);
		if (!welcome) return refused(GARBLED);
		const joined = await readJoined(welcome, identity);
		if (!joined) return refused(UNPROVEN);
		const kept = await options.keep(joined);
		if (!kept.ok) return refused(kept.error.type === 'Untrusted' ? kept.error.reason : NOT_KEPT);
		mailbox.say(await sealMessage(deps, sealOf(keys, 'guestToHost'), 'done', {}));
		// Whatever comes now, this device is in: its keys are kept, and it is on the list.
		await hear(mailbox, LINGER_MS);
		return ok(joined);
	}

	/** Until the person stops it, or the time of any pairing is over. */
	function orOver(promise: Promise<void>): Promise<Result<void, Refused>> {
		const { signal } = closing;
		return new Promise((resolve) => {
			const stop = () => resolve(refused(String(signal.reason)));
			if (signal.aborted) stop();
			signal.addEventListener('abort', stop, { once: true });
			void promise.then(() => resolve(ok()));
		});
	}

	async function hear(mailbox: Mailbox, withinMs: number): Promise<Result<Bytes, Refused>> {
		const patience = new AbortController();
		const { signal } = closing;
		const stopped = () => patience.abort();
		signal.addEventListener('abort', stopped, { once: true });
		const late = sleep(deps, withinMs, AbortSignal.any([patience.signal, signal])).then(() =>
			refused(signal.aborted ? String(signal.reason) : SLOW),
		);
		const first = await Promise.race([mailbox.hear(), late]);
		signal.removeEventListener('abort', stopped);
		patience.abort();
		return first.ok ? first : refused(first.error.reason);
	}
}

/** What a welcome gives this device; undefined when it does not prove itself. */
async function readJoined(welcome: Welcome, identity: DeviceIdentity): Promise<JoinedByPairing | undefined> {
	const list = await newestProven(welcome.lists);
	const deviceList = welcome.lists.at(-1);
	if (!list || !deviceList) return undefined;
	const own = await listDevice(identity, 0);
	const listed = list.devices.find(({ id }) => id === identity.id);
	if (listed?.signKey !== own.signKey || listed.sealKey !== own.sealKey) return undefined;
	const ring = await openOwnBox(list, { spaceId: list.space, identity });
	if (!ring.ok) return undefined;
	return {
		identity: { spaceId: list.space, identity, keyRing: ring.value, deviceList, lists: welcome.lists },
		person: welcome.person,
		spaceName: welcome.spaceName,
	};
}

/**
 * The newest of consecutive versions, each proven by the one before. Where the first of them is not version 1, the host
 * vouches for it: its word came sealed to this device.
 */
async function newestProven(lists: readonly Bytes[]): Promise<DeviceList | undefined> {
	let previous: Bytes | undefined;
	let newest: DeviceList | undefined;
	for (const bytes of lists) {
		const read = readDeviceList(bytes);
		if (!read.ok) return undefined;
		const isVouched = previous === undefined && read.value.version > 1;
		if (isVouched && read.value.space !== (await spaceIdOf(read.value.listKey))) return undefined;
		if (!isVouched && !(await verifyDeviceList({ bytes, previous })).ok) return undefined;
		previous = bytes;
		newest = read.value;
	}
	return newest;
}

function sealOf(keys: PairingKeys, direction: 'guestToHost' | 'hostToGuest') {
	return { key: keys[direction], transcript: keys.transcript };
}

function refused(reason: string): Result<never, Refused> {
	return err({ type: 'Refused', reason });
}
