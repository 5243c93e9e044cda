import type { Bytes } from '../bytes.ts';
import type { StreamName } from '../ids.ts';

/** What tabs of one device, and its service worker, tell each other about one space. */
export type TabMessage =
	/** An update entered the store (typed elsewhere, or opened from the relay): show it where the document is open. */
	| { readonly type: 'update'; readonly stream: StreamName; readonly update: Bytes }
	/** Rows wait in the outbox: the leader should look. */
	| { readonly type: 'outbox' }
	/** A tab wants this stream followed at the relay. */
	| { readonly type: 'follow'; readonly stream: StreamName }
	/** The leader's connection changed; a fresh tab asks for it with `ask-status`. */
	| { readonly type: 'status'; readonly status: unknown }
	| { readonly type: 'ask-status' };

/** The tabs of one device that have one space open. Web Locks and BroadcastChannel in browsers. */
export interface Tabs {
	/**
	 * Runs `lead` once this tab is the only leader; the signal aborts when leadership ends.
	 * Disposing steps down, or leaves the queue.
	 */
	lead(lead: (signal: AbortSignal) => void): Disposable;
	/** Runs `work` while holding the named lock, or answers undefined at once when another tab holds it. */
	whileHolding<T>(name: string, work: (held: HeldLock) => Promise<T>): Promise<T | undefined>;
	/**
	 * The same, but a holder that is asked and does not answer within seconds, because the browser froze it, loses the lock
	 * to this tab. Answers undefined when the holder lives.
	 */
	takeOver<T>(name: string, work: (held: HeldLock) => Promise<T>): Promise<T | undefined>;
	/** Tells every other tab; never this one. */
	post(message: TabMessage): void;
	subscribe(listener: (message: TabMessage) => void): Disposable;
}
/** A named lock while this tab has it. */
export interface HeldLock {
	/** Aborts when another tab took the lock; in a frozen tab only once it runs again. */
	readonly lost: AbortSignal;
	/** It was taken from a tab that may wake up and not know of it yet. */
	readonly isTaken: boolean;
}
export interface TabsDep {
	readonly tabs: Tabs;
}
