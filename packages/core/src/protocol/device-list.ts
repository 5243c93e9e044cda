import type { DeviceId, SpaceId } from '../ids.ts';

/**
 * The signed list of a space's devices, in a chain of versions. The relay lets a device in by it, devices find in
 * it the keys sealed to them. Names are not in it: the relay would read them.
 *
 * On the wire: canonical JSON of `DeviceList` (keys in the order below, no spaces), a line feed, and the base64url
 * of the Ed25519 signature over the bytes before the line feed. Version 1 and every version made with the recovery
 * words are signed by the list key (`by: null`); others by a device of the version before.
 * The space id is base64url(SHA-256(list key)[0..16]), so version 1 proves itself.
 */
export interface DeviceList {
	readonly v: 1;
	readonly space: SpaceId;
	/** 1, 2, 3 … */
	readonly version: number;
	/** base64url of SHA-256 of the previous version's bytes; empty for version 1. */
	readonly previous: string;
	/** Ed25519 public key that the root signs with, base64url. */
	readonly listKey: string;
	/** X25519 public key of the recovery words, base64url. */
	readonly recoveryKey: string;
	readonly devices: readonly ListedDevice[];
	/** Newest epoch; the sealed key rings hold its key and all earlier ones. */
	readonly epoch: number;
	/** HPKE boxes of the key ring (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), base64url(enc ‖ ciphertext). */
	readonly boxes: Readonly<Record<string, string>>;
	/** Who signed: a device of the previous version, or null for the list key. */
	readonly by: DeviceId | null;
}

export interface ListedDevice {
	readonly id: DeviceId;
	/** Ed25519 public key, base64url. */
	readonly signKey: string;
	/** X25519 public key, base64url. */
	readonly sealKey: string;
	/** ms since the epoch, by the clock of who added it. */
	readonly added: number;
}

/** Recipient name of the recovery box in `DeviceList.boxes`; device ids name the others. */
export const RECOVERY_RECIPIENT = 'recovery';
