import type { SpaceId, WakeId } from '@pocketeer/core/ids';
import type { MemoryDisk, MemoryWake } from './memory-disk.ts';
import { type StoredWake, TOMBSTONES, type WakeStore } from './wake-store.ts';

/** The wakes in memory. `tombstones` is how many that are over one space may keep. */
export function createMemoryWakeStore(disk: MemoryDisk, options: { readonly tombstones?: number } = {}): WakeStore {
	const tombstones = options.tombstones ?? TOMBSTONES;

	return {
		async put({ space, wake, firstDue, limit }) {
			const row = disk.wakes.get(space)?.get(wake.id);
			const held = row?.revision ?? -1;
			// A dropped wake stays dropped for its own revision, too: only a change of the task brings it back.
			if (held > wake.revision || (held === wake.revision && row?.isDropped)) return { type: 'kept', revision: held };
			const before = { fired: row?.fired ?? 0, next: row?.next ?? null };
			const next = firstDue(before);
			const isMore = next !== null && before.next === null;
			if (isMore && pendingOf(wakesOf(space)) >= limit) return { type: 'full' };
			keep(space, wake.id, { wake, revision: wake.revision, next, fired: before.fired, isDropped: false });
			return { type: 'kept', revision: wake.revision };
		},

		async drop(space, id, revision) {
			const row = disk.wakes.get(space)?.get(id);
			if (row && row.revision > revision) return row.revision;
			keep(space, id, { wake: undefined, revision, next: null, fired: row?.fired ?? 0, isDropped: true });
			return revision;
		},

		async list(space) {
			const kept = [...wakesOf(space)].filter(([, { isDropped }]) => !isDropped);
			return kept.map(([id, { revision, next }]) => ({ id, revision, next: next ?? 0 }));
		},

		async due(now, limit) {
			const due = [...disk.wakes].flatMap(([space, wakes]) =>
				[...wakes].flatMap(([id, row]) => storedWake(space, id, row)),
			);
			return due
				.filter(({ next }) => next <= now)
				.sort((a, b) => a.next - b.next)
				.slice(0, limit);
		},

		async setAside(space, id) {
			const row = disk.wakes.get(space)?.get(id);
			if (row) disk.wakes.get(space)?.set(id, { ...row, next: null });
		},

		async advance({ wake, through, next, push }) {
			const row = disk.wakes.get(wake.space)?.get(wake.id);
			if (!row || row.revision !== wake.revision || row.next !== wake.next) return false;
			disk.wakes.get(wake.space)?.set(wake.id, { ...row, next, fired: through });
			if (push) queuePushes(wake, through, push);
			return true;
		},

		async earliest() {
			const moments = [...disk.wakes.values()].flatMap((wakes) =>
				[...wakes.values()].flatMap(({ next }) => next ?? []),
			);
			return moments.length === 0 ? undefined : Math.min(...moments);
		},

		async countPending() {
			return [...disk.wakes.values()].reduce((sum, wakes) => sum + pendingOf(wakes), 0);
		},

		async deleteSpace(space) {
			disk.wakes.delete(space);
		},
	};

	function wakesOf(space: SpaceId): ReadonlyMap<WakeId, MemoryWake> {
		return disk.wakes.get(space) ?? new Map();
	}

	function keep(space: SpaceId, id: WakeId, row: MemoryWake): void {
		const wakes = new Map(wakesOf(space));
		// Put anew: the oldest come first.
		wakes.delete(id);
		wakes.set(id, row);
		const over = [...wakes].filter(([, { next }]) => next === null);
		if (row.next === null) {
			for (const [old] of over.slice(0, Math.max(0, over.length - tombstones))) wakes.delete(old);
		}
		disk.wakes.set(space, wakes);
	}

	function queuePushes(
		{ space, id }: StoredWake,
		due: number,
		push: { readonly expires: number; readonly at: number },
	): void {
		for (const device of disk.subscriptions.get(space)?.keys() ?? []) {
			const isQueued = [...disk.deliveries.values()].some(
				(each) => each.space === space && each.device === device && each.wake === id && each.due === due,
			);
			if (isQueued) continue;
			const key = disk.nextKey++;
			disk.deliveries.set(key, { id: key, space, device, wake: id, due, ...push, attempt: 0 });
		}
	}
}

function pendingOf(wakes: ReadonlyMap<WakeId, MemoryWake>): number {
	return [...wakes.values()].filter(({ next }) => next !== null).length;
}

function storedWake(space: SpaceId, id: WakeId, { wake, revision, next }: MemoryWake): readonly StoredWake[] {
	if (!wake || next === null) return [];
	return [{ type: 'wake', space, id, revision, recurrence: wake.recurrence, ttlMs: wake.ttlMs, next }];
}
