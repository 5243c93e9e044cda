import { hash } from 'node:crypto';
import { type Bytes, equalBytes } from '@pocketeer/core/bytes';
import type { StreamId } from '@pocketeer/core/ids';
import { emptyChain, nextChainSync } from '@pocketeer/core/protocol/chain';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import {
	type AppendOutcome,
	type AppendRequest,
	ENTRY_OVERHEAD,
	type LogHead,
	type LogItem,
	type LogStore,
	PART_OVERHEAD,
	PRUNE_ENTRIES,
	SNAPSHOTS_KEPT,
	type SnapshotOffer,
	type StreamPlace,
} from './log-store.ts';
import type { MemoryDisk, MemorySpaceLog, MemoryStream, MemoryUpload } from './memory-disk.ts';

/** The log in memory. `quotaBytes` is what one space may keep. */
export function createMemoryLogStore(disk: MemoryDisk, options: { readonly quotaBytes?: number } = {}): LogStore {
	const quotaBytes = options.quotaBytes ?? LIMITS.spaceBytes;

	return {
		async append(batch, now) {
			const full = new Set<MemoryStream>();
			const moved = new Map<MemoryStream, number>();
			return batch.map((request) => appendOne(request, { now, full, moved }));
		},

		async read({ space, stream, after, maxBytes }) {
			const found = disk.logs.get(space)?.streams.get(stream);
			const head = headOf(found);
			const items: LogItem[] = [];
			let bytes = 0;
			for (const [index, { id, entry }] of (found?.entries ?? []).slice(after).entries()) {
				if (!entry || (items.length > 0 && bytes + entry.length > maxBytes)) break;
				bytes += entry.length;
				items.push({ seq: after + index + 1, id, entry });
			}
			return { items, isPruned: after < head.pruned, head };
		},

		async look({ space, stream, seq }) {
			const found = disk.logs.get(space)?.streams.get(stream);
			const head = headOf(found);
			if (seq === 0) return { chain: emptyChain(), bytes: 0, head };
			const at = found?.entries[seq - 1];
			return at && { chain: at.chain, bytes: at.total, head };
		},

		async moved(space, since) {
			const log = disk.logs.get(space);
			const streams = [...(log?.streams ?? [])].filter(([, { changed }]) => changed > since);
			return {
				change: log?.change ?? 0,
				heads: streams.map(([stream, { entries }]) => ({ stream, seq: entries.length })),
			};
		},

		async beginUpload(offer) {
			const refusal = judgeOffer(offer);
			if (refusal) return refusal;
			const upload = disk.nextKey++;
			disk.uploads.set(upload, { ...offer, parts: [] });
			return { type: 'begun', upload };
		},

		async addPart(key, index, part) {
			const upload = disk.uploads.get(key);
			const log = upload && disk.logs.get(upload.space);
			if (!upload || !log || index !== upload.parts.length) return false;
			const room = part.length + PART_OVERHEAD;
			if (log.usedBytes + room > quotaBytes) return false;
			log.usedBytes += room;
			upload.parts.push(part);
			return true;
		},

		async finishUpload(key) {
			const upload = disk.uploads.get(key);
			if (!upload || upload.parts.length !== upload.count) return { type: 'gone' };
			const refusal = judgeOffer(upload);
			if (refusal) return refusal;
			const { id, covers, chain, parts } = upload;
			const log = disk.logs.get(upload.space);
			const stream = log?.streams.get(upload.stream);
			if (!log || !stream) return { type: 'gone' };
			disk.uploads.delete(key);
			stream.snapshots.push({ id, covers, chain, parts, bytes: parts.reduce((sum, { length }) => sum + length, 0) });
			for (const old of stream.snapshots.splice(0, stream.snapshots.length - SNAPSHOTS_KEPT)) {
				log.usedBytes -= roomOfParts(old.parts);
			}
			return { type: 'kept' };
		},

		async dropUpload(key) {
			const upload = disk.uploads.get(key);
			if (!upload) return;
			disk.uploads.delete(key);
			const log = disk.logs.get(upload.space);
			if (log) log.usedBytes -= roomOfParts(upload.parts);
		},

		async snapshot({ space, stream }) {
			const newest = disk.logs.get(space)?.streams.get(stream)?.snapshots.at(-1);
			return newest && { id: newest.id, covers: newest.covers, chain: newest.chain, count: newest.parts.length };
		},

		async snapshotPart({ space, stream, id, index }) {
			const snapshots = disk.logs.get(space)?.streams.get(stream)?.snapshots;
			return snapshots?.find((each) => each.id === id)?.parts[index];
		},

		async prune({ before, cursor }) {
			const streams = [...disk.logs.values()].flatMap((log) =>
				[...log.streams.values()].map((stream) => ({ log, stream })),
			);
			const step = { entries: 0, bytes: 0 };
			let index = Number(cursor ?? 0);
			for (; index < streams.length && step.entries < PRUNE_ENTRIES; index++) {
				const at = streams[index];
				if (at) pruneStream(at, before, step);
				// One that is not done is visited again.
				if (step.entries >= PRUNE_ENTRIES) break;
			}
			return { ...step, next: index < streams.length ? index : undefined };
		},

		async usage(space) {
			return { usedBytes: disk.logs.get(space)?.usedBytes ?? 0, limitBytes: quotaBytes };
		},

		async deleteSpace(space) {
			disk.logs.delete(space);
			for (const [key, upload] of disk.uploads) if (upload.space === space) disk.uploads.delete(key);
		},
	};

	function appendOne(
		request: AppendRequest,
		batch: { readonly now: number; readonly full: Set<MemoryStream>; readonly moved: Map<MemoryStream, number> },
	): AppendOutcome {
		if (disk.deletions.has(request.space)) return { type: 'deleted' };
		const log = openLog(request);
		const stream = openStream(log, request.stream);
		const present = stream.numbers.get(request.id);
		if (present !== undefined) return { type: 'kept', seq: present, isNew: false, change: stream.changed };
		const room = request.entry.length + ENTRY_OVERHEAD;
		if (batch.full.has(stream) || log.usedBytes + room > quotaBytes) {
			batch.full.add(stream);
			return { type: 'quota' };
		}
		const change = batch.moved.get(stream) ?? ++log.change;
		batch.moved.set(stream, change);
		log.usedBytes += room;
		const last = stream.entries.at(-1);
		const chain = nextChainSync(last?.chain ?? emptyChain(), request.entry, sha256);
		const total = (last?.total ?? 0) + request.entry.length;
		const seq = stream.entries.push({ id: request.id, chain, total, at: batch.now, entry: request.entry });
		stream.numbers.set(request.id, seq);
		stream.changed = change;
		return { type: 'kept', seq, isNew: true, change };
	}

	function openLog({ space }: StreamPlace): MemorySpaceLog {
		const log = disk.logs.get(space) ?? { usedBytes: 0, change: 0, streams: new Map() };
		disk.logs.set(space, log);
		return log;
	}

	/** Why a snapshot is not to be taken, or that it is there already. */
	function judgeOffer(offer: SnapshotOffer | MemoryUpload) {
		const stream = disk.logs.get(offer.space)?.streams.get(offer.stream);
		const present = stream?.snapshots.at(-1);
		if (present?.id === offer.id) return { type: 'kept' } as const;
		if (offer.covers <= (present?.covers ?? 0)) return { type: 'stale-snapshot' } as const;
		const chain = stream?.entries[offer.covers - 1]?.chain;
		if (!chain || !equalBytes(chain, offer.chain)) return { type: 'forked' } as const;
		return undefined;
	}
}

