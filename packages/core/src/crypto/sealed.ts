import { type Bytes, concatBytes, fromBase64Url } from '../bytes.ts';
import type { RandomDep } from '../ports/random.ts';
import { createFrameReader, createFrameWriter, MalformedFrame } from '../protocol/wire.ts';
import { domain } from './derive.ts';
import { pad, unpad } from './padding.ts';

/**
 * The seal that entries, snapshots, ephemera and wakes share: header ‖ iv(12) ‖ AES-256-GCM(padded). The header stands
 * in the clear and is bound by the seal, together with what kind of thing it is and whose.
 */
export interface SealedBinding {
	/** Domain of the kind, such as `pocketeer/v1/entry`. */
	readonly kind: string;
	/** The ids (base64url of 16 bytes) of whose it is, such as space and stream. */
	readonly of: readonly string[];
	readonly header: Bytes;
}

const IV_BYTES = 12;
/** What a seal adds to the padded body: the IV and AES-GCM's tag. */
export const SEAL_BYTES = IV_BYTES + 16;

/** Seals `body`, padded to what `size` says for its length. */
export async function sealPadded(
	deps: RandomDep,
	sealing: SealedBinding & {
		readonly key: CryptoKey;
		readonly body: Uint8Array;
		readonly size: (length: number) => number;
	},
): Promise<Bytes> {
	const iv = deps.random.bytes(IV_BYTES);
	const params = { name: 'AES-GCM', iv, additionalData: additionalData(sealing) };
	const sealed = await crypto.subtle.encrypt(params, sealing.key, pad(sealing.body, sealing.size));
	return concatBytes(sealing.header, iv, new Uint8Array(sealed));
}

/** The body of what stands behind the header; undefined when this key did not seal it so, or it is cut or changed. */
export async function openPadded(
	sealed: Bytes,
	by: SealedBinding & { readonly key: CryptoKey },
): Promise<Bytes | undefined> {
	const start = by.header.length + IV_BYTES;
	const iv = sealed.slice(by.header.length, start);
	const params = { name: 'AES-GCM', iv, additionalData: additionalData(by) };
	try {
		return unpad(new Uint8Array(await crypto.subtle.decrypt(params, by.key, sealed.slice(start))));
	} catch {
		return undefined;
	}
}

/** version(1) ‖ epoch(varuint): the header of what has nothing else to say in the clear. */
export function encodeEpochHeader(version: number, epoch: number): Bytes {
	const frame = createFrameWriter();
	frame.fixed(Uint8Array.of(version), 1);
	frame.uint(epoch);
	return frame.finish();
}

/** The epoch in front of `sealed`; undefined for another version, or for what is no such header. */
export function readEpochHeader(version: number, sealed: Bytes): number | undefined {
	try {
		const frame = createFrameReader(sealed);
		const [first] = frame.fixed(1);
		return first === version ? frame.uint() : undefined;
	} catch (error) {
		if (error instanceof MalformedFrame) return undefined;
		throw error;
	}
}

function additionalData({ kind, of, header }: SealedBinding): Bytes {
	return concatBytes(domain(kind), ...of.map(fromBase64Url), header);
}
