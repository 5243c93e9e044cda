import type { Bytes } from '@pocketeer/core/bytes';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import { decodeClientMessage, encodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { readDeviceList } from '@pocketeer/core/protocol/device-list';
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
import { authenticate, type FoundingRules } from './authenticate.ts';
import type { Peer } from './peer.ts';
import { createSession, type Session, type SessionDeps } from './session.ts';
import { createTokenBucket, type Pace } from './token-bucket.ts';

/** One connection to the relay, from the challenge to the close. */
export interface Connection {
	/** A frame arrived. Handled after all before it, never throws. */
	received(frame: Uint8Array): void;
	/** The other end is gone. */
	closed(): void;
}

export type ConnectionDeps = SessionDeps &
	RandomDep &
	LogDep &
	MetricsDep &
	LogStoreDep & { readonly appender: Appender };

export interface ConnectionOptions {
	readonly timeline: string;
	readonly vapidKey: string;
	readonly founding: FoundingRules;
	/** Connections one space may have open. */
	readonly socketsPerSpace: number;
	/** Messages one connection may send; the default is generous. */
	readonly pace?: Pace | undefined;
	/** Called once, when the connection is past its authentication. */
	readonly onReady: () => void;
}

/** A message of a later protocol, in its place among the others. */
interface UnknownMessage {
	readonly type: 'unknown';
	readonly number: number;
}

const AUTH_TIMEOUT_MS = 10_000;
/** Frames read ahead of the one being handled, in bytes; beyond, the peer waits. */
const READ_AHEAD_BYTES = 8 * 1024 * 1024;
/** Unsent bytes at which a peer that asks and never reads is hung up on. */
const UNREAD_BYTES = 32 * 1024 * 1024;
/** A device that joins opens thousands of streams at once; nobody types faster than this. */
const PACE: Pace = { burst: 20_000, perSecond: 2_000 };

/** Sends the challenge and waits for the answer. */
export function createConnection(
	deps: ConnectionDeps & { readonly peer: Peer },
	options: ConnectionOptions,
): Connection {
	const { clock, peer, metrics } = deps;
	const nonce: Bytes = deps.random.bytes(32);
	const bucket = createTokenBucket({ clock }, options.pace ?? PACE);
	let session: Session | undefined;
	let isOpen = true;
	let hasAuthenticated = false;
	let waitingBytes = 0;
	let queue = Promise.resolve();

	const authTimer = clock.setTimer(AUTH_TIMEOUT_MS, () => hangUp(CLOSE.unauthorized, 'no authentication in time'));
	send({
		type: 'challenge',
		version: PROTOCOL_VERSION,
		oldest: OLDEST_VERSION,
		nonce,
		timeline: options.timeline,
	});

	return {
		received(frame) {
			if (!isOpen) return;
			metrics.count('frames_total');
			if (frame.length > (session ? LIMITS.frame : LIMITS.frameBeforeReady)) {
				return refuse('too-large', 'A message is larger than this relay takes.', CLOSE.tooLarge);
			}
			const message = decodeClientMessage(frame);
			if (!message.ok && message.error.type === 'UnknownType' && session) {
				return enqueue({ type: 'unknown', number: message.error.number }, frame.length);
			}
			if (!message.ok) {
				metrics.count('malformed_frames_total');
				return refuse('malformed', 'The relay could not read a message of this app.', CLOSE.malformed);
			}
			enqueue(message.value, frame.length);
		},
		closed: end,
	};

	function enqueue(message: ClientMessage | UnknownMessage, bytes: number): void {
		waitingBytes += bytes;
		if (waitingBytes > READ_AHEAD_BYTES) peer.pause();
		queue = queue.then(() => handle(message, bytes)).catch(fail);
	}

	async function handle(message: ClientMessage | UnknownMessage, bytes: number): Promise<void> {
		waitingBytes -= bytes;
		if (waitingBytes <= READ_AHEAD_BYTES) peer.resume();
		if (!isOpen) return;
		const waitMs = bucket.take();
		if (waitMs > 0) await slowDown(waitMs);
		if (message.type === 'auth') return authenticateOnce(message);
		if (!session) return refuse('malformed', 'The app asked before it said who it is.', CLOSE.unauthorized);
		if (message.type === 'unknown') return answerUnknown(message.number);
		await session.handle(message);
	}

	function answerUnknown(number: number): void {
		const sentence = 'This relay is older than the app and does not know what it asks for. Update the relay.';
		send({ type: 'error', code: 'malformed', about: `type-${number}`, message: sentence });
	}

	async function authenticateOnce(message: Extract<ClientMessage, { type: 'auth' }>): Promise<void> {
		if (hasAuthenticated) return refuse('malformed', 'The app said twice who it is.', CLOSE.malformed);
		hasAuthenticated = true;
		if (message.version < OLDEST_VERSION) {
			return refuse(
				'too-old',
				'This relay no longer works with this version of the app. Update Pocketeer.',
				CLOSE.tooOld,
			);
		}
		const { timeline, founding } = options;
		const list = await authenticate(deps, message, { nonce, timeline }, founding);
		if (!isOpen) return;
		if (!list.ok) return refuse(list.error.code, list.error.message, list.error.close);
		if (deps.hub.count(message.space) >= options.socketsPerSpace) {
			return refuse('rate', 'Too many devices of this space are connected at once.', CLOSE.rate);
		}
		authTimer[Symbol.dispose]();
		session = createSession({ ...deps, send, hangUp, fail }, { space: message.space, device: message.device });
		// Who was removed while we checked the signature had not joined yet, so nobody could tell this connection.
		if (!(await isStillListed(message))) {
			return refuse('not-a-device', 'This device was removed from the space.', CLOSE.removed);
		}
		options.onReady();
		send({ type: 'ready', listVersion: list.value.version, now: clock.now(), vapidKey: options.vapidKey });
	}

	async function isStillListed({ space, device }: Extract<ClientMessage, { type: 'auth' }>): Promise<boolean> {
		if (device === null) return true;
		const newest = await deps.spaceStore.newest(space);
		const list = newest && readDeviceList(newest.list);
		return list?.ok === true && list.value.devices.some(({ id }) => id === device);
	}

	/** Too fast: the peer's frames stay in the network for a moment. Nothing is lost, nobody is told off. */
	function slowDown(waitMs: number): Promise<void> {
		peer.pause();
		return new Promise((resolve) => {
			clock.setTimer(waitMs, () => {
				peer.resume();
				resolve();
			});
		});
	}

	function send(message: RelayMessage): void {
		if (!isOpen) return;
		if (message.type === 'error') metrics.count('refusals_total', 1, message.code);
		peer.send(encodeRelayMessage(message));
		if (peer.bufferedBytes > UNREAD_BYTES) hangUp(CLOSE.slow, 'too much unread');
	}

	function refuse(code: ErrorCode, message: string, close: number): void {
		send({ type: 'error', code, about: '', message });
		hangUp(close, code);
	}

	function hangUp(code: number, reason: string): void {
		if (!isOpen) return;
		end();
		peer.close(code, reason);
	}

	/** Our own bug, or a disk that cannot be read: this connection ends, the others do not. */
	function fail(error: unknown): void {
		deps.log.warn('connection-failed', { reason: error instanceof Error ? error.name : 'unknown' });
		send({ type: 'error', code: 'internal', about: '', message: 'The relay failed; it will be tried again.' });
		hangUp(CLOSE.shutdown, 'internal');
	}

	function end(): void {
		isOpen = false;
		authTimer[Symbol.dispose]();
		session?.[Symbol.dispose]();
	}
}
