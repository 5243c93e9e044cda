import type { Bytes } from '../bytes.ts';
import type { DeviceIdentity } from '../crypto/device-keys.ts';
import type { SpaceKeys } from '../crypto/space-keys.ts';
import { createEmitter } from '../emitter.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { DialerDep } from '../ports/socket.ts';
import { authTranscript } from '../protocol/auth.ts';
import { LIMITS } from '../protocol/limits.ts';
import { type ClientMessage, type ErrorCode, PROTOCOL_VERSION, type RelayMessage } from '../protocol/messages.ts';
import { err, ok, type Result } from '../result.ts';
import { openSession, relayOrigin, type SessionEnd } from '../sync/session.ts';

/** A short authenticated connection for what concerns the members of a space; carries no streams. Has one owner. */
export interface MemberSession extends Disposable {
	/** One question at a time; answers with the next message of the relay that is an answer. */
	readonly ask: AskRelay;
	/** Says something that is not answered. */
	tell(message: ClientMessage): void;
	/** Hears what nobody asked for: `listed`, `pair-joined`, `pair-said`, `pair-ended`, `space-deleted`. */
	onUnasked(listener: (message: RelayMessage) => void): Disposable;
	/** Hears once that the connection is over, unless it was disposed of. */
	onClosed(listener: (end: NoRelay) => void): Disposable;
	/** Newest version of the device list that the relay had at the start. */
	readonly listVersion: number;
}

export type AskRelay = (message: ClientMessage) => Promise<Result<RelayMessage, NoRelay>>;

/** `reason` is a sentence. */
export interface NoRelay {
	readonly type: 'NoRelay';
	readonly reason: string;
}

export type MemberSessionError =
	| NoRelay
	| { readonly type: 'NoSuchSpace' }
	/** The relay said no for another reason, and will say so again; `reason` is a sentence. */
	| { readonly type: 'Refused'; readonly code: ErrorCode; readonly reason: string };

/** Who connects: a device of the space, with the lists that the relay may lack; or who has the recovery words. */
export type MemberSelf =
	| {
			readonly type: 'device';
			readonly spaceId: SpaceId;
			readonly identity: DeviceIdentity;
			readonly lists: () => readonly Bytes[];
	  }
	| { readonly type: 'root'; readonly keys: SpaceKeys };

export interface MemberSessionOptions {
	readonly relayUrl: string;
	readonly self: MemberSelf;
	/** For a relay that has to be told before it takes a space that is new to it. */
	readonly invite?: string | undefined;
}

type Deps = ClockDep & DialerDep & LogDep;

const ANSWER_WITHIN_MS = 15_000;
/** Lists that travel with `auth`: they and the rest fit into a frame before `ready`. */
const MOST_AUTH_BYTES = LIMITS.frameBeforeReady - 8 * 1024;
/** What an honest relay says although nobody asked, or in answer to the session's own sign of life. */
const UNASKED: readonly RelayMessage['type'][] = [
	'listed',
	'moved',
	'fired',
	'ephemeral',
	'pair-joined',
	'pair-said',
	'pair-ended',
	'pong',
];

/** Connects and proves who we are; to a relay that does not know the space or this device, with the signed lists. */
export async function openMemberSession(
	deps: Deps,
	options: MemberSessionOptions,
): Promise<Result<MemberSession, MemberSessionError>> {
	if (!isRelayUrl(options.relayUrl)) return noRelay('The address of the relay is not a web address.');
	const first = await connect(deps, options, []);
	if (first.ok || options.self.type === 'root') return first;
	// A relay that was restored from an older copy, or never had the space, is brought up to date.
	if (first.error.type === 'NoSuchSpace') return connect(deps, options, oldestThatFit(options.self.lists()));
	const isUnknown = first.error.type === 'Refused' && first.error.code === 'not-a-device';
	return isUnknown ? connect(deps, options, newestThatFit(options.self.lists())) : first;
}

