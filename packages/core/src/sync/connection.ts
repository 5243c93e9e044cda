import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { RandomDep } from '../ports/random.ts';
import type { DialerDep } from '../ports/socket.ts';
import type { ClientMessage, RelayMessage } from '../protocol/messages.ts';
import { openSession, type Session, type SessionEnd, type SessionOptions } from './session.ts';
import type { SyncStatus } from './sync.ts';

/** Keeps one session with the relay open, for as long as it lives. */
export interface Connection extends Disposable {
	readonly state: SyncStatus['connection'];
	/** Sends while online; what is said offline is not said. */
	send(message: ClientMessage): void;
	readonly bufferedBytes: number;
	/** The page was shown, thawed or came online: dial at once, or ask whether the connection still lives. */
	wake(): void;
	/** Hangs up for good, as if the relay had refused: until `wake`. */
	refuse(refusal: Refusal): void;
}

export type Refusal = SessionEnd & { readonly type: 'Refused' };

export interface ConnectionEvents {
	/** `state` changed. */
	changed(): void;
	/** A session began; everything that must be said again is said now. */
	ready(ready: RelayMessage & { type: 'ready' }): void;
	received(message: RelayMessage): void;
	/** The session that was ready is gone. */
	lost(): void;
	/** The relay said no: true dials again at once, because it will be told more; what it refuses then is final. */
	appeals(refusal: Refusal): boolean;
}

const FIRST_RETRY_MS = 500;
/** After a session that was well: all devices of a relay that restarts come back over so long, not at once. */
const RETRY_OF_STABLE_MS = 3_000;
const LONGEST_RETRY_MS = 60_000;
/** Shorter sessions count as failed attempts, or a relay that hangs up at once would be dialled without pause. */
const STABLE_AFTER_MS = 10_000;

/** Dials at once, and again whenever a session is lost: full jitter, 0.5 s doubling to a minute; 3 s after a good session. */
export function createConnection(
	deps: ClockDep & RandomDep & DialerDep & LogDep,
	options: SessionOptions,
	events: ConnectionEvents,
): Connection {
	let state: SyncStatus['connection'] = { type: 'connecting' };
	let session: Session | undefined;
	let failures = 0;
	let retry: Disposable | undefined;
	let stable: Disposable | undefined;
	let isStable = false;
	let hasAppealed = false;
	let isOver = false;
	dial();

	return {
		get state() {
			return state;
		},
		send(message) {
			if (state.type === 'online') session?.send(message);
		},
		get bufferedBytes() {
			return session?.bufferedBytes ?? 0;
		},
		wake() {
			if (isOver) return;
			if (state.type === 'online') return session?.probe();
			if (state.type === 'connecting') return;
			failures = 0;
			isStable = false;
			hasAppealed = false;
			dial();
		},
		refuse(refusal) {
			if (isOver) return;
			retry?.[Symbol.dispose]();
			session?.[Symbol.dispose]();
			hasAppealed = true;
			ended(refusal);
		},
		[Symbol.dispose]() {
			isOver = true;
			retry?.[Symbol.dispose]();
			stable?.[Symbol.dispose]();
			session?.[Symbol.dispose]();
		},
	};

	function dial(): void {
		retry?.[Symbol.dispose]();
		retry = undefined;
		const isForeign = state.type === 'offline' && state.isForeign === true;
		setState({ type: 'connecting', ...(isForeign && { isForeign }) });
		session = openSession(deps, options, {
			ready(ready) {
				stable = deps.clock.setTimer(STABLE_AFTER_MS, () => {
					failures = 0;
					isStable = true;
					hasAppealed = false;
				});
				setState({ type: 'online', since: deps.clock.now() });
				events.ready(ready);
			},
			received: events.received,
			closed: ended,
		});
	}

	function ended(end: SessionEnd): void {
		if (isOver) return;
		const wasOnline = state.type === 'online';
		stable?.[Symbol.dispose]();
		session = undefined;
		deps.log.info('sync.closed', { type: end.type, reason: end.reason });
		if (end.type === 'Refused') {
			const dialsAgain = !hasAppealed && events.appeals(end);
			hasAppealed = true;
			if (wasOnline) events.lost();
			if (dialsAgain) dial();
			else setState({ type: 'refused', code: end.code, reason: end.reason });
			return;
		}
		const ceiling = isStable ? RETRY_OF_STABLE_MS : FIRST_RETRY_MS * 2 ** Math.min(failures, 10);
		const delay = Math.round(Math.min(LONGEST_RETRY_MS, ceiling) * deps.random.fraction());
		// The first try after a good session does not count as one that failed.
		failures = isStable ? 0 : failures + 1;
		isStable = false;
		retry = deps.clock.setTimer(delay, dial);
		setState({ type: 'offline', retryAt: deps.clock.now() + delay, ...(end.isForeign && { isForeign: true }) });
		if (wasOnline) events.lost();
	}

	function setState(next: SyncStatus['connection']): void {
		state = next;
		events.changed();
	}
}
