import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Bytes } from '../bytes.ts';

/**
 * The size a length is padded to by Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019):
 * at most 12 % more, and only O(log log length) of it leaks.
 */
export function padme(length: number): number {
	if (length < 2) return length;
	const exponent = Math.floor(Math.log2(length));
	const mantissaBits = Math.floor(Math.log2(exponent)) + 1;
	const step = 2 ** Math.max(0, exponent - mantissaBits);
	return Math.ceil(length / step) * step;
}

/** length(varuint) ‖ body ‖ zeros, as long as `size` says for the length without zeros. */
export function pad(body: Uint8Array, size: (length: number) => number): Bytes {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint8Array(encoder, body);
	const framed = encoding.toUint8Array(encoder);
	const padded = new Uint8Array(Math.max(framed.length, size(framed.length)));
	padded.set(framed);
	return padded;
}

/** The body of padded bytes; undefined when the padding is not what `pad` makes. */
export function unpad(padded: Bytes): Bytes | undefined {
	try {
		const decoder = decoding.createDecoder(padded);
		const length = decoding.readVarUint(decoder);
		const end = decoder.pos + length;
		if (end > padded.length || padded.subarray(end).some((byte) => byte !== 0)) return undefined;
		return padded.slice(decoder.pos, end);
	} catch {
		// lib0 throws on a number that is cut or too large.
		return undefined;
	}
}
