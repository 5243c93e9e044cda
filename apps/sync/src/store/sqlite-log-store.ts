import { createHash } from 'node:crypto';
import type { Bytes } from '@pocketeer/core/bytes';
import type { EntryId } from '@pocketeer/core/ids';
import { emptyChain, nextChainSync } from '@pocketeer/core/protocol/chain';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { blob, type Database, integer, text } from './database.ts';
import type { AppendOutcome, AppendRequest, LogItem, LogStore } from './log-store.ts';

/** Bytes that rows and indexes of one entry cost besides its own; so that empty entries are not free. */
const ENTRY_OVERHEAD = 128;

interface StreamHead {
	readonly id: number;
	head: number;
	chain: Bytes;
}

/** The log in SQLite. `quotaBytes` is what one space may keep. */
export function createSqliteLogStore(
	deps: { readonly database: Database },
	options: { readonly quotaBytes?: number } = {},
): LogStore {
	const { database } = deps;
	const quotaBytes = options.quotaBytes ?? LIMITS.spaceBytes;
	const findStream = database.prepare('SELECT id, head, chain FROM streams WHERE space = ? AND stream = ?');
	const addStream = database.prepare('INSERT INTO streams (space, stream, head, chain) VALUES (?, ?, 0, ?)');
	const moveStream = database.prepare('UPDATE streams SET head = ?, chain = ? WHERE id = ?');
	const findEntry = database.prepare('SELECT seq FROM entries WHERE stream = ? AND id = ?');
	const addEntry = database.prepare('INSERT INTO entries (stream, seq, id, chain, entry) VALUES (?, ?, ?, ?, ?)');
	const entriesAfter = database.prepare(
		'SELECT seq, id, chain, entry FROM entries WHERE stream = ? AND seq > ? ORDER BY seq',
	);
	const entryChain = database.prepare('SELECT chain FROM entries WHERE stream = ? AND seq = ?');
	const spaceBytes = database.prepare('SELECT bytes FROM spaces WHERE space = ?');
	const setSpaceBytes = database.prepare(
		'INSERT INTO spaces (space, bytes) VALUES (?1, ?2) ON CONFLICT (space) DO UPDATE SET bytes = ?2',
	);

	return {
		async append(batch) {
			return database.transaction(() => appendAll(batch));
		},

		async read({ space, stream, after, maxBytes }) {
			const row = findStream.get(space, stream);
			const items: LogItem[] = [];
			let chain: Bytes | undefined;
			let bytes = 0;
			if (!row) return { items, chain };
			for (const found of entriesAfter.iterate(integer(row, 'id'), after)) {
				const entry = blob(found, 'entry');
				bytes += entry.length;
				if (items.length > 0 && bytes > maxBytes) break;
				items.push({ seq: integer(found, 'seq'), id: text<EntryId>(found, 'id'), entry });
				chain = blob(found, 'chain');
			}
			return { items, chain };
		},

		async chainAt({ space, stream, seq }) {
			if (seq === 0) return emptyChain();
			const row = findStream.get(space, stream);
			const found = row && entryChain.get(integer(row, 'id'), seq);
			return found && blob(found, 'chain');
		},
	};

	/** Heads and sizes are read once and written once per batch: that is what grouping saves. */
	function appendAll(batch: readonly AppendRequest[]): readonly AppendOutcome[] {
		const heads = new Map<string, StreamHead>();
		const sizes = new Map<string, number>();
		const full = new Set<string>();
		const outcomes = batch.map((request): AppendOutcome => {
			const key = `${request.space}/${request.stream}`;
			const head = heads.get(key) ?? openStream(request);
			heads.set(key, head);
			const present = findEntry.get(head.id, request.id);
			if (present) return { type: 'kept', seq: integer(present, 'seq'), isNew: false };

			const size = (sizes.get(request.space) ?? sizeOf(request.space)) + request.entry.length + ENTRY_OVERHEAD;
			if (size > quotaBytes || full.has(key)) {
				full.add(key);
				return { type: 'quota' };
			}
			sizes.set(request.space, size);
			head.head += 1;
			head.chain = nextChainSync(head.chain, request.entry, sha256);
			addEntry.run(head.id, head.head, request.id, head.chain, request.entry);
			return { type: 'kept', seq: head.head, isNew: true };
		});
		for (const head of heads.values()) moveStream.run(head.head, head.chain, head.id);
		for (const [space, size] of sizes) setSpaceBytes.run(space, size);
		return outcomes;
	}

	function openStream({ space, stream }: AppendRequest): StreamHead {
		const row = findStream.get(space, stream);
		if (row) return { id: integer(row, 'id'), head: integer(row, 'head'), chain: blob(row, 'chain') };
		const chain = emptyChain();
		const { lastInsertRowid } = addStream.run(space, stream, chain);
		return { id: Number(lastInsertRowid), head: 0, chain };
	}

	function sizeOf(space: string): number {
		const row = spaceBytes.get(space);
		return row ? integer(row, 'bytes') : 0;
	}
}

function sha256(bytes: Uint8Array): Bytes {
	return new Uint8Array(createHash('sha256').update(bytes).digest());
}
