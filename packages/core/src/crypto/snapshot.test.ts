import { describe, expect, it } from 'vitest';
import { type Bytes, concatBytes, toBase64Url, utf8 } from '../bytes.ts';
import type { SnapshotId, SpaceId, StreamName } from '../ids.ts';
import type { Random } from '../ports/random.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import type { EntryPlace } from './entry.ts';
import { type OpenedSnapshot, openSnapshot, sealSnapshot } from './snapshot.ts';
import { createSpaceSecrets } from './space-secrets.ts';

const SPACE = 'Eq3XkuyQoCNjtoCP2avTew' as SpaceId;
const SECRETS = createSpaceSecrets({ nameKey: filled(32, 1), epochs: [filled(32, 2), filled(32, 3)] }, SPACE);
/** Writers whose texts sort the other way round than their bytes: `-` is 62, `A` is 0. */
const [LOW, HIGH] = [toBase64Url(filled(16, 0)), toBase64Url(filled(16, 0xfb))];
const SNAPSHOT: OpenedSnapshot = {
	header: { epoch: 2, id: toBase64Url(filled(16, 4)) as SnapshotId, covers: 300, chain: filled(32, 6) },
	tails: { [HIGH]: { seq: 200, hash: filled(32, 8) }, [LOW]: { seq: 7, hash: filled(32, 7) } },
	update: utf8('a Yjs update'),
};
/** The initialization vector of the vectors; never fixed outside of tests. */
const NINES: Random = { bytes: (length) => filled(length, 9), fraction: () => 0 };

/** Format 1, as above. These bytes are at rest on relays: they never change. */
const PLAIN_VECTOR =
	'010204040404040404040404040404040404ac020606060606060606060606060606060606060606060606060606060606060606090909' +
	'090909090909090909ec86a04e9af1a23c1305b3f9d28982d265034fefe68730457ff80b6d4076a76c2f37421114fdbbdddd5f843ef499' +
	'a7fbff2ed495e17664f2248d1235cf2c0493d8fc2f33ac6118891ea00f8c2e713d4fefe7129aac9ccd2e8b4fc7237de1f8d1493dbb3212' +
	'f04a63b454ddeb956846cb50d61c0fe26bf69e07acaf06b7bd80f57df12332b8576ec6';
/** Format 2, update "ab" 400 times. Any deflate may make other bytes of it; all of them must open these. */
const DEFLATED_VECTOR =
	'010204040404040404040404040404040404ac020606060606060606060606060606060606060606060606060606060606060606090909' +
	'090909090909090909ed85a04e9af1a23c1305b3f9d28982d265034fefe68730457ff80b6d4076a76c2f37421114fdbbdddd5f843ef499' +
	'a7fbff2ed495e17664f2248d1235cf2c0493d8fc2f33ac6118891ea00f8c2e713d4fefe7129aac9ccd2e8b4fc7237de1f8d1493dbb3212' +
	'f0600fa7222b68900cc02a24b31c0fe26bf69eb82408c113244572b037c8ecb814df4b';

