import { describe, expect, test } from 'vitest';
import { type Bytes, toBase64Url } from '../bytes.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import { type AuthClaim, authTranscript, verifyAuth } from './auth.ts';

const space = toBase64Url(new Uint8Array(16).fill(1)) as SpaceId;
const device = toBase64Url(new Uint8Array(16).fill(2)) as DeviceId;
const claim: AuthClaim = { nonce: new Uint8Array(32).fill(3), timeline: 'T', origin: 'http://r', space, device };

const hex = (text: string) => Buffer.from(text).toString('hex');

async function newSigner() {
	const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
	if (!('privateKey' in pair)) throw new Error('Ed25519 makes pairs');
	const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
	return {
		publicKey: toBase64Url(raw),
		sign: async (bytes: Bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes)),
	};
}

describe('auth', () => {
	test('the transcript is the domain, the nonce, the space, the device, the timeline and the origin', () => {
		expect(Buffer.from(authTranscript(claim)).toString('hex')).toBe(
			`${hex('pocketeer/v2/auth')}00${'03'.repeat(32)}${'01'.repeat(16)}01${'02'.repeat(16)}5400${hex('http://r')}`,
		);
	});

	test('a signature opens exactly the claim it was made for', async () => {
		const signer = await newSigner();
		const signature = await signer.sign(authTranscript(claim));
		expect(await verifyAuth(claim, signer.publicKey, signature)).toBe(true);
		const others: AuthClaim[] = [
			{ ...claim, nonce: new Uint8Array(32) },
			{ ...claim, timeline: 'U' },
			{ ...claim, origin: 'https://r' },
			{ ...claim, timeline: 'Th', origin: 'ttp://r' },
			{ ...claim, space: toBase64Url(new Uint8Array(16)) as SpaceId },
			{ ...claim, device: toBase64Url(new Uint8Array(16)) as DeviceId },
			{ ...claim, device: null },
		];
		for (const other of others) expect(await verifyAuth(other, signer.publicKey, signature)).toBe(false);
	});

	test('a key that is none verifies nothing, without throwing', async () => {
		const signature = new Uint8Array(64);
		expect(await verifyAuth(claim, 'not base64url!', signature)).toBe(false);
		expect(await verifyAuth(claim, toBase64Url(new Uint8Array(31)), signature)).toBe(false);
		expect(await verifyAuth(claim, (await newSigner()).publicKey, new Uint8Array(3))).toBe(false);
	});

	test('a device null and a device of zeros do not share a transcript', () => {
		const zeros = toBase64Url(new Uint8Array(16)) as DeviceId;
		expect(authTranscript({ ...claim, device: null })).not.toEqual(authTranscript({ ...claim, device: zeros }));
	});
});
