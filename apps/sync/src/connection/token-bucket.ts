import type { Clock, ClockDep } from '@pocketeer/core/ports/clock';

/** `burst` at once, `perSecond` in the long run. */
export interface Pace {
	readonly burst: number;
	readonly perSecond: number;
}

/** Keeps somebody to a pace. */
export interface TokenBucket {
	/** Takes one token; answers how many ms to wait before acting on it, 0 as a rule. */
	take(): number;
	/** Takes one token if there is one. */
	tryTake(): boolean;
}

/** Starts full. */
export function createTokenBucket(deps: ClockDep, options: Pace): TokenBucket {
	return new Bucket(deps, options);
}

/** A class for the memory's sake: every connection has one. */
class Bucket implements TokenBucket {
	readonly #clock: Clock;
	readonly #pace: Pace;
	#tokens: number;
	#filled: number;

	constructor({ clock }: ClockDep, pace: Pace) {
		this.#clock = clock;
		this.#pace = pace;
		this.#tokens = pace.burst;
		this.#filled = clock.now();
	}

	take(): number {
		this.#fill();
		this.#tokens -= 1;
		return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#pace.perSecond;
	}

	tryTake(): boolean {
		this.#fill();
		if (this.#tokens < 1) return false;
		this.#tokens -= 1;
		return true;
	}

	#fill(): void {
		const now = this.#clock.now();
		// A wall clock set back fills nothing and costs nothing.
		const elapsedMs = Math.max(0, now - this.#filled);
		this.#filled = now;
		this.#tokens = Math.min(this.#pace.burst, this.#tokens + (elapsedMs * this.#pace.perSecond) / 1000);
	}
}
