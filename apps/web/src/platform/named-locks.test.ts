import type { HeldLock } from '@pocketeer/core/ports/tabs';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { expect, it } from 'vitest';
import { createNamedLocks, type LockMessage } from './named-locks.ts';

// Node has the Web Locks of browsers; what tabs say to each other is passed on here.
function openTabs(prefix: string) {
	const tabs: { readonly locks: ReturnType<typeof createNamedLocks>; isFrozen: boolean }[] = [];
	const clock = createTestClock({ settle: () => new Promise((resolve) => setTimeout(resolve, 5)) });
	const open = () => {
		const tell = (message: LockMessage) => {
			for (const other of tabs) if (other !== tab && !other.isFrozen) other.locks.hear(message);
		};
		const tab = { locks: createNamedLocks({ clock, locks: navigator.locks, prefix, tell }), isFrozen: false };
		tabs.push(tab);
		return tab;
	};
	return { clock, open };
}

/** Holds a lock until told to let go. */
function holding() {
	const over = Promise.withResolvers<string>();
	let held: HeldLock | undefined;
	return {
		work: (lock: HeldLock) => {
			held = lock;
			return over.promise;
		},
		end: () => over.resolve('its own outcome'),
		get held() {
			return held;
		},
	};
}

it('leaves a lock to a tab that answers', async () => {
	const { clock, open } = openTabs('named-locks-1/');
	const [first, second] = [open(), open()];
	const own = holding();
	const done = first.locks.whileHolding('turn', own.work);
	await clock.advance(1);
	expect(await second.locks.takeOver('turn', async () => 'taken')).toBeUndefined();
	expect(own.held?.lost.aborted).toBe(false);
	own.end();
	expect(await done).toBe('its own outcome');
});

it('takes a lock from a tab that is silent for two seconds, and tells both so', async () => {
	const { clock, open } = openTabs('named-locks-2/');
	const [first, second] = [open(), open()];
	const own = holding();
	const done = first.locks.whileHolding('turn', own.work);
	await clock.advance(1);
	first.isFrozen = true;
	const theirs = holding();
	const taking = second.locks.takeOver('turn', theirs.work);
	await clock.advance(1_999);
	expect(theirs.held).toBeUndefined();
	await clock.advance(1);
	await expect.poll(() => theirs.held?.isTaken).toBe(true);
	expect(own.held).toMatchObject({ isTaken: false, lost: { aborted: true } });
	own.end();
	expect(await done, 'what it was doing has an outcome all the same').toBe('its own outcome');
	theirs.end();
	expect(await taking).toBe('its own outcome');
});

it('takes a free lock at once, from nobody', async () => {
	const { open } = openTabs('named-locks-3/');
	expect(await open().locks.takeOver('turn', async ({ isTaken }) => isTaken)).toBe(false);
});
