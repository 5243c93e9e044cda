import { type Bytes, concatBytes, equalBytes, fromBase64Url } from '../bytes.ts';
import { domain, hkdf, hkdfAesKey, sha256 } from '../crypto/derive.ts';
import type { MailboxId } from '../ids.ts';

/** Each side's key pair of one pairing, used once. */
export interface Ephemeral {
	readonly privateKey: CryptoKey;
	/** X25519, 32 bytes. */
	readonly publicKey: Bytes;
}

/** What both sides have said in the open, as bytes of the messages; the secret of a link goes in, too. */
export interface Transcript {
	readonly mailbox: MailboxId;
	readonly commit: Bytes;
	readonly offer: Bytes;
	readonly open: Bytes;
	/** Undefined for a guest that typed the code. */
	readonly secret: Bytes | undefined;
}

/** What comes of a pairing's first three messages. */
export interface PairingKeys {
	/** Six digits, such as `482 913`; the same on both sides unless somebody stands between them. */
	readonly shortCode: string;
	readonly guestToHost: CryptoKey;
	readonly hostToGuest: CryptoKey;
	/** Bound by everything that is sealed with these keys. */
	readonly transcript: Bytes;
}

/** A fresh ephemeral key pair. */
export async function newEphemeral(): Promise<Ephemeral> {
	const pair = await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
	if (!('privateKey' in pair)) throw new Error('expected a key pair');
	const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
	return { privateKey: pair.privateKey, publicKey };
}

/** What the guest says first: it binds its key and nonce before it has seen the host's. */
export function commitmentOf(publicKey: Bytes, nonce: Bytes): Promise<Bytes> {
	return sha256(concatBytes(domain('pocketeer/v1/pair-commit'), publicKey, nonce));
}

/** What a link says of the host's key. */
export async function keyHashOf(publicKey: Bytes): Promise<Bytes> {
	return (await sha256(publicKey)).slice(0, 16);
}

/** Proves that the guest has the link's secret: HMAC-SHA256 over what was said until then. */
export async function linkProof(
	secret: Bytes,
	said: Omit<Transcript, 'open' | 'secret'> & { readonly opening: Bytes },
): Promise<Bytes> {
	const key = await hmacKey(secret, 'sign');
	return new Uint8Array(await crypto.subtle.sign('HMAC', key, proofInput(said)));
}

/** Whether a proof is one; in constant time. */
export async function checkLinkProof(
	secret: Bytes,
	said: Omit<Transcript, 'open' | 'secret'> & { readonly opening: Bytes; readonly proof: Bytes },
): Promise<boolean> {
	return crypto.subtle.verify('HMAC', await hmacKey(secret, 'verify'), said.proof, proofInput(said));
}

/** The keys and the short code; undefined when the other's public key is none that anything can be agreed with. */
export async function derivePairingKeys(
	own: Ephemeral,
	otherKey: Bytes,
	said: Transcript,
): Promise<PairingKeys | undefined> {
	const shared = await agree(own, otherKey);
	if (!shared) return undefined;
	const { mailbox, commit, offer, open, secret } = said;
	// All parts but the last have a fixed length, given the flag in `open`.
	const transcript = await sha256(
		concatBytes(
			domain('pocketeer/v1/pairing'),
			fromBase64Url(mailbox),
			commit,
			offer,
			open,
			secret ?? new Uint8Array(0),
		),
	);
	const info = (name: string) => concatBytes(domain(`pocketeer/v1/${name}`), transcript);
	const [code, guestToHost, hostToGuest] = await Promise.all([
		hkdf(shared, info('pair-code')),
		hkdfAesKey(shared, info('pair-guest')),
		hkdfAesKey(shared, info('pair-host')),
	]);
	return { shortCode: sixDigits(code), guestToHost, hostToGuest, transcript };
}

/** Six digits of 64 bits: the first are more likely than the last by less than one in 10^13. */
function sixDigits(bytes: Bytes): string {
	const number = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0) % 1_000_000n;
	const digits = number.toString().padStart(6, '0');
	return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

async function agree(own: Ephemeral, otherKey: Bytes): Promise<Bytes | undefined> {
	// Meeting oneself in the mirror is no agreement.
	if (equalBytes(own.publicKey, otherKey)) return undefined;
	try {
		const theirs = await crypto.subtle.importKey('raw', otherKey, 'X25519', false, []);
		const bits = new Uint8Array(
			await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, own.privateKey, 256),
		);
		// RFC 7748, 6.1: a key of small order agrees on zeros with everybody.
		return bits.some((byte) => byte !== 0) ? bits : undefined;
	} catch {
		return undefined;
	}
}

function hmacKey(secret: Bytes, use: 'sign' | 'verify'): Promise<CryptoKey> {
	return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, [use]);
}

function proofInput(said: Omit<Transcript, 'open' | 'secret'> & { readonly opening: Bytes }): Bytes {
	return concatBytes(
		domain('pocketeer/v1/pair-link'),
		fromBase64Url(said.mailbox),
		said.commit,
		said.offer,
		said.opening,
	);
}
