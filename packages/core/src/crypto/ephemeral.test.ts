import { expect, it } from 'vitest';
import { type Bytes, utf8 } from '../bytes.ts';
import type { SpaceId, StreamId } from '../ids.ts';
import type { Random } from '../ports/random.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { openEphemeral, sealEphemeral } from './ephemeral.ts';
import { createSpaceSecrets } from './space-secrets.ts';

const SPACE = 'Eq3XkuyQoCNjtoCP2avTew' as SpaceId;
const STREAM = '9_RhFW9lVcsviyVEqOI1gg' as StreamId;
const PLACE = { space: SPACE, stream: STREAM };
const SECRETS = createSpaceSecrets({ nameKey: filled(32, 1), epochs: [filled(32, 2), filled(32, 3)] }, SPACE);
const by = { place: PLACE, keyOf: (epoch: number) => SECRETS.streamKey(STREAM, epoch) };

it('what was said opens to what it was, up to nothing at all', async () => {
	for (const bytes of [new Uint8Array(0), utf8('half an ans'), new Uint8Array(50_000).fill(7)]) {
		expect(await openEphemeral(await seal(bytes), by)).toEqual(bytes);
	}
});

it('the sealed form is, byte for byte, what it was', async () => {
	const nines = { bytes: (length: number) => filled(length, 9), fraction: () => 0 };
	const sealed = await seal(utf8('half an ans'), nines);
	expect(Buffer.from(sealed).toString('hex')).toBe(
		'01020909090909090909090909094fb83c53ba6cc41d287ff19f81cfd3a74bb37849523dfce5c88ec4b80708d34787b04fb18f48f4412fa6e7dbedcd23aeff5c7b5eb3f3697aa0010237b46e736faf68e7839a304a9fc3a716762882e163',
	);
});

it('what is shorter than 50 bytes has one length', async () => {
	const lengths = await Promise.all([0, 1, 49].map(async (length) => (await seal(filled(length, 1))).length));
	expect(new Set(lengths).size).toBe(1);
});

it('it opens nowhere else, not changed, and not without the key of its epoch', async () => {
	const sealed = await seal(utf8('secret'));
	const elsewhere = { space: SPACE, stream: 'tWTnYosD5U24VLzWP3rOGg' as StreamId };
	expect(await openEphemeral(sealed, { ...by, place: elsewhere })).toBeUndefined();
	expect(await openEphemeral(sealed, { ...by, keyOf: () => undefined })).toBeUndefined();
	for (let at = 0; at < sealed.length; at++) {
		const changed = sealed.slice();
		changed[at] = (changed[at] ?? 0) ^ 1;
		expect(await openEphemeral(changed, by)).toBeUndefined();
		expect(await openEphemeral(sealed.slice(0, at), by)).toBeUndefined();
	}
});

async function seal(bytes: Uint8Array, random: Random = createSeededRandom(1)): Promise<Bytes> {
	const key = await SECRETS.streamKey(STREAM, 2);
	if (!key) throw new Error('no key');
	return sealEphemeral({ random }, { place: PLACE, epoch: 2, key, bytes });
}

function filled(length: number, byte: number): Bytes {
	return new Uint8Array(length).fill(byte);
}
