import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { HeldLock, Tabs } from '@pocketeer/core/ports/tabs';

/** What tabs ask each other about a named lock. */
export type LockMessage =
	| { readonly type: 'lock-ask'; readonly lock: string }
	| { readonly type: 'lock-here'; readonly lock: string };

/** A tab that runs answers in milliseconds, a frozen one not at all. */
const ANSWER_WITHIN_MS = 2_000;

/** The named locks of one tab. */
export interface NamedLocks extends Pick<Tabs, 'whileHolding' | 'takeOver'> {
	hear(message: LockMessage): void;
}

/** Named locks, with a way to take one from a tab that the browser froze: as of leadership, silence tells it. */
export function createNamedLocks(
	deps: ClockDep & { readonly locks: LockManager; readonly prefix: string; tell(message: LockMessage): void },
): NamedLocks {
	const held = new Map<string, AbortController>();
	const asked = new Map<string, Set<() => void>>();
	return {
		whileHolding: (lock, work) => request(lock, { ifAvailable: true }, work),
		async takeOver(lock, work) {
			const got = await request(lock, { ifAvailable: true }, async (own) => ({ result: await work(own) }));
			if (got) return got.result;
			if (held.has(lock) || (await isAnswered(lock))) return undefined;
			return request(lock, { steal: true }, work);
		},
		hear({ type, lock }) {
			if (type === 'lock-ask' && held.has(lock)) deps.tell({ type: 'lock-here', lock });
			if (type === 'lock-here') for (const answer of asked.get(lock) ?? []) answer();
		},
	};

	async function request<T>(
		lock: string,
		options: LockOptions,
		work: (held: HeldLock) => Promise<T>,
	): Promise<T | undefined> {
		const over = new AbortController();
		let working: Promise<T> | undefined;
		try {
			return await deps.locks.request(deps.prefix + lock, options, async (granted) => {
				if (!granted) return undefined;
				held.set(lock, over);
				working = work({ lost: over.signal, isTaken: options.steal === true });
				return await working;
			});
		} catch (error) {
			// AbortError: another tab took the lock; the work ends by its signal, and its outcome is still the caller's.
			if (!working || !(error instanceof DOMException && error.name === 'AbortError')) throw error;
			over.abort();
			return await working;
		} finally {
			if (held.get(lock) === over) held.delete(lock);
		}
	}

	function isAnswered(lock: string): Promise<boolean> {
		return new Promise((resolve) => {
			const answers = asked.get(lock) ?? new Set();
			asked.set(lock, answers);
			const settle = (isHere: boolean) => {
				answers.delete(answer);
				timer[Symbol.dispose]();
				resolve(isHere);
			};
			const answer = () => settle(true);
			answers.add(answer);
			const timer = deps.clock.setTimer(ANSWER_WITHIN_MS, () => settle(false));
			deps.tell({ type: 'lock-ask', lock });
		});
	}
}
