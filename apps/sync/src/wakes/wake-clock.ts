import type { SpaceId, WakeId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import { nextDue, previousDue, type Recurrence } from '@pocketeer/core/protocol/recurrence';
import { createLooker, LONGEST_WAIT_MS } from '../look-again.ts';
import type { MetricsDep } from '../metrics.ts';
import type { StoredWake, UnreadableWake, WakeHistory, WakeStoreDep } from '../store/wake-store.ts';

/** Fires wakes at their moment: once each, also after a restart, a sleep of the machine or a jump of its clock. */
export interface WakeClock extends Disposable {
	/** Looks at the next moments again; called when wakes changed. */
	look(): void;
	/** Resolves when everything due has been handled. */
	settled(): Promise<void>;
}

/** A wake came due at `due`; its pushes are queued. */
export interface Fired {
	readonly space: SpaceId;
	readonly id: WakeId;
	readonly due: number;
}

const AT_ONCE = 200;

/** Starts with what came due while no process ran. */
export function createWakeClock(
	deps: ClockDep &
		LogDep &
		MetricsDep &
		WakeStoreDep & {
			readonly fired: (fired: Fired) => void;
			/** Runs a function after the frames at hand were read: `setImmediate`. */
			readonly defer: (run: () => void) => void;
		},
): WakeClock {
	const { clock, log, metrics, wakeStore } = deps;
	const looker = createLooker({
		clock,
		work,
		failed(error) {
			// A failing disk must not stop the clock for good.
			log.warn('wakes-failed', { reason: error instanceof Error ? error.name : 'unknown' });
		},
	});
	looker.look();

	return {
		look: looker.look,
		async settled() {
			while (looker.looking) await looker.looking;
		},
		[Symbol.dispose]: () => looker[Symbol.dispose](),
	};

	async function work(): Promise<'again' | number> {
		const due = await wakeStore.due(clock.now(), AT_ONCE);
		for (const wake of due) {
			if (wake.type === 'unreadable') await setAside(wake);
			else await handle(wake);
			// Each costs a write to the disk; at a full hour there are thousands, and connections wait for none of them.
			await new Promise<void>((resolve) => deps.defer(resolve));
		}
		if (due.length > 0) return 'again';
		const earliest = await wakeStore.earliest();
		return earliest === undefined ? LONGEST_WAIT_MS : earliest - clock.now();
	}

	/** One broken row must not stand in the way of everybody's wakes; its device puts it again when it changes. */
	async function setAside({ space, id }: UnreadableWake): Promise<void> {
		await wakeStore.setAside(space, id);
		metrics.count('wakes_unreadable_total');
		log.warn('wake-unreadable', { wake: id });
	}

	/** Of several moments that passed unseen only the newest is of use; it fires unless it is too old, too. */
	async function handle(wake: StoredWake): Promise<void> {
		const now = clock.now();
		const latest = Math.max(wake.next, previousDue(wake.recurrence, now) ?? wake.next);
		const isUseful = latest + wake.ttlMs > now;
		const isMoved = await wakeStore.advance({
			wake,
			through: latest,
			next: nextDue(wake.recurrence, Math.max(now, latest)) ?? null,
			push: isUseful ? { expires: latest + wake.ttlMs, at: now } : undefined,
		});
		// Replaced or dropped since it was read: the next look sees what it is now.
		if (!isMoved) return;
		if (isUseful) {
			metrics.count('wakes_fired_total');
			deps.fired({ space: wake.space, id: wake.id, due: latest });
		} else {
			metrics.count('wakes_expired_total');
			log.warn('wake-expired', { lateMs: now - latest });
		}
	}
}

/**
 * The first moment of a wake that is put at `now`. A single moment that passed while its device could not reach the
 * relay still fires, as long as it is of use; one that fired under this id already does not fire again.
 */
export function firstDue(wake: {
	readonly recurrence: Recurrence;
	readonly ttlMs: number;
	readonly before: WakeHistory;
	readonly now: number;
}): number | null {
	const { recurrence, ttlMs, now } = wake;
	const { fired, next } = wake.before;
	// Came due this very moment, and the clock has not looked yet: replacing the wake must not swallow it.
	if (next !== null && next <= now && previousDue(recurrence, now) === next) return next;
	const after = recurrence.type === 'once' ? Math.max(fired, now - ttlMs) : Math.max(fired, now);
	return nextDue(recurrence, after) ?? null;
}
