import { pathKey } from '@pocketeer/core/space/paths';

/** What all calls on tasks work on: one may find, or make way for, what another made. */
export const TASKS_KEY = 'tasks';

/** What a call on files works on, for `worksOn`: one key a file, as the workspace compares paths. */
export function fileKeys(...paths: readonly string[]): readonly string[] {
	const keys = paths.map((path) => pathKey(path.trim()));
	return [...keys.map((key) => `file ${key}`), ...(keys.some((key) => key.startsWith('tasks/')) ? [TASKS_KEY] : [])];
}
