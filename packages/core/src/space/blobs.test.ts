import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Bytes, toBase64Url, utf8 } from '../bytes.ts';
import { sha256 } from '../crypto/derive.ts';
import type { BlobId } from '../ids.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createSpacePair, createTestSpace, expectError, expectOk } from '../testing/test-space.ts';
import { blobUpdates, MOST_BLOB_BYTES, streamOf } from './blobs.ts';

describe('a blob', () => {
	it('is named by the SHA-256 of its bytes and read back as it was', async () => {
		const { space } = await createTestSpace();
		for (const bytes of [picture(3), picture(512 * 1024), picture(1_300_000), new Uint8Array()]) {
			const id = expectOk(await space.blobs.put(bytes));
			expect(id).toBe(toBase64Url(await sha256(bytes)));
			expect(same(expectOk(await space.blobs.read(id)), bytes)).toBe(true);
		}
	});

	it('added twice is there once', async () => {
		const { space, docs } = await createTestSpace();
		const id = expectOk(await space.blobs.put(picture(700_000)));
		const once = docs.encode(streamOf(id));
		expect(expectOk(await space.blobs.put(picture(700_000)))).toBe(id);
		expect(same(docs.encode(streamOf(id)), once)).toBe(true);
	});

	it('is the same document on two devices that added it while apart', async () => {
		const { a, b, flush } = await createSpacePair();
		const id = expectOk(await a.space.blobs.put(picture(1_300_000)));
		expectOk(await b.space.blobs.put(picture(1_300_000)));
		const before = a.docs.encode(streamOf(id));
		expect(same(b.docs.encode(streamOf(id)), before)).toBe(true);
		flush();
		expect(same(a.docs.encode(streamOf(id)), before)).toBe(true);
		expect(same(expectOk(await a.space.blobs.read(id)), picture(1_300_000))).toBe(true);
	});

	it('is made of updates that each fit well into one entry', async () => {
		const sizes = [...blobUpdates(picture(1_300_000))].map(({ length }) => length);
		expect(sizes).toHaveLength(3);
		expect(Math.max(...sizes)).toBeLessThan(600 * 1024);
	});

	it('has not come until all of its pieces have, and says when something of it comes', async () => {
		const { space, docs } = await createTestSpace();
		const bytes = picture(1_300_000);
		const id = toBase64Url(await sha256(bytes)) as BlobId;
		const heard: BlobId[] = [];
		using _ = space.blobs.onArrival((arrived) => heard.push(arrived));
		expect(expectError(await space.blobs.fetch(id))).toEqual({ type: 'NotHere', blob: id });
		// The last piece first: it waits for those before it.
		const [first, second, last] = [...blobUpdates(bytes)];
		if (!first || !second || !last) throw new Error('fewer pieces than meant');
		for (const update of [last, first]) {
			docs.receive(streamOf(id), update);
			expect(expectError(await space.blobs.read(id))).toEqual({ type: 'NotHere', blob: id });
		}
		docs.receive(streamOf(id), second);
		expect(same(expectOk(await space.blobs.read(id)), bytes)).toBe(true);
		expect(heard).toEqual([id, id, id]);
	});

	it('whose bytes are not the ones it is named for is never handed out', async () => {
		const { space, docs } = await createTestSpace();
		const id = toBase64Url(await sha256(picture(10))) as BlobId;
		for (const update of blobUpdates(utf8('forged'))) docs.receive(streamOf(id), update);
		expect(expectError(await space.blobs.read(id))).toMatchObject({ type: 'CorruptRow', stream: streamOf(id) });
		expect(expectError(await space.blobs.put(picture(10)))).toMatchObject({ type: 'CorruptRow' });
		const other = toBase64Url(await sha256(picture(11))) as BlobId;
		const doc = new Y.Doc();
		doc.getMap('blob').set('size', 3);
		doc.getArray('pieces').push(['abc']);
		docs.receive(streamOf(other), Y.encodeStateAsUpdate(doc));
		expect(expectError(await space.blobs.read(other))).toMatchObject({ type: 'CorruptRow' });
	});

	it('larger than can be sent to a model is refused before anything is written', async () => {
		const { space, docs } = await createTestSpace();
		const before = docs.streams();
		const refused = await space.blobs.put(new Uint8Array(MOST_BLOB_BYTES + 1));
		expect(expectError(refused)).toEqual({
			type: 'TooLarge',
			limitBytes: MOST_BLOB_BYTES,
			sizeBytes: MOST_BLOB_BYTES + 1,
		});
		expect(docs.streams()).toEqual(before);
	});

	it('that the disk does not take is not said to be kept', async () => {
		const { space, docs } = await createTestSpace();
		docs.failWith({ type: 'QuotaExceeded' });
		expect(expectError(await space.blobs.put(picture(10)))).toEqual({ type: 'QuotaExceeded' });
	});

	it('does not stay in memory after it was used', async () => {
		const { space, docs } = await createTestSpace();
		const id = expectOk(await space.blobs.put(picture(10)));
		await space.blobs.read(id);
		await space.blobs.fetch(id);
		expect(docs.handles(streamOf(id))).toBe(0);
	});
});

function picture(size: number): Bytes {
	return createSeededRandom(size).bytes(size);
}

/** `toEqual` on a megabyte takes seconds. */
function same(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}
