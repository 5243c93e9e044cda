import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import type { LogDep } from '@pocketeer/core/ports/log';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { MetricsDep } from '../metrics.ts';
import type { AppendOutcome, AppendRequest, LogItem, LogStoreDep } from '../store/log-store.ts';

/**
 * Group commit: appends of all connections that arrive in one turn of the event loop share one transaction. While
 * one commits, the next group gathers.
 */
export interface Appender {
	/**
	 * Resolves once the entry is on disk and everyone who follows was told, or with the reason why not. After that,
	 * what the same `lane` (a connection) appends to the stream is refused for the same reason until the refused entry
	 * comes again: a later entry would rest on one that is not there.
	 */
	append(request: AppendRequest, lane: object): Promise<AppendEnd>;
	/** The lane starts anew on this stream. */
	reopen(lane: object, stream: StreamId): void;
	/** Resolves when nothing waits any more. */
	settled(): Promise<void>;
}

export type AppendEnd =
	| { readonly type: 'kept' }
	/** The entry was there already, at `seq`. */
	| { readonly type: 'repeated'; readonly seq: number }
	| Refused;

/** Nothing was stored: the entry is too large, the space is full, or the disk failed. */
export interface Refused {
	readonly type: 'too-large' | 'quota' | 'failed';
}

/** New entries of one stream, in order. */
export interface CommittedRun {
	readonly space: SpaceId;
	readonly stream: StreamId;
	readonly items: readonly LogItem[];
}

interface Waiting {
	readonly request: AppendRequest;
	readonly lane: object;
	readonly end: (end: AppendEnd) => void;
}

/** Entries of one transaction; bounds how long the event loop stands still. */
const GROUP_ENTRIES = 512;
const GROUP_BYTES = 8 * 1024 * 1024;

/**
 * Makes the one appender of a relay. `defer` runs a function after the frames at hand were read; `committed` is called
 * once per stream and commit, before its appends resolve.
 */
export function createAppender(
	deps: LogStoreDep &
		MetricsDep &
		LogDep & { readonly defer: (run: () => void) => void; readonly committed: (run: CommittedRun) => void },
): Appender {
	// The refused entry that stands in a lane's way, by stream.
	const blocks = new WeakMap<object, Map<StreamId, { readonly id: EntryId; readonly end: Refused }>>();
	let waiting: Waiting[] = [];
	let working: Promise<void> | undefined;

	return {
		append(request, lane) {
			return new Promise((end) => {
				waiting.push({ request, lane, end });
				working ??= work();
			});
		},
		reopen: (lane, stream) => void blocks.get(lane)?.delete(stream),
		async settled() {
			while (working) await working;
		},
	};

	async function work(): Promise<void> {
		while (waiting.length > 0) {
			await new Promise<void>((resolve) => deps.defer(resolve));
			const group = passable(takeGroup());
			if (group.length > 0) await commit(group);
		}
		working = undefined;
	}

	function takeGroup(): readonly Waiting[] {
		let bytes = 0;
		let count = 0;
		for (const { request } of waiting) {
			bytes += request.entry.length;
			if (count > 0 && (count === GROUP_ENTRIES || bytes > GROUP_BYTES)) break;
			count++;
		}
		const group = waiting.slice(0, count);
		waiting = waiting.slice(count);
		return group;
	}

	/** Those that may go to the store; the others are refused here. */
	function passable(group: readonly Waiting[]): readonly Waiting[] {
		return group.filter((each) => {
			const { stream, id, entry } = each.request;
			const block = blocks.get(each.lane)?.get(stream);
			if (block && block.id !== id) {
				each.end(block.end);
				return false;
			}
			if (entry.length > LIMITS.entry) {
				finish(each, { type: 'too-large' });
				return false;
			}
			// Comes again: those behind it in this group share its fate in the store.
			if (block) blocks.get(each.lane)?.delete(stream);
			return true;
		});
	}

	function finish({ request, lane, end }: Waiting, outcome: AppendEnd): void {
		if (outcome.type !== 'kept' && outcome.type !== 'repeated') {
			const lanes = blocks.get(lane) ?? new Map();
			if (!lanes.has(request.stream)) lanes.set(request.stream, { id: request.id, end: outcome });
			blocks.set(lane, lanes);
		}
		end(outcome);
	}

	async function commit(group: readonly Waiting[]): Promise<void> {
		const outcomes = await deps.logStore.append(group.map(({ request }) => request)).catch((error: unknown) => {
			// A full or failing disk: everybody is told, nobody is disconnected, the next group tries again.
			deps.log.warn('append-failed', { entries: group.length, code: codeOf(error) });
			return undefined;
		});
		if (!outcomes) {
			for (const each of group) finish(each, { type: 'failed' });
			return;
		}
		deps.metrics.count('commits_total');
		for (const run of runsOf(group, outcomes)) deps.committed(run);
		for (const [index, each] of group.entries()) finish(each, endOf(outcomes[index]));
	}

	function runsOf(group: readonly Waiting[], outcomes: readonly AppendOutcome[]): Iterable<CommittedRun> {
		const runs = new Map<string, { space: SpaceId; stream: StreamId; items: LogItem[] }>();
		for (const [index, { request }] of group.entries()) {
			const outcome = outcomes[index];
			if (outcome?.type !== 'kept') continue;
			deps.metrics.count(outcome.isNew ? 'appends_total' : 'repeated_appends_total');
			if (!outcome.isNew) continue;
			const { space, stream, id, entry } = request;
			deps.metrics.count('append_bytes_total', entry.length);
			const key = `${space}/${stream}`;
			const run = runs.get(key) ?? { space, stream, items: [] };
			run.items.push({ seq: outcome.seq, id, entry });
			runs.set(key, run);
		}
		return runs.values();
	}
}

function endOf(outcome: AppendOutcome | undefined): AppendEnd {
	if (outcome?.type !== 'kept') return { type: outcome?.type ?? 'failed' };
	return outcome.isNew ? { type: 'kept' } : { type: 'repeated', seq: outcome.seq };
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'errcode' in error ? `sqlite-${String(error.errcode)}` : 'unknown';
}
