import type { DeviceId, MailboxId, SpaceId } from '@pocketeer/core/ids';
import type { ClientMessage, ErrorCode, RelayMessage } from '@pocketeer/core/protocol/messages';
import { unreachable } from '@pocketeer/core/result';
import type { MailboxesDep, Party } from './mailboxes.ts';

/** What is said at or about a mailbox by who is in the space. */
export type PairingMessage = Extract<ClientMessage, { readonly type: 'pair-open' | 'pair-say' | 'pair-shut' }>;

/** The mailboxes of one connection past its authentication. */
export interface HostSide extends Disposable {
	handle(message: PairingMessage): void;
}

/** The one mailbox of a stranger's connection. */
export interface GuestSide extends Disposable {
	/** Answers false for anything that a guest may not say. */
	handle(message: ClientMessage): boolean;
}

interface Line {
	readonly send: (message: RelayMessage) => void;
}

const NOBODY_THERE = 'Nobody is at the other side of this code.';
const TOO_MUCH = 'The other device said more than a pairing takes. Start again.';

/** Whether a message is about a mailbox that the sender opened. */
export function isPairingMessage(message: { readonly type: string }): message is PairingMessage {
	return message.type === 'pair-open' || message.type === 'pair-say' || message.type === 'pair-shut';
}

/** For a connection of `device`; null, who holds the root only, pairs nobody. Its mailboxes end with it. */
export function createHostSide(
	deps: MailboxesDep & Line,
	asker: { readonly space: SpaceId; readonly device: DeviceId | null },
): HostSide {
	const { mailboxes, send } = deps;
	const { space, device } = asker;
	const party: Party = { send, ended: () => undefined };
	return {
		handle(message) {
			if (device === null) return send(refusal('not-a-device', '', 'Only a listed device may do this.'));
			const { mailbox } = message;
			switch (message.type) {
				case 'pair-open': {
					const end = mailboxes.open(party, { space, device, mailbox, ttlMs: message.ttlMs });
					if (end === 'opened') return send({ type: 'pair-opened', mailbox });
					if (end === 'taken') return send(refusal('no-mailbox', mailbox, 'This code is in use. Make another.'));
					return send(refusal('rate', mailbox, 'Too many invitations of this space are open. Close one first.'));
				}
				case 'pair-say':
					return say(deps, party, message);
				case 'pair-shut':
					return mailboxes.shut(party, mailbox);
				default:
					return unreachable(message);
			}
		},
		[Symbol.dispose]: () => mailboxes.left(party),
	};
}

/** Joins the mailbox in place of an authentication; undefined when there is none. `ended` is called once it is over. */
export function joinAsGuest(
	deps: MailboxesDep & Line & { readonly ended: () => void },
	mailbox: MailboxId,
): GuestSide | undefined {
	const { mailboxes, send, ended } = deps;
	const party: Party = { send, ended };
	if (!mailboxes.join(party, mailbox)) return undefined;
	return {
		handle(message) {
			if (message.type !== 'pair-say' && message.type !== 'pair-shut') return message.type === 'ping' && pong();
			if (message.mailbox !== mailbox) return false;
			if (message.type === 'pair-shut') mailboxes.shut(party, mailbox);
			else say(deps, party, message);
			return true;
		},
		[Symbol.dispose]: () => mailboxes.left(party),
	};

	function pong(): true {
		send({ type: 'pong' });
		return true;
	}
}

function say(
	{ mailboxes, send }: MailboxesDep & Line,
	party: Party,
	{ mailbox, bytes }: Extract<PairingMessage, { type: 'pair-say' }>,
): void {
	const end = mailboxes.say(party, mailbox, bytes);
	if (end === 'full') {
		send(refusal('rate', mailbox, TOO_MUCH));
		mailboxes.shut(party, mailbox);
	} else if (end !== 'said') {
		send(refusal('no-mailbox', mailbox, NOBODY_THERE));
	}
}

function refusal(code: ErrorCode, about: string, message: string): RelayMessage {
	return { type: 'error', code, about, message };
}
