import { type Bytes, concatBytes, equalBytes } from '../bytes.ts';
import type { EntryId, SnapshotId, StreamId } from '../ids.ts';
import { emptyChain, nextChain } from '../protocol/chain.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ClientMessage, ErrorCode, RelayMessage, SnapshotPart } from '../protocol/messages.ts';
import { createFrameReader } from '../protocol/wire.ts';
import type { Member, RelaySpace } from './memory-relay.ts';

/** What the memory relay keeps of one stream; a test may tamper with it. */
export interface RelayLog {
	/** Never shorter, and ids stay: of a pruned entry the body is empty (R2). */
	readonly entries: { readonly id: EntryId; readonly entry: Bytes }[];
	/** Chain behind each entry; index 0 is the empty log. */
	readonly chains: Bytes[];
	/** The last two, the newest last (SY17). */
	readonly snapshots: RelaySnapshot[];
	/** Bodies up to this number are gone. */
	prunedTo: number;
	/** The space's count at the last commit. */
	change: number;
}

export interface RelaySnapshot {
	readonly id: SnapshotId;
	readonly covers: number;
	readonly chain: Bytes;
	readonly sealed: Bytes;
}

/** Where a service is carried out: whose connection it is, and all the others. */
export interface RelayScene {
	readonly member: Member;
	readonly space: RelaySpace;
	/** Connections of the same space, `member` among them. */
	readonly members: readonly Member[];
	refuse(code: ErrorCode, about: string): void;
}

/** Small batches, so that tests meet their borders. */
const ENTRIES_AT_ONCE = 3;
const HEADS_AT_ONCE = 100;

/** The log of a stream, made when it is first asked for. */
export function logOf(space: RelaySpace, stream: StreamId): RelayLog {
	const present = space.logs.get(stream);
	if (present) return present;
	const log: RelayLog = { entries: [], chains: [emptyChain()], snapshots: [], prunedTo: 0, change: 0 };
	space.logs.set(stream, log);
	return log;
}

/** Answers `open`: the snapshot where it must or where it is less, the entries behind it, `head`; or `forked`. */
export function openLog({ member, space, refuse }: RelayScene, message: ClientMessage & { type: 'open' }): void {
	const { stream, cursor } = message;
	const log = logOf(space, stream);
	const chain = log.chains[cursor];
	if (!chain || !equalBytes(chain, message.chain)) {
		refuse('forked', stream);
		return;
	}
	member.follows.add(stream);
	let from = cursor;
	const snapshot = log.snapshots.at(-1);
	if (snapshot && snapshot.covers > cursor && isBetter(log, snapshot, cursor)) {
		for (const part of partsOf(stream, snapshot)) member.send({ type: 'snapshot', ...part });
		from = snapshot.covers;
	}
	for (; from < log.entries.length; from += ENTRIES_AT_ONCE) {
		const entries = log.entries.slice(from, from + ENTRIES_AT_ONCE).map(({ entry }) => entry);
		member.send({ type: 'entries', stream, from: from + 1, entries });
	}
	member.send(headOf(stream, log));
}

function headOf(stream: StreamId, log: RelayLog): RelayMessage {
	const snapshot = log.snapshots.at(-1);
	const covered = snapshot?.covers ?? 0;
	return {
		type: 'head',
		stream,
		seq: log.entries.length,
		chain: log.chains.at(-1) ?? emptyChain(),
		covered,
		snapshotBytes: snapshot?.sealed.length ?? 0,
		tailBytes: weigh(log, covered, log.entries.length),
	};
}

/** Appends, echoes, and tells those that follow or watch. */
export async function appendEntry(scene: RelayScene, message: ClientMessage & { type: 'append' }): Promise<void> {
	const { member, space, members } = scene;
	const { stream, id, entry } = message;
	const log = logOf(space, stream);
	const present = log.entries.findIndex((row) => row.id === id);
	if (present >= 0) return member.send({ type: 'echo', stream, id, seq: present + 1 });
	if (isStale(space, epochOf(entry))) return scene.refuse('stale-epoch', id);
	if (entry.length > LIMITS.entry) return scene.refuse('too-large', id);
	const chain = await nextChain(log.chains.at(-1) ?? emptyChain(), entry);
	const seq = log.entries.push({ id, entry });
	log.chains.push(chain);
	log.change = ++space.change;
	for (const other of members) {
		if (other === member) other.send({ type: 'echo', stream, id, seq });
		else if (other.follows.has(stream)) other.send({ type: 'entries', stream, from: seq, entries: [entry] });
		else if (other.watches) other.send({ type: 'moved', stream, seq, change: space.change });
	}
}

