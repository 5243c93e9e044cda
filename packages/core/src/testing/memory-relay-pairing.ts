import type { MailboxId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ClientMessage, ErrorCode, RelayMessage } from '../protocol/messages.ts';

/** The memory relay's mailboxes: two connections meet by an id and hand each other bytes. */
export interface Mailboxes {
	/** Carries out what a connection says about a mailbox; undefined is well, a code refuses. */
	serve(side: MailboxSide, message: PairMessage): ErrorCode | undefined;
	/** The one and only that may come in; false: there is no such mailbox, or somebody was there before. */
	join(guest: MailboxSide, mailbox: MailboxId): boolean;
	/** The connection is gone. */
	left(side: MailboxSide): void;
}

/** One connection, as the mailboxes know it. */
export interface MailboxSide {
	send(message: RelayMessage): void;
}

export type PairMessage = ClientMessage & { readonly type: 'pair-open' | 'pair-say' | 'pair-shut' };

interface Mailbox {
	readonly host: MailboxSide;
	readonly guest: MailboxSide | undefined;
	readonly timer: Disposable;
	readonly said: number;
}

/** Makes the table of mailboxes, empty. */
export function createMailboxes({ clock }: ClockDep): Mailboxes {
	const mailboxes = new Map<MailboxId, Mailbox>();

	return {
		serve(side, message) {
			const { mailbox: id } = message;
			const present = mailboxes.get(id);
			if (message.type === 'pair-open') return open(side, message);
			if (!present || (side !== present.host && side !== present.guest)) return 'no-mailbox';
			if (message.type === 'pair-shut') {
				end(id, 'left', side);
				return undefined;
			}
			if (message.bytes.length > LIMITS.pairing) return 'too-large';
			if (present.said >= LIMITS.pairingMessages) return 'rate';
			mailboxes.set(id, { ...present, said: present.said + 1 });
			const other = side === present.host ? present.guest : present.host;
			other?.send({ type: 'pair-said', mailbox: id, bytes: message.bytes });
			return undefined;
		},
		join(guest, id) {
			const present = mailboxes.get(id);
			if (!present || present.guest) return false;
			mailboxes.set(id, { ...present, guest });
			for (const side of [present.host, guest]) side.send({ type: 'pair-joined', mailbox: id });
			return true;
		},
		left(side) {
			for (const [id, { host, guest }] of mailboxes) if (host === side || guest === side) end(id, 'left', side);
		},
	};

	function open(host: MailboxSide, message: ClientMessage & { type: 'pair-open' }): ErrorCode | undefined {
		const { mailbox: id } = message;
		const present = mailboxes.get(id);
		if (present?.guest || (present && present.host !== host)) return 'no-mailbox';
		present?.timer[Symbol.dispose]();
		const timer = clock.setTimer(Math.min(message.ttlMs, LIMITS.mailboxMs), () => end(id, 'expired'));
		mailboxes.set(id, { host, guest: undefined, timer, said: 0 });
		host.send({ type: 'pair-opened', mailbox: id });
		return undefined;
	}

	function end(id: MailboxId, reason: 'expired' | 'left', by?: MailboxSide): void {
		const mailbox = mailboxes.get(id);
		if (!mailbox) return;
		mailboxes.delete(id);
		mailbox.timer[Symbol.dispose]();
		for (const side of [mailbox.host, mailbox.guest]) {
			if (side && side !== by) side.send({ type: 'pair-ended', mailbox: id, reason });
		}
	}
}
