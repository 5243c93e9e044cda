import { type Bytes, utf8 } from '../bytes.ts';

/** 32 bytes by HKDF-SHA256 with an empty salt (RFC 5869). */
export async function hkdf(secret: Bytes, info: Bytes): Promise<Bytes> {
	const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
	return new Uint8Array(await crypto.subtle.deriveBits(hkdfParams(info), key, 256));
}

/** An AES-256-GCM key by HKDF-SHA256 with an empty salt; it cannot be taken out again. */
export async function hkdfAesKey(secret: Bytes, info: Bytes): Promise<CryptoKey> {
	const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
	const aes = { name: 'AES-GCM', length: 256 };
	return crypto.subtle.deriveKey(hkdfParams(info), key, aes, false, ['encrypt', 'decrypt']);
}

/** SHA-256. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** A domain name closed by a zero byte, so that no domain is the beginning of another. */
export function domain(name: string): Bytes {
	return utf8(`${name}\0`);
}

function hkdfParams(info: Bytes) {
	return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info };
}
