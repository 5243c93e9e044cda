import { describeAttachment, textPage } from '@pocketeer/core/agent/request/attachment-blocks';
import type { Tool, ToolCall, ToolOutcome } from '@pocketeer/core/agent/tool';
import type { Bytes } from '@pocketeer/core/bytes';
import type { BlobId } from '@pocketeer/core/ids';
import { mediaTypeOf } from '@pocketeer/core/space/media-types';
import type { Attachment, LineRecord } from '@pocketeer/core/space/records';
import type { BlobError, BlobsDep, LinesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done, failed, refused } from './define-tool.ts';
import { count, text } from './fields.ts';
import { loadBack } from './line-reading.ts';

/** Characters of a text in one call: with its header it stays below what the loop cuts off. */
const PAGE_CHARACTERS = 20_000;
/** Months of the line looked through for what the attachment was called. */
const MOST_MONTHS = 24;

/** Shows an attachment again, or the rest of a long result. */
export function fetchAttachment(deps: BlobsDep & LinesDep): Tool {
	return defineTool({
		name: 'fetch_attachment',
		description:
			'Shows an attachment by its id: an image or PDF as such, a text from "offset" on. Use it when a message names an attachment whose content you do not see, and to read on where a text or a long tool result was cut. Do not use it for what you can see already, nor for files of the workspace: those have read_file.',
		input: v.strictObject({
			id: text('Id of the attachment, as it stands beside its name.'),
			offset: v.optional(
				count('Of a text: the character to begin with, counted from 0. Default 0.', { from: 0, to: 100_000_000 }),
			),
		}),
		example: { id: 'q1Vb3J0m8rTqS4n9Jd1oYb2Wz5c7Uu0xKk6tHh8eLlM', offset: 20_000 },
		isReadOnly: true,
		isIdempotent: true,
		worksOn: () => [],
		async run({ id, offset = 0 }, call) {
			const blob = id.trim() as BlobId;
			if (!/^[\w-]{43}$/.test(blob)) return refused(`"${id.trim()}" is no id of an attachment.`);
			const found = await findAttachment(deps, call, blob);
			const read = await deps.blobs.fetch(blob);
			if (!read.ok) return notRead(read.error, found !== undefined);
			return show(found ?? namedByContent(blob, read.value), { bytes: read.value, offset });
		},
	});
}

/** What is known of an attachment: how it was called, and whether what it holds came from outside. */
interface Found {
	readonly attachment: Attachment;
	readonly untrusted: { readonly source: string } | undefined;
}

/** Looks for where the line names it; undefined when it does not. */
async function findAttachment({ lines }: LinesDep, call: ToolCall, blob: BlobId): Promise<Found | undefined> {
	const opened = await lines.open(call.line);
	if (!opened.ok) return undefined;
	using open = opened.value;
	let found: Found | undefined;
	await loadBack(
		open,
		() => {
			found = open
				.records()
				.map((record) => foundIn(record, blob))
				.find((one) => one !== undefined);
			return found !== undefined;
		},
		MOST_MONTHS,
	);
	return found;
}

function foundIn(record: LineRecord, blob: BlobId): Found | undefined {
	if (record.kind === 'message') {
		const attachment = record.attachments?.find((one) => one.blob === blob);
		return attachment && { attachment, untrusted: { source: attachment.name } };
	}
	// A result of the app's own tools is no more untrusted when it is long.
	if (record.kind !== 'tool-step' || record.whole?.blob !== blob) return undefined;
	return { attachment: record.whole, untrusted: record.untrusted };
}

/** Named elsewhere, or nowhere that could be looked at. */
function namedByContent(blob: BlobId, bytes: Bytes): Found {
	const attachment = {
		blob,
		name: 'attachment',
		mediaType: mediaTypeOf(bytes) ?? 'application/octet-stream',
		sizeBytes: bytes.length,
	};
	return { attachment, untrusted: { source: attachment.name } };
}

function show({ attachment, untrusted }: Found, read: { readonly bytes: Bytes; readonly offset: number }): ToolOutcome {
	const { bytes, offset } = read;
	const described = describeAttachment(attachment);
	const mediaType = mediaTypeOf(bytes);
	const mark = untrusted ? { untrusted } : {};
	if (mediaType === undefined) return refused(`${described} is neither an image, a PDF nor a text.`);
	if (mediaType !== 'text/plain') {
		if (offset > 0) return refused(`${described} is no text: leave the argument "offset" out.`);
		return { ...done(`${described}:`), ...mark, shows: { ...attachment, mediaType } };
	}
	const page = textPage(bytes, offset, PAGE_CHARACTERS);
	if (offset > 0 && offset >= page.length) {
		return refused(`${described} has ${page.length} characters; the argument "offset" is beyond them.`);
	}
	if (page.text === '') return done(`${described} is empty.`);
	const where = `characters ${offset} to ${offset + page.text.length} of ${page.length}`;
	const more = page.next === undefined ? '' : `\n(more: read on with offset ${page.next})`;
	return { ...done(`${described}, ${where}\n\n${page.text}${more}`), ...mark };
}

function notRead(error: BlobError, isKnown: boolean): ToolOutcome {
	switch (error.type) {
		case 'NotHere':
			return failed(
				isKnown
					? 'It has not reached this device yet. It may come when the device it was added on is online; try again later.'
					: 'There is no attachment of this id on this device. The id stands beside the name of the attachment.',
			);
		case 'CorruptRow':
			return failed('What this device keeps of it is damaged. Another device may still have it.');
		default:
			return failed('It could not be read: the storage of this device does not answer now.');
	}
}
