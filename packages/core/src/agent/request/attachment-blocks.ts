import type { DocumentBlockParam, ImageBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { base64 } from '@scure/base';
import type { Bytes } from '../../bytes.ts';
import { isImageType } from '../../space/media-types.ts';
import type { Attachment } from '../../space/records.ts';
import { type MarkBlock, markUntrusted } from '../calls/trust.ts';

/** More in one message is a folder, and above 20 images a request takes only small ones. */
export const MOST_ATTACHMENTS = 20;
/** Of one message together: in base64 27 MB, which leaves the rest of a request of 32 MB to the conversation. */
export const MOST_ATTACHED_BYTES = 20 * 1024 * 1024;
/** Characters of an attached text that a request holds; `fetch_attachment` reads on. */
export const LONGEST_ATTACHED_TEXT = 100_000;

/** Of messages and of tool results alike. */
export type AttachmentBlock = MarkBlock | ImageBlockParam | DocumentBlockParam;

/** What attachments begin with in a request; the clerk knows them by it. */
const LEAD = '<notice>Attached: ';

/**
 * An attachment as a request shows it: named by the app, then its content marked as material. The same attachment gives
 * the same bytes each time, since it is part of a frozen prefix.
 */
export function attachmentBlocks(attachment: Attachment, bytes: Bytes): readonly AttachmentBlock[] {
	return [lead(attachment, ''), ...contentOf(attachment, bytes)];
}

/** Stands for an attachment that a request does not hold (any more): what it is, and how to look at it. */
export function attachmentMention(attachment: Attachment): MarkBlock {
	const call = JSON.stringify({ id: attachment.blob });
	return lead(attachment, ` Its content is not in this request; fetch_attachment ${call} shows it.`);
}

/** Whether a text block is the app's word about an attachment. */
export function isAttachmentLead(text: string): boolean {
	return text.startsWith(LEAD);
}

/** About how much of a request an attachment takes, in bytes. */
export function attachmentWeight({ mediaType, sizeBytes }: Attachment): number {
	const isText = !isImageType(mediaType) && mediaType !== 'application/pdf';
	return isText ? Math.min(sizeBytes, 4 * LONGEST_ATTACHED_TEXT) : Math.ceil(sizeBytes / 3) * 4;
}

/** `"name" (image/png, 1200 × 800 pixels, 34 kB)`: an attachment in words, as a model reads it. */
export function describeAttachment(attachment: Attachment): string {
	const { name, mediaType, width, height, sizeBytes } = attachment;
	const pixels = width && height ? [`${width} × ${height} pixels`] : [];
	// An escape that reads the same and can close no mark.
	const quoted = JSON.stringify(name.toWellFormed()).replaceAll('<', '\\u003c');
	return `${quoted} (${[mediaType, ...pixels, sizeInWords(sizeBytes)].join(', ')})`;
}

/** `800 bytes`, `34 kB`, `2.1 MB`, without the reader's language. */
export function sizeInWords(sizeBytes: number): string {
	if (sizeBytes < 1_000) return `${sizeBytes} bytes`;
	if (sizeBytes < 999_500) return `${Math.round(sizeBytes / 1_000)} kB`;
	return `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
}

function lead(attachment: Attachment, more: string): MarkBlock {
	return { type: 'text', text: `${LEAD}${describeAttachment(attachment)}, id ${attachment.blob}.${more}</notice>` };
}

function contentOf(attachment: Attachment, bytes: Bytes): readonly AttachmentBlock[] {
	const { mediaType, name } = attachment;
	if (isImageType(mediaType)) {
		const source = { type: 'base64' as const, media_type: mediaType, data: base64.encode(bytes) };
		return markUntrusted<ImageBlockParam>([{ type: 'image', source }], name);
	}
	if (mediaType === 'application/pdf') {
		const source = { type: 'base64' as const, media_type: 'application/pdf' as const, data: base64.encode(bytes) };
		return markUntrusted<DocumentBlockParam>([{ type: 'document', source, title: titleOf(name) }], name);
	}
	const { text, next } = textPage(bytes, 0, LONGEST_ATTACHED_TEXT);
	if (text.trim() === '') return [{ type: 'text', text: '<notice>It is empty.</notice>' }];
	const marked: AttachmentBlock = { type: 'text', text: markUntrusted(text, name) };
	return next === undefined ? [marked] : [marked, { type: 'text', text: readOn(attachment, next) }];
}

function readOn({ blob }: Attachment, offset: number): string {
	return `<notice>Cut after ${offset} characters; read on with fetch_attachment ${JSON.stringify({ id: blob, offset })}.</notice>`;
}

/** A part of a text from a character on; `next` is where the following begins, undefined at the end. */
export function textPage(
	bytes: Bytes,
	offset: number,
	most: number,
): { readonly text: string; readonly next: number | undefined; readonly length: number } {
	// Bytes that are no UTF-8 become replacement marks, a byte order mark is no text.
	const whole = new TextDecoder().decode(bytes);
	const page = whole.slice(offset, offset + most);
	// Never ends in half a character.
	const text = page.isWellFormed() || page.length < 2 ? page : page.slice(0, -1);
	const end = offset + text.length;
	return { text: text.toWellFormed(), next: end < whole.length ? end : undefined, length: whole.length };
}

/** The API takes a title of at most 500 characters. */
function titleOf(name: string): string {
	const clean = name
		.replace(/[\p{Cc}\s]+/gu, ' ')
		.trim()
		.toWellFormed();
	return clean === '' ? 'Attachment' : clean.slice(0, 200).toWellFormed();
}
