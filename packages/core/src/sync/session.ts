import type { Bytes } from '../bytes.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import { type DialerDep, NOT_BINARY, type Socket } from '../ports/socket.ts';
import { decodeRelayMessage, encodeClientMessage } from '../protocol/codec.ts';
import {
	CLOSE,
	type ClientMessage,
	type ErrorCode,
	OLDEST_VERSION,
	PROTOCOL_VERSION,
	type RelayMessage,
	SYNC_PATH,
} from '../protocol/messages.ts';

/** One authenticated connection to the relay, from dialling to its end. */
export interface Session extends Disposable {
	/** Sends a message; call after `ready` only. */
	send(message: ClientMessage): void;
	/** Bytes queued and not yet on the network. */
	readonly bufferedBytes: number;
	/** Asks the relay for a sign of life now, and hangs up if none comes. */
	probe(): void;
}

/** What a session tells its owner: `ready` at most once, `closed` once unless it was disposed of, nothing after. */
export interface SessionEvents {
	ready(ready: RelayMessage & { type: 'ready' }): void;
	received(message: RelayMessage): void;
	closed(end: SessionEnd): void;
}

export type SessionEnd =
	/** The network, or a relay that asks to come back later. `isForeign`: something answered that is no relay of ours. */
	| { readonly type: 'Lost'; readonly reason: string; readonly isForeign?: boolean }
	/** The relay said no and will say so again; `reason` is a sentence. */
	| {
			readonly type: 'Refused';
			readonly code: ErrorCode;
			readonly reason: string;
			/** With `deleted`: the statement that the relay shows for it, not verified. */
			readonly statement?: Bytes;
	  };

export interface SessionOptions {
	/** Origin of the relay, such as `https://relay.example`. */
	readonly relayUrl: string;
	/** Answers the relay's challenge. */
	authenticate(challenge: RelayMessage & { type: 'challenge' }): Promise<ClientMessage & { type: 'auth' }>;
}

/** Dialling and proving who we are; a slow mobile network needs a few seconds. */
const READY_WITHIN_MS = 15_000;
/** Below the 30–60 s after which proxies drop silent connections. */
const PROBE_AFTER_QUIET_MS = 25_000;
const ANSWER_WITHIN_MS = 10_000;

/** Codes after which trying again may help. */
const PASSING_CODES: readonly ErrorCode[] = ['rate', 'internal', 'quota', 'list-conflict'];

/** Dials the relay and authenticates. */
export function openSession(
	deps: ClockDep & DialerDep & LogDep,
	options: SessionOptions,
	events: SessionEvents,
): Session {
	let state: 'dialling' | 'proving' | 'ready' | 'over' = 'dialling';
	let lastError: (RelayMessage & { type: 'error' }) | undefined;
	let statement: Bytes | undefined;
	let heard = 0;
	let timer = deps.clock.setTimer(READY_WITHIN_MS, () => end({ type: 'Lost', reason: 'no answer' }));
	let socket: Socket | undefined;
	const dialled = deps.dialer.dial(syncUrl(options.relayUrl), {
		opened: () => {},
		received,
		closed: ({ code }) => end(statement ? { ...DELETED, statement } : endOf(code, lastError, state)),
	});
	// A dialer may fail before it returns.
	if (isOver()) dialled[Symbol.dispose]();
	else socket = dialled;

	return {
		send,
		probe,
		get bufferedBytes() {
			return socket?.bufferedBytes ?? 0;
		},
		[Symbol.dispose]: close,
	};

	function received(frame: Uint8Array): void {
		if (state === 'over') return;
		heard++;
		const decoded = decodeRelayMessage(frame);
		if (!decoded.ok && decoded.error.type === 'UnknownType' && state !== 'dialling') {
			deps.log.info('sync.unknown-type', { number: decoded.error.number });
			return;
		}
		if (!decoded.ok) {
			const reason = decoded.error.type === 'Malformed' ? decoded.error.reason : `type ${decoded.error.number}`;
			deps.log.warn('sync.malformed-frame', { reason, bytes: frame.length });
			end({ type: 'Lost', reason: 'the relay sent something unreadable', isForeign: state === 'dialling' });
			return;
		}
		const message = decoded.value;
		// Only an error right before the close is the reason for it.
		lastError = message.type === 'error' ? message : undefined;
		if (message.type === 'space-deleted') statement = message.statement;
		if (state === 'ready') events.received(message);
		else if (message.type === 'challenge' && state === 'dialling') prove(message);
		else if (message.type === 'ready' && state === 'proving') begin(message);
		else if (message.type !== 'error' && message.type !== 'space-deleted')
			end({ type: 'Lost', reason: 'the relay spoke out of turn', isForeign: state === 'dialling' });
	}

	function begin(ready: RelayMessage & { type: 'ready' }): void {
		state = 'ready';
		watch();
		events.ready(ready);
	}

	function prove(challenge: RelayMessage & { type: 'challenge' }): void {
		const reason = whoIsOlder(challenge);
		if (reason !== undefined) {
			end({ type: 'Refused', code: 'too-old', reason });
			return;
		}
		state = 'proving';
		void options.authenticate(challenge).then((auth) => {
			if (state === 'proving') send(auth);
		});
	}

	function send(message: ClientMessage): void {
		if (state !== 'over') socket?.send(encodeClientMessage(message));
	}

	/** Counts frames instead of looking at the clock: a wall clock that jumps must not end a good connection. */
	function watch(): void {
		const heardBefore = heard;
		timer[Symbol.dispose]();
		timer = deps.clock.setTimer(PROBE_AFTER_QUIET_MS, () => (heard === heardBefore ? probe() : watch()));
	}

	function probe(): void {
		if (state !== 'ready') return;
		const heardBefore = heard;
		send({ type: 'ping' });
		timer[Symbol.dispose]();
		timer = deps.clock.setTimer(ANSWER_WITHIN_MS, () => {
			if (heard !== heardBefore) watch();
			else end({ type: 'Lost', reason: 'the relay fell silent' });
		});
	}

	function end(how: SessionEnd): void {
		if (state === 'over') return;
		close();
		events.closed(how);
	}

	function close(): void {
		state = 'over';
		timer[Symbol.dispose]();
		socket?.[Symbol.dispose]();
	}

	function isOver(): boolean {
		return state === 'over';
	}
}

