import type { Bytes } from '@pocketeer/core/bytes';
import type { SpaceId, WakeId } from '@pocketeer/core/ids';
import type { Wake } from '@pocketeer/core/protocol/messages';
import { type Recurrence, readRecurrence } from '@pocketeer/core/protocol/recurrence';
import { type Database, integer, type Row, text } from './database.ts';

/** The wakes of every space, with their next due moment. Revisions only grow; a dropped wake leaves its revision. */
export interface WakeStore {
	/**
	 * Creates or replaces a wake. `firstDue` is asked for its next due moment, given what this id had before, and
	 * answers null when there is none. Answers the revision now held, which is newer than the offer's when that was
	 * stale; or `full` when the space has too many pending wakes.
	 */
	put(offer: {
		readonly space: SpaceId;
		readonly wake: Wake;
		readonly firstDue: (before: WakeHistory) => number | null;
		readonly limit: number;
	}): Promise<{ readonly type: 'kept'; readonly revision: number } | { readonly type: 'full' }>;
	/** Ends a wake; answers the revision now held, newer than the given one if that was stale. */
	drop(space: SpaceId, id: WakeId, revision: number): Promise<number>;
	/** All but dropped ones. */
	list(space: SpaceId): Promise<readonly { readonly id: WakeId; readonly revision: number; readonly next: number }[]>;
	/** Wakes whose next moment is at or before `now`, earliest first. */
	due(now: number, limit: number): Promise<readonly (StoredWake | UnreadableWake)[]>;
	/** Takes a wake that cannot be read out of those that will fire; what is stored of it stays. */
	setAside(space: SpaceId, id: WakeId): Promise<void>;
	/**
	 * Moves a wake past `through` and, with `push`, queues one delivery per subscription of its space, in one step.
	 * Answers false, having done nothing, when the wake is not the one that was read any more.
	 */
	advance(step: WakeAdvance): Promise<boolean>;
	/** The earliest next moment of all. */
	earliest(): Promise<number | undefined>;
	/** Wakes that will fire. */
	countPending(): Promise<number>;
	/** Drops all wakes of a space, tombstones too. */
	deleteSpace(space: SpaceId): Promise<void>;
}
export interface WakeStoreDep {
	readonly wakeStore: WakeStore;
}

/** What was under a wake's id before. */
export interface WakeHistory {
	/** The newest moment that fired or expired, 0 if none. */
	readonly fired: number;
	/** The moment that would have been next; null if none. */
	readonly next: number | null;
}

export interface StoredWake {
	readonly type: 'wake';
	readonly space: SpaceId;
	readonly id: WakeId;
	readonly revision: number;
	readonly recurrence: Recurrence;
	readonly ttlMs: number;
	readonly next: number;
}

/** A row that this code cannot read: damaged, or written by a newer relay. */
export interface UnreadableWake {
	readonly type: 'unreadable';
	readonly space: SpaceId;
	readonly id: WakeId;
}

export interface WakeAdvance {
	readonly wake: StoredWake;
	/** The newest moment that is over, fired or expired. */
	readonly through: number;
	readonly next: number | null;
	/** Set when `through` fired: the delivery's end, and when to try first. */
	readonly push: { readonly expires: number; readonly at: number } | undefined;
}

/** Wakes of one space that will not fire any more and are remembered, dropped or over; the oldest go first. */
export const TOMBSTONES = 10_000;
const NOTHING: Bytes = new Uint8Array(0);

