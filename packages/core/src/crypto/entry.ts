import { type Bytes, concatBytes } from '../bytes.ts';
import type { EntryId, SpaceId, StreamId, WriterId } from '../ids.ts';
import type { RandomDep } from '../ports/random.ts';
import { createFrameReader, createFrameWriter, MalformedFrame } from '../protocol/wire.ts';
import { err, ok, type Result } from '../result.ts';
import { deflate, inflate } from './deflate.ts';
import { padme } from './padding.ts';
import { openPadded, type SealedBinding, sealPadded } from './sealed.ts';

/** What an entry says in the clear: the relay reads it, and nobody can change it without being found out. */
export interface EntryHeader {
	readonly epoch: number;
	/** The idempotency id (R6). */
	readonly id: EntryId;
	readonly writer: WriterId;
	/** 1, 2, 3 … of this writer in this stream. */
	readonly writerSeq: number;
	/** SHA-256 of this writer's previous entry in the stream; zeros before the first. */
	readonly previous: Bytes;
}

/** Where an entry belongs; bound by its seal. */
export interface EntryPlace {
	readonly space: SpaceId;
	readonly stream: StreamId;
}

export type EntryError =
	/** A later version of the format: this build is too old for it. */
	| { readonly type: 'NewerFormat' }
	/** Sealed under an epoch whose key this device does not have. */
	| { readonly type: 'UnknownEpoch'; readonly epoch: number }
	/** Cut, changed, or sealed for another place or by somebody without the key. */
	| { readonly type: 'Unreadable' };

export interface OpenedEntry {
	readonly header: EntryHeader;
	/** Yjs update, V1 encoding. */
	readonly payload: Bytes;
}

const VERSION = 1;
const HASH_BYTES = 32;
/** Below this size deflate saves nothing that Padmé would not pad away again. */
const DEFLATE_ABOVE = 512;
const SMALLEST_PADDED = 64;
/** What a payload may inflate to: far above any document, far below what would fell a tab. */
const LARGEST_PAYLOAD = 64 * 1024 * 1024;
const FORMAT = { update: 1, deflated: 2 } as const;

/** Seals a payload as one entry of a stream. The key is the stream's for `header.epoch`. */
export async function sealEntry(
	deps: RandomDep,
	entry: {
		readonly place: EntryPlace;
		readonly header: EntryHeader;
		readonly key: CryptoKey;
		readonly payload: Bytes;
	},
): Promise<Bytes> {
	const header = encodeHeader(entry.header);
	const body = await encodeBody(entry.payload);
	const size = (length: number) => Math.max(SMALLEST_PADDED, padme(length));
	return sealPadded(deps, { ...binding(entry.place, header), key: entry.key, body, size });
}

/** Reads what an entry claims, without proof. */
export function readEntryHeader(entry: Bytes): Result<EntryHeader, EntryError> {
	const parts = split(entry);
	return parts.ok ? ok(parts.value.header) : parts;
}

/** Opens an entry that was sealed for this place; `keyOf` gives the stream's key of an epoch. */
export async function openEntry(
	entry: Bytes,
	by: { readonly place: EntryPlace; readonly keyOf: (epoch: number) => Promise<CryptoKey> | undefined },
): Promise<Result<OpenedEntry, EntryError>> {
	const parts = split(entry);
	if (!parts.ok) return parts;
	const { header, headerBytes } = parts.value;
	const key = await by.keyOf(header.epoch);
	if (!key) return err({ type: 'UnknownEpoch', epoch: header.epoch });
	const body = await openPadded(entry, { ...binding(by.place, headerBytes), key });
	return body ? decodeBody(header, body) : err({ type: 'Unreadable' });
}

/** header = version(1)=1 ‖ epoch(varuint) ‖ entry id(16) ‖ writer(16) ‖ writer seq(varuint) ‖ previous(32) */
function encodeHeader(header: EntryHeader): Bytes {
	const frame = createFrameWriter();
	frame.fixed(Uint8Array.of(VERSION), 1);
	frame.uint(header.epoch);
	frame.id(header.id);
	frame.id(header.writer);
	frame.uint(header.writerSeq);
	frame.fixed(header.previous, HASH_BYTES);
	return frame.finish();
}

interface EntryParts {
	readonly header: EntryHeader;
	readonly headerBytes: Bytes;
}

function split(entry: Bytes): Result<EntryParts, EntryError> {
	if (entry[0] !== undefined && entry[0] > VERSION) return err({ type: 'NewerFormat' });
	try {
		const frame = createFrameReader(entry);
		const [version] = frame.fixed(1);
		if (version !== VERSION) return err({ type: 'Unreadable' });
		const header: EntryHeader = {
			epoch: frame.uint(),
			id: frame.id(),
			writer: frame.id(),
			writerSeq: frame.uint(),
			previous: frame.fixed(HASH_BYTES),
		};
		return ok({ header, headerBytes: encodeHeader(header) });
	} catch (error) {
		if (error instanceof MalformedFrame) return err({ type: 'Unreadable' });
		throw error;
	}
}

/** body = format(1) ‖ payload; format 1: Yjs update V1; 2: the same, deflate-raw. */
async function encodeBody(payload: Bytes): Promise<Bytes> {
	if (payload.length > DEFLATE_ABOVE) {
		const deflated = await deflate(payload);
		if (deflated.length < payload.length) return concatBytes(Uint8Array.of(FORMAT.deflated), deflated);
	}
	return concatBytes(Uint8Array.of(FORMAT.update), payload);
}

async function decodeBody(header: EntryHeader, body: Bytes): Promise<Result<OpenedEntry, EntryError>> {
	const content = body.slice(1);
	switch (body[0]) {
		case FORMAT.update:
			return ok({ header, payload: content });
		case FORMAT.deflated: {
			const payload = await inflate(content, LARGEST_PAYLOAD);
			return payload ? ok({ header, payload }) : err({ type: 'Unreadable' });
		}
		case undefined:
			return err({ type: 'Unreadable' });
		default:
			// The seal holds, so a device of this space wrote it: it knows more formats than we do.
			return err({ type: 'NewerFormat' });
	}
}

function binding({ space, stream }: EntryPlace, header: Bytes): SealedBinding {
	return { kind: 'pocketeer/v1/entry', of: [space, stream], header };
}
