import { type Bytes, concatBytes, fromBase64Url, utf8 } from '../bytes.ts';
import type { DeviceId, SpaceId } from '../ids.ts';

/** What a device proves with its signature: that it is this device, to this relay, now. */
export interface AuthClaim {
	/** The 32 bytes of this connection's `challenge`. */
	readonly nonce: Uint8Array;
	/** The relay's timeline, as in `challenge`. */
	readonly timeline: string;
	/** Origin of the relay as the client dialled it: a relay in the middle cannot use the signature at another. */
	readonly origin: string;
	readonly space: SpaceId;
	/** null when the space's list key signs. */
	readonly device: DeviceId | null;
}

const DOMAIN = 'pocketeer/v2/auth';
const NONCE_BYTES = 32;
const NO_DEVICE = '';

/**
 * The bytes to sign: `pocketeer/v2/auth` ‖ 0 ‖ nonce(32) ‖ space(16) ‖ (0 | 1 ‖ device(16)) ‖ the texts of
 * unknown length last: timeline ‖ 0 ‖ origin. A timeline holds no zero byte, so no two claims share a transcript.
 */
export function authTranscript(claim: AuthClaim): Bytes {
	if (claim.nonce.length !== NONCE_BYTES) throw new RangeError('a nonce has 32 bytes');
	return concatBytes(
		utf8(DOMAIN),
		Uint8Array.of(0),
		claim.nonce,
		fromBase64Url(claim.space),
		Uint8Array.of(claim.device === null ? 0 : 1),
		fromBase64Url(claim.device ?? NO_DEVICE),
		utf8(claim.timeline),
		Uint8Array.of(0),
		utf8(claim.origin),
	);
}

/** Whether `signature` is by `publicKey` (Ed25519, base64url) over the claim; false, too, for a key that is none. */
export function verifyAuth(claim: AuthClaim, publicKey: string, signature: Bytes): Promise<boolean> {
	return verifyEd25519(publicKey, signature, authTranscript(claim));
}

/** Whether `signature` is by `publicKey` (base64url of 32 bytes) over `message`, by WebCrypto (RFC 8032). */
export async function verifyEd25519(publicKey: string, signature: Bytes, message: Bytes): Promise<boolean> {
	try {
		const raw = fromBase64Url(publicKey);
		const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
		return await crypto.subtle.verify('Ed25519', key, signature, message);
	} catch {
		// A key of the wrong length or off the curve signs nothing.
		return false;
	}
}
