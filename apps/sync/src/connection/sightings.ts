import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { SeenStoreDep, Sighting } from '../store/seen-store.ts';

/**
 * When devices were connected, to the minute. Written a moment later and many at once: after a restart everybody comes
 * back in the same seconds, and nobody waits for this.
 */
export interface Sightings extends Disposable {
	/** The device is connected now. */
	note(space: SpaceId, device: DeviceId): void;
	/** ms since the epoch, by device. */
	list(space: SpaceId): Promise<ReadonlyMap<DeviceId, number>>;
	/** Forgets devices that are not in `devices`. */
	keepOnly(space: SpaceId, devices: readonly DeviceId[]): Promise<void>;
	/** Writes down what waits. */
	flush(): Promise<void>;
}
export interface SightingsDep {
	readonly sightings: Sightings;
}

const MINUTE_MS = 60_000;
/** What a crash may lose; long enough that a returning crowd shares one transaction. */
const WRITE_AFTER_MS = 2_000;

/** Starts with nothing to write. */
export function createSightings(deps: ClockDep & LogDep & SeenStoreDep): Sightings {
	const { clock, seenStore } = deps;
	const waiting = new Map<string, Sighting>();
	let timer: Disposable | undefined;

	return {
		note(space, device) {
			const at = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
			waiting.set(`${space}/${device}`, { space, device, at });
			timer ??= clock.setTimer(WRITE_AFTER_MS, () => void flush());
		},
		async list(space) {
			const seen = new Map(await seenStore.list(space));
			for (const sighting of waiting.values()) {
				if (sighting.space === space) seen.set(sighting.device, sighting.at);
			}
			return seen;
		},
		async keepOnly(space, devices) {
			for (const [key, sighting] of waiting) {
				if (sighting.space === space && !devices.includes(sighting.device)) waiting.delete(key);
			}
			await seenStore.keepOnly(space, devices);
		},
		flush,
		[Symbol.dispose]() {
			timer?.[Symbol.dispose]();
		},
	};

	async function flush(): Promise<void> {
		timer?.[Symbol.dispose]();
		timer = undefined;
		const sightings = [...waiting.values()];
		waiting.clear();
		if (sightings.length === 0) return;
		await seenStore.put(sightings).catch((error: unknown) => {
			// Only a courtesy: a disk that is full has more important things to refuse.
			deps.log.warn('seen-failed', { reason: error instanceof Error ? error.name : 'unknown' });
		});
	}
}
