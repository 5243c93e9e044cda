/** Time as the program sees it: the wall, its zone, and timers. */
export interface Clock {
	/** Wall clock in milliseconds since the Unix epoch. */
	now(): number;
	/** IANA name of the zone the person is in, such as `Europe/Athens`. */
	zone(): string;
	/** Calls once after `delayMs`, unless disposed before. */
	setTimer(delayMs: number, fire: () => void): Disposable;
}
export interface ClockDep {
	readonly clock: Clock;
}

/** Resolves after `delayMs`, or at once when the signal aborts. */
export function sleep(deps: ClockDep, delayMs: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal?.aborted) return resolve();
		const timer = deps.clock.setTimer(delayMs, done);
		signal?.addEventListener('abort', done, { once: true });
		function done() {
			timer[Symbol.dispose]();
			signal?.removeEventListener('abort', done);
			resolve();
		}
	});
}
