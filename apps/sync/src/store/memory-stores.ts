import { createMemoryClaimStore } from './memory-claim-store.ts';
import { createMemoryDeletionStore } from './memory-deletion-store.ts';
import { createMemoryDisk, type MemoryDisk } from './memory-disk.ts';
import { createMemoryInviteStore } from './memory-invite-store.ts';
import { createMemoryLogStore, roomOfParts } from './memory-log-store.ts';
import { createMemoryPushStore } from './memory-push-store.ts';
import { createMemorySeenStore } from './memory-seen-store.ts';
import { createMemorySpaceStore } from './memory-space-store.ts';
import { createMemoryWakeStore } from './memory-wake-store.ts';
import type { RelayStores, StoresOptions } from './stores.ts';

/** One call of a store, before it does anything or after it did all of it. */
export interface StoreCall {
	readonly store: keyof RelayStores;
	readonly method: string;
	readonly when: 'before' | 'after';
}

/**
 * Waited for around every call. What it throws, the call rejects with, having done nothing or everything.
 */
export type StoreFault = (call: StoreCall) => Promise<void> | undefined;

export interface MemoryStoresOptions extends StoresOptions {
	/** An empty one when left out. Hand it to a second set of stores to start the relay again on it. */
	readonly disk?: MemoryDisk;
	readonly fault?: StoreFault;
	/**
	 * Whether the process that holds these stores lives, asked in the moment in which a call is carried out: of a dead one
	 * nothing reaches the disk any more, and no call answers.
	 */
	readonly isAlive?: () => boolean;
	/** Tombstones of wakes that one space may keep. */
	readonly tombstones?: number;
}

/** Everything a relay keeps, in memory; for tests. Every call happens wholly or not at all. */
export function createMemoryStores(options: MemoryStoresOptions = {}): RelayStores & { readonly disk: MemoryDisk } {
	const { disk = createMemoryDisk(), fault, isAlive } = options;
	// Unfinished uploads do not outlive the process that took them.
	dropUploads(disk);
	const guard = <Store extends object>(name: keyof RelayStores, store: Store): Store =>
		fault || isAlive ? withFaults(name, store, options) : store;
	return {
		disk,
		logStore: guard('logStore', createMemoryLogStore(disk, options)),
		spaceStore: guard('spaceStore', createMemorySpaceStore(disk)),
		seenStore: guard('seenStore', createMemorySeenStore(disk)),
		deletionStore: guard('deletionStore', createMemoryDeletionStore(disk)),
		inviteStore: guard('inviteStore', createMemoryInviteStore(disk)),
		wakeStore: guard('wakeStore', createMemoryWakeStore(disk, options)),
		pushStore: guard('pushStore', createMemoryPushStore(disk)),
		claimStore: guard('claimStore', createMemoryClaimStore(disk)),
	};
}

function dropUploads(disk: MemoryDisk): void {
	for (const { space, parts } of disk.uploads.values()) {
		const log = disk.logs.get(space);
		if (log) log.usedBytes -= roomOfParts(parts);
	}
	disk.uploads.clear();
}

function withFaults<Store extends object>(
	name: keyof RelayStores,
	store: Store,
	{ fault, isAlive = () => true }: MemoryStoresOptions,
): Store {
	return new Proxy(store, {
		get(target, key) {
			const method: unknown = Reflect.get(target, key);
			if (typeof method !== 'function') return method;
			return async (...given: unknown[]) => {
				await fault?.({ store: name, method: String(key), when: 'before' });
				// Not for `fault` to say: between its answer and this line the process may die, and its disk be set back.
				if (!isAlive()) return never();
				const answer: unknown = await Reflect.apply(method, target, given);
				await fault?.({ store: name, method: String(key), when: 'after' });
				return isAlive() ? answer : never();
			};
		},
	});
}

function never(): Promise<never> {
	return new Promise(() => {});
}
