import type { ClockDep } from '@pocketeer/core/ports/clock';

/**
 * Looks at a queue that is kept on disk whenever somebody says so, at the moment it named itself, and at the latest
 * every few seconds while something waits: the wall clock may jump, the machine may sleep, and a disk that fails may come back.
 */
export interface Looker extends Disposable {
	/** Something may be due: looks, or looks once more after the look that is under way. */
	look(): void;
	/** The look under way, if there is one. */
	readonly looking: Promise<void> | undefined;
}

/** The longest time without a look. */
export const LONGEST_WAIT_MS = 5_000;

/**
 * Looks at once. `work` does what is due; it answers `again` when there may be more, else how many ms from now the next
 * is due, or undefined when nothing waits but for a word. `failed` is told what `work` threw, and it is tried again.
 */
export function createLooker(
	deps: ClockDep & {
		readonly work: () => Promise<'again' | number | undefined>;
		readonly failed: (error: unknown) => void;
	},
): Looker {
	let timer: Disposable | undefined;
	let looking: Promise<void> | undefined;
	let lookAgain = false;
	let isEnded = false;

	const looker: Looker = {
		look() {
			if (isEnded) return;
			lookAgain = true;
			looking ??= lookUntilDone()
				.catch((error: unknown) => {
					deps.failed(error);
					setTimer(LONGEST_WAIT_MS);
				})
				.finally(() => {
					looking = undefined;
					if (lookAgain) looker.look();
				});
		},
		get looking() {
			return looking;
		},
		[Symbol.dispose]() {
			isEnded = true;
			timer?.[Symbol.dispose]();
		},
	};
	return looker;

	async function lookUntilDone(): Promise<void> {
		while (lookAgain && !isEnded) {
			lookAgain = false;
			const next = await deps.work();
			if (next === 'again') lookAgain = true;
			else if (next !== undefined) setTimer(next);
		}
	}

	function setTimer(waitMs: number): void {
		timer?.[Symbol.dispose]();
		if (!isEnded) timer = deps.clock.setTimer(Math.max(0, Math.min(waitMs, LONGEST_WAIT_MS)), looker.look);
	}
}