/** What parts of a snapshot count against the room of their space. */
export function roomOfParts(parts: readonly Bytes[]): number {
	return parts.reduce((sum, part) => sum + part.length + PART_OVERHEAD, 0);
}

function openStream(log: MemorySpaceLog, id: StreamId): MemoryStream {
	const stream = log.streams.get(id) ?? { entries: [], numbers: new Map(), snapshots: [], pruned: 0, changed: 0 };
	log.streams.set(id, stream);
	return stream;
}

function headOf(stream: MemoryStream | undefined): LogHead {
	const last = stream?.entries.at(-1);
	const newest = stream?.snapshots.at(-1);
	return {
		seq: stream?.entries.length ?? 0,
		chain: last?.chain ?? emptyChain(),
		bytes: last?.total ?? 0,
		covered: newest?.covers ?? 0,
		coveredBytes: stream?.entries[(newest?.covers ?? 0) - 1]?.total ?? 0,
		snapshotBytes: newest?.bytes ?? 0,
		pruned: stream?.pruned ?? 0,
	};
}

function pruneStream(
	{ log, stream }: { readonly log: MemorySpaceLog; readonly stream: MemoryStream },
	before: number,
	step: { entries: number; bytes: number },
): void {
	const covered = stream.snapshots.length < SNAPSHOTS_KEPT ? 0 : (stream.snapshots[0]?.covers ?? 0);
	while (stream.pruned < covered && step.entries < PRUNE_ENTRIES) {
		const entry = stream.entries[stream.pruned];
		if (!entry?.entry || entry.at >= before) return;
		log.usedBytes -= entry.entry.length;
		step.bytes += entry.entry.length;
		step.entries += 1;
		entry.entry = undefined;
		stream.pruned += 1;
	}
}

function sha256(bytes: Uint8Array): Bytes {
	return new Uint8Array(hash('sha256', bytes, 'buffer'));
}
