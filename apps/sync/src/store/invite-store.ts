import { createHash } from 'node:crypto';
import type { SpaceId } from '@pocketeer/core/ids';
import { type Database, integer, type Row, text } from './database.ts';

/** Invitations to found one space each. Kept are hashes: who reads the database founds nothing with it. */
export interface InviteStore {
	/** Lets `token` found one space; answers the name by which it is listed and revoked. */
	add(token: string, now: number): Promise<string>;
	/**
	 * Uses the token up for `space`; false when there is none, or another space used it. Again for the same space is
	 * fine: what was cut between this and the founding begins anew.
	 */
	take(token: string, space: SpaceId): Promise<boolean>;
	/** Whether `take` would answer true now; uses nothing up. */
	isOpen(token: string, space: SpaceId): Promise<boolean>;
	/** All, oldest first. */
	list(): Promise<readonly Invite[]>;
	/** Forgets those that nobody used yet and whose name, or token, is this; answers how many. */
	revoke(nameOrToken: string): Promise<number>;
}
export interface InviteStoreDep {
	readonly inviteStore: InviteStore;
}

export interface Invite {
	/** The first characters of its hash. */
	readonly name: string;
	/** ms since the epoch. */
	readonly made: number;
	readonly isUsed: boolean;
}

const NAME_LENGTH = 10;

/** The invitations in SQLite. */
export function createSqliteInviteStore(deps: { readonly database: Database }): InviteStore {
	const { database } = deps;
	const add = database.prepare('INSERT INTO invites (hash, made, space) VALUES (?, ?, NULL)');
	const take = database.prepare('UPDATE invites SET space = ?1 WHERE hash = ?2 AND (space IS NULL OR space = ?1)');
	const open = database.prepare('SELECT 1 FROM invites WHERE hash = ?2 AND (space IS NULL OR space = ?1)');
	const list = database.prepare('SELECT hash, made, space FROM invites ORDER BY made, hash');
	const revoke = database.prepare(
		'DELETE FROM invites WHERE space IS NULL AND (hash = ?1 OR substr(hash, 1, ?2) = ?3)',
	);

	return {
		async add(token, now) {
			const hash = hashOf(token);
			add.run(hash, now);
			return nameOf(hash);
		},
		async take(token, space) {
			return take.run(space, hashOf(token)).changes === 1;
		},
		async isOpen(token, space) {
			return open.get(space, hashOf(token)) !== undefined;
		},
		async list() {
			return list.all().map(readInvite);
		},
		async revoke(nameOrToken) {
			return Number(revoke.run(hashOf(nameOrToken), NAME_LENGTH, nameOrToken).changes);
		},
	};
}

function readInvite(row: Row): Invite {
	return { name: nameOf(text(row, 'hash')), made: integer(row, 'made'), isUsed: row.space !== null };
}

function nameOf(hash: string): string {
	return hash.slice(0, NAME_LENGTH);
}

/** Tokens are 16 random bytes, so a plain hash cannot be searched. */
function hashOf(token: string): string {
	return createHash('sha256').update(token).digest('hex');
}
