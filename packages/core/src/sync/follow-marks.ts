import type { StreamName } from '../ids.ts';
import type { StoreDep } from '../ports/store.ts';

/** Which streams were ever opened on this device: whoever leads follows them at the relay (SY9). */
export interface FollowMarks {
	/** Notes a stream; false when this tab noted it before. */
	add(stream: StreamName): boolean;
	/** Those on disk and those of this tab. */
	all(): Promise<readonly StreamName[]>;
	/** Writes down what is not on disk yet, without waiting for a quiet moment. */
	flush(): Promise<void>;
}

/** Keys of the store. */
const PREFIX = 'sync/follow/';

/** Writes many marks in one transaction, when `quiet` resolved; `kept` hears of those that are on disk then. */
export function createFollowMarks(
	{ store }: StoreDep,
	{ quiet, kept }: { quiet(): Promise<void>; kept(streams: readonly StreamName[]): void },
): FollowMarks {
	const marked = new Set<StreamName>();
	const unwritten = new Set<StreamName>();
	/** What earlier starts left; read once, since this tab knows its own. */
	let onDisk: Promise<ReadonlySet<StreamName> | undefined> | undefined;
	let isWaiting = false;

	return {
		add(stream) {
			if (marked.has(stream)) return false;
			marked.add(stream);
			unwritten.add(stream);
			void flushWhenQuiet();
			return true;
		},
		async all() {
			const names = await read();
			return [...new Set([...marked, ...(names ?? [])])];
		},
		flush,
	};

	async function flushWhenQuiet(): Promise<void> {
		if (isWaiting) return;
		isWaiting = true;
		await quiet();
		isWaiting = false;
		await flush();
	}

	async function flush(): Promise<void> {
		const names = await read();
		const fresh = [...unwritten].filter((stream) => !names?.has(stream));
		unwritten.clear();
		if (fresh.length === 0) return;
		const written = await store.putValues(Object.fromEntries(fresh.map((stream) => [PREFIX + stream, true])));
		if (written.ok) return kept(fresh);
		// Whoever opens it again tries again.
		for (const stream of fresh) marked.delete(stream);
	}

	function read(): Promise<ReadonlySet<StreamName> | undefined> {
		onDisk ??= store.values(PREFIX).then((found) => {
			if (found.ok) return new Set([...found.value.keys()].map((key) => key.slice(PREFIX.length) as StreamName));
			onDisk = undefined;
			return undefined;
		});
		return onDisk;
	}
}
