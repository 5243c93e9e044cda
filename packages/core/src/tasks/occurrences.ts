import type { FileId, OccurrenceId } from '../ids.ts';
import { nextDue, previousDue } from '../protocol/recurrence.ts';
import { isSecondOfTwo, localOf } from '../schedule/zoned.ts';
import type { RunsDep } from '../space/space.ts';
import type { BookedTask } from './task-book.ts';
import type { TaskSpec } from './task-file.ts';

/** Names occurrences under the space's name key; the same name on every device, and nothing to the relay. */
export interface OccurrenceKeys {
	occurrenceId(of: {
		readonly file: FileId;
		/** `scheduleRevision`. */
		readonly revision: number;
		/** `momentName`. */
		readonly moment: string;
	}): Promise<OccurrenceId>;
}
export interface OccurrenceKeysDep {
	readonly keys: OccurrenceKeys;
}

/** The due moments of tasks: their names, and whether they were carried out. */
export interface Occurrences {
	idOf(task: ValidTask, due: number): Promise<OccurrenceId>;
	/** Whether a run row tells how this due moment ended. */
	isDone(task: ValidTask, due: number): Promise<boolean>;
	/**
	 * The newest due moment that has come, carried out or not: of a single moment that one, of a recurrence none from
	 * before it began (`from`) or the file was last changed: an edit does not call up the past.
	 */
	newest(task: ValidTask): number | undefined;
	/** Next due moment; of a single one also a moment that passed and was not carried out. undefined when it is over. */
	next(task: ValidTask): Promise<number | undefined>;
}

/** A task whose file holds a schedule. */
export type ValidTask = BookedTask & { readonly read: { readonly type: 'valid' } };

/** Whether the file of a task could be read as one. */
export function isValid(task: BookedTask): task is ValidTask {
	return task.read.type === 'valid';
}

/** Makes names and states of occurrences over the account of runs. */
export function createOccurrences(deps: RunsDep & OccurrenceKeysDep & { readonly now: () => number }): Occurrences {
	const ids = new Map<string, Promise<OccurrenceId>>();
	const done = new Set<OccurrenceId>();
	const windows = new Map<FileId, Window>();

	return { idOf, isDone, newest, next };

	function idOf({ entry, read }: ValidTask, due: number): Promise<OccurrenceId> {
		const revision = scheduleRevision(read.spec);
		const moment = momentName(read.spec, due);
		const key = `${entry.id}/${revision}/${moment}`;
		const known = ids.get(key);
		if (known) return known;
		// Each is one HMAC: forgetting all of them now and then costs nothing worth a finer rule.
		if (ids.size >= MAX_CACHED) ids.clear();
		const made = deps.keys.occurrenceId({ file: entry.id, revision, moment });
		ids.set(key, made);
		return made;
	}

	async function isDone(task: ValidTask, due: number): Promise<boolean> {
		const id = await idOf(task, due);
		if (done.has(id)) return true;
		const isThere = await deps.runs.has(id);
		if (isThere) done.add(id);
		return isThere;
	}

	function newest(task: ValidTask): number | undefined {
		const { recurrence, from } = task.read.spec;
		if (recurrence.type === 'once') return recurrence.at <= deps.now() ? recurrence.at : undefined;
		const { newest: due } = windowOf(task);
		return due !== undefined && due > Math.max(from ?? 0, task.entry.touched) ? due : undefined;
	}

	async function next(task: ValidTask): Promise<number | undefined> {
		const { recurrence } = task.read.spec;
		if (recurrence.type !== 'once') return windowOf(task).next;
		if (recurrence.at > deps.now()) return recurrence.at;
		return (await isDone(task, recurrence.at)) ? undefined : recurrence.at;
	}

	/** Cron is asked once between two due moments, not at every look at a thousand tasks. */
	function windowOf({ entry, read }: ValidTask): Window {
		const now = deps.now();
		const { recurrence, from } = read.spec;
		const known = windows.get(entry.id);
		if (known?.spec === read.spec && now >= known.at && now < (known.next ?? Number.POSITIVE_INFINITY)) return known;
		const next = nextDue(recurrence, Math.max(now, from ?? 0));
		const window = { spec: read.spec, at: now, newest: previousDue(recurrence, now), next };
		if (windows.size >= MAX_CACHED) windows.clear();
		windows.set(entry.id, window);
		return window;
	}
}

/** What is true of a recurrence from `at` until `next`. */
interface Window {
	readonly spec: TaskSpec;
	readonly at: number;
	readonly newest: number | undefined;
	readonly next: number | undefined;
}

const MAX_CACHED = 10_000;

/**
 * Changes when, and only when, the due moments do: 32 bits of FNV-1a over its canonical form. An edit of the text
 * leaves the names of occurrences alone, so that what was shown is not shown again.
 */
export function scheduleRevision({ recurrence, zone }: TaskSpec): number {
	let hash = 0x811c9dc5;
	const { until: _, ...times } = { until: null, ...recurrence };
	for (const character of JSON.stringify([times, zone])) {
		hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
	}
	return hash;
}

/** The moment in an occurrence's name: local wall time, ` b` after the second of two equal ones; of intervals in UTC. */
export function momentName({ recurrence, zone }: TaskSpec, due: number): string {
	if (recurrence.type === 'interval') return new Date(due).toISOString();
	return `${localOf(due, zone)}${isSecondOfTwo(due, zone) ? ' b' : ''}`;
}
