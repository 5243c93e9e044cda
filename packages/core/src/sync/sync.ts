import type { Bytes } from '../bytes.ts';
import type { StreamName, WakeId } from '../ids.ts';
import type { ErrorCode, PushSubscriptionFields, Wake } from '../protocol/messages.ts';
import type { Result } from '../result.ts';
import type { Docs } from '../space/space.ts';

/** One space's documents on this device, kept and exchanged. Offline it is complete; the relay only connects it. */
export interface Sync extends Docs, AsyncDisposable {
	readonly status: SyncStatus;
	subscribe(listener: (status: SyncStatus) => void): Disposable;
	/** The connection's services besides documents; each answers `Offline` without one. Any tab may ask. */
	readonly wakes: RelayWakes;
	/** Tells the relay where to push to; remembered and repeated at each connection. */
	registerPush(subscription: PushSubscriptionFields): Promise<Result<void, RelayError>>;
	testPush(): Promise<Result<void, RelayError>>;
	/**
	 * Says something, sealed, to other devices that have the stream open now; nobody keeps it. Dropped silently without
	 * a connection, and when it is larger than about 56 kB. What one device says arrives in order, or not.
	 */
	whisper(stream: StreamName, bytes: Uint8Array): void;
	/** Calls with what other devices whisper. */
	onWhisper(listener: (whispered: Whispered) => void): Disposable;
}

/** What another device said about a stream. */
export interface Whispered {
	readonly stream: StreamName;
	readonly bytes: Bytes;
}
export interface SyncDep {
	readonly sync: Sync;
}

export interface RelayWakes {
	list(): Promise<Result<ReadonlyMap<WakeId, { revision: number; next: number }>, RelayError>>;
	put(wake: Wake): Promise<Result<void, RelayError>>;
	drop(id: WakeId, revision: number): Promise<Result<void, RelayError>>;
	/** Calls with each wake that comes due while connected. */
	onFired(listener: (fired: { readonly id: WakeId; readonly due: number }) => void): Disposable;
	/** One device gets an occurrence; `fence` 0 means another has it. */
	claim(occurrence: string, leaseMs: number): Promise<Result<{ readonly fence: number }, RelayError>>;
	/** False when the claim no longer holds: another device got it since. */
	finish(occurrence: string, fence: number): Promise<Result<boolean, RelayError>>;
}

export type RelayError =
	| { readonly type: 'Offline' }
	| { readonly type: 'Refused'; readonly code: ErrorCode; readonly message: string };

/** What the person may be told about the connection; never a guess. */
export interface SyncStatus {
	readonly connection: /** `isForeign`: at the last attempt something answered that is no relay of ours. */
		| { readonly type: 'connecting'; readonly isForeign?: boolean }
		| { readonly type: 'online'; readonly since: number }
		| { readonly type: 'offline'; readonly retryAt: number | undefined; readonly isForeign?: boolean }
		/** The relay said no; retrying changes nothing. `reason` is a sentence. */
		| { readonly type: 'refused'; readonly code: ErrorCode; readonly reason: string };
	/** Whether this tab owns the connection. */
	readonly isLeader: boolean;
	/** Streams with rows the relay has not confirmed. */
	readonly pendingStreams: number;
	/** Streams that stand still because an entry cannot be opened or the log was tampered with (R4). */
	readonly stuck: readonly { readonly stream: StreamName; readonly reason: string }[];
	/** Entries that could not be read in three sessions and were put aside, so that the others go on (SY14). */
	readonly quarantined: readonly { readonly stream: StreamName; readonly count: number }[];
	/**
	 * The relay turned out to have lost what this device has; so many streams were published again, the last at this
	 * time, ms since the epoch (SY13).
	 */
	readonly republished: { readonly at: number; readonly streams: number } | undefined;
	/** When all that is known here was last as the relay had it, ms since the epoch by our clock; outlives restarts. */
	readonly lastSyncedAt: number | undefined;
	/**
	 * The relay says that the space was deleted, and shows this statement (see `protocol/deletion.ts`). `isProven`: one
	 * who may, by the newest list of devices known here, signed it; a relay may claim the rest.
	 */
	readonly deleted: { readonly statement: Bytes; readonly isProven: boolean } | undefined;
	/** Relay clock minus ours in ms, when over two minutes; shown as a warning, never acted upon. */
	readonly clockSkewMs: number | undefined;
	readonly vapidKey: string | undefined;
}

/** Before anything was heard, and what a double of `Sync` begins with. */
export const NOTHING_KNOWN: SyncStatus = {
	connection: { type: 'connecting' },
	isLeader: false,
	pendingStreams: 0,
	stuck: [],
	quarantined: [],
	republished: undefined,
	lastSyncedAt: undefined,
	deleted: undefined,
	clockSkewMs: undefined,
	vapidKey: undefined,
};
