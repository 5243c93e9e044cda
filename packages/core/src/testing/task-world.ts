import { utf8 } from '../bytes.ts';
import { createEmitter } from '../emitter.ts';
import type { DeviceId, OccurrenceId, PersonId, WakeId } from '../ids.ts';
import type { Log } from '../ports/log.ts';
import type { Wake } from '../protocol/messages.ts';
import { nextDue } from '../protocol/recurrence.ts';
import { err, ok } from '../result.ts';
import { createSpace } from '../space/create-space.ts';
import type { Actor } from '../space/records.ts';
import type { Space } from '../space/space.ts';
import { NOTHING_KNOWN, type RelayWakes, type Sync, type SyncStatus } from '../sync/sync.ts';
import { createTasks } from '../tasks/create-tasks.ts';
import { createOccurrences, type OccurrenceKeys, type Occurrences } from '../tasks/occurrences.ts';
import { createTaskBook, type TaskBook } from '../tasks/task-book.ts';
import { validateTaskFile } from '../tasks/task-file.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { WakeKeys } from '../tasks/wakes.ts';
import { createMemoryDocs, type MemoryDocs } from './memory-docs.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

/** One imaginary device with a real space over documents in memory, for tests of tasks and tools. */
export interface TaskWorld {
	readonly clock: TestClock;
	readonly docs: MemoryDocs;
	readonly space: Space;
	readonly book: TaskBook;
	readonly occurrences: Occurrences;
	readonly tasks: Tasks;
	readonly keys: OccurrenceKeys & PlainKeys;
	readonly store: MemoryStore;
	readonly log: Log;
	/** Someone who acts, once per tool use. */
	actor(toolUse?: string): Actor;
}

/** Opens the space of a device; `docs` of an earlier world open it again, as after a restart. */
export async function createTaskWorld(
	options: {
		readonly now?: string;
		readonly device?: string;
		readonly docs?: MemoryDocs;
		readonly clock?: TestClock;
	} = {},
): Promise<TaskWorld> {
	const clock = options.clock ?? createTestClock(options.now ? { now: Date.parse(options.now) } : {});
	const docs = options.docs ?? createMemoryDocs();
	const log: Log = { info() {}, warn() {} };
	const device = (options.device ?? 'laptop') as DeviceId;
	const self = { device, person: 'anna' as PersonId };
	const random = createSeededRandom(device.length);
	const opened = await createSpace({ docs, clock, random, self, log }, { validate: validateTaskFile });
	if (!opened.ok) throw new Error(opened.error.type);
	const space = opened.value;
	const book = createTaskBook({ files: space.files, clock });
	const keys = createPlainKeys();
	const occurrences = createOccurrences({ runs: space.runs, keys, now: clock.now });
	const tasks = createTasks({ files: space.files, clock, runs: space.runs, book, occurrences });
	return {
		clock,
		docs,
		space,
		book,
		occurrences,
		tasks,
		keys,
		store: createMemoryStore(),
		log,
		actor: (toolUse) => ({ type: 'agent', ...self, ...(toolUse && { toolUse }) }),
	};
}

/** Names that can be read, in place of HMACs and seals. */
export interface PlainKeys extends WakeKeys {
	/** A new epoch begins, as after a device was taken out. */
	rekey(): void;
}

function createPlainKeys(): OccurrenceKeys & PlainKeys {
	const rekeyed = createEmitter<void>();
	let epoch = 1;
	return {
		epoch: () => epoch,
		onRekeyed: (listener) => rekeyed.subscribe(listener),
		rekey() {
			epoch++;
			rekeyed.emit();
		},
		occurrenceId: async ({ file, revision, moment }) => `${file} ${revision} ${moment}` as OccurrenceId,
		wakeId: async (file) => `wake-${file}` as WakeId,
		sealWake: async (payload) => utf8(JSON.stringify({ ...payload, epoch })),
	};
}

/** A relay as the keeper and the runner of one or more devices see it. */
export interface WakeRelay {
	/** The connection of one more device. */
	connect(): WakeConnection;
	readonly wakes: ReadonlyMap<WakeId, Wake>;
	/** Puts and drops that were accepted, in order. */
	readonly calls: readonly string[];
}

/** One device's connection, which the test cuts and mends. */
export interface WakeConnection extends Pick<Sync, 'status' | 'subscribe' | 'caughtUp' | 'wakes'> {
	set(change: { readonly online?: boolean; readonly leader?: boolean }): void;
	fire(id: WakeId, due: number): void;
}

/** Makes a relay without wakes. Leases end by the clock. */
export function createWakeRelay(clock: TestClock): WakeRelay {
	const wakes = new Map<WakeId, Wake>();
	const dropped = new Map<WakeId, number>();
	const claims = new Map<string, { fence: number; until: number; isDone: boolean }>();
	const calls: string[] = [];
	return { wakes, calls, connect };

	function connect(): WakeConnection {
		let isOnline = true;
		let isLeader = true;
		const listeners = new Set<(status: SyncStatus) => void>();
		const firedListeners = new Set<(fired: { readonly id: WakeId; readonly due: number }) => void>();
		const offline = () => (isOnline && isLeader ? undefined : err({ type: 'Offline' }));
		const relay: RelayWakes = {
			list: async () =>
				offline() ??
				ok(
					new Map(
						[...wakes].flatMap(([id, { revision, recurrence }]) => {
							const next = nextDue(recurrence, clock.now());
							return next === undefined ? [] : [[id, { revision, next }] as const];
						}),
					),
				),
			async put(wake) {
				const cut = offline();
				if (cut) return cut;
				const newest = Math.max(wakes.get(wake.id)?.revision ?? 0, dropped.get(wake.id) ?? 0);
				if (wake.revision < newest) return ok();
				wakes.set(wake.id, wake);
				calls.push(`put ${wake.id}`);
				return ok();
			},
			async drop(id, revision) {
				const cut = offline();
				if (cut) return cut;
				if ((wakes.get(id)?.revision ?? 0) > revision) return ok();
				wakes.delete(id);
				dropped.set(id, revision);
				calls.push(`drop ${id}`);
				return ok();
			},
			onFired(listener) {
				firedListeners.add(listener);
				return { [Symbol.dispose]: () => void firedListeners.delete(listener) };
			},
			async claim(occurrence, leaseMs) {
				const cut = offline();
				if (cut) return cut;
				const known = claims.get(occurrence);
				if (known && (known.isDone || known.until > clock.now())) return ok({ fence: 0 });
				const fence = (known?.fence ?? 0) + 1;
				claims.set(occurrence, { fence, until: clock.now() + leaseMs, isDone: false });
				return ok({ fence });
			},
			async finish(occurrence, fence) {
				const cut = offline();
				if (cut) return cut;
				const known = claims.get(occurrence);
				if (known?.fence !== fence) return ok(false);
				known.isDone = true;
				return ok(true);
			},
		};
		return {
			get status(): SyncStatus {
				const connection = isOnline
					? ({ type: 'online', since: 0 } as const)
					: ({ type: 'offline', retryAt: undefined } as const);
				return { ...NOTHING_KNOWN, connection, isLeader };
			},
			subscribe(listener) {
				listeners.add(listener);
				return { [Symbol.dispose]: () => void listeners.delete(listener) };
			},
			caughtUp: async () => {},
			wakes: relay,
			set(change) {
				isOnline = change.online ?? isOnline;
				isLeader = change.leader ?? isLeader;
				for (const listener of listeners) listener(this.status);
			},
			fire(id, due) {
				for (const listener of firedListeners) listener({ id, due });
			},
		};
	}
}
