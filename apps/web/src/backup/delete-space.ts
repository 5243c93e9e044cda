import type { StoreError } from '@pocketeer/core/ports/store';
import type { Result } from '@pocketeer/core/result';
import { forgetLastSpace } from '../boot/last-space.ts';
import { storeName } from '../boot/open-space.ts';
import { removedKey } from '../boot/recovery.ts';
import type { DeviceDb, KnownSpace } from '../platform/device-db.ts';
import { clearAway, type DatabasesDep, noteDatabases } from './databases.ts';
import { dropStrayJoins } from './rejoin-later.ts';

export interface DeleteDeps extends DatabasesDep {
	readonly device: Pick<DeviceDb, 'jobs' | 'putJobs' | 'space' | 'spaces' | 'forgetSpace'>;
	/** Where drafts rest that the database did not take, see `localStorageLastChance`; undefined where there is none. */
	readonly localStorage: Storage | undefined;
	/** Lets go of the space in this tab; nothing is written to it afterwards. */
	readonly close: () => Promise<void>;
}

/**
 * Takes a space off this device: its keys, its database, its drafts. Other spaces stay as they are, and the newest of
 * them opens at the next start. Other tabs are told by their database closing. Cut anywhere, it is carried on at the
 * next start. The caches of this browser hold the app only and nothing of any space.
 */
export async function deleteSpaceHere(
	deps: DeleteDeps,
	known: Pick<KnownSpace, 'id' | 'store'>,
): Promise<Result<void, StoreError | { readonly type: 'Busy' }>> {
	const done = await deps.databases.alone(async () => {
		const { device } = deps;
		const spaces = await device.spaces();
		if (!spaces.ok) return spaces;
		const others = spaces.value.filter(({ id }) => id !== known.id).toSorted((a, b) => b.since - a.since);
		const noted = await noteDatabases(deps, known.id, [storeName(known)]);
		if (!noted.ok) return noted;
		const forgotten = await device.forgetSpace(known.id, others[0]?.id);
		if (!forgotten.ok) return forgotten;
		await deps.close();
		if (others.length === 0) forgetLastSpace();
		dropLastChance(deps.localStorage, known.id);
		await device.putJobs({ [removedKey(known.id)]: undefined });
		await dropStrayJoins(deps);
		return clearAway(deps);
	});
	return done ?? { ok: false, error: { type: 'Busy' } };
}

function dropLastChance(storage: Storage | undefined, id: string): void {
	try {
		const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '');
		for (const key of keys) if (key.startsWith(`pocketeer/${id}/`)) storage?.removeItem(key);
	} catch {
		// Forbidden: then nothing is there.
	}
}
