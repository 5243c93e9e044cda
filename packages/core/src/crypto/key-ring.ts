import { type Bytes, concatBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../bytes.ts';
import type { SpaceId } from '../ids.ts';
import type { RandomDep } from '../ports/random.ts';
import { err, ok, type Result } from '../result.ts';
import { domain } from './derive.ts';

/** The keys that every device of a space holds. Plain data; whoever has it reads the whole space. */
export interface KeyRing {
	/** Names streams, wakes and occurrences; never rotates. */
	readonly nameKey: Bytes;
	/** The key of epoch 1 first; entries name their epoch. */
	readonly epochs: readonly Bytes[];
}

/** Bytes of each key of a ring. */
const KEY_BYTES = 32;
/** Bytes of an encapsulated X25519 key in front of a box. */
const ENC_BYTES = 32;

/** A box that was not sealed to this recipient for this space, or holds no key ring. */
export interface BadBox {
	readonly type: 'BadBox';
}

/** A new ring, with the key of the first epoch. */
export function createKeyRing(deps: RandomDep): KeyRing {
	return { nameKey: deps.random.bytes(KEY_BYTES), epochs: [deps.random.bytes(KEY_BYTES)] };
}

/** The same ring with the key of one more epoch. */
export function withNewEpoch(deps: RandomDep, ring: KeyRing): KeyRing {
	return { ...ring, epochs: [...ring.epochs, deps.random.bytes(KEY_BYTES)] };
}

/** The newest epoch of a ring; epochs count from 1. */
export function newestEpoch(ring: KeyRing): number {
	return ring.epochs.length;
}

/** Seals a ring to a recipient's X25519 public key (base64url); the box is base64url(enc ‖ ciphertext). */
export async function sealKeyRing(
	ring: KeyRing,
	to: { readonly space: SpaceId; readonly publicKey: string },
): Promise<string> {
	const suite = await loadSuite();
	const recipientPublicKey = await crypto.subtle.importKey('raw', fromBase64Url(to.publicKey), 'X25519', true, []);
	const sealed = await suite.seal({ recipientPublicKey, info: boxInfo(to.space) }, encodeKeyRing(ring));
	return toBase64Url(concatBytes(new Uint8Array(sealed.enc), new Uint8Array(sealed.ct)));
}

/** Opens a box that was sealed to `recipient`. */
export async function openKeyRing(
	box: string,
	by: { readonly space: SpaceId; readonly recipient: CryptoKeyPair },
): Promise<Result<KeyRing, BadBox>> {
	const suite = await loadSuite();
	let plain: Bytes;
	try {
		const bytes = fromBase64Url(box);
		const params = { recipientKey: by.recipient, enc: bytes.slice(0, ENC_BYTES), info: boxInfo(by.space) };
		plain = new Uint8Array(await suite.open(params, bytes.slice(ENC_BYTES)));
	} catch {
		return err({ type: 'BadBox' });
	}
	const ring = decodeKeyRing(plain);
	return ring ? ok(ring) : err({ type: 'BadBox' });
}

function boxInfo(space: SpaceId): Bytes {
	return concatBytes(domain('pocketeer/v1/key-ring'), fromBase64Url(space));
}

function encodeKeyRing(ring: KeyRing): Bytes {
	return utf8(JSON.stringify({ v: 1, nameKey: toBase64Url(ring.nameKey), epochs: ring.epochs.map(toBase64Url) }));
}

function decodeKeyRing(bytes: Bytes): KeyRing | undefined {
	try {
		const json: unknown = JSON.parse(fromUtf8(bytes));
		if (typeof json !== 'object' || json === null) return undefined;
		if (!('v' in json) || json.v !== 1 || !('nameKey' in json) || !('epochs' in json)) return undefined;
		if (!Array.isArray(json.epochs) || json.epochs.length === 0) return undefined;
		const [nameKey, ...epochs] = [json.nameKey, ...json.epochs].map((key) => {
			const raw = fromBase64Url(String(key));
			if (raw.length !== KEY_BYTES) throw new RangeError('a key of another length');
			return raw;
		});
		return nameKey && { nameKey, epochs };
	} catch {
		return undefined;
	}
}

/** HPKE runs when a device is added, not at every start: kept out of the first load. */
async function loadSuite() {
	const { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } = await import('@hpke/core');
	return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}
