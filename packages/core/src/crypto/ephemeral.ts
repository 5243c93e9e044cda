import { type Bytes, concatBytes, fromBase64Url } from '../bytes.ts';
import type { RandomDep } from '../ports/random.ts';
import { createFrameReader, createFrameWriter, MalformedFrame } from '../protocol/wire.ts';
import { domain } from './derive.ts';
import type { EntryPlace } from './entry.ts';
import { pad, padme, unpad } from './padding.ts';

const VERSION = 1;
const IV_BYTES = 12;
const SMALLEST_PADDED = 64;

/**
 * ephemeral = version(1)=1 ‖ epoch(varuint) ‖ iv(12) ‖ AES-256-GCM(padded): what devices that look at the same stream
 * tell each other and nobody keeps. The key is the stream's for `epoch`.
 */
export async function sealEphemeral(
	deps: RandomDep,
	said: { readonly place: EntryPlace; readonly epoch: number; readonly key: CryptoKey; readonly bytes: Uint8Array },
): Promise<Bytes> {
	const header = encodeHeader(said.epoch);
	const iv = deps.random.bytes(IV_BYTES);
	const padded = pad(said.bytes, (length) => Math.max(SMALLEST_PADDED, padme(length)));
	const params = { name: 'AES-GCM', iv, additionalData: additionalData(said.place, header) };
	return concatBytes(header, iv, new Uint8Array(await crypto.subtle.encrypt(params, said.key, padded)));
}

/** What was said; undefined when it was not sealed for this place, or with a key or in a form not known here. */
export async function openEphemeral(
	sealed: Bytes,
	by: { readonly place: EntryPlace; readonly keyOf: (epoch: number) => Promise<CryptoKey> | undefined },
): Promise<Bytes | undefined> {
	const epoch = readEpoch(sealed);
	const key = epoch === undefined ? undefined : await by.keyOf(epoch);
	if (epoch === undefined || !key) return undefined;
	const header = encodeHeader(epoch);
	const iv = sealed.slice(header.length, header.length + IV_BYTES);
	const params = { name: 'AES-GCM', iv, additionalData: additionalData(by.place, header) };
	try {
		return unpad(new Uint8Array(await crypto.subtle.decrypt(params, key, sealed.slice(header.length + IV_BYTES))));
	} catch {
		return undefined;
	}
}

function encodeHeader(epoch: number): Bytes {
	const frame = createFrameWriter();
	frame.fixed(Uint8Array.of(VERSION), 1);
	frame.uint(epoch);
	return frame.finish();
}

function readEpoch(sealed: Bytes): number | undefined {
	try {
		const frame = createFrameReader(sealed);
		const [version] = frame.fixed(1);
		return version === VERSION ? frame.uint() : undefined;
	} catch (error) {
		if (error instanceof MalformedFrame) return undefined;
		throw error;
	}
}

function additionalData(place: EntryPlace, header: Bytes): Bytes {
	return concatBytes(domain('pocketeer/v1/ephemeral'), fromBase64Url(place.space), fromBase64Url(place.stream), header);
}