describe('the format of a snapshot', () => {
	it('is, byte for byte, what it was', async () => {
		expect(toHex(await seal(SNAPSHOT, NINES))).toBe(PLAIN_VECTOR);
		expect(await open(fromHex(PLAIN_VECTOR))).toEqual({ ok: true, value: SNAPSHOT });
	});

	it('is, deflated, what it was', async () => {
		const value = { ...SNAPSHOT, update: utf8('ab'.repeat(400)) };
		expect(await open(fromHex(DEFLATED_VECTOR))).toEqual({ ok: true, value });
		expect(await open(await seal(value, NINES))).toEqual({ ok: true, value });
	});

	it('keeps updates of any size, and any number of writers, none included', async () => {
		for (const size of [0, 1, 511, 512, 513, 70_000]) {
			const random = createSeededRandom(size + 1);
			const writers = Array.from({ length: size % 7 }, (_, index) => [
				toBase64Url(random.bytes(16)),
				{ seq: index + 1, hash: random.bytes(32) },
			]);
			const value = { ...SNAPSHOT, tails: Object.fromEntries(writers), update: random.bytes(size) };
			expect(await open(await seal(value, random))).toEqual({ ok: true, value });
		}
	});

	it('hides the digits of its length', async () => {
		const random = createSeededRandom(5);
		const sizes = [40_000, 40_001, 40_500].map((size) => random.bytes(size));
		const sealed = await Promise.all(sizes.map((update) => seal({ ...SNAPSHOT, update }, NINES)));
		expect(new Set(sealed.map(({ length }) => length)).size).toBe(1);
	});

	it('with any bit flipped is refused', async () => {
		const sealed = fromHex(PLAIN_VECTOR);
		for (let bit = 0; bit < sealed.length * 8; bit++) {
			const flipped = sealed.slice();
			flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(await open(flipped)).toMatchObject({ ok: false });
		}
	});

	it('cut at any length, or with anything behind it, is refused', async () => {
		const sealed = fromHex(PLAIN_VECTOR);
		for (let length = 0; length < sealed.length; length++) {
			expect(await open(sealed.slice(0, length))).toMatchObject({ ok: false });
		}
		expect(await open(concatBytes(sealed, Uint8Array.of(0)))).toMatchObject({ ok: false });
	});

	it.each<[string, Partial<OpenedSnapshot['header']>]>([
		['epoch', { epoch: 1 }],
		['id', { id: toBase64Url(filled(16, 8)) as SnapshotId }],
		['place in the log', { covers: 301 }],
		['hash of the log', { chain: filled(32, 7) }],
	])('under a header with another %s is refused', async (_, change) => {
		const other = await seal({ ...SNAPSHOT, header: { ...SNAPSHOT.header, ...change } }, NINES);
		const headerLength = 1 + 1 + 16 + 2 + 32;
		const mixed = concatBytes(other.slice(0, headerLength), fromHex(PLAIN_VECTOR).slice(headerLength));
		expect(await open(mixed)).toEqual({ ok: false, error: { type: 'Unreadable' } });
	});

	it('moved to another stream is refused, also under that stream’s name with the right key', async () => {
		const { stream } = await place();
		const home = await SECRETS.streamId('home' as StreamName);
		expect(await open(fromHex(PLAIN_VECTOR), { space: SPACE, stream: home })).toMatchObject({ ok: false });
		const opened = await openSnapshot(fromHex(PLAIN_VECTOR), {
			place: { space: SPACE, stream: home },
			keyOf: (epoch) => SECRETS.streamKey(stream, epoch),
		});
		expect(opened).toEqual({ ok: false, error: { type: 'Unreadable' } });
	});

	it('moved to another space is refused', async () => {
		const { stream } = await place();
		const elsewhere = { space: toBase64Url(filled(16, 9)) as SpaceId, stream };
		expect(await open(fromHex(PLAIN_VECTOR), elsewhere)).toEqual({ ok: false, error: { type: 'Unreadable' } });
	});

	it('of an epoch whose key is missing says so, and one of a later version too', async () => {
		const { stream } = await place();
		const key = await SECRETS.streamKey(stream, 2);
		if (!key) throw new Error('no key');
		const later = { ...SNAPSHOT, header: { ...SNAPSHOT.header, epoch: 3 } };
		const sealed = await sealSnapshot({ random: NINES }, { ...later, place: await place(), key });
		expect(await open(sealed)).toEqual({ ok: false, error: { type: 'UnknownEpoch', epoch: 3 } });
		const newer = concatBytes(Uint8Array.of(2), sealed.slice(1));
		expect(await open(newer)).toEqual({ ok: false, error: { type: 'NewerFormat' } });
	});
});

async function place(): Promise<EntryPlace> {
	return { space: SPACE, stream: await SECRETS.streamId('file/letter' as StreamName) };
}

async function seal(snapshot: OpenedSnapshot, random: Random): Promise<Bytes> {
	const to = await place();
	const key = await SECRETS.streamKey(to.stream, snapshot.header.epoch);
	if (!key) throw new Error('no key');
	return sealSnapshot({ random }, { ...snapshot, place: to, key });
}

async function open(snapshot: Bytes, at?: EntryPlace) {
	const from = at ?? (await place());
	return openSnapshot(snapshot, { place: from, keyOf: (epoch) => SECRETS.streamKey(from.stream, epoch) });
}

function filled(length: number, byte: number): Bytes {
	return new Uint8Array(length).fill(byte);
}

function toHex(bytes: Bytes): string {
	return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Bytes {
	return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
