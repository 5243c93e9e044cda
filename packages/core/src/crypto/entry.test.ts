import { describe, expect, it } from 'vitest';
import { type Bytes, concatBytes, toBase64Url, utf8 } from '../bytes.ts';
import type { EntryId, SpaceId, StreamId, StreamName, WriterId } from '../ids.ts';
import type { Random } from '../ports/random.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { type EntryHeader, type EntryPlace, openEntry, readEntryHeader, sealEntry } from './entry.ts';
import { padme } from './padding.ts';
import { createSpaceSecrets } from './space-secrets.ts';

const SPACE = 'Eq3XkuyQoCNjtoCP2avTew' as SpaceId;
const SECRETS = createSpaceSecrets({ nameKey: filled(32, 1), epochs: [filled(32, 2), filled(32, 3)] }, SPACE);
const HEADER: EntryHeader = {
	epoch: 2,
	id: toBase64Url(filled(16, 4)) as EntryId,
	writer: toBase64Url(filled(16, 5)) as WriterId,
	writerSeq: 300,
	previous: filled(32, 6),
};
/** The initialization vector of the vectors; never fixed outside of tests. */
const NINES: Random = { bytes: (length) => filled(length, 9), fraction: () => 0 };

/** Format 1, header above, payload "a Yjs update". These bytes are at rest on devices and relays: they never change. */
const PLAIN_VECTOR =
	'0102040404040404040404040404040404040505050505050505050505050505050' +
	'5ac0206060606060606060606060606060606060606060606060606060606060606060909090909090909090909' +
	'0949d13c1f8526d6537d6efb8df5aad3a74bb37849523dfce5c88ec4b80708d34787b04fb18f48f4412fa6e7dbedcd23aeff5c7b5eb3f3697aa' +
	'0010237b46e736fda9c8713c46570ff2a43202dbc87f0e6';
/** Format 2, payload "ab" 400 times. Any deflate may make other bytes of it; all of them must open these. */
const DEFLATED_VECTOR =
	'0102040404040404040404040404040404040505050505050505050505050505050' +
	'5ac0206060606060606060606060606060606060606060606060606060606060606060909090909090909090909' +
	'0948d21673965020d0780a7d6c81cfd3a74bb37849523dfce5c88ec4b80708d34787b04fb18f48f4412fa6e7dbedcd23aeff5c7b5eb3f3697aa' +
	'0010237b46e736fcc0dec1d4ba1be392dfe74869a865c2f';

describe('the format of an entry', () => {
	it('is, byte for byte, what it was', async () => {
		const entry = await seal(utf8('a Yjs update'), NINES);
		expect(toHex(entry)).toBe(PLAIN_VECTOR);
	});

	it('of earlier versions can be read', async () => {
		expect(await open(fromHex(PLAIN_VECTOR))).toEqual({
			ok: true,
			value: { header: HEADER, payload: utf8('a Yjs update') },
		});
		expect(await open(fromHex(DEFLATED_VECTOR))).toEqual({
			ok: true,
			value: { header: HEADER, payload: utf8('ab'.repeat(400)) },
		});
	});

	it('of a later version is told apart from damage', async () => {
		const later = fromHex(PLAIN_VECTOR);
		later[0] = 2;
		expect(await open(later)).toEqual({ ok: false, error: { type: 'NewerFormat' } });
	});
});

