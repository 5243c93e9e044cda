import { expect, it } from 'vitest';
import { toBase64Url } from '../bytes.ts';
import type { EntryId, MailboxId, SnapshotId, SpaceId, StreamId } from '../ids.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import type { Member, RelaySpace } from './memory-relay.ts';
import { appendEntry, logOf, openLog, pruneLog, putSnapshot, type RelayScene, watchSpace } from './memory-relay-log.ts';
import { createMailboxes, type MailboxSide } from './memory-relay-pairing.ts';
import { createTestClock } from './test-clock.ts';

const STREAM = id<StreamId>(1);
const MAILBOX = id<MailboxId>(2);

it('[R5] behind a pruned place `open` answers with the snapshot in parts, and the entries behind it', async () => {
	const { scene, heard, space } = aScene();
	for (let entry = 1; entry <= 6; entry++) await append(scene, entry);
	const covers = 4;
	const chain = logOf(space, STREAM).chains[covers] ?? new Uint8Array(32);
	const sealed = new Uint8Array(LIMITS.snapshotPart + 10).fill(9);
	const parts = [sealed.slice(0, LIMITS.snapshotPart), sealed.slice(LIMITS.snapshotPart)];
	for (const [index, part] of parts.entries()) {
		putSnapshot(scene, { stream: STREAM, id: id<SnapshotId>(3), covers, chain, index, count: 2, part });
	}
	expect(heard.at(-1)).toMatchObject({ type: 'snapshot-kept', covers });
	heard.length = 0;
	// The entries weigh less than the snapshot: it is not sent until it has to be.
	openLog(scene, { type: 'open', stream: STREAM, cursor: 0, chain: new Uint8Array(32) });
	expect(heard.map(({ type }) => type)).toEqual(['entries', 'entries', 'head']);
	pruneLog(logOf(space, STREAM), 6);
	heard.length = 0;
	openLog(scene, { type: 'open', stream: STREAM, cursor: 0, chain: new Uint8Array(32) });
	expect(heard).toMatchObject([
		{ type: 'snapshot', index: 0, count: 2, covers },
		{ type: 'snapshot', index: 1, part: new Uint8Array(10).fill(9) },
		{ type: 'entries', from: 5 },
		{ type: 'head', seq: 6, covered: 4, snapshotBytes: sealed.length, tailBytes: 20 },
	]);
	// R2: number, id and chain of a pruned entry stay.
	await append(scene, 2);
	expect(heard.at(-1)).toMatchObject({ type: 'echo', seq: 2 });
});

it('[R3] a snapshot that covers no more, or another log, or lacks a part, is refused', async () => {
	const { scene, heard, space } = aScene();
	for (let entry = 1; entry <= 3; entry++) await append(scene, entry);
	const { chains } = logOf(space, STREAM);
	const put = (number: number, covers: number, chain = chains[covers] ?? new Uint8Array(32), index = 0, count = 1) => {
		const part = { stream: STREAM, id: id<SnapshotId>(number), covers, chain, index, count, part: new Uint8Array(5) };
		putSnapshot(scene, part);
		const last = heard.at(-1);
		return last?.type === 'error' ? last.code : last?.type;
	};
	expect(put(10, 2)).toBe('snapshot-kept');
	expect(put(10, 2)).toBe('snapshot-kept');
	expect(put(11, 2)).toBe('stale-snapshot');
	expect(put(12, 1)).toBe('stale-snapshot');
	expect(put(13, 3, new Uint8Array(32).fill(1))).toBe('forked');
	expect(put(14, 3, chains[3], 1, 2)).toBe('malformed');
	expect(put(15, 3)).toBe('snapshot-kept');
});

it('[SY11] `watch` answers with what moved since, and the count to ask from next', async () => {
	const { scene, heard } = aScene();
	watchSpace(scene, 0);
	expect(heard).toEqual([{ type: 'heads', change: 0, heads: [] }]);
	await append(scene, 1);
	await append(scene, 2, id<StreamId>(5));
	heard.length = 0;
	watchSpace(scene, 1);
	watchSpace(scene, 2);
	expect(heard).toEqual([
		{ type: 'heads', change: 2, heads: [{ stream: id<StreamId>(5), seq: 1 }] },
		{ type: 'heads', change: 2, heads: [] },
	]);
});

it('a mailbox takes one guest, once, hands on a bounded number of words, and ends', async () => {
	const clock = createTestClock();
	const mailboxes = createMailboxes({ clock });
	const [host, guest, third] = [aSide(), aSide(), aSide()];
	expect(mailboxes.join(guest, MAILBOX)).toBe(false);
	mailboxes.serve(host, { type: 'pair-open', mailbox: MAILBOX, ttlMs: 1_000 });
	expect(mailboxes.serve(third, { type: 'pair-open', mailbox: MAILBOX, ttlMs: 1_000 })).toBe('no-mailbox');
	expect(mailboxes.join(guest, MAILBOX)).toBe(true);
	expect(mailboxes.join(third, MAILBOX)).toBe(false);
	const word = { type: 'pair-say', mailbox: MAILBOX, bytes: Uint8Array.of(1) } as const;
	for (let said = 0; said < LIMITS.pairingMessages; said++) expect(mailboxes.serve(guest, word)).toBeUndefined();
	expect(mailboxes.serve(host, word)).toBe('rate');
	expect(mailboxes.serve(third, word)).toBe('no-mailbox');
	await clock.advance(1_000);
	const words = Array.from({ length: LIMITS.pairingMessages }, () => 'pair-said');
	expect(host.heard).toEqual(['pair-opened', 'pair-joined', ...words, 'pair-ended']);
	expect(guest.heard).toEqual(['pair-joined', 'pair-ended']);
	expect(clock.waiting).toBe(0);

	mailboxes.serve(host, { type: 'pair-open', mailbox: MAILBOX, ttlMs: 1_000 });
	mailboxes.join(guest, MAILBOX);
	mailboxes.left(guest);
	expect(host.heard.at(-1)).toBe('pair-ended');
	expect(mailboxes.join(third, MAILBOX)).toBe(false);
});

function aScene(): { scene: RelayScene; heard: RelayMessage[]; space: RelaySpace } {
	const heard: RelayMessage[] = [];
	const member: Member = {
		space: id<SpaceId>(0),
		device: null,
		follows: new Set(),
		watches: false,
		uploads: new Map(),
		send: (message) => heard.push(message),
		close: () => {},
	};
	const space: RelaySpace = {
		lists: [],
		logs: new Map(),
		change: 0,
		wakes: new Map(),
		claims: new Map(),
		subscriptions: new Map(),
		seen: new Map(),
		deleted: undefined,
	};
	const refuse: RelayScene['refuse'] = (code, about) => heard.push({ type: 'error', code, about, message: '' });
	return { scene: { member, space, members: [member], refuse }, heard, space };
}

function append(scene: RelayScene, number: number, stream = STREAM): Promise<void> {
	return appendEntry(scene, {
		type: 'append',
		stream,
		id: id<EntryId>(number),
		entry: new Uint8Array(10).fill(number),
	});
}

function aSide(): MailboxSide & { readonly heard: string[] } {
	const heard: string[] = [];
	return { heard, send: ({ type }) => heard.push(type) };
}

function id<Id extends string>(number: number): Id {
	return toBase64Url(new Uint8Array(16).fill(number)) as Id;
}
