import type { Bytes } from '@pocketeer/core/bytes';
import type { SpaceId } from '@pocketeer/core/ids';
import { blob, type Database, text } from './database.ts';

/** What is left of deleted spaces: the statement by which each was deleted, for ever. */
export interface DeletionStore {
	/** The statement that deleted the space; undefined for one that was not. */
	statement(space: SpaceId): Promise<Bytes | undefined>;
	/** From now on the space is deleted; what it has is still to be erased. The first statement stays. */
	put(space: SpaceId, statement: Bytes): Promise<void>;
	/** Deleted spaces of which something may be left. */
	unfinished(): Promise<readonly SpaceId[]>;
	/** Nothing is left of it. */
	finish(space: SpaceId): Promise<void>;
}
export interface DeletionStoreDep {
	readonly deletionStore: DeletionStore;
}

/** The statements in SQLite. */
export function createSqliteDeletionStore(deps: { readonly database: Database }): DeletionStore {
	const { database } = deps;
	const find = database.prepare('SELECT statement FROM deletions WHERE space = ?');
	const put = database.prepare('INSERT OR IGNORE INTO deletions (space, statement, erased) VALUES (?, ?, 0)');
	const unfinished = database.prepare('SELECT space FROM deletions WHERE erased = 0');
	const finish = database.prepare('UPDATE deletions SET erased = 1 WHERE space = ?');

	return {
		async statement(space) {
			const row = find.get(space);
			return row && blob(row, 'statement');
		},
		async put(space, statement) {
			put.run(space, statement);
		},
		async unfinished() {
			return unfinished.all().map((row) => text<SpaceId>(row, 'space'));
		},
		async finish(space) {
			finish.run(space);
		},
	};
}
