import type { DeletionStore } from './deletion-store.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** The statements of deletion in memory. */
export function createMemoryDeletionStore(disk: MemoryDisk): DeletionStore {
	return {
		async statement(space) {
			return disk.deletions.get(space)?.statement;
		},
		async put(space, statement) {
			if (!disk.deletions.has(space)) disk.deletions.set(space, { statement, isErased: false });
		},
		async unfinished() {
			return [...disk.deletions].filter(([, { isErased }]) => !isErased).map(([space]) => space);
		},
		async finish(space) {
			const deletion = disk.deletions.get(space);
			if (deletion) disk.deletions.set(space, { ...deletion, isErased: true });
		},
	};
}
