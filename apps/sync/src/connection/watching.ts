import type { SpaceId, StreamId } from '@pocketeer/core/ids';
import { encodeRelayMessage } from '@pocketeer/core/protocol/codec';
import type { LogStoreDep } from '../store/log-store.ts';
import type { CommittedRun } from './appender.ts';
import type { Following } from './following.ts';
import type { Peer } from './peer.ts';

/**
 * What one connection hears of streams that it does not follow: that they moved. Said once per stream and turn of the
 * event loop, and never faster than the peer takes it. While entries are still being read for the peer it waits, so
 * that a count it hears of never runs ahead of the streams it follows.
 */
export interface Watching {
	/** Answers with the streams that moved since, and tells of every move from then on. */
	watch(since: number): Promise<void>;
	/** A stream moved that is not followed. */
	moved(run: CommittedRun): void;
	/** Nothing is being read for the peer any more. */
	caughtUp(): void;
}

/** Heads of one message. */
const HEADS = 2_000;

interface WatchingDeps extends LogStoreDep {
	readonly peer: Peer;
	readonly following: Following;
	readonly defer: (run: () => void) => void;
	readonly onStuck: (error: unknown) => void;
}

/** Tells of nothing before `watch`. */
export function createWatching(deps: WatchingDeps, options: { readonly space: SpaceId }): Watching {
	return new Watcher(deps, options.space);
}

/** A class for the memory's sake: every connection has one. */
class Watcher implements Watching {
	readonly #deps: WatchingDeps;
	readonly #space: SpaceId;
	/** Made when something moves first. */
	#waiting: Map<StreamId, { readonly seq: number; readonly change: number }> | undefined = undefined;
	#isWatching = false;
	#isDeferred = false;
	/** While an answer is being made, or the peer takes what was said. */
	#isBusy = false;

	constructor(deps: WatchingDeps, space: SpaceId) {
		this.#deps = deps;
		this.#space = space;
	}

	async watch(since: number): Promise<void> {
		this.#isWatching = true;
		this.#isBusy = true;
		const answer = await this.#moves(since);
		for (let from = 0; ; from += HEADS) {
			const heads = answer.heads.slice(from, from + HEADS);
			const isLast = from + HEADS >= answer.heads.length;
			const frame = encodeRelayMessage({ type: 'heads', change: isLast ? answer.change : 0, heads });
			await this.#deps.peer.sendFlushed(frame);
			if (isLast) break;
		}
		this.#isBusy = false;
		this.#tell();
	}

	moved({ stream, items, change }: CommittedRun): void {
		const seq = items.at(-1)?.seq;
		if (!this.#isWatching || seq === undefined) return;
		this.#waiting ??= new Map();
		// Anew at the end: told in the order of their counts.
		this.#waiting.delete(stream);
		this.#waiting.set(stream, { seq, change });
		if (this.#isDeferred) return;
		this.#isDeferred = true;
		this.#deps.defer(() => {
			this.#isDeferred = false;
			this.#tell();
		});
	}

	caughtUp(): void {
		this.#tell();
	}

	/** Of a relay that was set back the asker has read too much: it is told of everything. */
	async #moves(since: number) {
		const { logStore } = this.#deps;
		const answer = await logStore.moved(this.#space, since);
		return answer.change < since ? logStore.moved(this.#space, 0) : answer;
	}

	#tell(): void {
		const { peer, following, onStuck } = this.#deps;
		if (this.#isBusy || !this.#waiting || following.isCatchingUp()) return;
		const frames: Uint8Array[] = [];
		for (const [stream, { seq, change }] of this.#waiting) {
			// Opened since: its entries say it.
			if (!following.follows(stream)) frames.push(encodeRelayMessage({ type: 'moved', stream, seq, change }));
		}
		this.#waiting = undefined;
		const last = frames.pop();
		if (!last) return;
		for (const frame of frames) peer.send(frame);
		this.#isBusy = true;
		peer.sendFlushed(last).then(() => {
			this.#isBusy = false;
			this.#tell();
		}, onStuck);
	}
}
