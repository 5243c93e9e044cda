/** A string that cannot be mistaken for another kind of id. */
export type Branded<Name extends string> = string & { readonly brand: Name };

/** base64url of the first 16 bytes of SHA-256 of the space's public list key; names a space everywhere. */
export type SpaceId = Branded<'SpaceId'>;
/** base64url of 16 random bytes; one browser profile that joined a space. */
export type DeviceId = Branded<'DeviceId'>;
/** Lower-case slug of a human in a space; `people/<id>/profile.md` describes them. */
export type PersonId = Branded<'PersonId'>;
/** Random id of a file, or one derived from the path for journal pages. */
export type FileId = Branded<'FileId'>;
/** Id of a line: a slug derived from the name it was made with, so that two devices apart make the same one. */
export type LineId = Branded<'LineId'>;
/** Id of one message on a line. */
export type MessageId = Branded<'MessageId'>;
/** Id of one turn. */
export type TurnId = Branded<'TurnId'>;
/** Id of one due moment of a task; the same on every device (DESIGN: occurrence). */
export type OccurrenceId = Branded<'OccurrenceId'>;
/** base64url of 16 bytes: HMAC of a task's file id; the relay's name for a wake. */
export type WakeId = Branded<'WakeId'>;
/** Readable name of a Yjs document's stream, such as `file/<id>` or `line/<id>/2026-11`; never leaves the device. */
export type StreamName = Branded<'StreamName'>;
/** base64url of 16 bytes: HMAC of a stream name under the space's name key; what the relay sees. */
export type StreamId = Branded<'StreamId'>;
/** base64url of 16 random bytes, drawn once per sealed entry: the idempotency id (rule R6). */
export type EntryId = Branded<'EntryId'>;
/** base64url of 16 random bytes: one incarnation of a device as author of entries. */
export type WriterId = Branded<'WriterId'>;
/** base64url of 16 random bytes: one sealed snapshot of a stream. */
export type SnapshotId = Branded<'SnapshotId'>;
/** base64url of 16 bytes: where two devices meet to pair; a hash of the pairing code. */
export type MailboxId = Branded<'MailboxId'>;
/** base64url of SHA-256 of a blob's bytes; the blob is the stream `blob/<id>`. */
export type BlobId = Branded<'BlobId'>;
