import { describe, expect, it } from 'vitest';
import { type Bytes, concatBytes, fromBase64Url, toBase64Url } from '../bytes.ts';
import { mailboxOf } from './pairing-code.ts';
import {
	checkLinkProof,
	commitmentOf,
	derivePairingKeys,
	type Ephemeral,
	keyHashOf,
	linkProof,
	type Transcript,
} from './pairing-keys.ts';
import { encodeCommit, encodeOffer, encodeOpen, openingOf, openMessage, sealMessage } from './pairing-messages.ts';

const NONCE = filled(7, 32);
const SECRET = filled(9, 16);

describe('the keys of a pairing', () => {
	it('are the same on both sides, and for ever what they were', async () => {
		const { host, guest, said } = await conversation(SECRET);
		const one = await derivePairingKeys(host, guest.publicKey, said);
		const other = await derivePairingKeys(guest, host.publicKey, said);
		if (!one || !other) throw new Error('no keys');
		expect(one.shortCode).toBe('471 946');
		expect(toBase64Url(one.transcript)).toBe('_HJNr_o6r9wTCZMf2DBirdWXX6zL74NVn8_ODmApqV0');
		expect([other.shortCode, other.transcript]).toEqual([one.shortCode, one.transcript]);
		const random = { bytes: (length: number) => filled(3, length), fraction: () => 0 };
		const seal = { key: one.hostToGuest, transcript: one.transcript };
		const sealed = await sealMessage({ random }, seal, 'welcome', { hello: 'there' });
		expect(toBase64Url(await keyHashOf(sealed))).toBe('ozgsDPYN3jPbYX-WXOhWvg');
		const opening = { key: other.hostToGuest, transcript: other.transcript };
		expect(await openMessage(opening, 'welcome', sealed)).toEqual({ v: 1, hello: 'there' });
		expect(await openMessage(opening, 'done', sealed)).toBeUndefined();
		expect(await openMessage({ ...opening, key: other.guestToHost }, 'welcome', sealed)).toBeUndefined();
		expect(await openMessage({ ...opening, transcript: filled(1, 32) }, 'welcome', sealed)).toBeUndefined();
	});

	it('change with everything that was said, with the mailbox and with the secret', async () => {
		const { host, guest, said } = await conversation(SECRET);
		const first = await derivePairingKeys(host, guest.publicKey, said);
		const others: readonly Partial<Transcript>[] = [
			{ commit: filled(1, 34) },
			{ offer: filled(1, 66) },
			{ open: filled(1, 99) },
			{ secret: undefined },
			{ secret: filled(8, 16) },
			{ mailbox: await mailboxOf('AAAAAAAA') },
		];
		for (const other of others) {
			const changed = await derivePairingKeys(host, guest.publicKey, { ...said, ...other });
			expect(changed?.transcript).not.toEqual(first?.transcript);
			expect(changed?.shortCode).not.toBe(first?.shortCode);
		}
	});

	it('are none with a key of small order, or with one’s own', async () => {
		const { host, said } = await conversation(undefined);
		for (const weak of [filled(0, 32), concatBytes(Uint8Array.of(1), filled(0, 31)), host.publicKey, filled(1, 31)]) {
			expect(await derivePairingKeys(host, weak, said)).toBeUndefined();
		}
	});

	it('show six digits that are spread evenly', async () => {
		const { host, guest, said } = await conversation(undefined);
		const firsts = new Set<string>();
		for (let at = 0; at < 60; at++) {
			const keys = await derivePairingKeys(host, guest.publicKey, { ...said, secret: filled(at, 16) });
			expect(keys?.shortCode).toMatch(/^\d{3} \d{3}$/);
			firsts.add(keys?.shortCode.charAt(0) ?? '');
		}
		expect(firsts.size).toBeGreaterThan(7);
	});
});

describe('the proof of a link', () => {
	it('holds for what was said, and for nothing else', async () => {
		const { guest, said } = await conversation(SECRET);
		const opening = openingOf({ publicKey: guest.publicKey, nonce: NONCE }, true);
		const proof = await linkProof(SECRET, { ...said, opening });
		expect(await checkLinkProof(SECRET, { ...said, opening, proof })).toBe(true);
		expect(await checkLinkProof(filled(8, 16), { ...said, opening, proof })).toBe(false);
		expect(await checkLinkProof(SECRET, { ...said, opening, proof: filled(0, 32) })).toBe(false);
		expect(await checkLinkProof(SECRET, { ...said, offer: filled(1, 66), opening, proof })).toBe(false);
	});
});

/** Two fixed keys and what they say. */
async function conversation(secret: Bytes | undefined) {
	const [host, guest] = [await fixedKey(1), await fixedKey(2)];
	const commit = encodeCommit(await commitmentOf(guest.publicKey, NONCE));
	const offer = encodeOffer({ publicKey: host.publicKey, nonce: filled(6, 32) });
	const mailbox = await mailboxOf('K7QM2XPD');
	const opening = openingOf({ publicKey: guest.publicKey, nonce: NONCE }, true);
	const proof = secret && (await linkProof(secret, { mailbox, commit, offer, opening }));
	const open = encodeOpen({ publicKey: guest.publicKey, nonce: NONCE }, proof);
	return { host, guest, said: { mailbox, commit, offer, open, secret } };
}

async function fixedKey(byte: number): Promise<Ephemeral> {
	// RFC 8410 section 7.
	const beginning = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);
	const pkcs8 = concatBytes(beginning, filled(byte, 32));
	const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', true, ['deriveBits']);
	const { x = '' } = await crypto.subtle.exportKey('jwk', privateKey);
	return { privateKey, publicKey: fromBase64Url(x) };
}

function filled(byte: number, length: number): Bytes {
	return new Uint8Array(length).fill(byte);
}