/** The wakes in SQLite. `tombstones` is how many that are over one space may keep. */
export function createSqliteWakeStore(
	deps: { readonly database: Database },
	options: { readonly tombstones?: number } = {},
): WakeStore {
	const { database } = deps;
	const tombstones = options.tombstones ?? TOMBSTONES;
	const find = database.prepare('SELECT revision, next, fired, dropped FROM wakes WHERE space = ? AND id = ?');
	const put = database.prepare(
		`INSERT OR REPLACE INTO wakes (space, id, revision, recurrence, ttl, payload, next, fired, dropped)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	const pendingOf = database.prepare('SELECT count(*) AS pending FROM wakes WHERE space = ? AND next IS NOT NULL');
	const list = database.prepare('SELECT id, revision, next FROM wakes WHERE space = ? AND dropped = 0');
	const due = database.prepare(
		'SELECT space, id, revision, recurrence, ttl, next FROM wakes WHERE next <= ? ORDER BY next LIMIT ?',
	);
	const advance = database.prepare(
		'UPDATE wakes SET next = ?, fired = ? WHERE space = ? AND id = ? AND revision = ? AND next = ?',
	);
	const queue = database.prepare(
		`INSERT OR IGNORE INTO deliveries (space, device, wake, due, expires, attempt, at)
		 SELECT space, device, ?, ?, ?, 0, ? FROM subscriptions WHERE space = ?`,
	);
	const setAside = database.prepare('UPDATE wakes SET next = NULL WHERE space = ? AND id = ?');
	const earliest = database.prepare('SELECT min(next) AS next FROM wakes WHERE next IS NOT NULL');
	const pending = database.prepare('SELECT count(*) AS pending FROM wakes WHERE next IS NOT NULL');
	const removeSpace = database.prepare('DELETE FROM wakes WHERE space = ?');
	const trim = database.prepare(
		`DELETE FROM wakes WHERE rowid IN (
			SELECT rowid FROM wakes WHERE space = ? AND next IS NULL ORDER BY rowid DESC LIMIT -1 OFFSET ?)`,
	);

	return {
		async put({ space, wake, firstDue, limit }) {
			return database.transaction(() => {
				const row = find.get(space, wake.id);
				const held = row ? integer(row, 'revision') : -1;
				// A dropped wake stays dropped for its own revision, too: only a change of the task brings it back.
				const isStale = held > wake.revision || (held === wake.revision && row?.dropped === 1);
				if (isStale) return { type: 'kept', revision: held };
				const fired = row ? integer(row, 'fired') : 0;
				const before = { fired, next: row && row.next !== null ? integer(row, 'next') : null };
				const next = firstDue(before);
				const isMore = next !== null && before.next === null;
				if (isMore && integer(pendingOf.get(space), 'pending') >= limit) return { type: 'full' };
				const recurrence = JSON.stringify(wake.recurrence);
				put.run(space, wake.id, wake.revision, recurrence, wake.ttlMs, wake.payload, next, fired, 0);
				if (next === null) trim.run(space, tombstones);
				return { type: 'kept', revision: wake.revision };
			});
		},

		async drop(space, id, revision) {
			return database.transaction(() => {
				const row = find.get(space, id);
				const held = row ? integer(row, 'revision') : -1;
				if (held > revision) return held;
				put.run(space, id, revision, '', 0, NOTHING, null, row ? integer(row, 'fired') : 0, 1);
				trim.run(space, tombstones);
				return revision;
			});
		},

		async list(space) {
			return list.all(space).map((row) => ({
				id: text<WakeId>(row, 'id'),
				revision: integer(row, 'revision'),
				next: row.next === null ? 0 : integer(row, 'next'),
			}));
		},

		async due(now, limit) {
			return due.all(now, limit).map(readWake);
		},

		async setAside(space, id) {
			setAside.run(space, id);
		},

		async advance({ wake, through, next, push }) {
			return database.transaction(() => {
				const { changes } = advance.run(next, through, wake.space, wake.id, wake.revision, wake.next);
				if (changes !== 1) return false;
				if (push) queue.run(wake.id, through, push.expires, push.at, wake.space);
				return true;
			});
		},

		async earliest() {
			const row = earliest.get();
			return row?.next === null ? undefined : integer(row, 'next');
		},

		async countPending() {
			return integer(pending.get(), 'pending');
		},

		async deleteSpace(space) {
			removeSpace.run(space);
		},
	};
}

function readWake(row: Row): StoredWake | UnreadableWake {
	const place = { space: text<SpaceId>(row, 'space'), id: text<WakeId>(row, 'id') };
	const recurrence = readStoredRecurrence(text(row, 'recurrence'));
	if (!recurrence) return { type: 'unreadable', ...place };
	return {
		type: 'wake',
		...place,
		revision: integer(row, 'revision'),
		recurrence,
		ttlMs: integer(row, 'ttl'),
		next: integer(row, 'next'),
	};
}

function readStoredRecurrence(stored: string): Recurrence | undefined {
	try {
		const recurrence = readRecurrence(JSON.parse(stored));
		return recurrence.ok ? recurrence.value : undefined;
	} catch {
		// No JSON.
		return undefined;
	}
}
