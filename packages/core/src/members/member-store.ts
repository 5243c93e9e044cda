import type { Bytes } from '../bytes.ts';
import type { KeyRing } from '../crypto/key-ring.ts';
import type { DeviceId } from '../ids.ts';
import type { StoreError } from '../ports/store.ts';
import type { Result } from '../result.ts';

/** What a device keeps of a space's membership. */
export interface MemberState {
	/** Consecutive versions of the device list as signed, oldest first; at least one. */
	readonly lists: readonly Bytes[];
	readonly ring: KeyRing;
	/** A removal that was begun here and is not known to be done. */
	readonly removal?: Removal | undefined;
	/** Devices that were put on the list here and never said that they are in. */
	readonly unconfirmed?: readonly DeviceId[] | undefined;
}

/** A removal, written down before anything of it is sent. */
export interface Removal {
	readonly devices: readonly DeviceId[];
	/** The next version as signed here, without them; it is made anew when another version comes in between. */
	readonly list: Bytes;
	/** The ring with the new epoch that the list announces. */
	readonly ring: KeyRing;
}

/** Where that state is kept; all tabs of a device share it. */
export interface MemberStore {
	read(): Promise<Result<MemberState, StoreError>>;
	/**
	 * Reads and writes in one transaction, on disk when it resolves ok. `change` runs inside of it and is given what is
	 * there; when it answers the very same object, nothing is written.
	 */
	keep(change: (present: MemberState) => MemberState): Promise<Result<void, StoreError>>;
	/** Calls after something was kept, by this tab or another. */
	subscribe(listener: () => void): Disposable;
}
export interface MemberStoreDep {
	readonly memberStore: MemberStore;
}
