import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import type { FileId, SpaceId, StreamName } from '../ids.ts';
import { verifyEd25519 } from '../protocol/auth.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createDeviceIdentity, listDevice } from './device-keys.ts';
import { createKeyRing, type KeyRing, openKeyRing, sealKeyRing, withNewEpoch } from './key-ring.ts';
import { spaceKeysOf } from './space-keys.ts';
import { createSpaceSecrets } from './space-secrets.ts';

const ROOT = Uint8Array.from({ length: 32 }, (_, index) => index);
const RING: KeyRing = { nameKey: filled(1), epochs: [filled(2), filled(3)] };
const SPACE = 'Eq3XkuyQoCNjtoCP2avTew' as SpaceId;

describe('the keys of a space', () => {
	it('come from the root, for ever the same', async () => {
		const keys = await spaceKeysOf(ROOT);
		expect(keys.id).toBe(SPACE);
		expect(keys.listKey).toBe('La44Hxf1AFORfxS9J_jdCMxxk8sPSPlV8PVWJgnLp6Y');
		expect(keys.recoveryKey).toBe('cwK-8WeO6bjyE3yDUcq1WncH9u8_XDRK7iOI-R0f21g');
		expect(keys.recovery.privateKey.extractable).toBe(false);
	});

	it('sign what the list key verifies', async () => {
		const keys = await spaceKeysOf(ROOT);
		const signature = await keys.sign(utf8('a list'));
		expect(await verifyEd25519(keys.listKey, signature, utf8('a list'))).toBe(true);
		expect(await verifyEd25519(keys.listKey, signature, utf8('another'))).toBe(false);
	});

	it('open a key ring that was sealed to the words by an earlier version', async () => {
		const { recovery } = await spaceKeysOf(ROOT);
		const box =
			'4WoWzqWNpSw3GFDigzRLIZyw3HcVFopqQ8ZWZYjymVRrX0AECFbDI6tbDXHSl4kr1-MTuG2Wh64cMBXCP-ZysbpbB3_2GyQRMi6ep3XF0IYh' +
			'CVDgqVwSdJJXrtAlRgktQx9OriLZjxAKnAsP_tT6ooVYYdZJuDgw5IgEG5VfKgOAJK3j7rDdC_b_aZ2gGrREGI7afQymUye7XbMfFsQAWezy' +
			'vn_CbWWanATX74PlEzZbDPb-6TD0QaFhDL8DvyAEk9n7ffSye9TkpiZnjriAKKlNaLbhaA';
		expect(await openKeyRing(box, { space: SPACE, recipient: recovery })).toEqual({ ok: true, value: RING });
	});
});

describe('a device', () => {
	it('keeps private keys that cannot be taken out, also not of a copy', async () => {
		const identity = structuredClone(await createDeviceIdentity({ random: createSeededRandom(1) }));
		for (const key of [identity.signing.privateKey, identity.sealing.privateKey]) {
			expect(key.extractable).toBe(false);
			await expect(crypto.subtle.exportKey('jwk', key)).rejects.toThrow();
		}
	});

	it('is listed by its id and public keys', async () => {
		const identity = await createDeviceIdentity({ random: createSeededRandom(1) });
		const listed = await listDevice(identity, 5);
		expect(listed).toMatchObject({ id: identity.id, added: 5 });
		expect(fromBase64Url(listed.signKey)).toHaveLength(32);
		expect(fromBase64Url(listed.sealKey)).toHaveLength(32);
	});
});

describe('a key ring', () => {
	it('is opened by the device it was sealed to, and by no other', async () => {
		const random = createSeededRandom(2);
		const [mine, other] = [await createDeviceIdentity({ random }), await createDeviceIdentity({ random })];
		const ring = createKeyRing({ random });
		const { sealKey } = await listDevice(mine, 0);
		const box = await sealKeyRing(ring, { space: SPACE, publicKey: sealKey });
		expect(await openKeyRing(box, { space: SPACE, recipient: mine.sealing })).toEqual({ ok: true, value: ring });
		const refused = { ok: false, error: { type: 'BadBox' } };
		expect(await openKeyRing(box, { space: SPACE, recipient: other.sealing })).toEqual(refused);
		const elsewhere = toBase64Url(filled(9).subarray(16)) as SpaceId;
		expect(await openKeyRing(box, { space: elsewhere, recipient: mine.sealing })).toEqual(refused);
		for (const wrong of ['', 'AAAA', box.slice(0, -4), 'not base64 at all!']) {
			expect(await openKeyRing(wrong, { space: SPACE, recipient: mine.sealing })).toEqual(refused);
		}
	});

	it('keeps every key and its name key when an epoch is added', () => {
		const next = withNewEpoch({ random: createSeededRandom(3) }, RING);
		expect(next.nameKey).toEqual(RING.nameKey);
		expect(next.epochs.slice(0, 2)).toEqual(RING.epochs);
		expect(next.epochs).toHaveLength(3);
		expect(next.epochs[2]).toHaveLength(32);
		expect(RING.epochs).toHaveLength(2);
	});

	it('gives streams, wakes and occurrences the same names for ever', async () => {
		const secrets = createSpaceSecrets(RING, SPACE);
		expect(await secrets.streamId('line/kitchen/2026-11' as StreamName)).toBe('9_RhFW9lVcsviyVEqOI1gg');
		expect(await secrets.wakeId('FILE' as FileId)).toBe('tWTnYosD5U24VLzWP3rOGg');
		const occurrence = { file: 'FILE' as FileId, revision: 7, moment: '2026-11-20T09:00' };
		expect(await secrets.occurrenceId(occurrence)).toBe('uZAbco9FfrhhJ0tFmC6rDQ');
		expect(await secrets.occurrenceId({ ...occurrence, revision: 8 })).not.toBe('uZAbco9FfrhhJ0tFmC6rDQ');
	});

	it('has no key of an epoch it does not hold', async () => {
		const secrets = createSpaceSecrets(RING, SPACE);
		const stream = await secrets.streamId('home' as StreamName);
		expect(secrets.epoch).toBe(2);
		expect(secrets.streamKey(stream, 0)).toBeUndefined();
		expect(secrets.streamKey(stream, 3)).toBeUndefined();
		expect((await secrets.streamKey(stream, 1))?.extractable).toBe(false);
	});

	it('that grew seals under the new epoch, opens all the old ones, and names streams as before', async () => {
		const secrets = createSpaceSecrets(RING, SPACE);
		const stream = await secrets.streamId('home' as StreamName);
		const before = secrets.streamKey(stream, 2);
		expect(secrets.streamKey(stream, 3)).toBeUndefined();
		secrets.renew({ ...RING, epochs: [...RING.epochs, filled(4)] });
		expect(secrets.epoch).toBe(3);
		expect(await secrets.streamKey(stream, 3)).toBeDefined();
		expect(secrets.streamKey(stream, 2)).toBe(before);
		expect(await secrets.streamId('home' as StreamName)).toBe(stream);
		expect(() => secrets.renew({ ...RING, nameKey: filled(9) })).toThrow('another space');
	});
});

function filled(byte: number): Uint8Array<ArrayBuffer> {
	return new Uint8Array(32).fill(byte);
}
