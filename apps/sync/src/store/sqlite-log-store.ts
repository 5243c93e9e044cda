import { hash } from 'node:crypto';
import type { Bytes } from '@pocketeer/core/bytes';
import type { EntryId, StreamId } from '@pocketeer/core/ids';
import { emptyChain, nextChainSync } from '@pocketeer/core/protocol/chain';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { blob, type Database, integer } from './database.ts';
import { createLogHeads, headOf, idOfRaw, rawId, type SpaceState, type StreamState } from './log-heads.ts';
import { type AppendOutcome, type AppendRequest, ENTRY_OVERHEAD, type LogItem, type LogStore } from './log-store.ts';
import { createLogEraser } from './sqlite-log-eraser.ts';
import { createSqliteSnapshots } from './sqlite-snapshots.ts';

/**
 * The log in SQLite. `quotaBytes` is what one space may keep; `defer` lets others work between the steps of something
 * long.
 */
export function createSqliteLogStore(
	deps: { readonly database: Database; readonly defer?: (run: () => void) => void },
	options: { readonly quotaBytes?: number } = {},
): LogStore {
	const { database } = deps;
	const quotaBytes = options.quotaBytes ?? LIMITS.spaceBytes;
	const heads = createLogHeads({ database });
	const findEntry = database.prepare('SELECT seq FROM entries WHERE stream = ? AND id = ?');
	const addEntry = database.prepare(
		`INSERT INTO entries (stream, seq, id, chain, total, at, entry) VALUES (?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (stream, id) DO NOTHING`,
	);
	const entriesAfter = database.prepare('SELECT seq, id, entry FROM entries WHERE stream = ? AND seq > ? ORDER BY seq');
	const findPlace = database.prepare('SELECT chain, total FROM entries WHERE stream = ? AND seq = ?');
	const movedStreams = database.prepare(
		'SELECT stream, head FROM streams WHERE space = ? AND changed > ? ORDER BY changed',
	);

	return {
		async append(batch, now) {
			return heads.change(() => appendAll(batch, Math.floor(now / 1000)));
		},

		async read({ space, stream, after, maxBytes }) {
			const state = heads.stream(space, stream);
			const head = headOf(state);
			const isPruned = after < head.pruned;
			const items: LogItem[] = [];
			if (!state || isPruned || after >= head.seq) return { items, isPruned, head };
			let bytes = 0;
			for (const row of entriesAfter.iterate(state.key, after)) {
				const entry = blob(row, 'entry');
				bytes += entry.length;
				if (items.length > 0 && bytes > maxBytes) break;
				items.push({ seq: integer(row, 'seq'), id: idOfRaw<EntryId>(blob(row, 'id')), entry });
			}
			return { items, isPruned, head };
		},

		async look({ space, stream, seq }) {
			const state = heads.stream(space, stream);
			const head = headOf(state);
			if (seq === 0) return { chain: emptyChain(), bytes: 0, head };
			if (seq === head.seq) return { chain: head.chain, bytes: head.bytes, head };
			const row = state && findPlace.get(state.key, seq);
			return row && { chain: blob(row, 'chain'), bytes: integer(row, 'total'), head };
		},

		async moved(space, since) {
			const state = heads.space(space);
			// As a rule nothing moved: then no stream is looked at.
			if (!state || since >= state.change) return { change: state?.change ?? 0, heads: [] };
			const rows = movedStreams.all(state.key, since);
			const streams = rows.map((row) => ({
				stream: idOfRaw<StreamId>(blob(row, 'stream')),
				seq: integer(row, 'head'),
			}));
			return { change: state.change, heads: streams };
		},

		...createSqliteSnapshots({ database, heads }, { quotaBytes }),

		...createLogEraser({ ...deps, heads }),

		async usage(space) {
			return { usedBytes: heads.space(space)?.bytes ?? 0, limitBytes: quotaBytes };
		},
	};

	/** Streams and spaces are written once per batch: that is what grouping saves. */
	function appendAll(batch: readonly AppendRequest[], at: number): readonly AppendOutcome[] {
		const moved = new Set<StreamState>();
		const full = new Set<StreamState>();
		const outcomes = batch.map((request) => appendOne(request, { at, moved, full }));
		const spaces = new Set<SpaceState>();
		for (const stream of moved) {
			heads.saveStream(stream);
			spaces.add(stream.space);
		}
		for (const space of spaces) heads.saveSpace(space);
		return outcomes;
	}

	function appendOne(
		{ space: spaceId, stream: streamId, id, entry }: AppendRequest,
		batch: { readonly at: number; readonly moved: Set<StreamState>; readonly full: Set<StreamState> },
	): AppendOutcome {
		const space = heads.openSpace(spaceId);
		if (!space) return { type: 'deleted' };
		const stream = heads.openStream(space, streamId);
		const size = entry.length + ENTRY_OVERHEAD;
		if (batch.full.has(stream) || space.bytes + size > quotaBytes) {
			const present = presentEntry(stream, id);
			if (!present) batch.full.add(stream);
			return present ?? { type: 'quota' };
		}
		const chain = nextChainSync(stream.chain, entry, sha256);
		const total = stream.bytes + entry.length;
		const seq = stream.seq + 1;
		const { changes } = addEntry.run(stream.key, seq, rawId(id), chain, total, batch.at, entry);
		if (changes === 0) {
			const present = presentEntry(stream, id);
			if (!present) throw new Error('an entry is neither new nor there');
			return present;
		}
		if (!batch.moved.has(stream)) {
			batch.moved.add(stream);
			space.change += 1;
			stream.changed = space.change;
		}
		space.bytes += size;
		stream.seq = seq;
		stream.chain = chain;
		stream.bytes = total;
		return { type: 'kept', seq, isNew: true, change: stream.changed };
	}

	function presentEntry(stream: StreamState, id: EntryId): AppendOutcome | undefined {
		const row = findEntry.get(stream.key, rawId(id));
		return row && { type: 'kept', seq: integer(row, 'seq'), isNew: false, change: stream.changed };
	}
}

function sha256(bytes: Uint8Array): Bytes {
	const digest = hash('sha256', bytes, 'buffer');
	return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
}
