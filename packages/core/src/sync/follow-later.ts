import type { StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';

/** Streams nobody waits for, taken up in small batches once those that somebody looks at are there. */
export interface FollowLater extends Disposable {
	add(streams: Iterable<StreamName>): void;
	/** Forgets those not taken up yet. */
	clear(): void;
}

/** What a page has to do first when it starts is done by then. */
const FIRST_AFTER_MS = 1_000;
const PAUSE_MS = 100;
const AT_ONCE = 64;

/** Calls `take` for each batch, one after the other, each after `quiet` resolved. */
export function createFollowLater(
	deps: ClockDep,
	{ quiet, take }: { quiet(): Promise<void>; take(streams: readonly StreamName[]): Promise<void> },
): FollowLater {
	const waiting = new Set<StreamName>();
	let timer: Disposable | undefined;
	let isTaking = false;

	return {
		add(streams) {
			for (const stream of streams) waiting.add(stream);
			if (waiting.size > 0 && !isTaking) timer ??= deps.clock.setTimer(FIRST_AFTER_MS, () => void takeNext());
		},
		clear,
		[Symbol.dispose]: clear,
	};

	async function takeNext(): Promise<void> {
		timer = undefined;
		isTaking = true;
		await quiet();
		const batch = [...waiting].slice(0, AT_ONCE);
		for (const stream of batch) waiting.delete(stream);
		if (batch.length > 0) await take(batch);
		isTaking = false;
		if (waiting.size > 0) timer = deps.clock.setTimer(PAUSE_MS, () => void takeNext());
	}

	function clear(): void {
		waiting.clear();
		timer?.[Symbol.dispose]();
		timer = undefined;
	}
}
