import { equalBytes } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { encodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { MetricsDep } from '../metrics.ts';
import type { LogItem, LogStoreDep } from '../store/log-store.ts';
import type { Peer } from './peer.ts';

/**
 * The streams one connection follows. Of each stream it sends every entry behind the cursor once, strictly by number:
 * first from the log, batch by batch as fast as the peer takes them, then as they are committed. A peer that falls
 * behind is put back to reading from the log, so what waits for it in memory stays bounded.
 */
export interface Following {
	/** Starts at a cursor, again if need be; answers false when the log does not have that cursor and chain. */
	open(stream: StreamId, cursor: number, chain: Uint8Array): Promise<boolean>;
	shut(stream: StreamId): void;
	/** This connection is about to append an entry: when it comes back out of the log it is echoed, not sent. */
	offered(stream: StreamId, id: EntryId): void;
	/** The entry did not get into the log. */
	refused(stream: StreamId, id: EntryId): void;
	/** Entries of this or other connections are on disk now. */
	committed(stream: StreamId, items: readonly LogItem[]): void;
	/** An entry this connection offered was in the log already. */
	repeated(stream: StreamId, id: EntryId, seq: number): void;
	/** Stops reading for a peer that is gone. */
	end(): void;
}

interface Follow {
	/** Number of the entry to send next. */
	next: number;
	/** The log's hash behind `next - 1`. */
	chain: Uint8Array<ArrayBuffer>;
	mode: 'catching-up' | 'live';
	/** Newest number known to be committed. */
	known: number;
	headSent: boolean;
}

/** Offered entries of one stream that were not echoed yet, with their number once they have one. */
type Offers = Map<EntryId, number | undefined>;

/** Beyond this many unsent bytes a follower reads from the log again. */
const BEHIND_BYTES = 1024 * 1024;

/** Makes the follows of one connection; `onStuck` is told when the log cannot be read. */
export function createFollowing(
	deps: LogStoreDep & MetricsDep & { readonly peer: Peer; readonly onStuck: (error: unknown) => void },
	options: { readonly space: SpaceId; readonly batchBytes?: number; readonly behindBytes?: number },
): Following {
	const { peer, logStore, metrics } = deps;
	const { space } = options;
	const batchBytes = options.batchBytes ?? LIMITS.batch;
	const behindBytes = options.behindBytes ?? BEHIND_BYTES;
	const follows = new Map<StreamId, Follow>();
	const offers = new Map<StreamId, Offers>();
	let isPumping = false;

	return {
		async open(stream, cursor, chain) {
			const known = await logStore.chainAt({ space, stream, seq: cursor });
			if (!known || !equalBytes(known, chain)) {
				leave(stream);
				return false;
			}
			follows.set(stream, {
				next: cursor + 1,
				chain: known,
				mode: 'catching-up',
				known: cursor,
				headSent: false,
			});
			startPump();
			return true;
		},

		shut: leave,

		offered(stream, id) {
			const offered = offers.get(stream) ?? new Map();
			offers.set(stream, offered.set(id, undefined));
		},

		refused: (stream, id) => void withdraw(stream, id),

		committed(stream, items) {
			const offered = offers.get(stream);
			for (const { id, seq } of items) if (offered?.has(id)) offered.set(id, seq);
			const follow = follows.get(stream);
			if (!follow) return echoOffers(stream);

			follow.known = Math.max(follow.known, items.at(-1)?.seq ?? 0);
			if (follow.mode !== 'live') return;
			const fresh = items.filter((item) => item.seq >= follow.next);
			if (fresh[0]?.seq === follow.next && peer.bufferedBytes <= behindBytes) {
				for (const frame of framesOf(stream, follow, fresh)) peer.send(frame);
			} else if (fresh.length > 0) {
				follow.mode = 'catching-up';
				startPump();
			}
		},

		repeated(stream, id, seq) {
			const follow = follows.get(stream);
			if (follow && seq >= follow.next) {
				offers.get(stream)?.set(id, seq);
			} else {
				withdraw(stream, id);
				sendEcho(stream, id, seq);
			}
		},

		end: () => follows.clear(),
	};

	function leave(stream: StreamId): void {
		follows.delete(stream);
		echoOffers(stream);
	}

	/** Without a follow there is no place to keep: the echoes go out at once. */
	function echoOffers(stream: StreamId): void {
		for (const [id, seq] of offers.get(stream) ?? []) {
			if (seq === undefined) continue;
			withdraw(stream, id);
			sendEcho(stream, id, seq);
		}
	}

	function withdraw(stream: StreamId, id: EntryId): boolean {
		const offered = offers.get(stream);
		const wasOffered = offered?.delete(id) ?? false;
		if (offered?.size === 0) offers.delete(stream);
		return wasOffered;
	}

	/** One batch of one stream at a time, in turns, so that many long streams cost the memory of one batch. */
	function startPump(): void {
		if (isPumping) return;
		isPumping = true;
		pump().then(
			() => undefined,
			(error: unknown) => deps.onStuck(error),
		);
	}

	async function pump(): Promise<void> {
		try {
			for (let isBusy = true; isBusy; ) {
				isBusy = false;
				for (const [stream, follow] of follows) {
					if (follow.mode === 'live') continue;
					isBusy = true;
					await step(stream, follow);
				}
			}
		} finally {
			isPumping = false;
		}
	}

	async function step(stream: StreamId, follow: Follow): Promise<void> {
		const { items, chain } = await logStore.read({ space, stream, after: follow.next - 1, maxBytes: batchBytes });
		if (follows.get(stream) !== follow) return;
		if (chain && items.length > 0) {
			for (const frame of framesOf(stream, follow, items)) {
				await peer.sendFlushed(frame);
				if (follows.get(stream) !== follow) return;
			}
			follow.chain = chain;
			return;
		}
		// Committed after this read began: look again.
		if (follow.known >= follow.next) return;
		follow.mode = 'live';
		if (follow.headSent) return;
		follow.headSent = true;
		peer.send(encodeRelayMessage({ type: 'head', stream, seq: follow.next - 1, chain: new Uint8Array(follow.chain) }));
	}

	/** The frames for consecutive items, lazily: `next` moves as they are taken, and own entries become echoes in place. */
	function* framesOf(stream: StreamId, follow: Follow, items: readonly LogItem[]): Generator<Uint8Array> {
		let group: LogItem[] = [];
		let bytes = 0;
		for (const item of items) {
			const isOwn = offers.get(stream)?.has(item.id) ?? false;
			if (isOwn || bytes + item.entry.length > batchBytes) {
				yield* entriesFrame(group);
				group = [];
				bytes = 0;
			}
			if (isOwn) {
				withdraw(stream, item.id);
				follow.next = item.seq + 1;
				yield encodeRelayMessage({ type: 'echo', stream, id: item.id, seq: item.seq });
			} else {
				group.push(item);
				bytes += item.entry.length;
			}
		}
		yield* entriesFrame(group);

		function* entriesFrame(entries: readonly LogItem[]): Generator<Uint8Array> {
			const [first] = entries;
			if (!first) return;
			follow.next = first.seq + entries.length;
			metrics.count('entries_sent_total', entries.length);
			yield encodeRelayMessage({
				type: 'entries',
				stream,
				from: first.seq,
				entries: entries.map(({ entry }) => entry),
			});
		}
	}

	function sendEcho(stream: StreamId, id: EntryId, seq: number): void {
		peer.send(encodeRelayMessage({ type: 'echo', stream, id, seq }));
	}
}
