import type { DeviceId, MailboxId, SpaceId } from '@pocketeer/core/ids';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { createMailboxes, type Party } from './mailboxes.ts';

const MINUTE = 60_000;
const box = (name: string) => name as MailboxId;
const bytes = new Uint8Array(10);

function setUp() {
	const clock = createTestClock();
	const mailboxes = createMailboxes({ clock, metrics: createMetrics() });
	/** What each side was told, and `over` when its pairing was. */
	const side = () => {
		const heard: (RelayMessage['type'] | 'over')[] = [];
		const party: Party = {
			send: ({ type }) => void heard.push(type),
			ended: () => void heard.push('over'),
		};
		return { party, heard };
	};
	const open = (
		party: Party,
		mailbox: MailboxId,
		{ space = 'space', device = 'phone', ttlMs = 5 * MINUTE }: { space?: string; device?: string; ttlMs?: number } = {},
	) => mailboxes.open(party, { space: space as SpaceId, device: device as DeviceId, mailbox, ttlMs });
	return { clock, mailboxes, side, open };
}

describe('mailboxes', () => {
	test('two sides meet and each hears what the other says', () => {
		const { mailboxes, side, open } = setUp();
		const [host, guest] = [side(), side()];
		expect(open(host.party, box('a'))).toBe('opened');
		expect(mailboxes.join(guest.party, box('a'))).toBe(true);
		expect(mailboxes.say(guest.party, box('a'), bytes)).toBe('said');
		expect(mailboxes.say(host.party, box('a'), bytes)).toBe('said');
		expect([host.heard, guest.heard]).toEqual([
			['pair-joined', 'pair-said'],
			['pair-joined', 'pair-said'],
		]);
	});

	test('a mailbox takes one guest, once', () => {
		const { mailboxes, side, open } = setUp();
		const [host, guest, second] = [side(), side(), side()];
		open(host.party, box('a'));
		expect(mailboxes.join(guest.party, box('a'))).toBe(true);
		expect(mailboxes.join(second.party, box('a'))).toBe(false);
		mailboxes.left(guest.party);
		expect(host.heard).toEqual(['pair-joined', 'pair-ended', 'over']);
		expect(mailboxes.join(second.party, box('a'))).toBe(false);
		expect(mailboxes.join(second.party, box('nowhere'))).toBe(false);
		expect(mailboxes.count()).toBe(0);
	});

	test('it ends after its time, at the latest after an hour, and both sides are told', async () => {
		const { clock, mailboxes, side, open } = setUp();
		const [host, guest] = [side(), side()];
		open(host.party, box('a'), { ttlMs: MINUTE });
		open(host.party, box('b'), { ttlMs: 1e12 });
		mailboxes.join(guest.party, box('b'));
		await clock.advance(MINUTE);
		expect([host.heard, mailboxes.count()]).toEqual([['pair-joined', 'pair-ended', 'over'], 1]);
		await clock.advance(LIMITS.mailboxMs - MINUTE);
		expect(guest.heard).toEqual(['pair-joined', 'pair-ended', 'over']);
		expect([mailboxes.count(), clock.waiting]).toEqual([0, 0]);
	});

	test('the host leaving ends it', () => {
		const { mailboxes, side, open } = setUp();
		const [host, guest] = [side(), side()];
		open(host.party, box('a'));
		mailboxes.join(guest.party, box('a'));
		mailboxes.left(host.party);
		expect(guest.heard).toEqual(['pair-joined', 'pair-ended', 'over']);
		expect(mailboxes.say(guest.party, box('a'), bytes)).toBe('none');
	});

	test('opening again by the same device keeps it, with new time, and its old connection ends it no more', async () => {
		const { clock, mailboxes, side, open } = setUp();
		const [old, fresh, guest] = [side(), side(), side()];
		open(old.party, box('a'), { ttlMs: 2 * MINUTE });
		mailboxes.join(guest.party, box('a'));
		await clock.advance(MINUTE);
		expect(open(fresh.party, box('a'), { ttlMs: 2 * MINUTE })).toBe('opened');
		mailboxes.left(old.party);
		await clock.advance(MINUTE);
		expect(mailboxes.say(guest.party, box('a'), bytes)).toBe('said');
		expect(fresh.heard).toEqual(['pair-said']);
		await clock.advance(MINUTE);
		expect(guest.heard.at(-1)).toBe('over');
	});

	test('nobody else opens a mailbox that is open, speaks in it or ends it', () => {
		const { mailboxes, side, open } = setUp();
		const [host, other, guest] = [side(), side(), side()];
		open(host.party, box('a'));
		expect(open(other.party, box('a'), { device: 'laptop' })).toBe('taken');
		expect(open(other.party, box('a'), { space: 'another' })).toBe('taken');
		mailboxes.join(guest.party, box('a'));
		expect(mailboxes.say(other.party, box('a'), bytes)).toBe('none');
		mailboxes.shut(other.party, box('a'));
		mailboxes.left(other.party);
		expect([host.heard, guest.heard]).toEqual([['pair-joined'], ['pair-joined']]);
	});

	test('a space has four at once', () => {
		const { mailboxes, side, open } = setUp();
		const { party } = side();
		for (const name of ['a', 'b', 'c', 'd']) expect(open(party, box(name))).toBe('opened');
		expect(open(party, box('e'))).toBe('full');
		expect(open(party, box('a'))).toBe('opened');
		expect(open(party, box('e'), { space: 'another' })).toBe('opened');
		mailboxes.shut(party, box('b'));
		expect(open(party, box('f'))).toBe('opened');
	});

	test('a pairing passes on so many messages of such a size, and nothing while somebody is alone', () => {
		const { mailboxes, side, open } = setUp();
		const [host, guest] = [side(), side()];
		open(host.party, box('a'));
		expect(mailboxes.say(host.party, box('a'), bytes)).toBe('alone');
		mailboxes.join(guest.party, box('a'));
		expect(mailboxes.say(host.party, box('a'), new Uint8Array(LIMITS.pairing + 1))).toBe('full');
		for (let count = 0; count < LIMITS.pairingMessages; count++) {
			const { party } = count % 2 === 0 ? host : guest;
			expect(mailboxes.say(party, box('a'), new Uint8Array(LIMITS.pairing))).toBe('said');
		}
		expect(mailboxes.say(host.party, box('a'), bytes)).toBe('full');
	});
});
