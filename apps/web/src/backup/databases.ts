import type { SpaceId } from '@pocketeer/core/ids';
import type { Store, StoreError } from '@pocketeer/core/ports/store';
import { ok, type Result } from '@pocketeer/core/result';
import { Dexie } from 'dexie';
import { storeName } from '../boot/open-space.ts';
import type { DeviceDb } from '../platform/device-db.ts';
import { createDexieStore } from '../platform/dexie-store.ts';

/** The databases of this browser, and who may make or delete one now. */
export interface DatabasesDep {
	readonly databases: Databases;
}
export interface Databases {
	/** Opens, or makes, one. */
	open(name: string): Promise<Result<Store & Disposable, StoreError>>;
	/** Gone, or not there, when it resolves; tabs that have it open are told and close it. */
	remove(name: string): Promise<void>;
	/** One tab at a time restores, deletes or clears away; with `ifFree`, nothing is done while another does. */
	alone<T>(work: () => Promise<T>, options?: { readonly ifFree: true }): Promise<T | undefined>;
}

/** This browser's. */
export function browserDatabases(locks: LockManager): Databases {
	return {
		open: createDexieStore,
		remove: (name) => Dexie.delete(name),
		alone: (work, options) =>
			locks.request('pocketeer/databases', { ifAvailable: options?.ifFree === true }, async (held) =>
				held ? await work() : undefined,
			),
	};
}

/** Written down before a database is made or given up: whose it is. */
interface DatabaseJob {
	readonly space: SpaceId;
}
const JOBS = 'database/';

type Deps = DatabasesDep & { readonly device: Pick<DeviceDb, 'jobs' | 'putJobs' | 'space'> };

/** Notes databases that may be left over if this tab ends now; `clearAway` finds out which are. */
export function noteDatabases(
	{ device }: Deps,
	space: SpaceId,
	names: readonly string[],
): Promise<Result<void, StoreError>> {
	const job: DatabaseJob = { space };
	return device.putJobs(Object.fromEntries(names.map((name) => [JOBS + name, job])));
}

/** Deletes noted databases that no known space stands on; call it alone. What cannot be deleted now is tried again next time. */
export async function clearAway(deps: Deps): Promise<Result<void, StoreError>> {
	const { device, databases } = deps;
	const jobs = await device.jobs(JOBS);
	if (!jobs.ok) return jobs;
	for (const [key, job] of jobs.value) {
		const name = key.slice(JOBS.length);
		const space = await device.space((job as DatabaseJob).space);
		// Keys that cannot be read may stand on it all the same.
		if (!space.ok) continue;
		if (!space.value || storeName(space.value) !== name) await databases.remove(name);
		const done = await device.putJobs({ [key]: undefined });
		if (!done.ok) return done;
	}
	return ok();
}
