import type { Bytes } from '../bytes.ts';
import type { DeviceId, EntryId, MailboxId, SnapshotId, SpaceId, StreamId, WakeId } from '../ids.ts';
import type { Recurrence } from './recurrence.ts';

/**
 * The messages of the space connection, one binary WebSocket frame each: a varint type (100 and up, so that none
 * is mistaken for y-websocket's own), then the fields in the order written here (lib0 encoding: varints, length-
 * prefixed strings and bytes; ids as their raw 16 bytes). `codec.ts` reads and writes them.
 *
 * Order on a connection: the relay sends `challenge`; the client answers `auth`; the relay sends `ready` or
 * `error` and closes. A device that is in no list yet answers `pair-join` instead, and from then on may only speak
 * through its mailbox. Anything else before `ready` closes the connection.
 *
 * How it grows: both say the newest version they speak, and the relay the oldest it still speaks; from `auth` on, both
 * keep to the smaller of the two newest. Who is older than the other's oldest is told `too-old`. A later `challenge` may
 * have more fields behind those here, which are passed over; no other message changes its fields within a version. A
 * client passes over relay messages of types it does not know and reads an unknown error code as `internal`; a relay
 * answers an unknown type, after `ready`, with `malformed` about `type-<number>` and goes on.
 *
 * The relay handles the messages of a connection in order, each one wholly before the next, so a `pong` says that
 * everything sent before its `ping` is on disk or was refused. (Only `push-test` is answered when it is done.) Of a stream that a connection follows, entries, echoes
 * and `head` come strictly by sequence number: the echo stands where the connection's own entry would have stood.
 */
export const PROTOCOL_VERSION = 2;

/** The oldest version that this code still speaks, on either side. Version 1 was never published. */
export const OLDEST_VERSION = 2;

/** Path of the WebSocket endpoint on the relay's origin. */
export const SYNC_PATH = '/v1/sync';

export type ClientMessage =
	/**
	 * `signature`: Ed25519 by the device's signing key, or by the space's list key when `device` is null (a device
	 * that joins by recovery words), over `authTranscript`. `lists` are consecutive versions of the device list: from 1
	 * on they found a space the relay does not know; beyond the relay's newest they bring a restored relay up to date.
	 * Versions that the relay has are passed over.
	 */
	| {
			readonly type: 'auth';
			/** The newest version of the protocol that the client speaks. */
			readonly version: number;
			readonly space: SpaceId;
			readonly device: DeviceId | null;
			readonly signature: Bytes;
			/** Origin of the relay as the client dialled it, such as `https://relay.example`; part of what is signed. */
			readonly origin: string;
			readonly lists: readonly Bytes[];
			readonly invite: string;
	  }
	/** Asks for all versions of the device list after `after`. Allowed to devices, and to a root-authenticated connection. */
	| { readonly type: 'list-get'; readonly after: number }
	/** Offers the next version of the device list. Allowed to devices, and to a root-authenticated connection. */
	| { readonly type: 'list-put'; readonly list: Bytes }
	/**
	 * Asks which streams of the space moved since the relay's count `since` (0: all that have entries), answered by
	 * `heads`; from then on `moved` tells of every commit to a stream that this connection does not follow.
	 */
	| { readonly type: 'watch'; readonly since: number }
	/**
	 * Follows a stream from `cursor`, whose chain hash is `chain` (32 bytes; zeros at 0). Answered by the entries behind
	 * it and `head`; where entries were pruned, or weigh more than the snapshot that covers them, by the parts of that
	 * snapshot first and then the entries behind what it covers (R5).
	 */
	| { readonly type: 'open'; readonly stream: StreamId; readonly cursor: number; readonly chain: Bytes }
	| { readonly type: 'shut'; readonly stream: StreamId }
	/**
	 * Appends one sealed entry; repeating an id changes nothing and is echoed again (R6). After an `error` about an
	 * entry, later ones of this connection to the same stream are refused likewise until that id is offered again or
	 * the stream is opened anew, so that no entry stands in the log without the one its writer made before it.
	 */
	| { readonly type: 'append'; readonly stream: StreamId; readonly id: EntryId; readonly entry: Bytes }
	/**
	 * One part of a sealed snapshot that covers the log up to `covers`, where its hash is `chain`. Parts come in order;
	 * the last is answered by `snapshot-kept`, or by an `error` about `id`: `stale-snapshot` when it covers no more than
	 * the present one (R3), `forked` when the log's hash at `covers` is another. Nothing is kept before all parts are there.
	 */
	| ({ readonly type: 'snapshot-put' } & SnapshotPart)
	/** Passed on to the connections of other devices that follow the stream, never stored. Sealed; at most LIMITS.ephemeral. */
	| { readonly type: 'ephemeral'; readonly stream: StreamId; readonly sealed: Bytes }
	/** Asks what the relay keeps of this space, answered by `space-state`. */
	| { readonly type: 'space-get' }
	/**
	 * Deletes everything the relay has of the space, for good. `statement` is a signed `deletionStatement`; it alone is
	 * kept, so that the other devices are told. Answered by `space-deleted`, to every connection of the space.
	 */
	| { readonly type: 'space-delete'; readonly statement: Bytes }
	/** Opens a mailbox for one pairing for `ttlMs` (at most an hour), again if need be; answered by `pair-opened`. */
	| { readonly type: 'pair-open'; readonly mailbox: MailboxId; readonly ttlMs: number }
	/** In place of `auth`: a device that is not listed yet meets the one that opened the mailbox. One does, once. */
	| { readonly type: 'pair-join'; readonly mailbox: MailboxId }
	/** Handed to the other side of the mailbox as `pair-said`. At most LIMITS.pairing bytes. */
	| { readonly type: 'pair-say'; readonly mailbox: MailboxId; readonly bytes: Bytes }
	| { readonly type: 'pair-shut'; readonly mailbox: MailboxId }
	/** Creates or replaces a wake unless the relay's revision is newer; answered by `wake-kept`. */
	| { readonly type: 'wake-put'; readonly wake: Wake }
	/**
	 * Ends a wake, unless the relay's revision is newer; the revision stays as a tombstone, and only a newer one brings
	 * the wake back. Answered by `wake-kept`.
	 */
	| { readonly type: 'wake-drop'; readonly id: WakeId; readonly revision: number }
	| { readonly type: 'wake-list' }
	/** This device's push subscription, replacing an earlier one; empty endpoint removes it. Answered by `push-kept`. */
	| { readonly type: 'push-put'; readonly subscription: PushSubscriptionFields }
	/** Asks for a test push to this device, now; answered by `push-tested`. */
	| { readonly type: 'push-test' }
	/**
	 * Claims an occurrence (opaque 16 bytes) for `leaseMs`; one device gets it. The same device claiming again renews
	 * its lease and keeps its fence: its tabs and its worker settle among themselves.
	 */
	| { readonly type: 'claim'; readonly occurrence: Bytes; readonly leaseMs: number }
	/** The claimed occurrence was carried out: no device gets it again. Answered by `claimed`. */
	| { readonly type: 'claim-done'; readonly occurrence: Bytes; readonly fence: number }
	| { readonly type: 'ping' };

