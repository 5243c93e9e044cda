import type { StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { StoreDep } from '../ports/store.ts';
import { REPUBLISHED_KEY } from './link-republish.ts';
import type { SyncStatus } from './sync.ts';

/** What the person is told of earlier sessions, too: when all was exchanged last, and what had to be published again. */
export interface SyncedAt {
	readonly lastSyncedAt: SyncStatus['lastSyncedAt'];
	readonly republished: SyncStatus['republished'];
	/** All that is known here is as the relay has it, now or at a moment before. */
	synced(at: number): void;
	/** The same, in a session in which nothing happens: now and then is enough. */
	idle(at: number): void;
	republishing(stream: StreamName, at: number): void;
}

interface Kept {
	readonly at: number | undefined;
	readonly republished: SyncStatus['republished'];
}

/** Key of the store. */
const KEY = 'sync/synced-at';
/** A tab may be gone from one moment to the next; what it kept is not older than this. */
const KEEP_EVERY_MS = 5 * 60_000;

/** Reads what earlier sessions left; `changed` when it is there, and whenever it changes. */
export function createSyncedAt({ store, clock }: ClockDep & StoreDep, changed: () => void): SyncedAt {
	let at: number | undefined;
	let republished: SyncStatus['republished'];
	const streams = new Set<StreamName>();
	let keptAt = Number.NEGATIVE_INFINITY;
	void load();

	return {
		get lastSyncedAt() {
			return at;
		},
		get republished() {
			return republished;
		},
		synced,
		idle(when) {
			if (Math.abs(when - (at ?? 0)) >= KEEP_EVERY_MS) synced(when);
		},
		republishing(stream, when) {
			if (streams.has(stream) && republished && republished.at >= when) return;
			// What an earlier restoration of the relay cost is history.
			if (streams.has(stream)) streams.clear();
			streams.add(stream);
			republished = { at: when, streams: streams.size };
			keep();
			changed();
		},
	};

	function synced(when: number): void {
		at = when;
		if (Math.abs(when - keptAt) >= KEEP_EVERY_MS) keep();
		changed();
	}

	function keep(): void {
		keptAt = clock.now();
		const kept: Kept = { at, republished };
		void store.putValues({ [KEY]: kept });
	}

	async function load(): Promise<void> {
		const [stored, found] = await Promise.all([store.value(KEY), store.value(REPUBLISHED_KEY)]);
		const kept = stored.ok && isKept(stored.value) ? stored.value : undefined;
		at ??= kept?.at;
		republished ??= kept?.republished;
		// Written with the finding itself: a tab that died right then did not get to count streams.
		const foundAt = found.ok && typeof found.value === 'number' ? found.value : 0;
		if (foundAt > (republished?.at ?? 0)) republished = { at: foundAt, streams: Math.max(1, streams.size) };
		changed();
	}
}

function isKept(value: unknown): value is Kept {
	return typeof value === 'object' && value !== null && 'at' in value && 'republished' in value;
}
