import type { Bytes } from './bytes.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { Random } from './ports/random.ts';

/**
 * The real clock, randomness and log of any web platform and of Node. The only file of core that touches them;
 * composition roots take them from here.
 */

/** Platforms count timers in 32 bits, and a machine that sleeps stops counting: long waits look at the wall again. */
const LONGEST_TICK_MS = 60_000;

/** The platform's clock. A long timer looks at the wall clock at least every minute, so after a sleep it is at most that late. */
export function createSystemClock(): Clock {
	return {
		now: () => Date.now(),
		zone: () => new Intl.DateTimeFormat().resolvedOptions().timeZone,
		setTimer(delayMs, fire) {
			const due = Date.now() + delayMs;
			let tick = schedule();
			return { [Symbol.dispose]: () => clearTimeout(tick) };

			function schedule() {
				const left = due - Date.now();
				// Short waits count in ticks: a wall clock set back must not stretch them. Long ones are moments.
				const isLast = left <= LONGEST_TICK_MS;
				// biome-ignore lint/style/noRestrictedGlobals: this is the Clock port
				return setTimeout(
					() => {
						if (isLast) return fire();
						tick = schedule();
					},
					Math.max(0, Math.min(left, LONGEST_TICK_MS)),
				);
			}
		},
	};
}

/** The platform's cryptographic randomness. */
export function createSystemRandom(): Random {
	return {
		bytes(length) {
			const bytes: Bytes = new Uint8Array(length);
			// The platform fills at most 65,536 bytes a call.
			for (let from = 0; from < length; from += 65_536) crypto.getRandomValues(bytes.subarray(from, from + 65_536));
			return bytes;
		},
		fraction() {
			const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
			return word / 2 ** 32;
		},
	};
}

/** Log lines on the console, one JSON object each. `warn` only, unless `level` asks for more. */
export function createConsoleLog(level: 'info' | 'warn' = 'warn'): Log {
	return {
		info(event, fields) {
			if (level === 'info') console.info(JSON.stringify({ event, ...fields }));
		},
		warn(event, fields) {
			console.warn(JSON.stringify({ event, ...fields }));
		},
	};
}