export type RelayMessage =
	| {
			readonly type: 'challenge';
			/** The newest version of the protocol that the relay speaks. */
			readonly version: number;
			/** The oldest version that it still speaks. */
			readonly oldest: number;
			readonly nonce: Bytes;
			/** Names this relay's log; it changes when an operator restores an older copy. */
			readonly timeline: string;
	  }
	| {
			readonly type: 'ready';
			readonly listVersion: number;
			/** Relay's wall clock, ms since the epoch; for a warning only, never to refuse. */
			readonly now: number;
			/** VAPID public key, base64url uncompressed P-256 point. */
			readonly vapidKey: string;
	  }
	| { readonly type: 'lists'; readonly lists: readonly Bytes[] }
	| { readonly type: 'list-kept'; readonly version: number }
	/** Another connection put a newer version of the device list. */
	| { readonly type: 'listed'; readonly version: number }
	/**
	 * Streams that moved, with their newest number, in one or more messages; `change` is the relay's count to ask from
	 * next time, 0 in all but the last. A count below the `since` asked for says that the relay was set back.
	 */
	| {
			readonly type: 'heads';
			readonly change: number;
			readonly heads: readonly { readonly stream: StreamId; readonly seq: number }[];
	  }
	/** A commit to a stream that this connection does not follow, while it watches. */
	| { readonly type: 'moved'; readonly stream: StreamId; readonly seq: number; readonly change: number }
	/** One part of the newest snapshot of a stream; the entries behind `covers` follow the last part. */
	| ({ readonly type: 'snapshot' } & SnapshotPart)
	/** The snapshot is on disk and covers the log from now on. */
	| { readonly type: 'snapshot-kept'; readonly stream: StreamId; readonly id: SnapshotId; readonly covers: number }
	| { readonly type: 'ephemeral'; readonly stream: StreamId; readonly sealed: Bytes }
	| {
			readonly type: 'space-state';
			/** What counts against the quota, and the quota. */
			readonly usedBytes: number;
			readonly limitBytes: number;
			/** When each listed device was connected last, ms since the epoch; 0: never, or not known. */
			readonly devices: readonly { readonly id: DeviceId; readonly seen: number }[];
	  }
	/** The space was deleted by this statement; the connection closes with CLOSE.deleted. Also in answer to `auth`. */
	| { readonly type: 'space-deleted'; readonly statement: Bytes }
	| { readonly type: 'pair-opened'; readonly mailbox: MailboxId }
	/** To both sides: the other one is there. */
	| { readonly type: 'pair-joined'; readonly mailbox: MailboxId }
	| { readonly type: 'pair-said'; readonly mailbox: MailboxId; readonly bytes: Bytes }
	/** The other side left, or the time is over; the mailbox is no more. */
	| { readonly type: 'pair-ended'; readonly mailbox: MailboxId; readonly reason: 'expired' | 'left' }
	/** Consecutive entries, the first at `from`. */
	| { readonly type: 'entries'; readonly stream: StreamId; readonly from: number; readonly entries: readonly Bytes[] }
	/** An entry of this very connection was committed to disk at `seq`. */
	| { readonly type: 'echo'; readonly stream: StreamId; readonly id: EntryId; readonly seq: number }
	/** Everything there was at the time of `open` has been sent. */
	| {
			readonly type: 'head';
			readonly stream: StreamId;
			readonly seq: number;
			readonly chain: Bytes;
			/** Up to where the newest snapshot covers the log (0: there is none), and its bytes. */
			readonly covered: number;
			readonly snapshotBytes: number;
			/** Bytes of the entries behind `covered`. */
			readonly tailBytes: number;
	  }
	| {
			/** All wakes but dropped ones; `next` is 0 for one that will not fire again. */
			readonly type: 'wakes';
			readonly wakes: readonly { readonly id: WakeId; readonly revision: number; readonly next: number }[];
	  }
	/**
	 * Answers `wake-put` and `wake-drop`: `revision` is what the relay holds now, on disk. It is newer than the one
	 * offered when the offer was stale; nothing changed then.
	 */
	| { readonly type: 'wake-kept'; readonly id: WakeId; readonly revision: number }
	/** The subscription, or its absence, is on disk. */
	| { readonly type: 'push-kept' }
	/**
	 * What the push service answered to the test: an HTTP status, 201 as a rule; 0 when it could not be reached or
	 * this device has no subscription.
	 */
	| { readonly type: 'push-tested'; readonly status: number }
	/** A wake came due while this device is connected. */
	| { readonly type: 'fired'; readonly id: WakeId; readonly due: number }
	/**
	 * Answers `claim`: the fence obtained, 0 when another device holds the occurrence or it is done. Answers
	 * `claim-done`: the same fence when the occurrence is done through it, 0 when this fence no longer holds.
	 */
	| { readonly type: 'claimed'; readonly occurrence: Bytes; readonly fence: number }
	| { readonly type: 'error'; readonly code: ErrorCode; readonly about: string; readonly message: string }
	| { readonly type: 'pong' };

