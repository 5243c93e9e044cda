import type { Bytes } from '@pocketeer/core/bytes';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import { decodeClientMessage, encodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import {
	CLOSE,
	type ClientMessage,
	type ErrorCode,
	OLDEST_VERSION,
	PROTOCOL_VERSION,
	type RelayMessage,
} from '@pocketeer/core/protocol/messages';
import type { MetricsDep } from '../metrics.ts';
import type { LogStoreDep } from '../store/log-store.ts';
import type { Appender } from './appender.ts';
import { type AuthDeps, authenticate, type FoundingRules, type Refusal } from './authenticate.ts';
import type { MailboxesDep } from './mailboxes.ts';
import { createHostSide, type GuestSide, type HostSide, isPairingMessage, joinAsGuest } from './pairing.ts';
import type { Peer } from './peer.ts';
import type { Asker } from './services.ts';
import { createSession, type Line, type Session, type SessionDeps } from './session.ts';
import { createTokenBucket, type Pace, type TokenBucket } from './token-bucket.ts';

/** One connection to the relay, from the challenge to the close. */
export interface Connection {
	/** A frame arrived. Handled after all before it, never throws. */
	received(frame: Uint8Array): void;
	/** The other end is gone. */
	closed(): void;
}

export type ConnectionDeps = SessionDeps &
	AuthDeps &
	MailboxesDep &
	RandomDep &
	LogDep &
	MetricsDep &
	LogStoreDep & { readonly appender: Appender };

export interface ConnectionOptions {
	readonly peer: Peer;
	readonly timeline: string;
	/** This relay's origin by its operator; undefined: whatever the client says. */
	readonly publicUrl: string | undefined;
	readonly vapidKey: string;
	readonly founding: FoundingRules;
	/** Connections one space may have open. */
	readonly socketsPerSpace: number;
	/** Messages one connection may send; the default is generous. */
	readonly pace?: Pace | undefined;
	/** Called once, when the connection is past its authentication, or found the mailbox it named. */
	readonly onReady: () => void;
}

/** A message of a later protocol, in its place among the others. */
interface UnknownMessage {
	readonly type: 'unknown';
	readonly number: number;
}

type Auth = Extract<ClientMessage, { readonly type: 'auth' }>;
type PairJoin = Extract<ClientMessage, { readonly type: 'pair-join' }>;

const APP_TOO_OLD = 'This relay no longer works with this version of the app. Update Pocketeer.';
const NO_MAILBOX = 'This code is not valid (any more). Make a new one on the device that is in the space.';
/** Nothing is wrong: the pairing is over (RFC 6455, 7.4.1). */
const CLOSE_PAIRED = 1000;

const AUTH_TIMEOUT_MS = 10_000;
/** Frames read ahead of the one being handled, in bytes; beyond, the peer waits. */
const READ_AHEAD_BYTES = 8 * 1024 * 1024;
/** Unsent bytes at which a peer that asks and never reads is hung up on. */
const UNREAD_BYTES = 32 * 1024 * 1024;
/** A device that joins opens thousands of streams at once; nobody types faster than this. */
const PACE: Pace = { burst: 20_000, perSecond: 2_000 };

/** What is needed until the connection is let in, and then let go of. */
interface Threshold {
	readonly options: ConnectionOptions;
	readonly nonce: Bytes;
	readonly timer: Disposable;
}

interface Arrival {
	readonly message: ClientMessage | UnknownMessage;
	readonly bytes: number;
}

/** Sends the challenge and waits for the answer. */
export function createConnection(deps: ConnectionDeps, options: ConnectionOptions): Connection {
	const connection = new Door(deps, options);
	connection.challenge(options);
	return connection;
}

/** A class for the memory's sake: of ten thousand idle connections each would have its own copy of every function. */
class Door implements Connection, Line {
	readonly peer: Peer;
	readonly #deps: ConnectionDeps;
	readonly #bucket: TokenBucket;
	#threshold: Threshold | undefined = undefined;
	#asker: Asker | undefined = undefined;
	#session: Session | undefined = undefined;
	/** Made when it is needed first. */
	#pairing: HostSide | undefined = undefined;
	#guest: GuestSide | undefined = undefined;
	/** Frames behind the one that is being handled; undefined when none is. */
	#arrivals: Arrival[] | undefined = undefined;
	#waitingBytes = 0;
	#isOpen = true;
	#hasIntroduced = false;

	constructor(deps: ConnectionDeps, options: ConnectionOptions) {
		this.peer = options.peer;
		this.#deps = deps;
		this.#bucket = createTokenBucket(deps, options.pace ?? PACE);
	}

	challenge(options: ConnectionOptions): void {
		const { clock, random } = this.#deps;
		const { timeline } = options;
		const nonce = random.bytes(32);
		const timer = clock.setTimer(AUTH_TIMEOUT_MS, () => this.hangUp(CLOSE.unauthorized, 'no authentication in time'));
		this.#threshold = { options, nonce, timer };
		this.send({ type: 'challenge', version: PROTOCOL_VERSION, oldest: OLDEST_VERSION, nonce, timeline });
	}

	received(frame: Uint8Array): void {
		if (!this.#isOpen) return;
		const { metrics } = this.#deps;
		metrics.count('frames_total');
		if (frame.length > (this.#session ? LIMITS.frame : LIMITS.frameBeforeReady)) {
			this.#refuse('too-large', 'A message is larger than this relay takes.', CLOSE.tooLarge);
			return;
		}
		const message = decodeClientMessage(frame);
		if (message.ok) {
			this.#enqueue({ message: message.value, bytes: frame.length });
		} else if (message.error.type === 'UnknownType' && this.#session) {
			this.#enqueue({ message: { type: 'unknown', number: message.error.number }, bytes: frame.length });
		} else {
			metrics.count('malformed_frames_total');
			this.#refuse('malformed', 'The relay could not read a message of this app.', CLOSE.malformed);
		}
	}

	closed(): void {
		if (this.#isOpen) this.#noteSeen();
		this.#end();
	}

	send(message: RelayMessage): void {
		if (!this.#isOpen) return;
		if (message.type === 'error') this.#deps.metrics.count('refusals_total', 1, message.code);
		this.peer.send(encodeRelayMessage(message));
		if (this.peer.bufferedBytes > UNREAD_BYTES) this.hangUp(CLOSE.slow, 'too much unread');
	}

	hangUp(code: number, reason: string): void {
		if (!this.#isOpen) return;
		this.#end();
		this.peer.close(code, reason);
	}

	/** This connection ends, the others do not. */
	fail(error: unknown): void {
		this.#deps.log.warn('connection-failed', { reason: error instanceof Error ? error.name : 'unknown' });
		this.send({ type: 'error', code: 'internal', about: '', message: 'The relay failed; it will be tried again.' });
		this.hangUp(CLOSE.shutdown, 'internal');
	}

	#enqueue(arrival: Arrival): void {
		this.#waitingBytes += arrival.bytes;
		if (this.#waitingBytes > READ_AHEAD_BYTES) this.peer.pause();
		if (this.#arrivals) {
			this.#arrivals.push(arrival);
			return;
		}
		this.#arrivals = [arrival];
		this.#work(this.#arrivals).catch((error: unknown) => this.fail(error));
	}

	/** Handles one frame after the other until there is none. */
	async #work(first: Arrival[]): Promise<void> {
		for (let arrivals = first; arrivals.length > 0; ) {
			this.#arrivals = [];
			// From the end, so that what is handled is let go of at once.
			arrivals.reverse();
			for (let arrival = arrivals.pop(); arrival; arrival = arrivals.pop()) await this.#handle(arrival);
			arrivals = this.#arrivals;
		}
		this.#arrivals = undefined;
	}

	async #handle({ message, bytes }: Arrival): Promise<void> {
		this.#waitingBytes -= bytes;
		if (this.#waitingBytes <= READ_AHEAD_BYTES) this.peer.resume();
		if (!this.#isOpen) return;
		const waitMs = this.#bucket.take();
		if (waitMs > 0) await this.#slowDown(waitMs);
		if (message.type === 'auth' || message.type === 'pair-join') return this.#introduce(message);
		if (this.#guest) return this.#handleGuest(this.#guest, message);
		const { mailboxes, metrics } = this.#deps;
		if (!this.#session || !this.#asker) {
			return this.#refuse('malformed', 'The app asked before it said who it is.', CLOSE.unauthorized);
		}
		if (message.type === 'unknown') return this.#answerUnknown(message.number);
		metrics.count('messages_total', 1, message.type);
		if (!isPairingMessage(message)) return this.#session.handle(message);
		this.#pairing ??= createHostSide({ mailboxes, send: (answer) => this.send(answer) }, this.#asker);
		this.#pairing.handle(message);
	}

	#answerUnknown(number: number): void {
		const sentence = 'This relay is older than the app and does not know what it asks for. Update the relay.';
		this.send({ type: 'error', code: 'malformed', about: `type-${number}`, message: sentence });
	}

	/** The first message, once: who it is, or the mailbox of somebody who may let it in. */
	async #introduce(message: Auth | PairJoin): Promise<void> {
		const threshold = this.#threshold;
		if (!threshold || this.#hasIntroduced) {
			return this.#refuse('malformed', 'The app said twice who it is.', CLOSE.malformed);
		}
		this.#hasIntroduced = true;
		if (message.type === 'auth') return this.#letIn(message, threshold);
		const { mailboxes } = this.#deps;
		const send = (answer: RelayMessage) => this.send(answer);
		const ended = () => this.hangUp(CLOSE_PAIRED, 'pairing ended');
		this.#guest = joinAsGuest({ mailboxes, send, ended }, message.mailbox);
		if (!this.#guest) return this.#refuse('no-mailbox', NO_MAILBOX, CLOSE.unauthorized);
		this.#leaveThreshold();
		threshold.options.onReady();
	}

	async #letIn(message: Auth, { options, nonce }: Threshold): Promise<void> {
		const { clock, hub } = this.#deps;
		const { space, device } = message;
		if (message.version < OLDEST_VERSION) return this.#refuse('too-old', APP_TOO_OLD, CLOSE.tooOld);
		const { timeline, publicUrl, founding, vapidKey } = options;
		const list = await authenticate(this.#deps, message, { nonce, timeline, publicUrl }, founding);
		if (!this.#isOpen) return;
		if (!list.ok) return this.#turnAway(list.error);
		if (hub.count(space) >= options.socketsPerSpace) {
			return this.#refuse('rate', 'Too many devices of this space are connected at once.', CLOSE.rate);
		}
		this.#leaveThreshold();
		this.#asker = { space, device };
		this.#session = createSession(this.#deps, { line: this, asker: this.#asker });
		// Who was removed while we checked the signature had not joined yet, so nobody could tell this connection.
		if (!(await this.#isStillListed(message))) {
			return this.#refuse('not-a-device', 'This device was removed from the space.', CLOSE.removed);
		}
		this.#noteSeen();
		options.onReady();
		this.send({ type: 'ready', listVersion: list.value.version, now: clock.now(), vapidKey });
	}

	#leaveThreshold(): void {
		this.#threshold?.timer[Symbol.dispose]();
		this.#threshold = undefined;
	}

	#turnAway({ code, message, close, deletion }: Refusal): void {
		if (deletion) this.send({ type: 'space-deleted', statement: deletion });
		else this.send({ type: 'error', code, about: '', message });
		this.hangUp(close, code);
	}

	/** By the newest list, whose epoch is the one to seal under from now on. */
	async #isStillListed({ space, device }: Auth): Promise<boolean> {
		const newest = await this.#deps.knownLists.newest(space);
		if (!newest?.ok) return false;
		this.#deps.hub.learnEpoch(space, newest.value.list.epoch);
		return device === null || newest.value.list.devices.some(({ id }) => id === device);
	}

	#handleGuest(side: GuestSide, message: ClientMessage | UnknownMessage): void {
		const isTaken = message.type !== 'unknown' && side.handle(message);
		if (!isTaken) this.#refuse('malformed', 'Who pairs may only speak through the mailbox.', CLOSE.malformed);
	}

	#noteSeen(): void {
		if (this.#asker?.device) this.#deps.sightings.note(this.#asker.space, this.#asker.device);
	}

	/** Too fast: the peer's frames stay in the network for a moment. Nothing is lost, nobody is told off. */
	#slowDown(waitMs: number): Promise<void> {
		this.peer.pause();
		return new Promise((resolve) => {
			this.#deps.clock.setTimer(waitMs, () => {
				this.peer.resume();
				resolve();
			});
		});
	}

	#refuse(code: ErrorCode, message: string, close: number): void {
		this.send({ type: 'error', code, about: '', message });
		this.hangUp(close, code);
	}

	#end(): void {
		this.#isOpen = false;
		this.#leaveThreshold();
		this.#session?.[Symbol.dispose]();
		this.#pairing?.[Symbol.dispose]();
		this.#guest?.[Symbol.dispose]();
	}
}
