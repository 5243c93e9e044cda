import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { type Bytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../bytes.ts';
import type { DeviceId, PersonId, StreamName } from '../ids.ts';
import { isJsonObject } from '../json.ts';

/** What a backup holds, one after the other; `backup-file.ts` has the form. */
export type BackupRecord =
	| { readonly kind: 'about'; readonly person: PersonId; readonly documents: number }
	| {
			readonly kind: 'keys';
			/** From version 1 on, as signed. */
			readonly lists: readonly Bytes[];
			/** Who wrote the file, and its signature over `signedPart`. */
			readonly device: DeviceId;
			readonly signature: Bytes;
	  }
	/** Settings of the device that wrote it, as JSON; never a secret. */
	| { readonly kind: 'settings'; readonly settings: unknown }
	| { readonly kind: 'value'; readonly key: string; readonly value: unknown }
	| { readonly kind: 'document'; readonly stream: StreamName; readonly update: Bytes }
	| {
			readonly kind: 'blob';
			readonly name: string;
			readonly part: number;
			readonly parts: number;
			readonly bytes: Bytes;
	  }
	| { readonly kind: 'end'; readonly counts: BackupCounts; readonly missing: readonly StreamName[] };

/** How many records of each kind there are. */
export interface BackupCounts {
	readonly value: number;
	readonly document: number;
	readonly blob: number;
}

/** Numbers on disk, never given anew. */
export const RECORD_KINDS = { about: 1, keys: 2, settings: 3, value: 4, document: 5, blob: 6, end: 7 } as const;

/** A record as it lies in the stream of records: kind, length, payload. */
export function encodeRecord(record: BackupRecord): readonly Bytes[] {
	const payload = encodePayload(record);
	const front = encoding.createEncoder();
	encoding.writeVarUint(front, RECORD_KINDS[record.kind]);
	encoding.writeVarUint(front, payload.length);
	return [new Uint8Array(encoding.toUint8Array(front)), payload];
}

/** The record of a payload; undefined for a kind of a later Pocketeer. Throws on what no writer made. */
export function decodeRecord(kind: number, payload: Bytes): BackupRecord | undefined {
	switch (kind) {
		case RECORD_KINDS.about:
			return readAbout(JSON.parse(fromUtf8(payload)));
		case RECORD_KINDS.keys:
			return readKeys(JSON.parse(fromUtf8(payload)));
		case RECORD_KINDS.settings:
			return { kind: 'settings', settings: JSON.parse(fromUtf8(payload)) };
		case RECORD_KINDS.value: {
			const decoder = decoding.createDecoder(payload);
			return { kind: 'value', key: decoding.readVarString(decoder), value: decoding.readAny(decoder) };
		}
		case RECORD_KINDS.document: {
			const decoder = decoding.createDecoder(payload);
			const stream = decoding.readVarString(decoder) as StreamName;
			return { kind: 'document', stream, update: payload.slice(decoder.pos) };
		}
		case RECORD_KINDS.blob: {
			const decoder = decoding.createDecoder(payload);
			const name = decoding.readVarString(decoder);
			const part = decoding.readVarUint(decoder);
			const parts = decoding.readVarUint(decoder);
			return { kind: 'blob', name, part, parts, bytes: payload.slice(decoder.pos) };
		}
		case RECORD_KINDS.end:
			return readEnd(JSON.parse(fromUtf8(payload)));
		default:
			return undefined;
	}
}

function encodePayload(record: BackupRecord): Bytes {
	switch (record.kind) {
		case 'about':
			return json({ v: 1, person: record.person, documents: record.documents });
		case 'keys': {
			const { lists, device, signature } = record;
			return json({ v: 1, lists: lists.map(toBase64Url), device, signature: toBase64Url(signature) });
		}
		case 'settings':
			return json(record.settings);
		case 'value':
			return framed((encoder) => {
				encoding.writeVarString(encoder, record.key);
				encoding.writeAny(encoder, plain(record.value));
			});
		case 'document':
			return framed((encoder) => {
				encoding.writeVarString(encoder, record.stream);
				encoding.writeUint8Array(encoder, record.update);
			});
		case 'blob':
			return framed((encoder) => {
				encoding.writeVarString(encoder, record.name);
				encoding.writeVarUint(encoder, record.part);
				encoding.writeVarUint(encoder, record.parts);
				encoding.writeUint8Array(encoder, record.bytes);
			});
		case 'end':
			return json({ v: 1, counts: record.counts, missing: record.missing });
	}
}

/** Bytes, numbers, texts, lists and objects; anything else (a key that cannot be taken out) has no place in a backup. */
function plain(value: unknown): Parameters<typeof encoding.writeAny>[1] {
	if (value === undefined || value === null || value instanceof Uint8Array) return value;
	if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
	if (Array.isArray(value)) return value.map(plain);
	if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) {
		throw new TypeError('a value that a backup cannot hold');
	}
	return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

function framed(write: (encoder: encoding.Encoder) => void): Bytes {
	const encoder = encoding.createEncoder();
	write(encoder);
	return new Uint8Array(encoding.toUint8Array(encoder));
}

function json(value: unknown): Bytes {
	return utf8(JSON.stringify(value));
}

function readAbout(value: unknown): BackupRecord {
	if (!isJsonObject(value) || typeof value.person !== 'string') throw new TypeError('no person');
	return { kind: 'about', person: value.person as PersonId, documents: readCount(value.documents) };
}

function readKeys(value: unknown): BackupRecord {
	if (!isJsonObject(value) || !Array.isArray(value.lists)) throw new TypeError('no keys');
	return {
		kind: 'keys',
		lists: value.lists.map((list) => fromBase64Url(String(list))),
		device: String(value.device) as DeviceId,
		signature: fromBase64Url(String(value.signature)),
	};
}

function readEnd(value: unknown): BackupRecord {
	if (!isJsonObject(value) || !isJsonObject(value.counts) || !Array.isArray(value.missing))
		throw new TypeError('no end');
	const { counts } = value;
	return {
		kind: 'end',
		counts: {
			value: readCount(counts.value),
			document: readCount(counts.document),
			blob: readCount(counts.blob),
		},
		missing: value.missing.map((stream) => String(stream) as StreamName),
	};
}

function readCount(value: unknown): number {
	if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new TypeError('no count');
	return value;
}
