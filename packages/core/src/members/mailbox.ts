import type { Bytes } from '../bytes.ts';
import type { MailboxId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { DialerDep, Socket } from '../ports/socket.ts';
import { decodeRelayMessage, encodeClientMessage } from '../protocol/codec.ts';
import { type ClientMessage, OLDEST_VERSION, PROTOCOL_VERSION, type RelayMessage } from '../protocol/messages.ts';
import { err, ok, type Result } from '../result.ts';
import { syncUrl } from '../sync/session.ts';
import type { MemberSession } from './member-session.ts';

/** One side of an open mailbox in which the other side is. Has one owner. */
export interface Mailbox extends Disposable {
	say(bytes: Bytes): void;
	/** What the other side says next, in order; or why nothing more comes. Ask again only after the answer. */
	hear(): Promise<Result<Bytes, Ended>>;
}

/** `reason` is a sentence. */
export interface Ended {
	readonly type: 'Ended';
	readonly reason: string;
	/** The connection broke before anybody was met: the mailbox may be opened again. */
	readonly isRetriable: boolean;
}

const JOIN_WITHIN_MS = 15_000;
/** Proxies drop silent connections after 30–60 s, and people compare slowly. */
const SIGN_OF_LIFE_MS = 25_000;

const LEFT = 'The other device is gone. Start anew on both.';
const EXPIRED = 'The code is no longer valid. Make a new one on the other device.';
const OUT_OF_TURN = 'The relay answered something else than was asked. Start anew on both devices.';

/** What arrived and was not heard, or who waits to hear. */
interface Inbox {
	put(heard: Result<Bytes, Ended>): void;
	hear(): Promise<Result<Bytes, Ended>>;
}

/** Opens a mailbox on an authenticated connection; `met` calls once somebody came in. */
export async function openMailbox(
	session: MemberSession,
	options: { readonly mailbox: MailboxId; readonly ttlMs: number },
): Promise<Result<Mailbox & { readonly met: Promise<Result<void, Ended>> }, Ended>> {
	const { mailbox, ttlMs } = options;
	const inbox = createInbox();
	const met = Promise.withResolvers<Result<void, Ended>>();
	let isMet = false;
	const end = (reason: string, isLost = false) => {
		const ended = err<Ended>({ type: 'Ended', reason, isRetriable: isLost && !isMet });
		met.resolve(ended);
		inbox.put(ended);
	};
	const subscriptions = [
		session.onUnasked((message) => {
			if (message.type === 'space-deleted') return end('The space was deleted.');
			if (!isAbout(message, mailbox)) return;
			if (message.type === 'pair-joined') {
				if (isMet) return end('A second device tried to use the code. Start anew on both devices.');
				isMet = true;
				met.resolve(ok());
			} else receive(message, { inbox, end });
		}),
		session.onClosed(({ reason }) => end(reason, true)),
	];
	const answer = await session.ask({ type: 'pair-open', mailbox, ttlMs });
	const close = () => {
		for (const subscription of subscriptions) subscription[Symbol.dispose]();
	};
	if (!answer.ok || answer.value.type !== 'pair-opened') {
		close();
		const error = answer.ok ? answer.value : undefined;
		const reason = answer.ok ? (error?.type === 'error' ? error.message : OUT_OF_TURN) : answer.error.reason;
		return err({ type: 'Ended', reason, isRetriable: !answer.ok });
	}
	return ok({
		met: met.promise,
		say: (bytes) => session.tell({ type: 'pair-say', mailbox, bytes }),
		hear: inbox.hear,
		[Symbol.dispose]() {
			close();
			session.tell({ type: 'pair-shut', mailbox });
		},
	});
}

/** Comes in, in place of authenticating: the device is in no list yet. */
export function joinMailbox(
	deps: ClockDep & DialerDep,
	options: { readonly relayUrl: string; readonly mailbox: MailboxId },
): Promise<Result<Mailbox, Ended>> {
	const { mailbox } = options;
	const inbox = createInbox();
	return new Promise((resolve) => {
		let state: 'dialling' | 'joining' | 'in' | 'over' = 'dialling';
		let timer = deps.clock.setTimer(JOIN_WITHIN_MS, () => end('The relay does not answer.'));
		let socket: Socket | undefined;
		const dialled = deps.dialer.dial(syncUrl(options.relayUrl), {
			opened: () => {},
			received(frame) {
				const decoded = decodeRelayMessage(frame);
				if (decoded.ok) return received(decoded.value);
				// A later relay may say what is not known here.
				if (decoded.error.type !== 'UnknownType' || state === 'dialling') end(OUT_OF_TURN);
			},
			closed: ({ code }) =>
				end(state === 'in' ? LEFT : `The relay cannot be reached (closed with ${code}). Check the network.`),
		});
		// A dialer may fail before it returns.
		if (isOver()) dialled[Symbol.dispose]();
		else socket = dialled;

		function received(message: RelayMessage): void {
			if (state === 'over' || (message.type === 'pong' && state === 'in')) return;
			if (message.type === 'challenge' && state === 'dialling') come(message);
			else if (message.type === 'error' && state !== 'in') end(refusalOf(message));
			else if (!isAbout(message, mailbox)) end(OUT_OF_TURN);
			else if (message.type !== 'pair-joined') receive(message, { inbox, end });
			else if (state === 'joining') begin();
			else end(OUT_OF_TURN);
		}

		function begin(): void {
			state = 'in';
			giveSignsOfLife();
			const say = (bytes: Bytes) => send({ type: 'pair-say', mailbox, bytes });
			resolve(ok({ say, hear: inbox.hear, [Symbol.dispose]: leave }));
		}

		function send(message: ClientMessage): void {
			socket?.send(encodeClientMessage(message));
		}

		function come(challenge: RelayMessage & { type: 'challenge' }): void {
			const older = whoIsOlder(challenge);
			if (older !== undefined) {
				end(older);
				return;
			}
			state = 'joining';
			send({ type: 'pair-join', mailbox });
		}

		function giveSignsOfLife(): void {
			timer[Symbol.dispose]();
			timer = deps.clock.setTimer(SIGN_OF_LIFE_MS, () => {
				send({ type: 'ping' });
				giveSignsOfLife();
			});
		}

		function leave(): void {
			if (state === 'in') send({ type: 'pair-shut', mailbox });
			close();
		}

		function end(reason: string): void {
			if (state === 'over') return;
			const ended = err<Ended>({ type: 'Ended', reason, isRetriable: false });
			close();
			inbox.put(ended);
			resolve(ended);
		}

		function close(): void {
			state = 'over';
			timer[Symbol.dispose]();
			socket?.[Symbol.dispose]();
		}

		function isOver(): boolean {
			return state === 'over';
		}
	});
}

function receive(message: RelayMessage, to: { readonly inbox: Inbox; readonly end: (reason: string) => void }): void {
	if (message.type === 'pair-said') to.inbox.put(ok(message.bytes));
	else if (message.type === 'pair-ended') to.end(message.reason === 'expired' ? EXPIRED : LEFT);
	else to.end(OUT_OF_TURN);
}

function isAbout(message: RelayMessage, mailbox: MailboxId): boolean {
	switch (message.type) {
		case 'pair-joined':
		case 'pair-said':
		case 'pair-ended':
		case 'pair-opened':
			return message.mailbox === mailbox;
		case 'error':
			return message.about === mailbox;
		default:
			return false;
	}
}

function whoIsOlder(relay: { readonly version: number; readonly oldest: number }): string | undefined {
	if (relay.oldest > PROTOCOL_VERSION) return 'The relay is newer than this app. Update Pocketeer.';
	return relay.version < OLDEST_VERSION ? 'The relay is older than this app. Update the relay.' : undefined;
}

function refusalOf(error: RelayMessage & { type: 'error' }): string {
	return error.code === 'no-mailbox' ? NO_MAILBOX : error.message;
}

const NO_MAILBOX =
	'No device waits with this code: it was mistyped, its time is over, or it was used. Check it, or make a new one on the other device.';

function createInbox(): Inbox {
	const waiting: Result<Bytes, Ended>[] = [];
	let over: Result<Bytes, Ended> | undefined;
	let listener: ((heard: Result<Bytes, Ended>) => void) | undefined;
	return {
		put(heard) {
			if (over) return;
			if (!heard.ok) over = heard;
			if (listener) listener(heard);
			else waiting.push(heard);
			listener = undefined;
		},
		hear() {
			const next = waiting.shift() ?? over;
			if (next) return Promise.resolve(next);
			return new Promise((resolve) => {
				listener = resolve;
			});
		},
	};
}
