/** Limits that both sides enforce. Sizes in bytes. */
export const LIMITS = {
	/** One sealed entry: a text of a million characters fits, and a relay's memory stays bounded. */
	entry: 4 * 1024 * 1024,
	/** One frame: an entry and its envelope. */
	frame: 4 * 1024 * 1024 + 64 * 1024,
	/** Before `ready`, frames are small: nobody fills our memory without a key. */
	frameBeforeReady: 256 * 1024,
	/** A sealed wake payload: its base64url fits a push of 2.5 kB with the envelope. */
	wakePayload: 1536,
	/** Pending wakes of one space. */
	wakes: 2_000,
	/** Devices of one space. */
	devices: 32,
	/** One device list, boxes included. */
	deviceList: 64 * 1024,
	/** Bytes of entries one space may keep on a relay. */
	spaceBytes: 2 * 1024 * 1024 * 1024,
	/** Entries of one `entries` message, by their sum. */
	batch: 256 * 1024,
	/** One part of a snapshot, and a whole one. */
	snapshotPart: 256 * 1024,
	snapshot: 64 * 1024 * 1024,
	/** One sealed ephemeral message. */
	ephemeral: 64 * 1024,
	/** One message through a pairing mailbox: a device list fits. */
	pairing: 96 * 1024,
	/** Messages and bytes that one pairing may pass through the relay. */
	pairingMessages: 16,
	/** Longest life of a mailbox, ms. */
	mailboxMs: 60 * 60_000,
	/** Versions of the device list of one space. */
	listVersions: 1_000,
} as const;
