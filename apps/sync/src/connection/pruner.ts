import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { MetricsDep } from '../metrics.ts';
import type { LogStoreDep, PruneCursor } from '../store/log-store.ts';

/** Drops bodies of entries that two snapshots made superfluous, now and then (SY17). */
export interface Pruner extends Disposable {
	/** Resolves when no round is under way. */
	settled(): Promise<void>;
}

export interface PruneRules {
	/** How old an entry is at least when its body goes; a device that slept for less never needs a snapshot for it. */
	readonly ageMs?: number;
	/** Between two rounds. */
	readonly periodMs?: number;
}

const AGE_MS = 7 * 24 * 60 * 60_000;
const PERIOD_MS = 60 * 60_000;

/** Begins a round at once. `defer` lets others work between the steps of a round. */
export function createPruner(
	deps: ClockDep & LogDep & MetricsDep & LogStoreDep & { readonly defer: (run: () => void) => void },
	rules: PruneRules = {},
): Pruner {
	const { clock, metrics, logStore } = deps;
	const { ageMs = AGE_MS, periodMs = PERIOD_MS } = rules;
	let isEnded = false;
	let timer: Disposable | undefined;
	let working: Promise<void> | undefined;
	begin();

	return {
		settled: async () => working,
		[Symbol.dispose]() {
			isEnded = true;
			timer?.[Symbol.dispose]();
		},
	};

	function begin(): void {
		working = round()
			.catch((error: unknown) => {
				// A failing disk; the next round begins anew.
				deps.log.warn('prune-failed', { reason: error instanceof Error ? error.name : 'unknown' });
			})
			.finally(() => {
				working = undefined;
				if (!isEnded) timer = clock.setTimer(periodMs, begin);
			});
	}

	async function round(): Promise<void> {
		let cursor: PruneCursor | undefined;
		do {
			const step = await logStore.prune({ before: clock.now() - ageMs, cursor });
			metrics.count('pruned_entries_total', step.entries);
			metrics.count('pruned_bytes_total', step.bytes);
			cursor = step.next;
			if (cursor !== undefined) await new Promise<void>((resolve) => deps.defer(resolve));
		} while (cursor !== undefined && !isEnded);
	}
}
