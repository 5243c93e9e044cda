import { createDecipheriv, createECDH, createHmac, type ECDH, randomBytes } from 'node:crypto';

/** A browser's side of web push, for tests: makes subscription keys and opens what was sent to them. */
export interface PushReceiver {
	readonly p256dh: string;
	readonly auth: string;
	/** The text of an `aes128gcm` body (RFC 8188, RFC 8291). Throws when it was not sealed for this receiver. */
	open(body: Uint8Array): string;
}

/** Fresh keys, as a browser makes them at `subscribe`. */
export function createPushReceiver(): PushReceiver {
	const keys = createECDH('prime256v1');
	const publicKey = keys.generateKeys();
	const auth = randomBytes(16);
	return {
		p256dh: publicKey.toString('base64url'),
		auth: auth.toString('base64url'),
		open: (body) => openBody(Buffer.from(body), keys, auth),
	};
}

function openBody(body: Buffer, keys: ECDH, auth: Buffer): string {
	const salt = body.subarray(0, 16);
	const senderKey = body.subarray(21, 21 + (body[20] ?? 0));
	const record = body.subarray(21 + senderKey.length);
	const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), senderKey]);
	const secret = derive(auth, keys.computeSecret(senderKey), info, 32);
	const key = derive(salt, secret, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
	const nonce = derive(salt, secret, Buffer.from('Content-Encoding: nonce\0'), 12);
	const decipher = createDecipheriv('aes-128-gcm', key, nonce);
	decipher.setAuthTag(record.subarray(-16));
	const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
	// The last record ends with 2 and zeros.
	return padded.subarray(0, padded.lastIndexOf(2)).toString('utf8');
}

/** HKDF with one block of output (RFC 5869). */
function derive(salt: Buffer, secret: Buffer, info: Buffer, length: number): Buffer {
	const extracted = createHmac('sha256', salt).update(secret).digest();
	return createHmac('sha256', extracted)
		.update(Buffer.concat([info, Buffer.from([1])]))
		.digest()
		.subarray(0, length);
}
