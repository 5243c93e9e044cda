import type { MemoryDisk } from './memory-disk.ts';
import type { SeenStore } from './seen-store.ts';

/** The moments of devices in memory. */
export function createMemorySeenStore(disk: MemoryDisk): SeenStore {
	return {
		async put(sightings) {
			for (const { space, device, at } of sightings) {
				const seen = new Map(disk.seen.get(space));
				disk.seen.set(space, seen.set(device, Math.max(at, seen.get(device) ?? at)));
			}
		},
		async list(space) {
			return new Map(disk.seen.get(space));
		},
		async keepOnly(space, devices) {
			const kept = [...(disk.seen.get(space) ?? [])].filter(([device]) => devices.includes(device));
			disk.seen.set(space, new Map(kept));
		},
		async deleteSpace(space) {
			disk.seen.delete(space);
		},
	};
}
