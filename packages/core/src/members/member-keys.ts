import type { Bytes } from '../bytes.ts';
import type { KeyRing } from '../crypto/key-ring.ts';
import type { StoreError } from '../ports/store.ts';
import type { DeviceListError } from '../protocol/device-list.ts';
import type { Result } from '../result.ts';

/**
 * What this device knows of a space's membership: the chain of signed device lists and the key ring that the newest of
 * them gave it. Sync seals and opens with it, offers the lists to a relay that lacks them, and hands it newer ones.
 */
export interface MemberKeys {
	/** Every epoch's key that this device has; grows when a newer list brings one. */
	readonly ring: KeyRing;
	/** Consecutive versions as signed, oldest first, the newest last. From version 1 on, unless this device joined by pairing and has not fetched them yet. */
	readonly lists: readonly Bytes[];
	/** Version of the newest. */
	readonly version: number;
	/**
	 * Takes versions that a relay sent: verifies each against the one before, opens this device's box in the newest. On
	 * disk before it resolves. Lists that are older than ours, or the same, change nothing: a relay cannot take us back.
	 */
	take(lists: readonly Bytes[]): Promise<Result<void, TakeError>>;
	/** Calls after the ring or the lists changed, through this tab or another. */
	subscribe(listener: () => void): Disposable;
}

export type TakeError =
	| StoreError
	| DeviceListError
	/** The newest list does not name this device: it was removed. Its keys stay as they are. */
	| { readonly type: 'Removed' }
	/** The list names this device, but its box does not open or lacks the newest epoch. */
	| { readonly type: 'BadBox' };