/** A piece of a sealed snapshot: `index` of `count`, from 0; all but the last have LIMITS.snapshotPart bytes. */
export interface SnapshotPart {
	readonly stream: StreamId;
	readonly id: SnapshotId;
	/** Number of the newest entry that the snapshot holds, and the log's hash there. */
	readonly covers: number;
	readonly chain: Bytes;
	readonly index: number;
	readonly count: number;
	readonly part: Bytes;
}

/** The relay's record of when to fire. `revision` is the task's; `payload` is sealed and padded. */
export interface Wake {
	readonly id: WakeId;
	readonly revision: number;
	readonly recurrence: Recurrence;
	/** How long after the due moment a push is still of use, ms; at least 60 000. */
	readonly ttlMs: number;
	readonly payload: Bytes;
}

/** A `PushSubscription`, as its fields. */
export interface PushSubscriptionFields {
	readonly endpoint: string;
	/** base64url. */
	readonly p256dh: string;
	readonly auth: string;
	/** Where a click without a worker leads: an URL of the app. */
	readonly appUrl: string;
}

/** `about` names the stream, wake or entry meant, or is empty. `message` is a sentence for a person. */
export type ErrorCode =
	| 'malformed'
	/** One side is older than the other still speaks with; `message` says which to update. */
	| 'too-old'
	| 'unknown-space'
	| 'not-a-device'
	| 'bad-signature'
	| 'invite-required'
	| 'list-conflict'
	| 'too-large'
	| 'quota'
	| 'forked'
	/** The snapshot covers no more than the one that is there (R3). */
	| 'stale-snapshot'
	/** Sealed under an epoch older than the device list's: fetch the list and seal again. */
	| 'stale-epoch'
	/** The space was deleted; `space-deleted` says by whom. */
	| 'deleted'
	/** No such mailbox: its time is over, or somebody used it. */
	| 'no-mailbox'
	| 'bad-wake'
	| 'bad-endpoint'
	| 'rate'
	| 'internal';

/** WebSocket close codes: 44xx do not come back, 45xx try again later. */
export const CLOSE = {
	malformed: 4400,
	unauthorized: 4401,
	removed: 4403,
	deleted: 4410,
	tooLarge: 4413,
	tooOld: 4426,
	rate: 4429,
	shutdown: 4501,
	slow: 4508,
} as const;

/** What a push carries to the service worker, as JSON: Declarative Web Push (WebKit) with our own `data`. */
export interface PushEnvelope {
	readonly web_push: 8030;
	readonly mutable: true;
	readonly notification: {
		readonly title: string;
		readonly body: string;
		readonly navigate: string;
		readonly tag: string;
		readonly mutable: true;
		readonly data: PushData;
	};
}
export interface PushData {
	readonly v: 1;
	readonly space: SpaceId;
	/** null for a test push. */
	readonly wake: WakeId | null;
	/** The moment that was due, ms since the epoch. */
	readonly due: number;
	/** base64url of `Wake.payload`. */
	readonly sealed: string;
}
