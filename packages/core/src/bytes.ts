import { base64urlnopad } from '@scure/base';

/** Bytes backed by a plain ArrayBuffer, as WebCrypto and IndexedDB want them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** UTF-8 bytes of a text. */
export function utf8(text: string): Bytes {
	return new TextEncoder().encode(text);
}

/** Text of UTF-8 bytes; throws a TypeError on bytes that are no UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
	return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

/** base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
	return base64urlnopad.encode(bytes);
}

/** Bytes of base64url text without padding; throws on any other text. */
export function fromBase64Url(text: string): Bytes {
	return new Uint8Array(base64urlnopad.decode(text));
}

/** One array holding the given ones in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		whole.set(part, offset);
		offset += part.length;
	}
	return whole;
}

/** Whether both hold the same bytes; not constant in time, so never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
