import type { Bytes } from '../bytes.ts';
import type { WakePayload } from '../crypto/wake-payload.ts';
import type { FileId, StreamName, WakeId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import type { Wake } from '../protocol/messages.ts';
import { MIN_INTERVAL_MS } from '../protocol/recurrence.ts';
import type { FilesDep } from '../space/space.ts';
import type { Sync } from '../sync/sync.ts';
import { isValid, type Occurrences, scheduleRevision, type ValidTask } from './occurrences.ts';
import type { BookedTask, TaskBookDep } from './task-book.ts';
import { isTaskPath, type TaskSpec } from './task-file.ts';
import { lineNameOf } from './task-line.ts';

/** Names and seals wakes for this space. */
export interface WakeKeys {
	wakeId(file: FileId): Promise<WakeId>;
	/** Seals under the newest epoch. */
	sealWake(payload: WakePayload, wake: WakeId): Promise<Bytes>;
	/** The newest epoch: it grows when a device was taken out of the space. */
	epoch(): number;
	/** Calls after it grew. */
	onRekeyed(listener: () => void): Disposable;
}

/** Keeps the relay's wakes as the task files say. */
export interface WakeKeeper extends Disposable {
	/** Compares what should be with what the relay has, and mends it; does nothing offline or in a tab that does not lead. */
	reconcile(): Promise<void>;
}

/** How long after it was due a reminder is still worth a push. */
const REMINDER_TTL_MS = 86_400_000;
/** A nudge is work to be done about then. */
const NUDGE_TTL_MS = 3_600_000;
/** Key of the store: the epoch under which every wake was sealed last. */
const SEALED_UNDER = 'wakes/epoch';
/** Edits come in bursts; a wake follows the last of them. */
const QUIET_MS = 300;

type Deps = FilesDep &
	ClockDep &
	LogDep &
	TaskBookDep & {
		readonly occurrences: Occurrences;
		readonly keys: WakeKeys;
		readonly store: Pick<Store, 'value' | 'putValues'>;
		readonly sync: Pick<Sync, 'status' | 'subscribe' | 'caughtUp' | 'wakes'>;
	};

/**
 * Reconciles after each connection and each change of a task, by revision: a device that is behind undoes nothing. After
 * a new epoch every wake is sealed again, so that who was taken out can open none of them. Dispose to stop.
 */
export function createWakeKeeper(deps: Deps): WakeKeeper {
	const wakeIds = new Map<FileId, Promise<WakeId>>();
	let timer: Disposable | undefined;
	let running: Promise<void> | undefined;
	let isDirty = false;
	let isDisposed = false;
	let wasOnline = isOnline();
	const following = [
		deps.book.subscribe(soon),
		deps.keys.onRekeyed(soon),
		deps.sync.subscribe(() => {
			if (isOnline() && !wasOnline) void reconcile();
			wasOnline = isOnline();
		}),
	];
	if (wasOnline) soon();

	return {
		reconcile,
		[Symbol.dispose]() {
			isDisposed = true;
			timer?.[Symbol.dispose]();
			for (const subscription of following) subscription[Symbol.dispose]();
		},
	};

	function isOnline(): boolean {
		const { connection, isLeader } = deps.sync.status;
		return isLeader && connection.type === 'online';
	}

	function soon(): void {
		timer?.[Symbol.dispose]();
		timer = deps.clock.setTimer(QUIET_MS, () => void reconcile());
	}

	/** One pass at a time; what is asked for meanwhile makes one more. */
	function reconcile(): Promise<void> {
		isDirty = true;
		running ??= passes().finally(() => {
			running = undefined;
		});
		return running;
	}

	async function passes(): Promise<void> {
		while (isDirty && !isDisposed && isOnline()) {
			isDirty = false;
			// Before all tasks are here, what the relay has in excess may be theirs.
			await deps.sync.caughtUp('home' as StreamName);
			await pass();
		}
	}

	async function pass(): Promise<void> {
		const present = await deps.sync.wakes.list();
		if (!present.ok) return;
		const epoch = deps.keys.epoch();
		const isOldSeal = (await sealedUnder()) < epoch;
		const unexplained = new Map(present.value);
		let isRefused = false;
		for (const task of await deps.book.list()) {
			const id = await wakeIdOf(task.entry.id);
			const known = present.value.get(id);
			unexplained.delete(id);
			const isThere =
				known !== undefined &&
				(isOldSeal ? known.revision > task.entry.revision : known.revision >= task.entry.revision);
			if (isThere || isRefused || isDisposed) continue;
			const wake = await wakeOf(task, id);
			if (wake === 'keep') continue;
			if (wake !== 'none') isRefused = !(await put(wake));
			else if (known) await drop(id, task.entry.revision);
		}
		if (unexplained.size > 0) await endKnown(unexplained);
		if (isOldSeal && !isRefused && isOnline()) await deps.store.putValues({ [SEALED_UNDER]: epoch });
	}

	/** The first epoch for a device that never noted one: sealing again once too often costs little. */
	async function sealedUnder(): Promise<number> {
		const kept = await deps.store.value(SEALED_UNDER);
		return kept.ok && typeof kept.value === 'number' ? kept.value : 1;
	}

	/** The wake a task should have; `keep`: whatever the relay has stays, because this device cannot tell better. */
	async function wakeOf(task: BookedTask, id: WakeId): Promise<Wake | 'keep' | 'none'> {
		// A slip of the pen in the file must not cost the reminder set before.
		if (!isValid(task)) return 'keep';
		if (task.read.spec.silent) return 'none';
		const next = await deps.occurrences.next(task);
		if (next === undefined) return 'none';
		// Come and not carried out yet: the relay may be about to push it.
		if (next <= deps.clock.now()) return 'keep';
		const payload = await deps.keys.sealWake(payloadOf(task), id);
		const { spec } = task.read;
		return { id, revision: task.entry.revision, recurrence: spec.recurrence, ttlMs: ttlOf(spec), payload };
	}

	async function put(wake: Wake): Promise<boolean> {
		const result = await deps.sync.wakes.put(wake);
		if (!result.ok) deps.log.warn('wake-not-put', { reason: result.error.type });
		// A wake that is refused for itself must not keep the others out.
		return (
			result.ok || (result.error.type === 'Refused' && result.error.code !== 'rate' && result.error.code !== 'quota')
		);
	}

	async function drop(id: WakeId, revision: number): Promise<void> {
		const result = await deps.sync.wakes.drop(id, revision);
		if (!result.ok) deps.log.warn('wake-not-dropped', { reason: result.error.type });
	}

	/** Ends wakes of files known to be deleted or moved out of tasks/; what no file explains is left alone. */
	async function endKnown(unexplained: ReadonlyMap<WakeId, { readonly revision: number }>): Promise<void> {
		const moved = deps.files.list().filter(({ path, isDefault }) => !isTaskPath(path) && !isDefault);
		for (const { id: file, revision } of [...deps.files.deleted(), ...moved]) {
			const id = await wakeIdOf(file);
			const known = unexplained.get(id);
			if (known && known.revision <= revision) await drop(id, revision);
		}
	}

	function wakeIdOf(file: FileId): Promise<WakeId> {
		const known = wakeIds.get(file);
		if (known) return known;
		const made = deps.keys.wakeId(file);
		wakeIds.set(file, made);
		return made;
	}
}

function payloadOf(task: ValidTask): WakePayload {
	const { entry, read } = task;
	const rest = read.body.split('\n').slice(1).join('\n').trim();
	return {
		v: 1,
		title: read.title,
		// A prompt is for the agent; the person sees its first line until there is an answer.
		body: read.spec.kind === 'reminder' ? rest : '',
		file: entry.id,
		revision: scheduleRevision(read.spec),
		kind: read.spec.kind,
		line: lineNameOf(task),
		zone: read.spec.zone,
	};
}

function ttlOf({ kind, recurrence, maxLatenessMs }: TaskSpec): number {
	const useful = maxLatenessMs ?? (kind === 'reminder' ? REMINDER_TTL_MS : NUDGE_TTL_MS);
	const untilNext = recurrence.type === 'interval' ? recurrence.intervalMs : useful;
	return Math.max(MIN_INTERVAL_MS, Math.min(useful, untilNext));
}
