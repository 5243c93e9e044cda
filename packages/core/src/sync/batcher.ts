import type { ClockDep } from '../ports/clock.ts';

/** Decides when what was typed goes out: after a quiet moment, but never later than a ceiling, and at once when much. */
export interface Batcher extends Disposable {
	/** So many bytes were added. */
	note(bytes: number): void;
}

const QUIET_MS = 500;
/** Without it nothing would go out while somebody types. */
const CEILING_MS = 1_000;
const FULL_BYTES = 4 * 1024;

/** Calls `fire` for each batch. */
export function createBatcher(deps: ClockDep, fire: () => void): Batcher {
	let bytes = 0;
	let quiet: Disposable | undefined;
	let ceiling: Disposable | undefined;

	return {
		note(added) {
			bytes += added;
			if (bytes >= FULL_BYTES) return end();
			quiet?.[Symbol.dispose]();
			quiet = deps.clock.setTimer(QUIET_MS, end);
			ceiling ??= deps.clock.setTimer(CEILING_MS, end);
		},
		[Symbol.dispose]: stop,
	};

	function end(): void {
		stop();
		fire();
	}

	function stop(): void {
		bytes = 0;
		quiet?.[Symbol.dispose]();
		ceiling?.[Symbol.dispose]();
		quiet = undefined;
		ceiling = undefined;
	}
}
