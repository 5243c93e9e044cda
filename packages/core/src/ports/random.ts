import { type Bytes, toBase64Url } from '../bytes.ts';

/** A source of cryptographic randomness; a seeded one stands in for it in tests. */
export interface Random {
	/** `length` fresh random bytes. */
	bytes(length: number): Bytes;
	/** Uniform in [0, 1); for jitter, never for secrets. */
	fraction(): number;
}
export interface RandomDep {
	readonly random: Random;
}

/** A fresh id: base64url of 16 random bytes. The caller names its kind. */
export function newId<Id extends string>(deps: RandomDep): Id {
	return toBase64Url(deps.random.bytes(16)) as Id;
}
