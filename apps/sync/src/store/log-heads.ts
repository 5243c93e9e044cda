import type { Bytes } from '@pocketeer/core/bytes';
import type { SpaceId, StreamId } from '@pocketeer/core/ids';
import { emptyChain } from '@pocketeer/core/protocol/chain';
import { blob, type Database, integer, type Row } from './database.ts';
import type { LogHead } from './log-store.ts';

/** What the adapters of the log remember of spaces and streams, so that a commit looks up nothing it knows. */
export interface LogHeads {
	/** undefined: nothing was ever appended to the space. */
	space(space: SpaceId): SpaceState | undefined;
	/** Makes it if need be; undefined when the space was deleted. For use in a transaction. */
	openSpace(space: SpaceId): SpaceState | undefined;
	/** undefined: nothing was ever appended to the stream. */
	stream(space: SpaceId, stream: StreamId): StreamState | undefined;
	/** Makes it if need be. For use in a transaction. */
	openStream(space: SpaceState, stream: StreamId): StreamState;
	/**
	 * One transaction. What `work` changes in the states is forgotten with it when it fails: they are read from the disk
	 * again.
	 */
	change<T>(work: () => T): T;
	/** Writes the fields of a state as they are now. For use in a transaction. */
	saveSpace(space: SpaceState): void;
	saveStream(stream: StreamState): void;
	forget(space: SpaceId): void;
}

export interface SpaceState {
	readonly key: number;
	bytes: number;
	/** How many times a stream of the space moved. */
	change: number;
	readonly streams: Map<StreamId, StreamState>;
}

/** `LogHead` as it moves on. */
export interface StreamState {
	readonly key: number;
	readonly space: SpaceState;
	seq: number;
	chain: Bytes;
	bytes: number;
	changed: number;
	covered: number;
	coveredBytes: number;
	snapshotBytes: number;
	prunable: number;
	pruned: number;
}

/** Streams remembered, about 400 bytes each. */
const REMEMBERED = 20_000;

/** Starts with nothing remembered. */
export function createLogHeads(deps: { readonly database: Database }): LogHeads {
	const { database } = deps;
	const findSpace = database.prepare('SELECT key, bytes, change FROM spaces WHERE space = ?');
	const addSpace = database.prepare('INSERT INTO spaces (space, bytes, change) VALUES (?, 0, 0)');
	const saveSpace = database.prepare('UPDATE spaces SET bytes = ?, change = ? WHERE key = ?');
	const isDeleted = database.prepare('SELECT 1 FROM deletions WHERE space = ?');
	const findStream = database.prepare('SELECT * FROM streams WHERE space = ? AND stream = ?');
	const addStream = database.prepare(
		'INSERT INTO streams (space, stream, head, chain, bytes, changed) VALUES (?, ?, 0, ?, 0, 0)',
	);
	const saveStream = database.prepare(
		`UPDATE streams SET head = ?, chain = ?, bytes = ?, changed = ?, covered = ?, covered_bytes = ?,
		 snapshot_bytes = ?, prunable = ?, pruned = ? WHERE key = ?`,
	);
	const spaces = new Map<SpaceId, SpaceState>();
	let remembered = 0;

	return {
		space: spaceOf,
		openSpace(space) {
			const known = spaceOf(space);
			if (known) return known;
			if (isDeleted.get(space)) return undefined;
			const { lastInsertRowid } = addSpace.run(space);
			return remember(space, { key: Number(lastInsertRowid), bytes: 0, change: 0, streams: new Map() });
		},
		stream(space, stream) {
			const state = spaceOf(space);
			return state && streamOf(state, stream);
		},
		openStream(space, stream) {
			const known = streamOf(space, stream);
			if (known) return known;
			const { lastInsertRowid } = addStream.run(space.key, rawId(stream), emptyChain());
			return rememberStream(space, stream, { ...NEW_STREAM, chain: emptyChain(), key: Number(lastInsertRowid), space });
		},
		change(work) {
			// Not in the middle of anything that holds a state.
			if (remembered > REMEMBERED) forgetAll();
			try {
				return database.transaction(work);
			} catch (error) {
				forgetAll();
				throw error;
			}
		},
		saveSpace: ({ bytes, change, key }) => void saveSpace.run(bytes, change, key),
		saveStream(s) {
			saveStream.run(
				s.seq,
				s.chain,
				s.bytes,
				s.changed,
				s.covered,
				s.coveredBytes,
				s.snapshotBytes,
				s.prunable,
				s.pruned,
				s.key,
			);
		},
		forget: (space) => void spaces.delete(space),
	};

	function forgetAll(): void {
		spaces.clear();
		remembered = 0;
	}

	function spaceOf(space: SpaceId): SpaceState | undefined {
		const known = spaces.get(space);
		if (known) return known;
		const row = findSpace.get(space);
		if (!row) return undefined;
		const state = { bytes: integer(row, 'bytes'), change: integer(row, 'change'), streams: new Map() };
		return remember(space, { key: integer(row, 'key'), ...state });
	}

	function remember(space: SpaceId, state: SpaceState): SpaceState {
		spaces.set(space, state);
		remembered += 1;
		return state;
	}

	function streamOf(space: SpaceState, stream: StreamId): StreamState | undefined {
		const known = space.streams.get(stream);
		if (known) return known;
		const row = findStream.get(space.key, rawId(stream));
		return row && rememberStream(space, stream, readStream(row, space));
	}

	function rememberStream(space: SpaceState, stream: StreamId, state: StreamState): StreamState {
		space.streams.set(stream, state);
		remembered += 1;
		return state;
	}
}

const NEW_STREAM = {
	seq: 0,
	bytes: 0,
	changed: 0,
	covered: 0,
	coveredBytes: 0,
	snapshotBytes: 0,
	prunable: 0,
	pruned: 0,
} as const;

function readStream(row: Row, space: SpaceState): StreamState {
	return {
		key: integer(row, 'key'),
		space,
		seq: integer(row, 'head'),
		chain: blob(row, 'chain'),
		bytes: integer(row, 'bytes'),
		changed: integer(row, 'changed'),
		covered: integer(row, 'covered'),
		coveredBytes: integer(row, 'covered_bytes'),
		snapshotBytes: integer(row, 'snapshot_bytes'),
		prunable: integer(row, 'prunable'),
		pruned: integer(row, 'pruned'),
	};
}

/** A state as it is now; of a stream that is not there, too. */
export function headOf(state: StreamState | undefined): LogHead {
	if (!state) return { ...NEW_STREAM, chain: emptyChain() };
	const { seq, chain, bytes, covered, coveredBytes, snapshotBytes, pruned } = state;
	return { seq, chain, bytes, covered, coveredBytes, snapshotBytes, pruned };
}

/** The 16 bytes of an id. */
export function rawId(id: string): Uint8Array {
	return Buffer.from(id, 'base64url');
}

/** The id of 16 bytes. The caller names its kind. */
export function idOfRaw<Id extends string>(raw: Uint8Array): Id {
	return Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('base64url') as Id;
}
