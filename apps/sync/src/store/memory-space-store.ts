import type { MemoryDisk } from './memory-disk.ts';
import type { SpaceStore } from './space-store.ts';

/** The device lists in memory. */
export function createMemorySpaceStore(disk: MemoryDisk): SpaceStore {
	return {
		async newest(space) {
			const lists = disk.lists.get(space);
			const list = lists?.at(-1);
			return lists && list && { version: lists.length, list };
		},
		async listsAfter(space, after) {
			return (disk.lists.get(space) ?? []).slice(after);
		},
		async put({ space, version, list }) {
			const lists = disk.lists.get(space) ?? [];
			if (disk.deletions.has(space) || lists.length !== version - 1) return false;
			disk.lists.set(space, [...lists, list]);
			return true;
		},
		async count() {
			return disk.lists.size;
		},
		async deleteSpace(space) {
			disk.lists.delete(space);
		},
	};
}
