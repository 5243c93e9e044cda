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
	whileHolding<T>(name: string, work: () => Promise<T>): Promise<T | undefined>;
	/** Tells every other tab; never this one. */
	post(message: TabMessage): void;
	subscribe(listener: (message: TabMessage) => void): Disposable;
}
export interface TabsDep {
	readonly tabs: Tabs;
}
