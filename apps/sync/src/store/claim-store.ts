import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import { type Database, integer, text } from './database.ts';

/**
 * Who carries out an occurrence. Linearizable: one device holds it until its lease ends, each new holder gets a
 * higher fence, done is final.
 */
export interface ClaimStore {
	/**
	 * The fence obtained, or 0 when another device holds it or it is done. The holder claiming again keeps its fence.
	 * `full`: the space has `limit` claims on record, and this would be one more.
	 */
	claim(
		claim: Claim & { readonly now: number; readonly leaseMs: number; readonly limit: number },
	): Promise<number | 'full'>;
	/** Marks it done if `fence` is still the newest; answers whether it is done through this fence, also when repeated. */
	finish(claim: Claim & { readonly fence: number }): Promise<boolean>;
	/** Forgets claims whose lease ended before `before`. */
	prune(before: number): Promise<void>;
	/** Forgets all claims of a space. */
	deleteSpace(space: SpaceId): Promise<void>;
}
export interface ClaimStoreDep {
	readonly claimStore: ClaimStore;
}

export interface Claim {
	readonly space: SpaceId;
	/** base64url of the 16 opaque bytes. */
	readonly occurrence: string;
	readonly device: DeviceId;
}

/** A claim is asked about within days; after this it is history. */
export const CLAIM_MEMORY_MS = 90 * 24 * 60 * 60_000;

/** The claims in SQLite. */
export function createSqliteClaimStore(deps: { readonly database: Database }): ClaimStore {
	const { database } = deps;
	const find = database.prepare('SELECT device, fence, expires, done FROM claims WHERE space = ? AND occurrence = ?');
	const put = database.prepare(
		'INSERT OR REPLACE INTO claims (space, occurrence, device, fence, expires, done) VALUES (?, ?, ?, ?, ?, 0)',
	);
	const count = database.prepare('SELECT count(*) AS claims FROM claims WHERE space = ?');
	const finish = database.prepare(
		'UPDATE claims SET done = 1 WHERE space = ? AND occurrence = ? AND device = ? AND fence = ?',
	);
	const removeSpace = database.prepare('DELETE FROM claims WHERE space = ?');
	const prune = database.prepare('DELETE FROM claims WHERE expires < ?');

	return {
		async claim({ space, occurrence, device, now, leaseMs, limit }) {
			return database.transaction(() => {
				const row = find.get(space, occurrence);
				if (!row) {
					if (integer(count.get(space), 'claims') >= limit) return 'full';
					put.run(space, occurrence, device, 1, now + leaseMs);
					return 1;
				}
				const isMine = text(row, 'device') === device;
				const isHeld = integer(row, 'expires') > now;
				if (integer(row, 'done') === 1 || (isHeld && !isMine)) return 0;
				const fence = integer(row, 'fence') + (isHeld ? 0 : 1);
				put.run(space, occurrence, device, fence, now + leaseMs);
				return fence;
			});
		},
		async finish({ space, occurrence, device, fence }) {
			return finish.run(space, occurrence, device, fence).changes === 1;
		},
		async prune(before) {
			prune.run(before);
		},
		async deleteSpace(space) {
			removeSpace.run(space);
		},
	};
}
