import type { Bytes } from '@pocketeer/core/bytes';
import type { DeviceId, MailboxId, SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import type { MetricsDep } from '../metrics.ts';

/**
 * Where a device of a space meets one that wants to come in. In memory only: a pairing lasts minutes, and a restart of
 * the relay ends it like any cut connection. What is said is passed on as it is; the two sides seal it between them.
 */
export interface Mailboxes {
	/**
	 * Opens a mailbox for `ttlMs`, at most LIMITS.mailboxMs. Again by the same device it stays as it is, guest and all,
	 * with the time from now, also over another connection. `full`: the space has too many. `taken`: it is not theirs.
	 */
	open(host: Party, place: MailboxPlace & { readonly ttlMs: number }): 'opened' | 'full' | 'taken';
	/** Lets one guest in, once; false when there is no such mailbox (any more). Both sides hear of each other. */
	join(guest: Party, mailbox: MailboxId): boolean;
	/** Hands `bytes` to the other side. `alone`: it is not there. `full`: that was more than a pairing takes. */
	say(party: Party, mailbox: MailboxId, bytes: Bytes): 'said' | 'alone' | 'full' | 'none';
	/** Ends a mailbox that the party has a side of. */
	shut(party: Party, mailbox: MailboxId): void;
	/** The party's connection ended, and with it the mailboxes it has a side of. */
	left(party: Party): void;
	count(): number;
}
export interface MailboxesDep {
	readonly mailboxes: Mailboxes;
}

/** One connection at a mailbox. */
export interface Party {
	send(message: RelayMessage): void;
	/** The pairing it had a side of is over. */
	ended(): void;
}

interface MailboxPlace {
	readonly space: SpaceId;
	readonly device: DeviceId;
	readonly mailbox: MailboxId;
}

interface Mailbox extends MailboxPlace {
	host: Party;
	guest: Party | undefined;
	timer: Disposable;
	messages: number;
}

/** A person invites one device at a time; some slack for tabs and second tries. */
const PER_SPACE = 4;

/** Starts with none. */
export function createMailboxes(deps: ClockDep & MetricsDep): Mailboxes {
	const { clock, metrics } = deps;
	const mailboxes = new Map<MailboxId, Mailbox>();

	return {
		open(host, { space, device, mailbox, ttlMs }) {
			const known = mailboxes.get(mailbox);
			if (known && (known.space !== space || known.device !== device)) return 'taken';
			if (known) {
				known.timer[Symbol.dispose]();
				known.host = host;
				known.timer = expireLater(mailbox, ttlMs);
				return 'opened';
			}
			const ofSpace = [...mailboxes.values()].filter((each) => each.space === space);
			if (ofSpace.length >= PER_SPACE) return 'full';
			const timer = expireLater(mailbox, ttlMs);
			mailboxes.set(mailbox, { space, device, mailbox, host, guest: undefined, timer, messages: 0 });
			metrics.count('pairings_total', 1, 'opened');
			return 'opened';
		},

		join(guest, mailbox) {
			const found = mailboxes.get(mailbox);
			if (!found || found.guest) {
				metrics.count('pairings_total', 1, 'refused');
				return false;
			}
			found.guest = guest;
			metrics.count('pairings_total', 1, 'joined');
			for (const party of [found.host, guest]) party.send({ type: 'pair-joined', mailbox });
			return true;
		},

		say(party, mailbox, bytes) {
			const found = sideOf(party, mailbox);
			if (!found) return 'none';
			const other = party === found.host ? found.guest : found.host;
			if (!other) return 'alone';
			if (found.messages >= LIMITS.pairingMessages || bytes.length > LIMITS.pairing) return 'full';
			found.messages++;
			other.send({ type: 'pair-said', mailbox, bytes });
			return 'said';
		},

		shut(party, mailbox) {
			const found = sideOf(party, mailbox);
			if (found) end(found, 'left', party);
		},

		left(party) {
			for (const found of [...mailboxes.values()]) {
				if (found.host === party || found.guest === party) end(found, 'left', party);
			}
		},

		count: () => mailboxes.size,
	};

	function sideOf(party: Party, mailbox: MailboxId): Mailbox | undefined {
		const found = mailboxes.get(mailbox);
		return found?.host === party || found?.guest === party ? found : undefined;
	}

	function expireLater(mailbox: MailboxId, ttlMs: number): Disposable {
		return clock.setTimer(Math.min(ttlMs, LIMITS.mailboxMs), () => {
			const found = mailboxes.get(mailbox);
			if (found) end(found, 'expired', undefined);
		});
	}

	/** `leaver` knows already. */
	function end(found: Mailbox, reason: 'expired' | 'left', leaver: Party | undefined): void {
		const { mailbox, host, guest, timer } = found;
		mailboxes.delete(mailbox);
		timer[Symbol.dispose]();
		for (const party of [host, guest]) {
			if (!party) continue;
			if (party !== leaver) party.send({ type: 'pair-ended', mailbox, reason });
			party.ended();
		}
	}
}
