import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { type Bytes, fromBase64Url, toBase64Url } from '../bytes.ts';

/** Bytes of an id on the wire. */
const ID_BYTES = 16;

/** Appends the fields of one frame; throws on values no frame can hold, which only our own bugs produce. */
export interface FrameWriter {
	uint(value: number): void;
	flag(value: boolean): void;
	text(value: string): void;
	bytes(value: Uint8Array): void;
	/** Exactly `length` bytes, without a length in front. */
	fixed(value: Uint8Array, length: number): void;
	/** base64url text of 16 bytes, as the raw bytes. */
	id(value: string): void;
	finish(): Bytes;
}

/** Starts an empty frame. One that stays within `room` bytes is made in place, without copies. */
export function createFrameWriter(room = 0): FrameWriter {
	const encoder = encoding.createEncoder();
	const place = room > 0 ? new Uint8Array(room) : undefined;
	if (place) encoder.cbuf = place;
	const writer: FrameWriter = {
		uint(value) {
			if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an unsigned integer: ${value}`);
			encoding.writeVarUint(encoder, value);
		},
		flag: (value) => encoding.writeUint8(encoder, value ? 1 : 0),
		text(value) {
			if (!value.isWellFormed()) throw new RangeError('text with a lone surrogate');
			encoding.writeVarString(encoder, value);
		},
		bytes: (value) => encoding.writeVarUint8Array(encoder, value),
		fixed(value, length) {
			if (value.length !== length) throw new RangeError(`expected ${length} bytes, got ${value.length}`);
			encoding.writeUint8Array(encoder, value);
		},
		id: (value) => writer.fixed(fromBase64Url(value), ID_BYTES),
		finish: () => (encoder.cbuf === place ? place.subarray(0, encoder.cpos) : encoding.toUint8Array(encoder)),
	};
	return writer;
}

/** A frame that is not what the protocol says; caught where a frame is decoded, and nowhere else. */
export class MalformedFrame extends Error {}

/** Takes the fields of one frame apart, strictly; every method throws `MalformedFrame` on what no writer made. */
export interface FrameReader {
	/** A varint in its shortest form, at most 2^53 − 1. */
	uint(): number;
	flag(): boolean;
	text(maxBytes: number): string;
	bytes(maxBytes: number): Bytes;
	fixed(length: number): Bytes;
	/** 16 raw bytes as base64url; the caller names the kind. */
	id<Id extends string>(): Id;
	/** Passes over the rest of the frame. */
	skip(): void;
	/** Throws unless every byte was read. */
	end(): void;
}

/** Reads one frame from its start. What it returns is copied out of the frame. */
export function createFrameReader(frame: Uint8Array): FrameReader {
	const decoder = decoding.createDecoder(frame);
	const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

	function fixed(length: number): Bytes {
		if (length > frame.length - decoder.pos) throw new MalformedFrame('ends too early');
		return new Uint8Array(decoding.readUint8Array(decoder, length));
	}

	function uint(): number {
		const start = decoder.pos;
		const value = attempt(() => decoding.readVarUint(decoder), 'a number is cut or too large');
		const isPadded = decoder.pos - start > 1 && frame[decoder.pos - 1] === 0;
		if (isPadded) throw new MalformedFrame('a number is not in its shortest form');
		// lib0 lets 2^53 itself through.
		if (!Number.isSafeInteger(value)) throw new MalformedFrame('a number is too large');
		return value;
	}

	function bytes(maxBytes: number): Bytes {
		const length = uint();
		if (length > maxBytes) throw new MalformedFrame(`a field of ${length} bytes, at most ${maxBytes} fit`);
		return fixed(length);
	}

	return {
		uint,
		fixed,
		bytes,
		flag() {
			const [value] = fixed(1);
			if (value !== 0 && value !== 1) throw new MalformedFrame('a flag is neither 0 nor 1');
			return value === 1;
		},
		text: (maxBytes) => attempt(() => utf8.decode(bytes(maxBytes)), 'a text is not UTF-8'),
		id: <Id extends string>() => toBase64Url(fixed(ID_BYTES)) as Id,
		skip: () => void fixed(frame.length - decoder.pos),
		end() {
			if (decoding.hasContent(decoder)) throw new MalformedFrame('bytes after the last field');
		},
	};
}

function attempt<T>(read: () => T, reason: string): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof MalformedFrame) throw error;
		throw new MalformedFrame(reason);
	}
}