function connect(
	deps: Deps,
	options: MemberSessionOptions,
	lists: readonly Bytes[],
): Promise<Result<MemberSession, MemberSessionError>> {
	const { relayUrl, self } = options;
	const unasked = createEmitter<RelayMessage>();
	const closed = createEmitter<NoRelay>();
	const asking = createAsking(deps);
	return new Promise((resolve) => {
		const session = openSession(
			deps,
			{
				relayUrl,
				authenticate: ({ nonce, timeline }) =>
					authMessage(self, { nonce, timeline, origin: relayOrigin(relayUrl), lists, invite: options.invite ?? '' }),
			},
			{
				ready({ listVersion }) {
					resolve(
						ok({
							listVersion,
							ask: (message) => asking.ask(message, () => session.send(message)),
							tell: (message) => session.send(message),
							onUnasked: (listener) => unasked.subscribe(listener),
							onClosed: (listener) => closed.subscribe(listener),
							[Symbol.dispose]() {
								session[Symbol.dispose]();
								asking.end({ type: 'NoRelay', reason: 'The connection was closed.' });
							},
						}),
					);
				},
				received(message) {
					if (UNASKED.includes(message.type) || !asking.answer(message)) unasked.emit(message);
				},
				closed(end) {
					const over: NoRelay = { type: 'NoRelay', reason: describeEnd(end) };
					asking.end(over);
					resolve(refusalOf(end));
					closed.emit(over);
				},
			},
		);
	});
}

/** Holds the one question that waits for its answer. */
function createAsking(deps: ClockDep) {
	let settle: ((result: Result<RelayMessage, NoRelay>) => void) | undefined;
	let over: NoRelay | undefined;
	let about = '';
	return {
		ask(question: ClientMessage, send: () => void): Promise<Result<RelayMessage, NoRelay>> {
			if (over) return Promise.resolve(err(over));
			if (settle) throw new Error('one question at a time');
			about = 'mailbox' in question ? question.mailbox : '';
			return new Promise((resolve) => {
				const timer = deps.clock.setTimer(ANSWER_WITHIN_MS, () => settle?.(noRelay('The relay does not answer.')));
				settle = (result) => {
					settle = undefined;
					timer[Symbol.dispose]();
					resolve(result);
				};
				send();
			});
		},
		/** Whether somebody waited for it. */
		answer(message: RelayMessage): boolean {
			// An error about something said earlier, such as to a mailbox that nobody is at any more, answers nothing.
			if (!settle || (message.type === 'error' && message.about !== about)) return false;
			settle(ok(message));
			return true;
		},
		end(how: NoRelay): void {
			over = how;
			settle?.(err(how));
		},
	};
}

async function authMessage(
	self: MemberSelf,
	claim: {
		readonly nonce: Bytes;
		readonly timeline: string;
		readonly origin: string;
		readonly lists: readonly Bytes[];
		readonly invite: string;
	},
): Promise<ClientMessage & { type: 'auth' }> {
	const { nonce, timeline, origin, lists, invite } = claim;
	const space = self.type === 'root' ? self.keys.id : self.spaceId;
	const device: DeviceId | null = self.type === 'root' ? null : self.identity.id;
	const transcript = authTranscript({ nonce, timeline, origin, space, device });
	const signature = self.type === 'root' ? await self.keys.sign(transcript) : await signAs(self.identity, transcript);
	return { type: 'auth', version: PROTOCOL_VERSION, space, device, signature, origin, lists, invite };
}

/** A signature of this device. */
export async function signAs(identity: DeviceIdentity, bytes: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.sign('Ed25519', identity.signing.privateKey, bytes));
}

/** Whether a text names a relay. */
export function isRelayUrl(text: string): boolean {
	if (!URL.canParse(text)) return false;
	return ['http:', 'https:', 'ws:', 'wss:'].includes(new URL(text).protocol);
}

/** From the first on; what does not fit is put later. Once one did not fit, none behind it does. */
function oldestThatFit(lists: readonly Bytes[]): readonly Bytes[] {
	let room = MOST_AUTH_BYTES;
	return lists.filter((list) => {
		room -= list.length;
		return room >= 0;
	});
}

function newestThatFit(lists: readonly Bytes[]): readonly Bytes[] {
	return oldestThatFit(lists.toReversed()).toReversed();
}

function refusalOf(end: SessionEnd): Result<never, MemberSessionError> {
	if (end.type !== 'Refused') return noRelay(describeEnd(end));
	if (end.code === 'unknown-space') return err({ type: 'NoSuchSpace' });
	return err({ type: 'Refused', code: end.code, reason: end.reason });
}

function describeEnd(end: SessionEnd): string {
	if (end.type === 'Refused') return end.reason;
	return `The relay cannot be reached (${end.reason}). Check its address and the network.`;
}

function noRelay(reason: string): Result<never, NoRelay> {
	return err({ type: 'NoRelay', reason });
}
