import type { Bytes } from '../bytes.ts';
import type { RandomDep } from '../ports/random.ts';
import type { EntryPlace } from './entry.ts';
import { padme } from './padding.ts';
import { encodeEpochHeader, openPadded, readEpochHeader, type SealedBinding, sealPadded } from './sealed.ts';

const VERSION = 1;
const SMALLEST_PADDED = 64;

/**
 * ephemeral = version(1)=1 ‖ epoch(varuint) ‖ iv(12) ‖ AES-256-GCM(padded): what devices that look at the same stream
 * tell each other and nobody keeps. The key is the stream's for `epoch`.
 */
export async function sealEphemeral(
	deps: RandomDep,
	said: { readonly place: EntryPlace; readonly epoch: number; readonly key: CryptoKey; readonly bytes: Uint8Array },
): Promise<Bytes> {
	const header = encodeEpochHeader(VERSION, said.epoch);
	const size = (length: number) => Math.max(SMALLEST_PADDED, padme(length));
	return sealPadded(deps, { ...binding(said.place, header), key: said.key, body: said.bytes, size });
}

/** What was said; undefined when it was not sealed for this place, or with a key or in a form not known here. */
export async function openEphemeral(
	sealed: Bytes,
	by: { readonly place: EntryPlace; readonly keyOf: (epoch: number) => Promise<CryptoKey> | undefined },
): Promise<Bytes | undefined> {
	const epoch = readEpochHeader(VERSION, sealed);
	const key = epoch === undefined ? undefined : await by.keyOf(epoch);
	if (epoch === undefined || !key) return undefined;
	return openPadded(sealed, { ...binding(by.place, encodeEpochHeader(VERSION, epoch)), key });
}

function binding({ space, stream }: EntryPlace, header: Bytes): SealedBinding {
	return { kind: 'pocketeer/v1/ephemeral', of: [space, stream], header };
}
