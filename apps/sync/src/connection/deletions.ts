import type { Bytes } from '@pocketeer/core/bytes';
import type { SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { MetricsDep } from '../metrics.ts';
import type { ClaimStoreDep } from '../store/claim-store.ts';
import type { DeletionStoreDep } from '../store/deletion-store.ts';
import type { LogStoreDep } from '../store/log-store.ts';
import type { PushStoreDep } from '../store/push-store.ts';
import type { SeenStoreDep } from '../store/seen-store.ts';
import type { SpaceStoreDep } from '../store/space-store.ts';
import type { WakeStoreDep } from '../store/wake-store.ts';
import type { HubDep } from './hub.ts';

/** Deletes spaces so that nothing of them is left on the disk but the statement by which they were. */
export interface Deletions extends Disposable {
	/**
	 * Carries out a verified statement. From the first moment nobody is let in to the space any more; its connections
	 * are told and closed, that of `asker` when everything is gone.
	 */
	delete(space: SpaceId, statement: Bytes, asker: object): Promise<void>;
	/** Resolves when no deletion is under way but those that wait for their timer. */
	settled(): Promise<void>;
}
export interface DeletionsDep {
	readonly deletions: Deletions;
}

type Deps = ClockDep &
	LogDep &
	MetricsDep &
	HubDep &
	LogStoreDep &
	SpaceStoreDep &
	WakeStoreDep &
	PushStoreDep &
	ClaimStoreDep &
	SeenStoreDep &
	DeletionStoreDep & {
		/**
		 * Takes what was deleted out of the database's own log, and with `rewrite` out of the gaps between rows; false when
		 * a reader stands in the way.
		 */
		readonly checkpoint: (options?: { readonly rewrite: boolean }) => boolean;
	};

/** What was on its way to the disk when the space was deleted has arrived by then, and goes, too. */
const SWEEP_AFTER_MS = 5_000;
/** A backup that is being made reads for minutes at most. */
const AGAIN_AFTER_MS = 30_000;

/** Starts with what an earlier process left undone. */
export function createDeletions(deps: Deps): Deletions {
	const { clock, deletionStore, hub, metrics } = deps;
	const timers = new Map<SpaceId, Disposable>();
	const working = new Set<Promise<void>>();
	let isEnded = false;
	void track(resume());

	return {
		async delete(space, statement, asker) {
			await deletionStore.put(space, statement);
			metrics.count('spaces_deleted_total');
			for (const member of hub.members(space)) if (member.asker !== asker) member.deleted(statement);
			sweepLater(space, SWEEP_AFTER_MS);
			await track(erase(space));
			deps.checkpoint();
			for (const member of hub.members(space)) member.deleted(statement);
		},
		async settled() {
			while (working.size > 0) await Promise.all(working);
		},
		[Symbol.dispose]() {
			isEnded = true;
			for (const timer of timers.values()) timer[Symbol.dispose]();
		},
	};

	async function resume(): Promise<void> {
		for (const space of await deletionStore.unfinished()) await sweep(space);
	}

	function sweepLater(space: SpaceId, waitMs: number): void {
		timers.get(space)?.[Symbol.dispose]();
		if (isEnded) return;
		timers.set(
			space,
			clock.setTimer(waitMs, () => void track(sweep(space))),
		);
	}

	/** Erases once more, and is done with the space when the disk is, too. */
	async function sweep(space: SpaceId): Promise<void> {
		// Until it succeeds: a disk may fail for a while.
		sweepLater(space, AGAIN_AFTER_MS);
		await erase(space);
		if (!deps.checkpoint({ rewrite: true })) return;
		await deletionStore.finish(space);
		timers.get(space)?.[Symbol.dispose]();
		timers.delete(space);
	}

	/** Interrupted anywhere, it is taken up at the next start. The lists go last: they say that the space was known. */
	async function erase(space: SpaceId): Promise<void> {
		await deps.wakeStore.deleteSpace(space);
		await deps.pushStore.deleteSpace(space);
		await deps.claimStore.deleteSpace(space);
		await deps.logStore.deleteSpace(space);
		await deps.seenStore.deleteSpace(space);
		await deps.spaceStore.deleteSpace(space);
	}

	function track(work: Promise<void>): Promise<void> {
		const guarded = work.catch((error: unknown) => {
			// A failing disk; the space is marked, and the timer or the next start goes on.
			deps.log.warn('deletion-failed', { reason: error instanceof Error ? error.name : 'unknown' });
		});
		const tracked: Promise<void> = guarded.finally(() => working.delete(tracked));
		working.add(tracked);
		return work;
	}
}
