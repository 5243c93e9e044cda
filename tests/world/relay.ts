import type { Clock } from '@pocketeer/core/ports/clock';
import type { Log } from '@pocketeer/core/ports/log';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { SeededRandom } from '@pocketeer/core/testing/seeded-random';
import type { RelayEnd, RelayEndEvents } from '@pocketeer/core/testing/socket-pair';
import { createMemoryStores } from '@pocketeer/sync/memory-stores';
import { createRelay, type Relay } from '@pocketeer/sync/relay';

export type RelayDisk = ReturnType<typeof createMemoryStores>['disk'];

/** The real relay over stores in memory, which a test may kill, fill, and set back to an older copy. */
export interface WorldRelay {
	/** Takes a connection; give it to `createTestNetwork`. */
	readonly accept: (url: string, end: RelayEnd) => RelayEndEvents;
	readonly disk: RelayDisk;
	/** Refuses whatever needs room. */
	isFull: boolean;
	/** Its disk takes a while for some calls. */
	isSlow: boolean;
	/** The process dies and starts again: every connection is gone, what was on disk remains. */
	crash(): void;
	/** It dies around the n-th store call from now. */
	crashAt(point: { readonly calls: number; readonly when: 'before' | 'after' }): void;
	keepCopy(): void;
	/** The disk as it was copied. */
	readonly copy: RelayDisk | undefined;
	/** The operator puts the copy back. `isNoticed`: the relay knows and names its log anew. */
	restoreCopy(options: { readonly isNoticed: boolean }): void;
}

/** A week and an hour, for a world in which minutes pass. */
const PRUNE = { ageMs: 10_000, periodMs: 15_000 };

/** Starts it on a disk; `died` cuts the networks of all devices. */
export function createWorldRelay(
	deps: { readonly clock: Clock; readonly random: SeededRandom; readonly log: Log },
	options: { readonly disk?: RelayDisk; readonly died: () => void },
): WorldRelay {
	const { disk } = createMemoryStores(options.disk && { disk: options.disk });
	let timeline = 1;
	let newest = 1;
	let copy: { readonly disk: RelayDisk; readonly timeline: number; readonly isFull: boolean } | undefined;
	let crashPoint: { calls: number; readonly when: 'before' | 'after' } | undefined;
	let isFull = false;
	let life: ReturnType<typeof start>;

	const relay: WorldRelay = {
		accept(_url, end) {
			const { connect } = life.relay;
			const mine = life;
			const connection = connect({
				peer: {
					send: (frame) => mine.isAlive && end.send(frame),
					async sendFlushed(frame) {
						if (mine.isAlive) end.send(frame);
					},
					bufferedBytes: 0,
					pause: () => {},
					resume: () => {},
					close: (code, reason) => end.close(code, reason),
				},
				origin: undefined,
				trusted: () => {},
			});
			return {
				received: (frame) => mine.isAlive && connection.received(new Uint8Array(frame)),
				closed: () => mine.isAlive && connection.closed(),
			};
		},
		disk,
		isSlow: false,
		get isFull() {
			return isFull;
		},
		set isFull(value) {
			if (value === isFull) return;
			isFull = value;
			takeRoom(value ? 1 : -1);
		},
		crash,
		crashAt({ calls, when }) {
			crashPoint = { calls, when };
		},
		keepCopy() {
			copy = { disk: structuredClone(disk), timeline, isFull };
		},
		get copy() {
			return copy?.disk;
		},
		restoreCopy({ isNoticed }) {
			if (!copy) return;
			Object.assign(disk, structuredClone(copy.disk));
			isFull = copy.isFull;
			timeline = isNoticed ? newest + 1 : copy.timeline;
			newest = Math.max(newest, timeline);
			crash();
		},
	};
	life = start();
	return relay;

	/** As if every space had all its room taken by something else. */
	function takeRoom(times: number): void {
		for (const log of disk.logs.values()) log.usedBytes += times * LIMITS.spaceBytes;
	}

	function crash(): void {
		life.isAlive = false;
		crashPoint = undefined;
		life = start();
		options.died();
	}

	/** One process: after its death none of its timers fires, and none of its store calls is carried out or answers. */
	function start(): { isAlive: boolean; readonly relay: Relay } {
		const process = { isAlive: true };
		const clock: Clock = {
			now: () => deps.clock.now(),
			zone: () => deps.clock.zone(),
			setTimer: (delayMs, fire) => deps.clock.setTimer(delayMs, () => process.isAlive && fire()),
		};
		const stores = createMemoryStores({
			disk,
			async fault({ when }) {
				if (process.isAlive && crashPoint?.when === when && --crashPoint.calls <= 0) crash();
				if (relay.isSlow && deps.random.chance(0.2)) await passed(deps.clock, deps.random.below(400));
			},
			isAlive: () => process.isAlive,
		});
		return Object.assign(process, {
			relay: createRelay(
				{
					clock,
					random: deps.random,
					log: deps.log,
					stores,
					database: { isHealthy: () => true, checkpoint: () => true },
					pushClient: { post: async () => ({ status: 201, retryAfter: undefined }) },
					rules: { check: () => ({ ok: false, error: 'no push in this world' }), mayBePrivate: () => false },
					vapidKeys: { publicKey: '', privateKey: '' },
					defer: (run) => queueMicrotask(run),
				},
				{
					version: 'world',
					timeline: `timeline-${timeline}`,
					webRoot: '/nonexistent',
					host: '127.0.0.1',
					inviteToken: undefined,
					vapidSubject: 'mailto:world@example.org',
					prune: PRUNE,
				},
			),
		});
	}
}

/** Resolves when so much time has passed. */
export function passed(clock: Clock, ms: number): Promise<void> {
	return new Promise((resolve) => void clock.setTimer(ms, resolve));
}
