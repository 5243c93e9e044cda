import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import { encodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { MetricsDep } from '../metrics.ts';
import type { AppendOutcome, AppendRequest, LogItem, LogStoreDep } from '../store/log-store.ts';
import type { HubDep } from './hub.ts';
import { isStale } from './sealed-header.ts';

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

/**
 * Nothing was stored: the entry is too large or of an epoch that is over, the space is full or deleted, or the disk
 * failed.
 */
export interface Refused {
	readonly type: 'too-large' | 'stale-epoch' | 'quota' | 'deleted' | 'failed';
}

/** New entries of one stream, in order. */
export interface CommittedRun {
	readonly space: SpaceId;
	readonly stream: StreamId;
	readonly items: readonly LogItem[];
	/** The space's count after this commit to this stream. */
	readonly change: number;
	/** All of them as one `entries` frame, made once for all who get it; undefined when they are too much for one. */
	frame(): Uint8Array | undefined;
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
	deps: ClockDep &
		LogStoreDep &
		MetricsDep &
		HubDep &
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
			if (group.length > 0) await commit(group).catch((error: unknown) => broke(group, error));
		}
		working = undefined;
	}

	/** A bug behind the disk: these do not learn what became of theirs and send it again; the next ones are not held up. */
	function broke(group: readonly Waiting[], error: unknown): void {
		deps.log.warn('commit-failed', { entries: group.length, reason: error instanceof Error ? error.name : 'unknown' });
		for (const each of group) finish(each, { type: 'failed' });
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
			if (isStale(entry, deps.hub.epoch(each.request.space))) {
				finish(each, { type: 'stale-epoch' });
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
		const { clock, logStore, metrics } = deps;
		const startedAt = clock.now();
		const requests = group.map(({ request }) => request);
		const outcomes = await logStore.append(requests, startedAt).catch((error: unknown) => {
			// A full or failing disk: everybody is told, nobody is disconnected, the next group tries again.
			deps.log.warn('append-failed', { entries: group.length, code: codeOf(error) });
			return undefined;
		});
		if (!outcomes) {
			for (const each of group) finish(each, { type: 'failed' });
			return;
		}
		const committedAt = clock.now();
		metrics.count('commits_total');
		metrics.took('commit_seconds', committedAt - startedAt);
		for (const run of runsOf(group, outcomes)) deps.committed(run);
		for (const [index, each] of group.entries()) finish(each, endOf(outcomes[index]));
		metrics.took('fan_out_seconds', clock.now() - committedAt);
	}

	function runsOf(group: readonly Waiting[], outcomes: readonly AppendOutcome[]): Iterable<CommittedRun> {
		const runs = new Map<string, Run>();
		const sum = { appends: 0, repeated: 0, bytes: 0 };
		for (const [index, { request }] of group.entries()) {
			const outcome = outcomes[index];
			if (outcome?.type !== 'kept') continue;
			if (!outcome.isNew) {
				sum.repeated++;
				continue;
			}
			const { space, stream, id, entry } = request;
			sum.appends++;
			sum.bytes += entry.length;
			const key = `${space}${stream}`;
			const run = runs.get(key) ?? createRun(space, stream, outcome.change);
			runs.set(key, run);
			run.add({ seq: outcome.seq, id, entry });
		}
		deps.metrics.count('appends_total', sum.appends);
		deps.metrics.count('repeated_appends_total', sum.repeated);
		deps.metrics.count('append_bytes_total', sum.bytes);
		return runs.values();
	}
}

interface Run extends CommittedRun {
	add(item: LogItem): void;
}

function createRun(space: SpaceId, stream: StreamId, change: number): Run {
	const items: LogItem[] = [];
	let bytes = 0;
	let frame: Uint8Array | undefined;
	return {
		space,
		stream,
		items,
		change,
		add(item) {
			items.push(item);
			bytes += item.entry.length;
		},
		frame() {
			const [first] = items;
			if (!first || bytes > LIMITS.batch) return undefined;
			const entries = items.map(({ entry }) => entry);
			frame ??= encodeRelayMessage({ type: 'entries', stream, from: first.seq, entries });
			return frame;
		},
	};
}

function endOf(outcome: AppendOutcome | undefined): AppendEnd {
	if (outcome?.type !== 'kept') return { type: outcome?.type ?? 'failed' };
	return outcome.isNew ? { type: 'kept' } : { type: 'repeated', seq: outcome.seq };
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'errcode' in error ? `sqlite-${String(error.errcode)}` : 'unknown';
}