/** Collects the parts of a snapshot; the last is answered. */
export function putSnapshot({ member, space, refuse }: RelayScene, part: SnapshotPart): void {
	const { stream, id, covers, chain, index, count } = part;
	const parts = index === 0 ? [] : (member.uploads.get(id) ?? []);
	member.uploads.delete(id);
	if (parts.length !== index || index >= count) {
		refuse('malformed', id);
		return;
	}
	parts.push(part.part);
	if (index < count - 1) {
		member.uploads.set(id, parts);
		return;
	}
	const snapshot = { id, covers, chain, sealed: concatBytes(...parts) };
	const { snapshots } = logOf(space, stream);
	// The very same once more: its answer was lost.
	const isKept = snapshots.at(-1)?.id === id;
	const refusal = isKept ? undefined : refusalOf(space, stream, snapshot);
	if (refusal) {
		refuse(refusal, id);
		return;
	}
	if (!isKept) snapshots.push(snapshot);
	while (snapshots.length > 2) snapshots.shift();
	member.send({ type: 'snapshot-kept', stream, id, covers });
}

function refusalOf(space: RelaySpace, stream: StreamId, snapshot: RelaySnapshot): ErrorCode | undefined {
	const { chains, snapshots } = logOf(space, stream);
	const chain = chains[snapshot.covers];
	if (snapshot.sealed.length > LIMITS.snapshot) return 'too-large';
	// R3
	if (snapshot.covers <= (snapshots.at(-1)?.covers ?? 0)) return 'stale-snapshot';
	if (!chain || !equalBytes(chain, snapshot.chain)) return 'forked';
	return isStale(space, epochOf(snapshot.sealed)) ? 'stale-epoch' : undefined;
}

/** Hands an ephemeral message to the other devices that follow the stream. */
export function passOn(scene: RelayScene, { stream, sealed }: ClientMessage & { type: 'ephemeral' }): void {
	if (sealed.length > LIMITS.ephemeral) scene.refuse('too-large', stream);
	else
		for (const other of scene.members) {
			const isMeant = other.device !== scene.member.device && other.follows.has(stream);
			if (isMeant) other.send({ type: 'ephemeral', stream, sealed });
		}
}

/** Answers `watch`; from then on the connection is told of what moves. */
export function watchSpace({ member, space }: RelayScene, since: number): void {
	member.watches = true;
	const moved = [...space.logs]
		.filter(([, log]) => log.entries.length > 0 && log.change > since)
		.map(([stream, log]) => ({ stream, seq: log.entries.length }));
	let from = 0;
	do {
		const isLast = from + HEADS_AT_ONCE >= moved.length;
		const heads = moved.slice(from, from + HEADS_AT_ONCE);
		member.send({ type: 'heads', change: isLast ? space.change : 0, heads });
		from += HEADS_AT_ONCE;
	} while (from < moved.length);
}

/** Drops bodies up to `upTo`, as far as the newest snapshot covers them. */
export function pruneLog(log: RelayLog, upTo: number): void {
	const end = Math.min(upTo, log.snapshots.at(-1)?.covers ?? 0);
	for (let index = 0; index < end; index++) {
		const row = log.entries[index];
		if (row) log.entries[index] = { id: row.id, entry: new Uint8Array(0) };
	}
	log.prunedTo = Math.max(log.prunedTo, end);
}

/** Bytes a log keeps. */
export function logBytes(log: RelayLog): number {
	const snapshots = log.snapshots.reduce((sum, { sealed }) => sum + sealed.length, 0);
	return snapshots + weigh(log, 0, log.entries.length);
}

function isBetter(log: RelayLog, snapshot: RelaySnapshot, cursor: number): boolean {
	return cursor < log.prunedTo || weigh(log, cursor, snapshot.covers) > snapshot.sealed.length;
}

function weigh(log: RelayLog, from: number, to: number): number {
	return log.entries.slice(from, to).reduce((sum, { entry }) => sum + entry.length, 0);
}

function partsOf(stream: StreamId, { id, covers, chain, sealed }: RelaySnapshot): readonly SnapshotPart[] {
	const count = Math.max(1, Math.ceil(sealed.length / LIMITS.snapshotPart));
	return Array.from({ length: count }, (_, index) => {
		const part = sealed.slice(index * LIMITS.snapshotPart, (index + 1) * LIMITS.snapshotPart);
		return { stream, id, covers, chain, index, count, part };
	});
}

/** SY15. What has no header of ours is the readers' business. */
function isStale(space: RelaySpace, epoch: number | undefined): boolean {
	const newest = space.lists.findLast((bytes) => readDeviceList(bytes).ok);
	const list = newest && readDeviceList(newest);
	return epoch !== undefined && list?.ok === true && epoch < list.value.epoch;
}

/** Entries and snapshots alike begin with a version and their epoch. */
function epochOf(sealed: Bytes): number | undefined {
	try {
		const header = createFrameReader(sealed);
		return header.fixed(1)[0] === 1 ? header.uint() : undefined;
	} catch {
		return undefined;
	}
}
