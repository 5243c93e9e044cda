import { createEmitter } from '../emitter.ts';
import type { FileId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { FileEntry, FilesDep } from '../space/space.ts';
import { isTaskPath, type ReadTask, readTask } from './task-file.ts';

/** Every task file as read, kept by revision so that a thousand of them list at once. */
export interface TaskBook extends Disposable {
	list(): Promise<readonly BookedTask[]>;
	/** Fires after a task file came, changed or went. */
	subscribe(listener: () => void): Disposable;
}
export interface TaskBookDep {
	readonly book: TaskBook;
}

/** A task file and what it says. */
export interface BookedTask {
	readonly entry: FileEntry;
	readonly read: ReadTask;
}

/** Files read at a time: reading opens a document each. */
const BATCH = 50;

/** Opens the book over the workspace. Dispose when done. */
export function createTaskBook(deps: FilesDep & ClockDep): TaskBook {
	const known = new Map<FileId, { readonly key: string; readonly task: BookedTask }>();
	const changed = createEmitter<void>();
	let seen = taskEntries();
	const following = deps.files.subscribe(() => {
		const present = taskEntries();
		if (areSame(present, seen)) return;
		seen = present;
		changed.emit();
	});

	return {
		async list() {
			const entries = taskEntries();
			const living = new Set(entries.map(({ id }) => id));
			for (const id of known.keys()) if (!living.has(id)) known.delete(id);
			const tasks: BookedTask[] = [];
			for (let from = 0; from < entries.length; from += BATCH) {
				tasks.push(...(await Promise.all(entries.slice(from, from + BATCH).map(read))));
			}
			return tasks;
		},
		subscribe: (listener) => changed.subscribe(listener),
		[Symbol.dispose]: () => following[Symbol.dispose](),
	};

	function taskEntries(): readonly FileEntry[] {
		return deps.files.list().filter(({ path }) => isTaskPath(path));
	}

	async function read(entry: FileEntry): Promise<BookedTask> {
		const zone = deps.clock.zone();
		const key = `${entry.revision}/${entry.arrivals}/${entry.path}/${zone}`;
		const cached = known.get(entry.id);
		if (cached?.key === key) return cached.task;
		const text = await deps.files.read(entry.path);
		if (!text.ok) {
			const reason = `The file cannot be read on this device now (${text.error.type}).`;
			return { entry, read: { type: 'broken', reason, title: '', body: '' } };
		}
		const task = { entry, read: readTask(text.value.text, zone) };
		known.set(entry.id, { key, task });
		return task;
	}
}

function areSame(a: readonly FileEntry[], b: readonly FileEntry[]): boolean {
	return (
		a.length === b.length &&
		a.every((entry, index) => {
			const other = b[index];
			if (entry.id !== other?.id || entry.path !== other.path) return false;
			return entry.revision === other.revision && entry.arrivals === other.arrivals;
		})
	);
}
