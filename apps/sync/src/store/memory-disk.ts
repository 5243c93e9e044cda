import type { Bytes } from '@pocketeer/core/bytes';
import type { DeviceId, EntryId, SnapshotId, SpaceId, StreamId, WakeId } from '@pocketeer/core/ids';
import type { PushSubscriptionFields, Wake } from '@pocketeer/core/protocol/messages';
import type { UploadKey } from './log-store.ts';

/**
 * What a relay in memory keeps: plain data, so that `structuredClone` copies a whole relay and `Object.assign` onto the
 * disk in use puts the copy back.
 */
export interface MemoryDisk {
	logs: Map<SpaceId, MemorySpaceLog>;
	uploads: Map<UploadKey, MemoryUpload>;
	lists: Map<SpaceId, Bytes[]>;
	seen: Map<SpaceId, Map<DeviceId, number>>;
	deletions: Map<SpaceId, { readonly statement: Bytes; readonly isErased: boolean }>;
	/** By token; its moment, and the space it founded. */
	invites: Map<string, { readonly made: number; readonly space: SpaceId | undefined }>;
	wakes: Map<SpaceId, Map<WakeId, MemoryWake>>;
	subscriptions: Map<SpaceId, Map<DeviceId, PushSubscriptionFields>>;
	deliveries: Map<number, MemoryDelivery>;
	/** By space, then occurrence. */
	claims: Map<SpaceId, Map<string, MemoryClaim>>;
	nextKey: number;
}

export interface MemorySpaceLog {
	usedBytes: number;
	change: number;
	readonly streams: Map<StreamId, MemoryStream>;
}

export interface MemoryStream {
	/** Entry `n` at index n − 1. */
	readonly entries: MemoryEntry[];
	readonly numbers: Map<EntryId, number>;
	/** Oldest first. */
	snapshots: MemorySnapshot[];
	pruned: number;
	/** The space's count at the newest entry. */
	changed: number;
}

export interface MemoryEntry {
	readonly id: EntryId;
	readonly chain: Bytes;
	/** Bytes of this and all entries before it. */
	readonly total: number;
	readonly at: number;
	/** undefined: pruned. */
	entry: Bytes | undefined;
}

export interface MemorySnapshot {
	readonly id: SnapshotId;
	readonly covers: number;
	readonly chain: Bytes;
	readonly bytes: number;
	readonly parts: readonly Bytes[];
}

export interface MemoryUpload {
	readonly space: SpaceId;
	readonly stream: StreamId;
	readonly id: SnapshotId;
	readonly covers: number;
	readonly chain: Bytes;
	readonly count: number;
	readonly parts: Bytes[];
}

export interface MemoryWake {
	readonly wake: Wake | undefined;
	readonly revision: number;
	readonly next: number | null;
	readonly fired: number;
	readonly isDropped: boolean;
}

export interface MemoryDelivery {
	readonly id: number;
	readonly space: SpaceId;
	readonly device: DeviceId;
	readonly wake: WakeId;
	readonly due: number;
	readonly expires: number;
	readonly attempt: number;
	readonly at: number;
}

export interface MemoryClaim {
	readonly device: DeviceId;
	readonly fence: number;
	readonly expires: number;
	readonly isDone: boolean;
}

/** A disk with nothing on it. */
export function createMemoryDisk(): MemoryDisk {
	return {
		logs: new Map(),
		uploads: new Map(),
		lists: new Map(),
		seen: new Map(),
		deletions: new Map(),
		invites: new Map(),
		wakes: new Map(),
		subscriptions: new Map(),
		deliveries: new Map(),
		claims: new Map(),
		nextKey: 1,
	};
}
