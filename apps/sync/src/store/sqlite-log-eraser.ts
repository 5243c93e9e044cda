import type { SpaceId } from '@pocketeer/core/ids';
import { blob, type Database, integer, type Row, text } from './database.ts';
import { idOfRaw, type LogHeads } from './log-heads.ts';
import { type LogStore, PRUNE_ENTRIES } from './log-store.ts';

/** Streams one step of pruning looks at. */
const PRUNE_STREAMS = 200;
/** Rows one step of deleting a space drops. */
const ERASE_ROWS = 2_000;

/** What leaves the log in SQLite again: pruned bodies, and whole spaces. */
export function createLogEraser(deps: {
	readonly database: Database;
	readonly heads: LogHeads;
	readonly defer?: (run: () => void) => void;
}): Pick<LogStore, 'prune' | 'deleteSpace'> {
	const { database, heads, defer } = deps;
	const prunableStreams = database.prepare(
		`SELECT s.key, s.stream, p.space FROM streams s JOIN spaces p ON p.key = s.space
		 WHERE s.prunable > s.pruned AND s.key >= ? ORDER BY s.key LIMIT ${PRUNE_STREAMS}`,
	);
	const entries = database.prepare(
		'SELECT seq, at, total FROM entries WHERE stream = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
	);
	const totalAt = database.prepare('SELECT total FROM entries WHERE stream = ? AND seq = ?');
	const dropBodies = database.prepare('UPDATE entries SET entry = NULL WHERE stream = ? AND seq > ? AND seq <= ?');
	// A name that is no space's: from then on nobody finds it, and nothing is added to it.
	const rename = database.prepare("UPDATE spaces SET space = '~' || space WHERE space = ?");
	const erasing = database.prepare("SELECT key FROM spaces WHERE space = '~' || ?");
	const eraseSteps = [
		`DELETE FROM entries WHERE key IN (
			SELECT e.key FROM streams s JOIN entries e ON e.stream = s.key WHERE s.space = ? LIMIT ${ERASE_ROWS})`,
		`DELETE FROM snapshot_parts WHERE rowid IN (
			SELECT p.rowid FROM streams s JOIN snapshots n ON n.stream = s.key JOIN snapshot_parts p ON p.snapshot = n.key
			WHERE s.space = ? LIMIT 50)`,
		`DELETE FROM snapshots WHERE key IN (
			SELECT n.key FROM streams s JOIN snapshots n ON n.stream = s.key WHERE s.space = ? LIMIT ${ERASE_ROWS})`,
		`DELETE FROM streams WHERE key IN (SELECT key FROM streams WHERE space = ? LIMIT ${ERASE_ROWS})`,
		'DELETE FROM spaces WHERE key = ?',
	].map((sql) => database.prepare(sql));

	return {
		async prune({ before, cursor }) {
			return heads.change(() => {
				const step = { entries: 0, bytes: 0 };
				const streams = prunableStreams.all(Number(cursor ?? 0));
				for (const row of streams) {
					const isDone = pruneStream(row, Math.floor(before / 1000), step);
					if (!isDone) return { ...step, next: integer(row, 'key') };
				}
				const last = streams.length === PRUNE_STREAMS ? streams.at(-1) : undefined;
				return { ...step, next: last && integer(last, 'key') + 1 };
			});
		},

		async deleteSpace(space) {
			heads.forget(space);
			rename.run(space);
			const row = erasing.get(space);
			if (!row) return;
			for (const step of eraseSteps) {
				while (step.run(integer(row, 'key')).changes > 0) await breathe();
			}
		},
	};

	/** Answers false when the step had to stop in the middle of the stream. */
	function pruneStream(row: Row, before: number, step: { entries: number; bytes: number }): boolean {
		const stream = heads.stream(text<SpaceId>(row, 'space'), idOfRaw(blob(row, 'stream')));
		if (!stream) return true;
		const room = PRUNE_ENTRIES - step.entries;
		const old: Row[] = [];
		for (const entry of entries.iterate(stream.key, stream.pruned, stream.prunable, room)) {
			if (integer(entry, 'at') >= before) break;
			old.push(entry);
		}
		const newest = old.at(-1);
		if (newest) {
			const through = integer(newest, 'seq');
			const first = totalAt.get(stream.key, stream.pruned);
			const bytes = integer(newest, 'total') - (first ? integer(first, 'total') : 0);
			dropBodies.run(stream.key, stream.pruned, through);
			stream.pruned = through;
			stream.space.bytes -= bytes;
			heads.saveStream(stream);
			heads.saveSpace(stream.space);
			step.entries += old.length;
			step.bytes += bytes;
		}
		return old.length < room || stream.pruned === stream.prunable;
	}

	async function breathe(): Promise<void> {
		if (defer) await new Promise<void>((resolve) => defer(resolve));
	}
}
