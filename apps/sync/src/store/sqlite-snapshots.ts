import { type Bytes, equalBytes } from '@pocketeer/core/bytes';
import type { SnapshotId, SpaceId } from '@pocketeer/core/ids';
import { blob, type Database, integer, type Row, text } from './database.ts';
import { idOfRaw, type LogHeads, rawId, type StreamState } from './log-heads.ts';
import { type LogStore, PART_OVERHEAD, type SnapshotOffer } from './log-store.ts';

type Snapshots = Pick<
	LogStore,
	'beginUpload' | 'addPart' | 'finishUpload' | 'dropUpload' | 'snapshot' | 'snapshotPart'
>;

/** The snapshots of the log in SQLite; drops what an earlier process left unfinished. */
export function createSqliteSnapshots(
	deps: { readonly database: Database; readonly heads: LogHeads },
	options: { readonly quotaBytes: number },
): Snapshots {
	const { database, heads } = deps;
	const find = database.prepare(
		`SELECT p.space AS space_id, s.stream AS stream_id, n.* FROM snapshots n
		 JOIN streams s ON s.key = n.stream JOIN spaces p ON p.key = s.space WHERE n.key = ? AND n.staged = 1`,
	);
	const newestFirst = database.prepare('SELECT * FROM snapshots WHERE stream = ? AND staged = 0 ORDER BY covers DESC');
	const add = database.prepare(
		`INSERT INTO snapshots (stream, id, covers, chain, count, parts, bytes, created, staged)
		 VALUES (?, ?, ?, ?, ?, 0, 0, 0, 1)`,
	);
	const grow = database.prepare('UPDATE snapshots SET parts = parts + 1, bytes = bytes + ? WHERE key = ?');
	const keep = database.prepare('UPDATE snapshots SET staged = 0, created = ? WHERE key = ?');
	const remove = database.prepare('DELETE FROM snapshots WHERE key = ?');
	const addPart = database.prepare('INSERT INTO snapshot_parts (snapshot, part, bytes) VALUES (?, ?, ?)');
	const removeParts = database.prepare('DELETE FROM snapshot_parts WHERE snapshot = ?');
	const findPart = database.prepare(
		`SELECT p.bytes FROM snapshots n JOIN snapshot_parts p ON p.snapshot = n.key
		 WHERE n.stream = ? AND n.id = ? AND n.staged = 0 AND p.part = ?`,
	);
	const chainAt = database.prepare('SELECT chain, total FROM entries WHERE stream = ? AND seq = ?');
	dropUnfinished(database);

	return {
		async beginUpload(offer) {
			const stream = heads.stream(offer.space, offer.stream);
			const refusal = judge(stream, offer);
			if (refusal || !stream) return refusal ?? { type: 'forked' };
			const { lastInsertRowid } = add.run(stream.key, rawId(offer.id), offer.covers, offer.chain, offer.count);
			return { type: 'begun', upload: Number(lastInsertRowid) };
		},

		async addPart(upload, index, part) {
			return heads.change(() => {
				const found = findUpload(upload);
				if (!found || integer(found.row, 'parts') !== index) return false;
				const { space } = found.stream;
				if (space.bytes + part.length + PART_OVERHEAD > options.quotaBytes) return false;
				addPart.run(upload, index, part);
				grow.run(part.length, upload);
				space.bytes += part.length + PART_OVERHEAD;
				heads.saveSpace(space);
				return true;
			});
		},

		async finishUpload(upload, now) {
			return heads.change(() => {
				const found = findUpload(upload);
				if (!found || integer(found.row, 'parts') !== integer(found.row, 'count')) return { type: 'gone' };
				const { stream, row } = found;
				const offer = readSnapshot(row);
				const refusal = judge(stream, offer);
				if (refusal) return refusal;
				keep.run(Math.floor(now / 1000), upload);
				stream.covered = offer.covers;
				stream.coveredBytes = integer(chainAt.get(stream.key, offer.covers), 'total');
				stream.snapshotBytes = integer(row, 'bytes');
				letGoOfOld(stream);
				heads.saveStream(stream);
				heads.saveSpace(stream.space);
				return { type: 'kept' };
			});
		},

		async dropUpload(upload) {
			heads.change(() => {
				const found = findUpload(upload);
				if (!found) return;
				removeSnapshot(found.stream, found.row);
				heads.saveSpace(found.stream.space);
			});
		},

		async snapshot({ space, stream }) {
			const state = heads.stream(space, stream);
			// Nearly always: no row is looked for.
			if (!state || state.covered === 0) return undefined;
			const row = newestFirst.get(state.key);
			return row && readSnapshot(row);
		},

		async snapshotPart({ space, stream, id, index }) {
			const state = heads.stream(space, stream);
			const row = state && findPart.get(state.key, rawId(id), index);
			return row && blob(row, 'bytes');
		},
	};

	function findUpload(upload: number): { readonly row: Row; readonly stream: StreamState } | undefined {
		const row = find.get(upload);
		const stream = row && heads.stream(text<SpaceId>(row, 'space_id'), idOfRaw(blob(row, 'stream_id')));
		return row && stream && { row, stream };
	}

	/** Why a snapshot is not to be taken, or that it is there already. */
	function judge(stream: StreamState | undefined, offer: Pick<SnapshotOffer, 'id' | 'covers' | 'chain'>) {
		const covered = stream?.covered ?? 0;
		if (offer.covers <= covered) {
			const present = stream && newestFirst.get(stream.key);
			const isPresent = present && idOfRaw(blob(present, 'id')) === offer.id;
			return { type: isPresent ? 'kept' : 'stale-snapshot' } as const;
		}
		const row = stream && chainAt.get(stream.key, offer.covers);
		return row && equalBytes(blob(row, 'chain'), offer.chain) ? undefined : ({ type: 'forked' } as const);
	}

	function letGoOfOld(stream: StreamState): void {
		const [, older, ...old] = newestFirst.all(stream.key);
		stream.prunable = older ? integer(older, 'covers') : 0;
		for (const row of old) removeSnapshot(stream, row);
	}

	function removeSnapshot(stream: StreamState, row: Row): void {
		const key = integer(row, 'key');
		removeParts.run(key);
		remove.run(key);
		stream.space.bytes -= integer(row, 'bytes') + integer(row, 'parts') * PART_OVERHEAD;
	}
}

function readSnapshot(row: Row): { id: SnapshotId; covers: number; chain: Bytes; count: number } {
	return {
		id: idOfRaw<SnapshotId>(blob(row, 'id')),
		covers: integer(row, 'covers'),
		chain: blob(row, 'chain'),
		count: integer(row, 'count'),
	};
}

/** Before anything is remembered of the spaces. */
function dropUnfinished(database: Database): void {
	database.transaction(() => {
		database
			.prepare(
				`UPDATE spaces SET bytes = bytes - u.room FROM (
					SELECT s.space, sum(n.bytes + n.parts * ?) AS room FROM snapshots n JOIN streams s ON s.key = n.stream
					WHERE n.staged = 1 GROUP BY s.space) AS u WHERE u.space = spaces.key`,
			)
			.run(PART_OVERHEAD);
		database.prepare('DELETE FROM snapshot_parts WHERE snapshot IN (SELECT key FROM snapshots WHERE staged = 1)').run();
		database.prepare('DELETE FROM snapshots WHERE staged = 1').run();
	});
}
