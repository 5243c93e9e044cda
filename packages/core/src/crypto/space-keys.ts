import { type Bytes, concatBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import type { SpaceId } from '../ids.ts';
import { spaceIdOf } from '../protocol/device-list.ts';
import { hkdf } from './derive.ts';

/** What the root of a space opens: used when a space is founded or joined by its words, and never kept. */
export interface SpaceKeys {
	readonly id: SpaceId;
	/** Ed25519 public key, base64url, as the device list names it. */
	readonly listKey: string;
	/** X25519 public key, base64url, as the device list names it. */
	readonly recoveryKey: string;
	/** Opens the recovery box. */
	readonly recovery: CryptoKeyPair;
	/** Signs with the list key. */
	sign(bytes: Bytes): Promise<Bytes>;
}

/** Bytes of a root. */
export const ROOT_BYTES = 32;

/** Derives the keys of a space from its root, always the same. */
export async function spaceKeysOf(root: Bytes): Promise<SpaceKeys> {
	if (root.length !== ROOT_BYTES) throw new RangeError(`a root has ${ROOT_BYTES} bytes`);
	const [listSeed, recoverySeed] = await Promise.all([
		hkdf(root, utf8('pocketeer/v1/list-key')),
		hkdf(root, utf8('pocketeer/v1/recovery-key')),
	]);
	const signing = await importSeed('Ed25519', listSeed);
	const recovery = await importSeed('X25519', recoverySeed);
	return {
		id: await spaceIdOf(signing.publicKey),
		listKey: signing.publicKey,
		recoveryKey: recovery.publicKey,
		recovery: {
			privateKey: recovery.privateKey,
			publicKey: await crypto.subtle.importKey('raw', fromBase64Url(recovery.publicKey), 'X25519', true, []),
		},
		sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', signing.privateKey, bytes)),
	};
}

type Curve = 'Ed25519' | 'X25519';

/** RFC 8410 section 7: a private key is its 32 bytes behind this PKCS #8 beginning. */
const PKCS8_BEGINNING: Readonly<Record<Curve, Bytes>> = {
	Ed25519: Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20),
	X25519: Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20),
};
const USES: Readonly<Record<Curve, readonly KeyUsage[]>> = { Ed25519: ['sign'], X25519: ['deriveBits'] };

async function importSeed(curve: Curve, seed: Bytes): Promise<{ privateKey: CryptoKey; publicKey: string }> {
	const pkcs8 = concatBytes(PKCS8_BEGINNING[curve], seed);
	// Taken out once, because WebCrypto has no other way from a private key to its public one.
	const readable = await crypto.subtle.importKey('pkcs8', pkcs8, curve, true, [...USES[curve]]);
	const { x } = await crypto.subtle.exportKey('jwk', readable);
	if (x === undefined) throw new Error(`this platform exports no public ${curve} key`);
	const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, curve, false, [...USES[curve]]);
	return { privateKey, publicKey: toBase64Url(fromBase64Url(x)) };
}
