import type { ClockDep } from '@pocketeer/core/ports/clock';

/** `burst` at once, `perSecond` in the long run. */
export interface Pace {
	readonly burst: number;
	readonly perSecond: number;
}

/** Keeps somebody to a pace. */
export interface TokenBucket {
	/** Takes one token; answers how many ms to wait before acting on it, 0 as a rule. */
	take(): number;
}

/** Starts full. */
export function createTokenBucket(deps: ClockDep, options: Pace): TokenBucket {
	let tokens = options.burst;
	let filled = deps.clock.now();
	return {
		take() {
			const now = deps.clock.now();
			// A wall clock set back fills nothing and costs nothing.
			const elapsedMs = Math.max(0, now - filled);
			filled = now;
			tokens = Math.min(options.burst, tokens + (elapsedMs * options.perSecond) / 1000) - 1;
			return tokens >= 0 ? 0 : (-tokens * 1000) / options.perSecond;
		},
	};
}
