import { utf8 } from '@pocketeer/core/bytes';
import { createTestSpace, expectOk } from '@pocketeer/core/testing/test-space';
import { describe, expect, it } from 'vitest';
import { isEncryptedPdf, nameOf, prepareFile } from './prepare.ts';

describe('a file that is attached', () => {
	it('is kept on this device under what it is, whatever it is called', async () => {
		const { space } = await createTestSpace();
		const prepared = expectOk(await prepareFile(space, new File(['# Milk\n'], 'list.bin', { type: 'application/x' })));
		expect(prepared).toMatchObject({ name: 'list.bin', mediaType: 'text/plain', sizeBytes: 7 });
		expect(expectOk(await space.blobs.read(prepared.blob))).toEqual(utf8('# Milk\n'));
	});

	it('that is no image, PDF or text is refused in a sentence, and so is one without anything in it', async () => {
		const { space } = await createTestSpace();
		const film = new File([Uint8Array.of(0, 255, 1)], 'film.mp4', { type: 'video/mp4' });
		expect(await prepareFile(space, film)).toMatchObject({
			ok: false,
			error: expect.stringMatching(/^film\.mp4 is neither/),
		});
		expect(await prepareFile(space, new File([], 'a.txt'))).toMatchObject({
			ok: false,
			error: expect.stringMatching(/empty/),
		});
	});

	it('that is a PDF behind a password is refused', async () => {
		const { space } = await createTestSpace();
		const locked = new File(['%PDF-1.7\ntrailer\n<< /Size 9 /Encrypt 8 0 R >>'], 'bank.pdf');
		expect(await prepareFile(space, locked)).toMatchObject({ ok: false, error: expect.stringMatching(/password/) });
		expect(isEncryptedPdf(utf8('%PDF-1.7 how to /Encrypt a file'))).toBe(false);
	});

	it('that this device cannot keep says why', async () => {
		const { space, docs } = await createTestSpace();
		docs.failWith({ type: 'QuotaExceeded' });
		expect(await prepareFile(space, new File(['x'], 'a.txt'))).toMatchObject({
			ok: false,
			error: expect.stringMatching(/^a\.txt was not attached\. .*space/),
		});
	});
});

describe('the name of a file', () => {
	it.each([
		['beach.png', 'beach.png'],
		['C:\\photos\\beach.png', 'beach.png'],
		['../../beach.png', 'beach.png'],
		['two\nlines\u202e.png', 'two lines .png'],
		['', 'file'],
		[`${'x'.repeat(200)}.png`, `${'x'.repeat(95)}….png`],
	])('is one line without a path, and not endless: %j', (given, shown) => {
		expect(nameOf({ name: given, type: '' })).toBe(shown);
	});
});
