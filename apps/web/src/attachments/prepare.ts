import type { Bytes } from '@pocketeer/core/bytes';
import { err, ok, type Result } from '@pocketeer/core/result';
import { MOST_BLOB_BYTES } from '@pocketeer/core/space/blobs';
import { isImageType, mediaTypeOf } from '@pocketeer/core/space/media-types';
import type { Attachment } from '@pocketeer/core/space/records';
import type { BlobsDep } from '@pocketeer/core/space/space';
import { drawAside } from './draw-aside.ts';
import { cannotRead, isEmpty, isLocked, notKept, tooLarge, unknownKind } from './words.ts';

/** A photo of more than that would take the memory of a phone to decode. */
const MOST_PICTURE_BYTES = 60 * 1024 * 1024;

/** Makes a file ready to be sent and keeps it on this device; the error is a sentence. */
export async function prepareFile({ blobs }: BlobsDep, file: File): Promise<Result<Attachment, string>> {
	const name = nameOf(file);
	if (file.size === 0) return err(isEmpty(name));
	const isDeclaredPicture = file.type.startsWith('image/') && file.type !== 'image/svg+xml';
	const most = isDeclaredPicture ? MOST_PICTURE_BYTES : MOST_BLOB_BYTES;
	if (file.size > most) return err(tooLarge(name, file.size));
	const bytes = await bytesOf(file);
	if (!bytes) return err(cannotRead(name));
	const mediaType = mediaTypeOf(bytes);
	if ((mediaType && isImageType(mediaType)) || (!mediaType && isDeclaredPicture)) {
		return preparePicture({ blobs }, { file, name, mediaType });
	}
	if (!mediaType) return err(unknownKind(name, /\.hei[cf]$/i.test(name)));
	if (mediaType === 'application/pdf' && isEncryptedPdf(bytes)) return err(isLocked(name));
	const kept = await blobs.put(bytes);
	if (!kept.ok) return err(notKept(name, kept.error));
	return ok({ blob: kept.value, name, mediaType, sizeBytes: bytes.length });
}

async function preparePicture(
	{ blobs }: BlobsDep,
	{ file, name, mediaType }: { readonly file: File; readonly name: string; readonly mediaType: string | undefined },
): Promise<Result<Attachment, string>> {
	const drawn = await drawAside(file, mediaType);
	const bytes = drawn && (await bytesOf(drawn.blob));
	const drawnType = bytes && mediaTypeOf(bytes);
	if (!drawn || !bytes || !drawnType || !isImageType(drawnType)) return err(unknownKind(name, true));
	const kept = await blobs.put(bytes);
	if (!kept.ok) return err(notKept(name, kept.error));
	const { width, height } = drawn;
	return ok({ blob: kept.value, name, mediaType: drawnType, sizeBytes: bytes.length, width, height });
}

/** The API refuses it, and would refuse every later request of the conversation for its sake. */
export function isEncryptedPdf(bytes: Uint8Array): boolean {
	// Of the file's trailer, which is never compressed or encrypted itself (ISO 32000-1, 7.5.5).
	return /\/Encrypt\s+\d+\s+\d+\s+R/.test(new TextDecoder('latin1').decode(bytes));
}

async function bytesOf(file: Blob): Promise<Bytes | undefined> {
	try {
		return new Uint8Array(await file.arrayBuffer());
	} catch {
		// It was moved, deleted or is in a cloud that does not answer.
		return undefined;
	}
}

/** Names go to the screen and to the model: one line, no path, not endless. */
export function nameOf({ name, type }: { readonly name: string; readonly type: string }): string {
	const clean = name
		.replace(/^.*[\\/]/, '')
		.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
		.trim()
		.toWellFormed();
	if (clean === '') return type.startsWith('image/') ? 'image' : 'file';
	if (clean.length <= 100) return clean;
	const [, ending = ''] = /(\.\w{1,8})$/.exec(clean) ?? [];
	return `${clean.slice(0, 99 - ending.length)}…${ending}`.toWellFormed();
}
