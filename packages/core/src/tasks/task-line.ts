import type { ValidTask } from './occurrences.ts';

/** Name of the line where a task's result lands: the one its file names, else one named after the task. */
export function lineNameOf({ entry, read }: ValidTask): string {
	return read.spec.line ?? entry.path.replace(/^tasks\//, '').replace(/\.md$/, '');
}
