import type { Bytes } from '@pocketeer/core/bytes';
import type { SpaceId } from '@pocketeer/core/ids';
import { type DeviceList, readDeviceList } from '@pocketeer/core/protocol/device-list';
import { err, ok, type Result } from '@pocketeer/core/result';
import type { SpaceStoreDep } from '../store/space-store.ts';

/** The newest device list of each space, as kept and as read; parsed once, not at every connection. */
export interface KnownLists {
	/** Undefined for a space that is not known here; the error when this relay was set back to an older version. */
	newest(space: SpaceId): Promise<Result<KnownList, { readonly type: 'NewerForm' }> | undefined>;
}
export interface KnownListsDep {
	readonly knownLists: KnownLists;
}

export interface KnownList {
	readonly bytes: Bytes;
	readonly list: DeviceList;
}

/** What the parsed lists may take, counted by their bytes: those of a thousand spaces or two. Reading one anew takes some 15 µs. */
const MEMORY_BYTES = 1024 * 1024;

/** Remembers those used last; what the store has always counts. */
export function createKnownLists(deps: SpaceStoreDep, options: { readonly memoryBytes?: number } = {}): KnownLists {
	const memoryBytes = options.memoryBytes ?? MEMORY_BYTES;
	// In the order of their last use.
	const remembered = new Map<SpaceId, KnownList>();
	let bytes = 0;

	return {
		async newest(space) {
			const kept = await deps.spaceStore.newest(space);
			const known = remembered.get(space);
			forget(space);
			if (!kept) return undefined;
			if (known && Buffer.compare(known.bytes, kept.list) === 0) return ok(remember(space, known));
			const list = readDeviceList(kept.list);
			if (list.ok) return ok(remember(space, { bytes: kept.list, list: list.value }));
			if (list.error.type === 'NewerForm') return err({ type: 'NewerForm' });
			throw new TypeError(`a stored device list is broken: ${list.error.type}`);
		},
	};

	function remember(space: SpaceId, list: KnownList): KnownList {
		forget(space);
		remembered.set(space, list);
		bytes += list.bytes.length;
		for (const [oldest] of remembered) {
			if (bytes <= memoryBytes) break;
			forget(oldest);
		}
		return list;
	}

	function forget(space: SpaceId): void {
		bytes -= remembered.get(space)?.bytes.length ?? 0;
		remembered.delete(space);
	}
}
