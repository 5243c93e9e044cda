import { fromUtf8 } from '../bytes.ts';

/** What can be attached; anything else is not shown to a model and so not taken. */
export const MEDIA_TYPES = [
	'image/png',
	'image/jpeg',
	'image/gif',
	'image/webp',
	'application/pdf',
	'text/plain',
] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];
export type ImageType = Extract<MediaType, `image/${string}`>;

/** What the bytes are, by how they begin: names and declared types are often wrong. undefined: nothing that can be attached. */
export function mediaTypeOf(bytes: Uint8Array): MediaType | undefined {
	const begins = (...head: readonly number[]) => head.every((byte, index) => bytes[index] === byte);
	if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
	if (begins(0xff, 0xd8, 0xff)) return 'image/jpeg';
	if (begins(0x47, 0x49, 0x46, 0x38)) return 'image/gif';
	if (begins(0x52, 0x49, 0x46, 0x46) && [0x57, 0x45, 0x42, 0x50].every((byte, index) => bytes[8 + index] === byte)) {
		return 'image/webp';
	}
	if (begins(0x25, 0x50, 0x44, 0x46, 0x2d)) return 'application/pdf';
	return isText(bytes) ? 'text/plain' : undefined;
}

/** Whether a media type is that of an image a model takes. */
export function isImageType(mediaType: string): mediaType is ImageType {
	return mediaType.startsWith('image/') && MEDIA_TYPES.some((known) => known === mediaType);
}

/** UTF-8 without the control characters that no text has. */
function isText(bytes: Uint8Array): boolean {
	try {
		const beginning = fromUtf8(bytes);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: looked for because no text has them
		return !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(beginning);
	} catch {
		return false;
	}
}
