import type { Bytes } from '../bytes.ts';
import type { Random } from '../ports/random.ts';

/** Randomness that repeats from its seed, with helpers for schedules of tests. */
export interface SeededRandom extends Random {
	/** Uniform integer in [0, below). */
	below(below: number): number;
	/** One of the items; throws on none. */
	pick<T>(items: readonly T[]): T;
	/** True with the given probability. */
	chance(probability: number): boolean;
}

/** Makes a generator (mulberry32) that yields the same sequence for the same seed. Never for secrets. */
export function createSeededRandom(seed: number): SeededRandom {
	let state = seed >>> 0;

	const random: SeededRandom = {
		bytes(length) {
			const bytes: Bytes = new Uint8Array(length);
			for (let index = 0; index < length; index++) bytes[index] = next() >>> 24;
			return bytes;
		},
		fraction: () => next() / 2 ** 32,
		below: (below) => Math.floor(random.fraction() * below),
		pick(items) {
			const [item] = items.slice(random.below(items.length));
			if (items.length === 0) throw new RangeError('nothing to pick from');
			return item as (typeof items)[number];
		},
		chance: (probability) => random.fraction() < probability,
	};
	return random;

	function next(): number {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return (mixed ^ (mixed >>> 14)) >>> 0;
	}
}