/** The WebSocket address of a relay's origin; throws on what is no URL. */
export function syncUrl(relayUrl: string): string {
	const url = new URL(SYNC_PATH, relayUrl);
	url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
	return url.href;
}

/** The origin that a device signs when it proves itself to a relay: as it dials it, `ws` spelled `http`. */
export function relayOrigin(relayUrl: string): string {
	const { protocol, host } = new URL(relayUrl);
	return `${protocol === 'https:' || protocol === 'wss:' ? 'https' : 'http'}://${host}`;
}

/** A sentence when the two have no version in common. */
function whoIsOlder(relay: { readonly version: number; readonly oldest: number }): string | undefined {
	if (relay.oldest > PROTOCOL_VERSION) return APP_TOO_OLD;
	return relay.version < OLDEST_VERSION ? 'The relay is older than this app. Update the relay.' : undefined;
}

/** Whether that is so, its statement proves. */
const DELETED = {
	type: 'Refused',
	code: 'deleted',
	reason: 'This space was deleted at the relay. What this device had stays here; nothing is exchanged any more.',
} as const;

/** Of a device that the newest list leaves out. */
export const REMOVED = {
	type: 'Refused',
	code: 'not-a-device',
	reason: 'This device was removed from the space. What it had stays here; nothing new arrives.',
} as const;

const APP_TOO_OLD = 'The relay no longer works with this version of the app. Update Pocketeer.';

function endOf(
	closeCode: number,
	error: { readonly code: ErrorCode; readonly message: string } | undefined,
	state: 'dialling' | 'proving' | 'ready' | 'over',
): SessionEnd {
	const isFinal = closeCode >= 4400 && closeCode < 4500 && closeCode !== CLOSE.rate;
	// An error code of a later relay is read as `internal`; the close tells whether it passes.
	const isPassing = error && PASSING_CODES.includes(error.code) && !(isFinal && error.code === 'internal');
	if (isPassing) return { type: 'Lost', reason: error.message };
	// Once it was ready, a broken network must not make an answer to some question look like a farewell.
	if (error?.code === 'not-a-device' && (isFinal || state !== 'ready')) return REMOVED;
	if (error && (isFinal || state !== 'ready')) return { type: 'Refused', code: error.code, reason: error.message };
	if (isFinal) return refusalOf(closeCode);
	const isForeign = closeCode === NOT_BINARY && state === 'dialling';
	return { type: 'Lost', reason: `closed with ${closeCode}`, isForeign };
}

function refusalOf(closeCode: number): SessionEnd {
	switch (closeCode) {
		case CLOSE.removed:
			return REMOVED;
		case CLOSE.unauthorized:
			return { type: 'Refused', code: 'bad-signature', reason: 'The relay does not accept this device.' };
		case CLOSE.deleted:
			return DELETED;
		case CLOSE.tooOld:
			return { type: 'Refused', code: 'too-old', reason: APP_TOO_OLD };
		case CLOSE.tooLarge:
			return { type: 'Refused', code: 'too-large', reason: 'The relay does not take messages of this size.' };
		default:
			return {
				type: 'Refused',
				code: 'malformed',
				reason: 'The relay does not understand this app. Update the older one.',
			};
	}
}
