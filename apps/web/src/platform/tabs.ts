import type { StreamName } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { TabMessage, Tabs } from '@pocketeer/core/ports/tabs';
import { createNamedLocks, type LockMessage } from './named-locks.ts';
import { isBytes } from './store-database.ts';

/** What the tabs need to know of their page: whether it is looked at, and when the browser freezes and thaws it. */
export interface PageLife {
	isVisible(): boolean;
	/** Calls on `shown`, `frozen` and `thawed`. */
	subscribe(listener: (event: 'shown' | 'frozen' | 'thawed') => void): Disposable;
}

/** Asking the leader whether it is alive: it answers in milliseconds, a frozen one not at all. */
const ANSWER_WITHIN_MS = 2_000;
/** How often a visible tab that is not the leader asks. */
const ASK_EVERY_MS = 10_000;

type LeaderMessage = { readonly type: 'lead-ask' } | { readonly type: 'lead-here' };

/**
 * The tabs of this browser that have the space `name` open. A leader that died loses its lock at once; one that is
 * frozen and does not answer loses it to the first visible tab that asks.
 */
export function createBrowserTabs(
	deps: ClockDep & { readonly locks: LockManager; readonly page: PageLife },
	name: string,
): Tabs & Disposable {
	const channel = new BroadcastChannel(`pocketeer/${name}`);
	const listeners = new Set<(message: TabMessage) => void>();
	const leaderListeners = new Set<(message: LeaderMessage) => void>();
	const owned = new DisposableStack();
	channel.onmessage = ({ data }: MessageEvent<unknown>) => {
		const message = parseTabMessage(data);
		if (message === undefined) return;
		if (message.type === 'lead-ask' || message.type === 'lead-here') {
			for (const listener of [...leaderListeners]) listener(message);
			return;
		}
		if (message.type === 'lock-ask' || message.type === 'lock-here') {
			locks.hear(message);
			return;
		}
		for (const listener of [...listeners]) listener(message);
	};
	const locks = createNamedLocks({
		...deps,
		prefix: `pocketeer/${name}/`,
		tell: (message) => channel.postMessage(message),
	});
	const leading: Leading = {
		...deps,
		lock: `pocketeer/${name}/lead`,
		tell: (message) => channel.postMessage(message),
		listen: (listener) => {
			leaderListeners.add(listener);
			return { [Symbol.dispose]: () => void leaderListeners.delete(listener) };
		},
	};
	return {
		lead: (run) => owned.use(lead(leading, run)),
		whileHolding: locks.whileHolding,
		takeOver: locks.takeOver,
		post: (message) => channel.postMessage(message),
		subscribe: (listener) => {
			const own = (message: TabMessage) => listener(message);
			listeners.add(own);
			return { [Symbol.dispose]: () => void listeners.delete(own) };
		},
		[Symbol.dispose]: () => {
			owned.dispose();
			channel.close();
		},
	};
}

interface Leading extends ClockDep {
	readonly locks: LockManager;
	readonly page: PageLife;
	readonly lock: string;
	tell(message: LeaderMessage): void;
	listen(listener: (message: LeaderMessage) => void): Disposable;
}

function lead(deps: Leading, run: (signal: AbortSignal) => void): Disposable {
	const owned = new DisposableStack();
	const over = new AbortController();
	let reign: AbortController | undefined;
	let queued: AbortController | undefined;

	const take = (how: 'queue' | 'steal') => {
		queued?.abort();
		const place = new AbortController();
		queued = place;
		const options: LockOptions = how === 'steal' ? { steal: true } : { signal: place.signal };
		void deps.locks
			.request(deps.lock, options, async () => {
				if (place.signal.aborted) return;
				const own = new AbortController();
				reign = own;
				run(own.signal);
				await new Promise<void>((resolve) => own.signal.addEventListener('abort', () => resolve()));
			})
			.catch((error: unknown) => {
				// AbortError: we left the queue ourselves, or another tab stole the lock from us.
				if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
			})
			.finally(() => {
				if (queued !== place) return;
				reign?.abort();
				reign = undefined;
				if (!over.signal.aborted && !isFrozen) take('queue');
			});
	};
	const leave = () => {
		const place = queued;
		queued = undefined;
		place?.abort();
		reign?.abort();
		reign = undefined;
	};

	let isFrozen = false;
	let isAsking = false;
	const ask = () => {
		if (reign || isFrozen || isAsking || !deps.page.isVisible()) return;
		isAsking = true;
		const answer = deps.listen((message) => {
			if (message.type === 'lead-here') settle(false);
		});
		const timer = deps.clock.setTimer(ANSWER_WITHIN_MS, () => settle(true));
		function settle(isSilent: boolean) {
			isAsking = false;
			answer[Symbol.dispose]();
			timer[Symbol.dispose]();
			if (isSilent && !reign && !over.signal.aborted && !isFrozen) take('steal');
		}
		deps.tell({ type: 'lead-ask' });
	};
	let asking = deps.clock.setTimer(ASK_EVERY_MS, function again() {
		ask();
		asking = deps.clock.setTimer(ASK_EVERY_MS, again);
	});

	owned.use(
		deps.listen((message) => {
			if (message.type === 'lead-ask' && reign) deps.tell({ type: 'lead-here' });
		}),
	);
	owned.use(
		deps.page.subscribe((event) => {
			if (event === 'shown') ask();
			isFrozen = event === 'frozen' || (event !== 'thawed' && isFrozen);
			if (event === 'frozen') leave();
			if (event === 'thawed' && !queued) take('queue');
		}),
	);
	owned.defer(() => {
		over.abort();
		asking[Symbol.dispose]();
		leave();
	});
	take('queue');
	return owned;
}

function parseTabMessage(data: unknown): TabMessage | LeaderMessage | LockMessage | undefined {
	if (typeof data !== 'object' || data === null || !('type' in data)) return undefined;
	const stream = 'stream' in data && typeof data.stream === 'string' ? (data.stream as StreamName) : undefined;
	switch (data.type) {
		case 'outbox':
		case 'ask-status':
		case 'lead-ask':
		case 'lead-here':
			return { type: data.type };
		case 'lock-ask':
		case 'lock-here':
			return 'lock' in data && typeof data.lock === 'string' ? { type: data.type, lock: data.lock } : undefined;
		case 'follow':
			return stream === undefined ? undefined : { type: 'follow', stream };
		case 'update': {
			const update = 'update' in data ? data.update : undefined;
			return stream === undefined || !isBytes(update) ? undefined : { type: 'update', stream, update };
		}
		case 'status':
			return { type: 'status', status: 'status' in data ? data.status : undefined };
		default:
			// A tab that runs a newer build may say more than this one knows.
			return undefined;
	}
}

/** The life of this page as the browser tells it. */
export function browserPage(): PageLife {
	return {
		isVisible: () => document.visibilityState === 'visible',
		subscribe: (listener) => {
			const end = new AbortController();
			const { signal } = end;
			document.addEventListener(
				'visibilitychange',
				() => {
					if (document.visibilityState === 'visible') listener('shown');
				},
				{ signal },
			);
			document.addEventListener('freeze', () => listener('frozen'), { signal });
			document.addEventListener('resume', () => listener('thawed'), { signal });
			// A page in the back-forward cache is frozen too, without a freeze event.
			addEventListener('pagehide', (event) => event.persisted && listener('frozen'), { signal });
			addEventListener('pageshow', (event) => event.persisted && listener('thawed'), { signal });
			return { [Symbol.dispose]: () => end.abort() };
		},
	};
}
