import type { StoreError } from '@pocketeer/core/ports/store';
import type { RunRecord } from '@pocketeer/core/space/records';
import type { Runs } from '@pocketeer/core/space/space';
import { type Accessor, createEffect, createSignal, on, onCleanup } from 'solid-js';

/** The newest runs, followed. */
export interface RunList {
	/** undefined until the first answer. */
	readonly runs: Accessor<readonly RunRecord[] | undefined>;
	readonly error: Accessor<StoreError | undefined>;
}

/** At most `limit()` runs, newest first; read again after each new one, and an old answer never replaces a newer. */
export function createRuns(source: Runs, limit: Accessor<number>): RunList {
	const [runs, setRuns] = createSignal<readonly RunRecord[]>();
	const [error, setError] = createSignal<StoreError>();
	let newest = 0;
	const subscription = source.subscribe(() => void read());
	onCleanup(() => {
		newest = Number.POSITIVE_INFINITY;
		subscription[Symbol.dispose]();
	});
	createEffect(on(limit, () => void read()));
	return { runs, error };

	async function read() {
		const own = ++newest;
		const found = await source.recent(limit());
		if (own !== newest) return;
		setError(found.ok ? undefined : found.error);
		if (found.ok) setRuns(found.value);
	}
}
