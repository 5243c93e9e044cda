import type { StoreError } from '@pocketeer/core/ports/store';
import type { RunRecord } from '@pocketeer/core/space/records';
import type { Runs } from '@pocketeer/core/space/space';
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import { LONGEST_PERIOD } from './spending.ts';

/** Days longer than those shown, so that the first of them is whole in every zone. */
const LOOK_BACK_MS = (LONGEST_PERIOD + 2) * 86_400_000;

/** The runs that spending is added up from; undefined until they were read, and an error when they cannot be. */
export interface SpendingList {
	readonly runs: Accessor<readonly RunRecord[] | undefined>;
	readonly error: Accessor<StoreError | undefined>;
}

/** All runs of the longest period, read again after each new one; an old answer never replaces a newer. */
export function createSpending(source: Runs, now: () => number): SpendingList {
	const [runs, setRuns] = createSignal<readonly RunRecord[]>();
	const [error, setError] = createSignal<StoreError>();
	let newest = 0;
	const subscription = source.subscribe(() => void read());
	onCleanup(() => {
		newest = Number.POSITIVE_INFINITY;
		subscription[Symbol.dispose]();
	});
	void read();
	return { runs, error };

	async function read() {
		const own = ++newest;
		const found = await source.since(now() - LOOK_BACK_MS);
		if (own !== newest) return;
		setError(found.ok ? undefined : found.error);
		if (found.ok) setRuns(found.value);
	}
}
