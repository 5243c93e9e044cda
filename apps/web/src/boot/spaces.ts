import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { RandomDep } from '@pocketeer/core/ports/random';
import { err, ok } from '@pocketeer/core/result';
import type { Directory } from '@pocketeer/core/space/space';
import type { KnownSpaceInfo, Spaces } from '../app.ts';
import type { DeviceDb, KnownSpace } from '../platform/device-db.ts';
import { foundNewSpace } from './recovery.ts';

interface Deps extends ClockDep, RandomDep {
	readonly device: DeviceDb;
	/** Lets go of the present space in this tab; nothing is written to it afterwards. */
	readonly close: () => Promise<void>;
}

const BUSY = {
	type: 'StoreUnavailable',
	reason: 'Another tab restores or deletes a space at this moment.',
} as const;

/** The spaces of this browser profile; `reload` is called once another one is to be opened. */
export function createSpaces(deps: Deps, known: Pick<KnownSpace, 'id' | 'store'>, reload: () => void): Spaces {
	const { device } = deps;
	return {
		async list() {
			const all = await device.spaces();
			if (!all.ok) return all;
			const infos = await Promise.all(
				all.value.map(
					async ({ id, since }): Promise<KnownSpaceInfo> => ({
						id,
						since,
						name: await device.spaceName(id),
						isCurrent: id === known.id,
					}),
				),
			);
			return ok(infos.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.since - a.since));
		},
		async switchTo(id) {
			const switched = await device.makeCurrent(id);
			if (switched.ok) reload();
			return switched;
		},
		async create(name) {
			const founded = await foundNewSpace(deps);
			if (!founded.ok) return founded;
			// The space itself is named when it opens, see `keepSpaceNamed`.
			const kept = name === '' ? ok() : await device.keepSpaceName(founded.value.id, name);
			reload();
			return kept;
		},
		async forget() {
			const [{ deleteSpaceHere }, { browserDatabases }] = await Promise.all([
				import('../backup/delete-space.ts'),
				import('../backup/databases.ts'),
			]);
			const { close } = deps;
			const databases = browserDatabases(navigator.locks);
			const gone = await deleteSpaceHere({ device, databases, localStorage: globalThis.localStorage, close }, known);
			if (!gone.ok) return err(gone.error.type === 'Busy' ? BUSY : gone.error);
			reload();
			return gone;
		},
	};
}

/**
 * Keeps the name that lists of spaces show in step with the one in the space itself. A space that has none yet is
 * given the one this device knows: it was chosen here before the space could be opened.
 */
export async function keepSpaceNamed(
	device: Pick<DeviceDb, 'spaceName' | 'keepSpaceName'>,
	known: Pick<KnownSpace, 'id'>,
	directory: Pick<Directory, 'spaceName' | 'nameSpace' | 'subscribe'>,
): Promise<Disposable> {
	let last = await device.spaceName(known.id);
	if (directory.spaceName() === undefined && last !== '') void directory.nameSpace(last);
	const keep = () => {
		const name = directory.spaceName();
		if (name === undefined || name === last) return;
		last = name;
		void device.keepSpaceName(known.id, name);
	};
	keep();
	return directory.subscribe(keep);
}
