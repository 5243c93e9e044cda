import { type Bytes, concatBytes } from '../bytes.ts';

/**
 * The rolling hash of one stream's log: chain(0) is 32 zero bytes, chain(n) = SHA-256(chain(n−1) ‖ SHA-256(entry n)).
 * Two logs with the same chain at n hold the same entries up to n.
 */
export const CHAIN_BYTES = 32;

/** chain(0): the hash of an empty log. */
export function emptyChain(): Bytes {
	return new Uint8Array(CHAIN_BYTES);
}

/** The chain after one more entry, by WebCrypto. */
export async function nextChain(chain: Uint8Array, entry: Bytes): Promise<Bytes> {
	return sha256(link(chain, await sha256(entry)));
}

/** The same, by a SHA-256 that answers at once; for a relay that hashes inside a database transaction. */
export function nextChainSync(
	chain: Uint8Array,
	entry: Uint8Array,
	hash: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>,
): Bytes {
	return hash(link(chain, hash(entry)));
}

function link(chain: Uint8Array, entryHash: Uint8Array): Bytes {
	return concatBytes(chain, entryHash);
}

async function sha256(bytes: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
