import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { RandomDep } from '../ports/random.ts';
import type { StoreError } from '../ports/store.ts';
import { ok, type Result } from '../result.ts';
import { createBlobs } from './blobs.ts';
import { createDirectory } from './directory.ts';
import { createFiles, type ValidateText } from './files.ts';
import { openHome } from './home.ts';
import { createLines } from './lines.ts';
import { createRuns } from './runs.ts';
import type { DocsDep, SelfDep, Space } from './space.ts';

export interface SpaceOptions {
	/**
	 * Says in a sentence what is wrong with a text that is about to be written to this path, or undefined. Asked for
	 * writes, edits, appends and moves; never for the live editor's keystrokes nor for what other devices wrote.
	 */
	readonly validate?: ValidateText;
}

/** Opens a space: its manifest first; files and lines are loaded when they are asked for. Dispose when done. */
export async function createSpace(
	deps: DocsDep & ClockDep & RandomDep & SelfDep & LogDep,
	options: SpaceOptions = {},
): Promise<Result<Space, StoreError>> {
	const opened = await openHome(deps);
	if (!opened.ok) return opened;
	const home = opened.value;
	const { device, person } = deps.self;
	if (home.devicePersons.get(device)?.value !== person) home.devicePersons.set(device, person, home.stamp());

	const files = createFiles(deps, home, options);
	const lines = createLines(deps, home);
	const runs = createRuns(deps, home);
	const blobs = createBlobs(deps);
	return ok({
		self: deps.self,
		files,
		lines,
		runs,
		blobs,
		directory: createDirectory(home),
		flush: () => files.flush(),
		[Symbol.dispose]() {
			files[Symbol.dispose]();
			lines[Symbol.dispose]();
			runs[Symbol.dispose]();
			blobs[Symbol.dispose]();
			home[Symbol.dispose]();
		},
	});
}
