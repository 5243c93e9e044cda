import { type Bytes, equalBytes } from '../bytes.ts';
import { createEmitter } from '../emitter.ts';
import { type ClockDep, sleep } from '../ports/clock.ts';
import type { RandomDep } from '../ports/random.ts';
import { LIMITS } from '../protocol/limits.ts';
import { err, ok, type Result } from '../result.ts';
import { type AddDeps, type AddOptions, addDevice, confirmDevice } from './add-device.ts';
import { type Ended, type Mailbox, openMailbox } from './mailbox.ts';
import type { MemberSession } from './member-session.ts';
import type { HostState, InviteOptions, MembersError, PairingHost, PairingNames } from './members.ts';
import { fragmentOf, mailboxOf, newCode, showCode } from './pairing-code.ts';
import {
	checkLinkProof,
	commitmentOf,
	derivePairingKeys,
	type Ephemeral,
	keyHashOf,
	newEphemeral,
	type PairingKeys,
} from './pairing-keys.ts';
import {
	type Ask,
	encodeOffer,
	encodeRefused,
	NONCE_BYTES,
	nameToSend,
	openingOf,
	openMessage,
	readAsk,
	readCommit,
	readOpen,
	sealMessage,
	welcomeJson,
} from './pairing-messages.ts';

export interface PairingHostDeps extends AddDeps, ClockDep, RandomDep {
	readonly openSession: () => Promise<Result<MemberSession, MembersError>>;
}

export interface PairingHostOptions extends InviteOptions, AddOptions {
	/** Brings our lists and the relay's to the same version. */
	readonly level: (session: MemberSession) => Promise<Result<void, MembersError>>;
}

const OWN_DEVICE_MS = 5 * 60_000;
const OTHER_PERSON_MS = 60 * 60_000;
/** The other device has all it needs at once; a slow disk and a slow network need a little. */
const MACHINE_WITHIN_MS = 30_000;
/** Where the code was typed, the person confirms on the other device as well. */
const PERSON_WITHIN_MS = 2 * 60_000;
const REDIAL_AFTER_MS = 2_000;
/** For a last word to reach the other side before the connection goes. */
const LINGER_MS = 2_000;

const EXPIRED = 'The code is no longer valid. Make a new one.';
const GARBLED =
	'What arrived is not what the other device must have said. Somebody may be listening in. Start anew on both devices.';
const SLOW = 'The other device does not answer. Start anew on both.';
const REFUSED = 'You refused the other device. It got nothing.';
const UNCONFIRMED = 'The device was put on the list, but it did not say that it is in.';

type Failed = { readonly type: 'Refused'; readonly reason: string };

/** What both must know for one pairing. */
interface Setup {
	readonly code: string;
	readonly secret: Bytes;
	readonly own: Ephemeral;
	readonly until: number;
}

