import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import { type Database, integer, text } from './database.ts';

/** When each device of a space was connected last. */
export interface SeenStore {
	/** Keeps the newest moment of each device, all or none, on disk when it resolves. */
	put(sightings: readonly Sighting[]): Promise<void>;
	/** ms since the epoch, by device. */
	list(space: SpaceId): Promise<ReadonlyMap<DeviceId, number>>;
	/** Forgets devices that are not in `devices`. */
	keepOnly(space: SpaceId, devices: readonly DeviceId[]): Promise<void>;
	deleteSpace(space: SpaceId): Promise<void>;
}
export interface SeenStoreDep {
	readonly seenStore: SeenStore;
}

export interface Sighting {
	readonly space: SpaceId;
	readonly device: DeviceId;
	/** ms since the epoch. */
	readonly at: number;
}

/** The moments in SQLite. */
export function createSqliteSeenStore(deps: { readonly database: Database }): SeenStore {
	const { database } = deps;
	const put = database.prepare(
		`INSERT INTO seen (space, device, at) VALUES (?1, ?2, ?3)
		 ON CONFLICT (space, device) DO UPDATE SET at = max(at, ?3)`,
	);
	const list = database.prepare('SELECT device, at FROM seen WHERE space = ?');
	const remove = database.prepare('DELETE FROM seen WHERE space = ? AND device = ?');
	const removeAll = database.prepare('DELETE FROM seen WHERE space = ?');

	return {
		async put(sightings) {
			database.transaction(() => {
				for (const { space, device, at } of sightings) put.run(space, device, at);
			});
		},
		async list(space) {
			return new Map(list.all(space).map((row) => [text<DeviceId>(row, 'device'), integer(row, 'at')]));
		},
		async keepOnly(space, devices) {
			database.transaction(() => {
				const staying = new Set<string>(devices);
				for (const row of list.all(space)) {
					const device = text(row, 'device');
					if (!staying.has(device)) remove.run(space, device);
				}
			});
		},
		async deleteSpace(space) {
			removeAll.run(space);
		},
	};
}
