import { isJsonObject, type JsonObject } from '../../json.ts';
import {
	type Check,
	cacheControl,
	type Fields,
	fields,
	filledText,
	firstRefusal,
	flag,
	nullable,
	oneOf,
	type Refusal,
	tagged,
	text,
} from './checks.ts';

/** Counted on the base64, as the API does. */
const LARGEST_IMAGE = 5 * 1024 * 1024;
/** Of the whole request, and so of a document in it. */
export const LARGEST_REQUEST = 32 * 1024 * 1024;

/** How files of each type begin. */
const BEGINNINGS: Readonly<Record<string, RegExp>> = {
	'image/jpeg': /^\xff\xd8\xff/,
	'image/png': /^\x89PNG\r\n/,
	'image/gif': /^GIF8[79]a/,
	'image/webp': /^RIFF[\s\S]{4}WEBP/,
	'application/pdf': /^[\s\S]{0,1024}%PDF-/,
};

const citations = nullable(fields({ required: {}, optional: { enabled: flag } }));

export const IMAGE: Fields = {
	required: {
		type: text,
		source: tagged({
			base64: {
				required: {
					type: text,
					media_type: oneOf('image/jpeg', 'image/png', 'image/gif', 'image/webp'),
					data: base64,
				},
			},
			url: { required: { type: text, url: httpsUrl } },
		}),
	},
	optional: {
		cache_control: cacheControl,
		transformations: nullable(fields({ required: {}, optional: { oversized_image: oneOf('downsize', 'error') } })),
	},
};

export const DOCUMENT: Fields = {
	required: {
		type: text,
		source: tagged({
			base64: { required: { type: text, media_type: oneOf('application/pdf'), data: base64 } },
			text: { required: { type: text, media_type: oneOf('text/plain'), data: filledText } },
			url: { required: { type: text, url: httpsUrl } },
			content: { required: { type: text, content: partsOfDocument } },
		}),
	},
	optional: { cache_control: cacheControl, citations, context: nullable(filledText), title: nullable(filledText) },
};

export const SEARCH_RESULT: Fields = {
	required: {
		type: text,
		source: filledText,
		title: text,
		content: (value, path) =>
			Array.isArray(value) && value.length > 0
				? firstRefusal(value, (part, index) => textPart(part, `${path}.${index}`))
				: `${path}: at least one text block is required`,
	},
	optional: { cache_control: cacheControl, citations },
};

/** Bytes of an image or a PDF that are not what they say they are, or too many; asked after the form is right. */
export function refuseBytes(block: JsonObject, path: string): Refusal {
	const { source } = block;
	if (!isJsonObject(source) || source.type !== 'base64' || typeof source.data !== 'string') return undefined;
	const where = `${path}.source.base64`;
	if (block.type === 'image' && source.data.length > LARGEST_IMAGE)
		return `${where}: image exceeds 5 MB maximum: ${source.data.length} bytes > ${LARGEST_IMAGE} bytes`;
	const type = String(source.media_type);
	const beginning = atob(source.data.slice(0, 2048));
	if (BEGINNINGS[type]?.test(beginning)) return type === 'image/png' ? refuseWidePng(beginning, where) : undefined;
	return block.type === 'image'
		? `${where}: Image does not match the provided media type ${type}`
		: `${where}.data: The PDF specified was not valid.`;
}

/** Pixels on either side. Asked of PNGs only, which say it at a fixed place. */
const WIDEST = 8000;

function refuseWidePng(beginning: string, where: string): Refusal {
	const numberAt = (at: number) =>
		[0, 1, 2, 3].reduce((sum, index) => sum * 256 + (beginning.charCodeAt(at + index) || 0), 0);
	return numberAt(16) > WIDEST || numberAt(20) > WIDEST
		? `${where}: At least one of the image dimensions exceed max allowed size: ${WIDEST} pixels`
		: undefined;
}

/** Citations are for all documents of a request or for none. */
export function refuseMixedCitations(blocks: readonly JsonObject[]): Refusal {
	const cited = blocks
		.filter((block) => block.type === 'document')
		.map((block) => isJsonObject(block.citations) && block.citations.enabled === true);
	return new Set(cited).size > 1 ? 'citations must be enabled on all or none of the documents' : undefined;
}

function base64(value: unknown, path: string): Refusal {
	if (typeof value !== 'string' || value === '') return `${path}: Field required`;
	// Padded, of the plain alphabet, without a data: prefix or line breaks.
	return value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value) ? undefined : `${path}: Invalid base64 data`;
}

function httpsUrl(value: unknown, path: string): Refusal {
	return typeof value === 'string' && URL.canParse(value) && /^https:/i.test(value)
		? undefined
		: `${path}: Only HTTPS URLs are supported.`;
}

const textPart: Check = tagged({
	text: { required: { type: text, text: filledText }, optional: { cache_control: cacheControl, citations } },
});

function partsOfDocument(value: unknown, path: string): Refusal {
	if (typeof value === 'string') return filledText(value, path);
	if (!Array.isArray(value) || value.length === 0) return `${path}: Input should be a valid list`;
	return firstRefusal(value, (part, index) => textPart(part, `${path}.${index}`));
}
