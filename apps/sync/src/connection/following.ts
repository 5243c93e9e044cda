import { equalBytes } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { encodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { MetricsDep } from '../metrics.ts';
import type { KeptSnapshot, LogHead, LogItem, LogStoreDep } from '../store/log-store.ts';
import type { Peer } from './peer.ts';

/**
 * The streams one connection follows. Of each stream it sends every entry behind the cursor once, strictly by number:
 * first from the log, batch by batch as fast as the peer takes them, then as they are committed. A snapshot stands for
 * the entries it covers where those are gone or more (R5). A peer that falls behind is put back to reading from the
 * log, so what waits for it in memory stays bounded.
 */
export interface Following {
	/** Starts at a cursor, again if need be; answers false when the log does not have that cursor and chain. */
	open(stream: StreamId, cursor: number, chain: Uint8Array): Promise<boolean>;
	shut(stream: StreamId): void;
	/** This connection is about to append an entry: when it comes back out of the log it is echoed, not sent. */
	offered(stream: StreamId, id: EntryId): void;
	/** The entry did not get into the log. */
	refused(stream: StreamId, id: EntryId): void;
	/** Entries of this or other connections are on disk now. `frame` makes the message that holds just all of them. */
	committed(stream: StreamId, items: readonly LogItem[], frame?: () => Uint8Array | undefined): void;
	/** An entry this connection offered was in the log already. */
	repeated(stream: StreamId, id: EntryId, seq: number): void;
	follows(stream: StreamId): boolean;
	/** Whether something is being read for the peer; when it is over, `onCaughtUp` is told. */
	isCatchingUp(): boolean;
	/** Stops reading for a peer that is gone. */
	end(): void;
}

interface Follow {
	/** Number of the entry to send next. */
	next: number;
	/** `snapshot`: it stands for the entries from `next` on. */
	mode: 'snapshot' | 'catching-up' | 'live';
	/** The snapshot being sent, and the part to send next. */
	sending: { readonly snapshot: KeptSnapshot; index: number } | undefined;
	/** Newest number known to be committed. */
	known: number;
	headSent: boolean;
}

/** Offered entries of one stream that were not echoed yet, with their number once they have one. */
type Offers = Map<EntryId, number | undefined>;

/** Beyond this many unsent bytes a follower reads from the log again. */
const BEHIND_BYTES = 1024 * 1024;

/** `onStuck` is told when the log cannot be read. */
interface FollowingDeps extends LogStoreDep, MetricsDep {
	readonly peer: Peer;
	readonly onStuck: (error: unknown) => void;
	readonly onCaughtUp?: () => void;
}

interface FollowingOptions {
	readonly space: SpaceId;
	readonly batchBytes?: number;
	readonly behindBytes?: number;
}

/** Makes the follows of one connection. */
export function createFollowing(deps: FollowingDeps, options: FollowingOptions): Following {
	return new Follower(deps, options);
}

/** A class for the memory's sake: every connection has one. */
class Follower implements Following {
	readonly #deps: FollowingDeps;
	readonly #space: SpaceId;
	readonly #batchBytes: number;
	readonly #behindBytes: number;
	readonly #follows = new Map<StreamId, Follow>();
	/** Made when something is offered first. */
	#offers: Map<StreamId, Offers> | undefined = undefined;
	#isPumping = false;

	constructor(deps: FollowingDeps, options: FollowingOptions) {
		this.#deps = deps;
		this.#space = options.space;
		this.#batchBytes = options.batchBytes ?? LIMITS.batch;
		this.#behindBytes = options.behindBytes ?? BEHIND_BYTES;
	}

	async open(stream: StreamId, cursor: number, chain: Uint8Array): Promise<boolean> {
		const view = await this.#deps.logStore.look({ space: this.#space, stream, seq: cursor });
		if (!view || !equalBytes(view.chain, chain)) {
			this.shut(stream);
			return false;
		}
		const { covered, coveredBytes, snapshotBytes } = view.head;
		const isLess = cursor < covered && snapshotBytes < coveredBytes - view.bytes;
		this.#follows.set(stream, {
			next: cursor + 1,
			mode: isLess ? 'snapshot' : 'catching-up',
			sending: undefined,
			known: cursor,
			headSent: false,
		});
		this.#startPump();
		return true;
	}

	shut(stream: StreamId): void {
		this.#follows.delete(stream);
		this.#echoOffers(stream);
	}

	offered(stream: StreamId, id: EntryId): void {
		this.#offers ??= new Map();
		const offered = this.#offers.get(stream) ?? new Map();
		this.#offers.set(stream, offered.set(id, undefined));
	}

	refused(stream: StreamId, id: EntryId): void {
		this.#withdraw(stream, id);
	}

	committed(stream: StreamId, items: readonly LogItem[], frame?: () => Uint8Array | undefined): void {
		const { peer, metrics } = this.#deps;
		const offered = this.#offers?.get(stream);
		for (const { id, seq } of items) if (offered?.has(id)) offered.set(id, seq);
		const follow = this.#follows.get(stream);
		if (!follow) {
			this.#echoOffers(stream);
			return;
		}
		follow.known = Math.max(follow.known, items.at(-1)?.seq ?? 0);
		if (follow.mode !== 'live') return;
		const whole = offered ? undefined : frame?.();
		if (whole && items[0]?.seq === follow.next && peer.bufferedBytes <= this.#behindBytes) {
			follow.next += items.length;
			metrics.count('entries_sent_total', items.length);
			peer.send(whole);
			return;
		}
		const fresh = items.filter((item) => item.seq >= follow.next);
		if (fresh[0]?.seq === follow.next && peer.bufferedBytes <= this.#behindBytes) {
			for (const frame of this.#framesOf(stream, follow, fresh)) peer.send(frame);
		} else if (fresh.length > 0) {
			follow.mode = 'catching-up';
			this.#startPump();
		}
	}

	repeated(stream: StreamId, id: EntryId, seq: number): void {
		const follow = this.#follows.get(stream);
		if (follow && seq >= follow.next) {
			this.#offers?.get(stream)?.set(id, seq);
		} else {
			this.#withdraw(stream, id);
			this.#sendEcho(stream, id, seq);
		}
	}

	follows(stream: StreamId): boolean {
		return this.#follows.has(stream);
	}

	isCatchingUp(): boolean {
		return this.#isPumping;
	}

	end(): void {
		this.#follows.clear();
	}

	/** Up to `through` there is no place to keep any more: the echoes go out at once. */
	#echoOffers(stream: StreamId, through = Number.POSITIVE_INFINITY): void {
		for (const [id, seq] of this.#offers?.get(stream) ?? []) {
			if (seq === undefined || seq > through) continue;
			this.#withdraw(stream, id);
			this.#sendEcho(stream, id, seq);
		}
	}

	#withdraw(stream: StreamId, id: EntryId): void {
		const offered = this.#offers?.get(stream);
		offered?.delete(id);
		if (offered?.size === 0) this.#offers?.delete(stream);
	}

	/** One batch of one stream at a time, in turns, so that many long streams cost the memory of one batch. */
	#startPump(): void {
		if (this.#isPumping) return;
		this.#isPumping = true;
		this.#pump().then(
			() => this.#deps.onCaughtUp?.(),
			(error: unknown) => this.#deps.onStuck(error),
		);
	}

	async #pump(): Promise<void> {
		try {
			for (let isBusy = true; isBusy; ) {
				isBusy = false;
				for (const [stream, follow] of this.#follows) {
					if (follow.mode === 'live') continue;
					isBusy = true;
					await this.#step(stream, follow);
				}
			}
		} finally {
			this.#isPumping = false;
		}
	}

	async #step(stream: StreamId, follow: Follow): Promise<void> {
		if (follow.mode === 'snapshot') return this.#sendPart(stream, follow);
		const { items, isPruned, head } = await this.#deps.logStore.read({
			space: this.#space,
			stream,
			after: follow.next - 1,
			maxBytes: this.#batchBytes,
		});
		if (this.#follows.get(stream) !== follow) return;
		if (isPruned) {
			follow.mode = 'snapshot';
			return;
		}
		if (items.length > 0) {
			for (const frame of this.#framesOf(stream, follow, items)) {
				await this.#deps.peer.sendFlushed(frame);
				if (this.#follows.get(stream) !== follow) return;
			}
			return;
		}
		// Committed after this read began: look again.
		if (follow.known >= follow.next) return;
		follow.mode = 'live';
		if (follow.headSent) return;
		follow.headSent = true;
		this.#sendHead(stream, head);
	}

	/** One part at a time is in memory. A snapshot that was replaced meanwhile and let go of is begun anew. */
	async #sendPart(stream: StreamId, follow: Follow): Promise<void> {
		const { logStore, peer, metrics } = this.#deps;
		const { snapshot, index } = follow.sending ?? { snapshot: await this.#newestFor(stream, follow), index: 0 };
		const { id, covers, chain, count } = snapshot;
		const part = await logStore.snapshotPart({ space: this.#space, stream, id, index });
		if (this.#follows.get(stream) !== follow) return;
		follow.sending = part && { snapshot, index: index + 1 };
		if (!part) return;
		await peer.sendFlushed(encodeRelayMessage({ type: 'snapshot', stream, id, covers, chain, index, count, part }));
		if (this.#follows.get(stream) !== follow || index + 1 < count) return;
		metrics.count('snapshots_sent_total');
		follow.sending = undefined;
		follow.mode = 'catching-up';
		follow.next = covers + 1;
		follow.known = Math.max(follow.known, covers);
		this.#echoOffers(stream, covers);
	}

	async #newestFor(stream: StreamId, follow: Follow): Promise<KeptSnapshot> {
		const newest = await this.#deps.logStore.snapshot({ space: this.#space, stream });
		if (!newest || newest.covers < follow.next) throw new Error('entries were pruned that no snapshot covers');
		return newest;
	}

	#sendHead(stream: StreamId, head: LogHead): void {
		const { seq, chain, covered, snapshotBytes } = head;
		const tailBytes = head.bytes - head.coveredBytes;
		this.#deps.peer.send(encodeRelayMessage({ type: 'head', stream, seq, chain, covered, snapshotBytes, tailBytes }));
	}

	/** The frames for consecutive items, lazily: `next` moves as they are taken, and own entries become echoes in place. */
	*#framesOf(stream: StreamId, follow: Follow, items: readonly LogItem[]): Generator<Uint8Array> {
		let group: LogItem[] = [];
		let bytes = 0;
		for (const item of items) {
			const isOwn = this.#offers?.get(stream)?.has(item.id) ?? false;
			if (isOwn || bytes + item.entry.length > this.#batchBytes) {
				yield* this.#entriesFrame(stream, follow, group);
				group = [];
				bytes = 0;
			}
			if (isOwn) {
				this.#withdraw(stream, item.id);
				follow.next = item.seq + 1;
				yield encodeRelayMessage({ type: 'echo', stream, id: item.id, seq: item.seq });
			} else {
				group.push(item);
				bytes += item.entry.length;
			}
		}
		yield* this.#entriesFrame(stream, follow, group);
	}

	*#entriesFrame(stream: StreamId, follow: Follow, items: readonly LogItem[]): Generator<Uint8Array> {
		const [first] = items;
		if (!first) return;
		follow.next = first.seq + items.length;
		this.#deps.metrics.count('entries_sent_total', items.length);
		const entries = items.map(({ entry }) => entry);
		yield encodeRelayMessage({ type: 'entries', stream, from: first.seq, entries });
	}

	#sendEcho(stream: StreamId, id: EntryId, seq: number): void {
		this.#deps.peer.send(encodeRelayMessage({ type: 'echo', stream, id, seq }));
	}
}