/** Opens a mailbox for one device and leads it in. */
export function createPairingHost(deps: PairingHostDeps, options: PairingHostOptions): PairingHost {
	const changed = createEmitter<void>();
	const decision = Promise.withResolvers<boolean>();
	const closing = new AbortController();
	let state: HostState = { type: 'opening' };
	let expiry: Disposable | undefined;

	void run().then((end) => {
		expiry?.[Symbol.dispose]();
		if (!end.ok) fail(end.error.reason);
		closing.abort();
	});

	return {
		get state() {
			return state;
		},
		subscribe: (listener) => changed.subscribe(listener),
		confirm: () => decide(true),
		refuse: () => decide(false),
		[Symbol.dispose]() {
			expiry?.[Symbol.dispose]();
			closing.abort();
		},
	};

	function decide(isSame: boolean): void {
		if (state.type !== 'compare') return;
		decision.resolve(isSame);
	}

	function show(next: HostState): void {
		if (isOver()) return;
		state = next;
		changed.emit();
	}

	function fail(reason: string): void {
		show({ type: 'failed', reason });
	}

	function isOver(): boolean {
		return closing.signal.aborted || state.type === 'failed' || state.type === 'added';
	}

	async function run(): Promise<Result<void, Failed>> {
		const ttlMs = options.isOtherPerson ? OTHER_PERSON_MS : OWN_DEVICE_MS;
		const until = deps.clock.now() + ttlMs;
		// Counted as time, not read from the wall: a clock that is set must not stretch it.
		expiry = deps.clock.setTimer(ttlMs, () => {
			if (state.type === 'adding') return;
			fail(EXPIRED);
			closing.abort();
		});
		const setup: Setup = {
			code: newCode(deps),
			secret: deps.random.bytes(16),
			own: await newEphemeral(),
			until,
		};
		for (;;) {
			const round = await host(setup);
			if (round !== 'again') return round;
			await sleep(deps, REDIAL_AFTER_MS, closing.signal);
			if (isOver()) return ok();
		}
	}

	/** One connection; another one only while nobody was met. */
	async function host(setup: Setup): Promise<Result<void, Failed> | 'again'> {
		const opened = await deps.openSession();
		if (!opened.ok) return state.type === 'waiting' && opened.error.type === 'NoRelay' ? 'again' : failed(opened.error);
		using session = opened.value;
		closing.signal.addEventListener('abort', () => session[Symbol.dispose](), { once: true });
		const level = await options.level(session);
		if (!level.ok) return failed(level.error);
		if (isOver()) return ok();
		const id = await mailboxOf(setup.code);
		// Confirmed at the last moment, the rest still has its time.
		const leftMs = Math.max(0, setup.until - deps.clock.now()) + PERSON_WITHIN_MS;
		const mailbox = await openMailbox(session, { mailbox: id, ttlMs: Math.min(leftMs, LIMITS.mailboxMs) });
		if (!mailbox.ok) return mailbox.error.isRetriable ? 'again' : failed(mailbox.error);
		using inside = mailbox.value;
		const keyHash = await keyHashOf(setup.own.publicKey);
		const fragment = fragmentOf(setup.code, { keyHash, secret: setup.secret });
		show({ type: 'waiting', code: showCode(setup.code), fragment, until: setup.until });
		const met = await raced(inside.met);
		if (!met.ok) return met.error.isRetriable ? 'again' : failed(met.error);
		return await lead(session, inside, { ...setup, id });
	}

	async function lead(
		session: MemberSession,
		mailbox: Mailbox,
		setup: Setup & { readonly id: Awaited<ReturnType<typeof mailboxOf>> },
	): Promise<Result<void, Failed>> {
		const agreed = await agree(mailbox, setup);
		if (!agreed.ok) return agreed;
		const { keys, ask, hasLink } = agreed.value;
		const names: PairingNames = { deviceName: ask.deviceName, personName: ask.personName, hasLink };
		show({ type: 'compare', shortCode: keys.shortCode, ...names });
		// Nothing is to be said now: whatever comes before the person has decided ends it.
		const heard = mailbox.hear();
		const decided = await Promise.race([decision.promise, raced(heard)]);
		if (typeof decided !== 'boolean') return failed({ reason: decided.ok ? GARBLED : decided.error.reason });
		if (!decided) return await refuse(mailbox, heard);
		if (isOver()) return ok();
		show({ type: 'adding' });
		return await add({ session, mailbox, heard, keys, ask, names });
	}

	/** The first three messages, and what the other device says of itself. */
	async function agree(
		mailbox: Mailbox,
		setup: Setup & { readonly id: Awaited<ReturnType<typeof mailboxOf>> },
	): Promise<Result<{ readonly keys: PairingKeys; readonly ask: Ask; readonly hasLink: boolean }, Failed>> {
		const commit = await hearSoon(mailbox);
		if (!commit.ok) return commit;
		const commitment = readCommit(commit.value);
		if (!commitment) return failed({ reason: GARBLED });
		const offer = encodeOffer({ publicKey: setup.own.publicKey, nonce: deps.random.bytes(NONCE_BYTES) });
		mailbox.say(offer);
		const open = await hearSoon(mailbox);
		if (!open.ok) return open;
		const opened = readOpen(open.value);
		if (!opened || !equalBytes(await commitmentOf(opened.publicKey, opened.nonce), commitment)) {
			return failed({ reason: GARBLED });
		}
		const hasLink = opened.proof !== undefined;
		const said = { mailbox: setup.id, commit: commit.value, offer };
		if (opened.proof) {
			const proof = { ...said, opening: openingOf(opened, true), proof: opened.proof };
			if (!(await checkLinkProof(setup.secret, proof))) return failed({ reason: GARBLED });
		}
		const transcript = { ...said, open: open.value, secret: hasLink ? setup.secret : undefined };
		const keys = await derivePairingKeys(setup.own, opened.publicKey, transcript);
		const sealed = await hearSoon(mailbox);
		if (!sealed.ok) return sealed;
		const json = keys && (await openMessage(sealOf(keys, 'guestToHost'), 'ask', sealed.value));
		const ask = json && readAsk(json);
		return keys && ask ? ok({ keys, ask, hasLink }) : failed({ reason: GARBLED });
	}

	async function add(pairing: {
		readonly session: MemberSession;
		readonly mailbox: Mailbox;
		readonly heard: Promise<Result<Bytes, Ended>>;
		readonly keys: PairingKeys;
		readonly ask: Ask;
		readonly names: PairingNames;
	}): Promise<Result<void, Failed>> {
		const { mailbox, keys, ask } = pairing;
		const device = { ...ask.device, added: deps.clock.now() };
		const added = await addDevice(deps, options, { session: pairing.session, device });
		if (!added.ok) {
			if (added.error.isListed !== 'no') show({ type: 'failed', reason: added.error.reason, device: device.id });
			return failed(added.error);
		}
		const { person } = options;
		const spaceName = nameToSend(options.spaceName ?? '');
		const welcome = welcomeJson({ person, spaceName, lists: deps.keys.lists });
		mailbox.say(await sealMessage(deps, sealOf(keys, 'hostToGuest'), 'welcome', welcome));
		const done = await soon(pairing.heard, pairing.names.hasLink ? MACHINE_WITHIN_MS : PERSON_WITHIN_MS);
		const isDone = done.ok && (await openMessage(sealOf(keys, 'guestToHost'), 'done', done.value)) !== undefined;
		if (!isDone) {
			show({ type: 'failed', reason: UNCONFIRMED, device: device.id });
			return ok();
		}
		// Not knowing it any more costs a needless warning, no more.
		await confirmDevice(deps, device.id);
		show({ type: 'added', device: device.id, ...pairing.names });
		return ok();
	}

	async function refuse(mailbox: Mailbox, heard: Promise<Result<Bytes, Ended>>): Promise<Result<void, Failed>> {
		mailbox.say(encodeRefused());
		fail(REFUSED);
		const patience = new AbortController();
		await Promise.race([heard, sleep(deps, LINGER_MS, patience.signal)]);
		patience.abort();
		return ok();
	}

	function hearSoon(mailbox: Mailbox): Promise<Result<Bytes, Failed>> {
		return soon(mailbox.hear());
	}

	async function soon(
		heard: Promise<Result<Bytes, Ended>>,
		withinMs: number = MACHINE_WITHIN_MS,
	): Promise<Result<Bytes, Failed>> {
		const patience = new AbortController();
		const late = sleep(deps, withinMs, patience.signal).then(() => failed({ reason: SLOW }));
		const first = await Promise.race([raced(heard), late]);
		patience.abort();
		return first.ok ? first : failed(first.error);
	}

	/** Until the host is disposed of, or its time is over. */
	function raced<T>(promise: Promise<Result<T, Ended>>): Promise<Result<T, Ended>> {
		const { signal } = closing;
		const ended = err<Ended>({ type: 'Ended', reason: EXPIRED, isRetriable: false });
		if (signal.aborted) return Promise.resolve(ended);
		return new Promise((resolve) => {
			signal.addEventListener('abort', () => resolve(ended), { once: true });
			void promise.then(resolve);
		});
	}
}

function sealOf(keys: PairingKeys, direction: 'guestToHost' | 'hostToGuest') {
	return { key: keys[direction], transcript: keys.transcript };
}

function failed(error: MembersError | { readonly reason: string }): Result<never, Failed> {
	const reason = 'reason' in error ? error.reason : 'This device has no room left to keep what it needs.';
	return err({ type: 'Refused', reason });
}
