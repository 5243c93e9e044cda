import type { HeldLock, TabMessage, Tabs } from '../ports/tabs.ts';

/** The tabs of one imaginary device, in memory. */
export interface MemoryTabs {
	/** Opens one more tab. */
	open(): MemoryTab;
}

/** One tab; what a browser may do to it is a method. */
export interface MemoryTab extends Tabs {
	/** Whether this tab leads now. */
	isLeader(): boolean;
	/** The browser stops the tab: it hears nothing any more, and loses leadership without being told. */
	freeze(): void;
	/** The tab runs again; only now it learns that it no longer leads. What was said meanwhile is lost to it. */
	thaw(): void;
	/** The tab is gone, from one moment to the next; its code hears nothing of it. */
	kill(): void;
}

interface Candidate {
	readonly tab: TabState;
	readonly run: (signal: AbortSignal) => void;
	readonly over: AbortController;
}

interface TabState {
	readonly listeners: Set<(message: TabMessage) => void>;
	life: 'running' | 'frozen' | 'dead';
	/** A reign that was taken away while the tab was frozen. */
	lost: Candidate | undefined;
	/** Locks that were taken away meanwhile. */
	readonly robbed: Set<AbortController>;
}

interface Lock {
	readonly tab: TabState;
	readonly over: AbortController;
}

/** Makes a device without tabs. Leadership and locks go to the tab that asked first and is alive. */
export function createMemoryTabs(): MemoryTabs {
	const tabs = new Set<TabState>();
	const locks = new Map<string, Lock>();
	let queue: Candidate[] = [];
	let leader: Candidate | undefined;

	return { open };

	function open(): MemoryTab {
		const state: TabState = { listeners: new Set(), life: 'running', lost: undefined, robbed: new Set() };
		tabs.add(state);
		return {
			lead(run) {
				const candidate: Candidate = { tab: state, run, over: new AbortController() };
				queue.push(candidate);
				queueMicrotask(choose);
				return { [Symbol.dispose]: () => stepDown(candidate) };
			},
			whileHolding: (name, work) => hold(state, name, { work, isTaken: false }),
			async takeOver(name, work) {
				const holder = locks.get(name);
				if (holder?.tab.life === 'running') return undefined;
				if (holder) locks.delete(name);
				holder?.tab.robbed.add(holder.over);
				return hold(state, name, { work, isTaken: holder !== undefined });
			},
			post(message) {
				if (state.life !== 'running') return;
				for (const tab of tabs) {
					if (tab === state) continue;
					const copy = structuredClone(message);
					queueMicrotask(() => {
						if (tab.life !== 'running') return;
						for (const listener of Array.from(tab.listeners)) listener(copy);
					});
				}
			},
			subscribe(listener) {
				const own = (message: TabMessage) => listener(message);
				state.listeners.add(own);
				return { [Symbol.dispose]: () => void state.listeners.delete(own) };
			},
			isLeader: () => leader?.tab === state,
			freeze() {
				state.life = 'frozen';
				if (leader?.tab !== state) return;
				state.lost = leader;
				leader = undefined;
				choose();
			},
			thaw() {
				state.life = 'running';
				for (const over of state.robbed) over.abort();
				state.robbed.clear();
				const lost = state.lost;
				state.lost = undefined;
				if (lost) {
					lost.over.abort();
					queue.push({ ...lost, over: new AbortController() });
				}
				// One that only waited may be the next: nobody who runs was there to ask.
				choose();
			},
			kill() {
				state.life = 'dead';
				tabs.delete(state);
				queue = queue.filter((candidate) => candidate.tab !== state);
				for (const [name, lock] of locks) if (lock.tab === state) locks.delete(name);
				if (leader?.tab === state) leader = undefined;
				choose();
			},
		};
	}

	async function hold<T>(
		tab: TabState,
		name: string,
		{ work, isTaken }: { readonly work: (held: HeldLock) => Promise<T>; readonly isTaken: boolean },
	): Promise<T | undefined> {
		if (locks.has(name)) return undefined;
		const lock: Lock = { tab, over: new AbortController() };
		locks.set(name, lock);
		try {
			return await work({ lost: lock.over.signal, isTaken });
		} finally {
			if (locks.get(name) === lock) locks.delete(name);
		}
	}

	function choose(): void {
		if (leader) return;
		const next = queue.find((candidate) => candidate.tab.life === 'running');
		if (!next) return;
		queue = queue.filter((candidate) => candidate !== next);
		leader = next;
		next.run(next.over.signal);
	}

	function stepDown(candidate: Candidate): void {
		queue = queue.filter((other) => other.run !== candidate.run);
		candidate.over.abort();
		if (leader?.run !== candidate.run) return;
		leader.over.abort();
		leader = undefined;
		choose();
	}
}