describe('an entry', () => {
	it.each([0, 1, 62, 63, 64, 511, 512, 513, 4096, 20_000])('of %i bytes opens to what was sealed', async (length) => {
		const random = createSeededRandom(length);
		for (const payload of [random.bytes(length), filled(length, 7)]) {
			const entry = await seal(payload, random);
			expect(await open(entry)).toEqual({ ok: true, value: { header: HEADER, payload } });
		}
	});

	it('shows its header to anybody', async () => {
		expect(readEntryHeader(fromHex(PLAIN_VECTOR))).toEqual({ ok: true, value: HEADER });
	});

	it('hides the length of a short payload, and all but the first digits of a long one', async () => {
		const sizes = await Promise.all(
			[0, 1, 40, 60].map(async (length) => (await seal(filled(length, 1), NINES)).length),
		);
		expect(new Set(sizes).size).toBe(1);
		for (let length = 2; length < 5000; length++) {
			expect(padme(length)).toBeGreaterThanOrEqual(length);
			expect(padme(length)).toBeLessThanOrEqual(length * 1.12 + 1);
			expect(padme(padme(length))).toBe(padme(length));
		}
	});

	it('is smaller than what it holds when that repeats itself', async () => {
		expect((await seal(utf8('- milk and bread\n'.repeat(500)), NINES)).length).toBeLessThan(600);
	});

	it('with any bit flipped is refused', async () => {
		const entry = fromHex(PLAIN_VECTOR);
		for (let bit = 0; bit < entry.length * 8; bit++) {
			const flipped = entry.slice();
			flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(await open(flipped)).toMatchObject({ ok: false });
		}
	});

	it('cut at any length, or with anything behind it, is refused', async () => {
		const entry = fromHex(PLAIN_VECTOR);
		for (let length = 0; length < entry.length; length++) {
			expect(await open(entry.slice(0, length))).toMatchObject({ ok: false });
		}
		expect(await open(concatBytes(entry, Uint8Array.of(0)))).toMatchObject({ ok: false });
	});

	it.each<[string, Partial<EntryHeader>]>([
		['epoch', { epoch: 1 }],
		['id', { id: toBase64Url(filled(16, 8)) as EntryId }],
		['writer', { writer: toBase64Url(filled(16, 8)) as WriterId }],
		['writer sequence', { writerSeq: 301 }],
		['previous hash', { previous: filled(32, 8) }],
	])('under a header with another %s is refused', async (_, change) => {
		const sealed = fromHex(PLAIN_VECTOR);
		const other = await seal(utf8('a Yjs update'), NINES, { ...HEADER, ...change });
		const headerLength = 1 + 1 + 16 + 16 + 2 + 32;
		const mixed = concatBytes(other.slice(0, headerLength), sealed.slice(headerLength));
		expect(await open(mixed)).toEqual({ ok: false, error: { type: 'Unreadable' } });
	});

	it('of an epoch whose key is missing says so', async () => {
		const { stream } = await place();
		const key = await SECRETS.streamKey(stream, 2);
		if (!key) throw new Error('no key');
		const entry = await sealEntry(
			{ random: NINES },
			{ place: await place(), header: { ...HEADER, epoch: 3 }, key, payload: utf8('later') },
		);
		expect(await open(entry)).toEqual({ ok: false, error: { type: 'UnknownEpoch', epoch: 3 } });
	});

	it('moved to another stream is refused, also under that stream’s name with the right key', async () => {
		const entry = fromHex(PLAIN_VECTOR);
		const home = await SECRETS.streamId('home' as StreamName);
		expect(await open(entry, { space: SPACE, stream: home })).toMatchObject({ ok: false });
		const { stream } = await place();
		const opened = await openEntry(entry, {
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
});

async function place(): Promise<EntryPlace & { readonly stream: StreamId }> {
	return { space: SPACE, stream: await SECRETS.streamId('line/kitchen/2026-11' as StreamName) };
}

async function seal(payload: Bytes, random: Random, header = HEADER): Promise<Bytes> {
	const to = await place();
	const key = await SECRETS.streamKey(to.stream, header.epoch);
	if (!key) throw new Error('no key');
	return sealEntry({ random }, { place: to, header, key, payload });
}

async function open(entry: Bytes, at?: EntryPlace) {
	const from = at ?? (await place());
	return openEntry(entry, { place: from, keyOf: (epoch) => SECRETS.streamKey(from.stream, epoch) });
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
