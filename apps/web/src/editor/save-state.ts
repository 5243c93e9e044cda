import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { StoreError } from '@pocketeer/core/ports/store';
import type { Result } from '@pocketeer/core/result';

/** Whether what was typed is on disk. */
export type SaveState =
	| { readonly type: 'saved' }
	| { readonly type: 'saving' }
	| { readonly type: 'failed'; readonly error: StoreError };

/** Follows one open file to the disk. */
export interface SaveTracker extends Disposable {
	current(): SaveState;
	/** Call after each change made here. */
	changed(): void;
	/** Resolves when nothing is under way any more: with `saved`, or with why not. */
	settled(): Promise<SaveState>;
}

/** A full disk may be emptied: ask again without waiting for the next keystroke. */
const RETRY_MS = 3_000;

/** Asks `saved` after every change, one question at a time, and tells each new state once. */
export function makeSaveTracker(
	deps: ClockDep,
	file: { saved(): Promise<Result<void, StoreError>> },
	tell: (state: SaveState) => void,
): SaveTracker {
	let state: SaveState = { type: 'saved' };
	let isDirty = false;
	let running: Promise<void> | undefined;
	let retry: Disposable | undefined;

	function become(next: SaveState) {
		if (next.type === state.type && next.type !== 'failed') return;
		state = next;
		tell(next);
	}

	async function run() {
		while (isDirty) {
			isDirty = false;
			// A failed save stays on screen while it is tried again: "Saving…" would hide it every few seconds.
			if (state.type !== 'failed') become({ type: 'saving' });
			const result = await file.saved();
			if (!result.ok) {
				become({ type: 'failed', error: result.error });
				retry = deps.clock.setTimer(RETRY_MS, changed);
			} else if (!isDirty) become({ type: 'saved' });
		}
		running = undefined;
	}

	function changed() {
		retry?.[Symbol.dispose]();
		retry = undefined;
		isDirty = true;
		running ??= run();
	}

	return {
		current: () => state,
		changed,
		async settled() {
			await running;
			return state;
		},
		[Symbol.dispose]: () => retry?.[Symbol.dispose](),
	};
}
