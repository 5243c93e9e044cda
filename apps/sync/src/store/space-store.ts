import type { Bytes } from '@pocketeer/core/bytes';
import type { SpaceId } from '@pocketeer/core/ids';
import { blob, type Database, integer } from './database.ts';

/** The device lists of every space, as signed bytes, all versions. Says nothing about their signatures. */
export interface SpaceStore {
	/** The newest version, or undefined for a space that is not known here. */
	newest(space: SpaceId): Promise<{ readonly version: number; readonly list: Bytes } | undefined>;
	/** All versions after `after`, oldest first. */
	listsAfter(space: SpaceId, after: number): Promise<readonly Bytes[]>;
	/**
	 * Keeps version `version` if the newest is the one before it (compare-and-set); answers whether it did. Never of a
	 * space that was deleted.
	 */
	put(offer: { readonly space: SpaceId; readonly version: number; readonly list: Bytes }): Promise<boolean>;
	/** Spaces known here. */
	count(): Promise<number>;
	/** Drops all versions of a space. */
	deleteSpace(space: SpaceId): Promise<void>;
}
export interface SpaceStoreDep {
	readonly spaceStore: SpaceStore;
}

/** The lists in SQLite. */
export function createSqliteSpaceStore(deps: { readonly database: Database }): SpaceStore {
	const { database } = deps;
	const newest = database.prepare('SELECT version, list FROM lists WHERE space = ? ORDER BY version DESC LIMIT 1');
	const after = database.prepare('SELECT list FROM lists WHERE space = ? AND version > ? ORDER BY version');
	const add = database.prepare('INSERT INTO lists (space, version, list) VALUES (?, ?, ?)');
	const deletion = database.prepare('SELECT 1 FROM deletions WHERE space = ?');
	const remove = database.prepare('DELETE FROM lists WHERE space = ?');
	const count = database.prepare('SELECT count(*) AS spaces FROM lists WHERE version = 1');

	return {
		async newest(space) {
			const row = newest.get(space);
			return row && { version: integer(row, 'version'), list: blob(row, 'list') };
		},
		async listsAfter(space, version) {
			return after.all(space, version).map((row) => blob(row, 'list'));
		},
		async put({ space, version, list }) {
			return database.transaction(() => {
				if (deletion.get(space)) return false;
				const row = newest.get(space);
				if ((row ? integer(row, 'version') : 0) !== version - 1) return false;
				add.run(space, version, list);
				return true;
			});
		},
		async count() {
			return integer(count.get(), 'spaces');
		},
		async deleteSpace(space) {
			remove.run(space);
		},
	};
}
