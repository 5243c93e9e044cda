import type { Clock } from '../ports/clock.ts';

/** A clock that stands still until the test moves it. */
export interface TestClock extends Clock {
	/** Moves time forward and fires every timer that comes due, in order, letting what each started run before the next. */
	advance(ms: number): Promise<void>;
	/** Changes the wall clock without time passing: what a person or a network time server does. Fires nothing. */
	jump(ms: number): void;
	/** The person travels. */
	moveTo(zone: string): void;
	/** Timers that wait; a test proves with it that nothing was left behind. */
	readonly waiting: number;
}

export interface TestClockOptions {
	/** Milliseconds since the epoch; default 2026-11-20T09:00:00Z, a Friday. */
	readonly now?: number;
	/** IANA zone; default Europe/Athens. */
	readonly zone?: string;
	/** Waits for what a timer started; default a few turns of the event loop. */
	readonly settle?: () => Promise<void>;
}

/** Makes a clock that only `advance` moves. */
export function createTestClock(options: TestClockOptions = {}): TestClock {
	const settle = options.settle ?? (() => turns(3));
	const timers = new Set<{ readonly at: number; readonly order: number; readonly fire: () => void }>();
	// Timers count their own time, as a platform's do: changing the wall clock moves none of them.
	let elapsed = 0;
	let offset = options.now ?? Date.UTC(2026, 10, 20, 9);
	let zone = options.zone ?? 'Europe/Athens';
	let order = 0;

	return {
		now: () => offset + elapsed,
		zone: () => zone,
		setTimer(delayMs, fire) {
			// Whole milliseconds, as on every platform.
			const timer = { at: elapsed + Math.max(0, Math.trunc(delayMs)), order: order++, fire };
			timers.add(timer);
			return { [Symbol.dispose]: () => void timers.delete(timer) };
		},
		async advance(ms) {
			const end = elapsed + ms;
			await settle();
			for (let timer = nextDue(end); timer; timer = nextDue(end)) {
				elapsed = Math.max(elapsed, timer.at);
				timers.delete(timer);
				timer.fire();
				await settle();
			}
			elapsed = end;
		},
		jump(ms) {
			offset += ms;
		},
		moveTo(next) {
			zone = next;
		},
		get waiting() {
			return timers.size;
		},
	};

	function nextDue(end: number) {
		let first: { readonly at: number; readonly order: number; readonly fire: () => void } | undefined;
		for (const timer of timers) {
			if (timer.at > end) continue;
			if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
		}
		return first;
	}
}

/** Lets the event loop turn `count` times, with all microtasks in between. */
export async function turns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) await nextTurn();
}

function nextTurn(): Promise<void> {
	// A message port turns the loop at once, where a timer of 0 ms waits for a whole millisecond.
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}
