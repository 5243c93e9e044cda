import { digest } from 'lib0/hash/sha256';
import { type Bytes, toBase64Url, utf8 } from '../bytes.ts';

/**
 * SHA-256, at once: history is written in the same tick as the edit it describes, where WebCrypto's promise would let
 * other edits in between.
 */
export function sha256(bytes: Uint8Array): Bytes {
	return digest(bytes);
}

/** base64url of the first 16 bytes of SHA-256 of a text's UTF-8; names one state of a file. */
export function hashText(text: string): string {
	return toBase64Url(sha256(utf8(text)).subarray(0, 16));
}
