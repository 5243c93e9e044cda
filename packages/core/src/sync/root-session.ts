import type { SpaceKeys } from '../crypto/space-keys.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { DialerDep } from '../ports/socket.ts';
import { authTranscript } from '../protocol/auth.ts';
import { type ClientMessage, PROTOCOL_VERSION, type RelayMessage } from '../protocol/messages.ts';
import { err, ok, type Result } from '../result.ts';
import { openSession, type Session, type SessionEnd } from './session.ts';

/** A short connection that proves the root instead of a device: it may read and extend the device list, nothing else. */
export interface RootSession extends Disposable {
	/** One question at a time; answers with the next message of the relay. */
	readonly ask: AskRelay;
}

export type AskRelay = (message: ClientMessage) => Promise<Result<RelayMessage, NoRelay>>;

/** `reason` is a sentence. */
export interface NoRelay {
	readonly type: 'NoRelay';
	readonly reason: string;
}

const ANSWER_WITHIN_MS = 15_000;

/** Connects with the space's list key. */
export function openRootSession(
	deps: ClockDep & DialerDep & LogDep,
	options: { readonly relayUrl: string; readonly keys: SpaceKeys },
): Promise<
	Result<
		RootSession,
		NoRelay | { readonly type: 'NoSuchSpace' } | { readonly type: 'Untrusted'; readonly reason: string }
	>
> {
	const { keys } = options;
	let answer: ((result: Result<RelayMessage, NoRelay>) => void) | undefined;
	let over: NoRelay | undefined;

	return new Promise((resolve) => {
		if (!isRelayUrl(options.relayUrl)) {
			return resolve(noRelay('The address of the relay is not a web address.'));
		}
		const session: Session = openSession(
			deps,
			{
				relayUrl: options.relayUrl,
				async authenticate({ nonce, timeline }) {
					const transcript = authTranscript({ nonce, timeline, space: keys.id, device: null });
					const signature = await keys.sign(transcript);
					const version = PROTOCOL_VERSION;
					return { type: 'auth', version, space: keys.id, device: null, signature, list: null, invite: '' };
				},
			},
			{
				ready: () =>
					resolve(ok({ ask: (message) => ask(session, message), [Symbol.dispose]: () => session[Symbol.dispose]() })),
				received(message) {
					answer?.(ok(message));
					answer = undefined;
				},
				closed(end) {
					over = { type: 'NoRelay', reason: describeEnd(end) };
					answer?.(err(over));
					resolve(refusalOf(end));
				},
			},
		);
	});

	function ask(session: Session, message: ClientMessage): Promise<Result<RelayMessage, NoRelay>> {
		return new Promise((resolve) => {
			if (over) return resolve(err(over));
			const timer = deps.clock.setTimer(ANSWER_WITHIN_MS, () => {
				answer = undefined;
				resolve(noRelay('The relay does not answer.'));
			});
			answer = (result) => {
				timer[Symbol.dispose]();
				resolve(result);
			};
			session.send(message);
		});
	}
}

function refusalOf(
	end: SessionEnd,
): Result<never, NoRelay | { readonly type: 'NoSuchSpace' } | { readonly type: 'Untrusted'; readonly reason: string }> {
	if (end.type === 'Refused' && end.code === 'unknown-space') return err({ type: 'NoSuchSpace' });
	if (end.type === 'Refused' && end.code === 'bad-signature') return err({ type: 'Untrusted', reason: end.reason });
	return noRelay(describeEnd(end));
}

function describeEnd(end: SessionEnd): string {
	if (end.type === 'Refused') return end.reason;
	return `The relay cannot be reached (${end.reason}). Check its address and the network.`;
}

function isRelayUrl(text: string): boolean {
	if (!URL.canParse(text)) return false;
	return ['http:', 'https:', 'ws:', 'wss:'].includes(new URL(text).protocol);
}

function noRelay(reason: string): Result<never, NoRelay> {
	return err({ type: 'NoRelay', reason });
}
