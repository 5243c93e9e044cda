import { type Bytes, equalBytes } from '../bytes.ts';
import { readEntryHeader } from '../crypto/entry.ts';
import type { StreamId, StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { SealedRow, StoreError, StreamPosition } from '../ports/store.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ClientMessage, RelayMessage } from '../protocol/messages.ts';
import { describeReadError, isLastOfWriter, keepEntries, positionAfter, type ReadEntry, readEntries } from './inbox.ts';
import { nextOutgoing, type OutboxDeps } from './outbox.ts';

/**
 * One stream between this device's store and the relay, in the tab that leads. It takes one thing at a time, in the
 * order in which it came; at most one of our entries is under way, so a refused one leaves no gap in its writer's chain.
 */
export interface StreamLink extends Disposable {
	readonly name: StreamName;
	readonly id: StreamId;
	/** A session began: opens the stream where this device stands; `known` is what was read of it for this call. */
	connect(known?: KnownPlace): void;
	readonly isConnected: boolean;
	/** The session is gone; what was under way counts as not sent. */
	disconnect(): void;
	received(message: StreamMessage): void;
	/** The relay refused something of this stream, or the entry of ours that is under way. */
	refused(error: RelayMessage & { type: 'error' }): void;
	/** Rows may be waiting. */
	drain(): void;
	/** Tries again what failed on this device's side. */
	retry(): void;
	readonly isCaughtUp: boolean;
	/** Why it stands still, as a sentence. */
	readonly stuck: string | undefined;
	/** Whether `entry` is the id of our entry under way. */
	isSending(entry: string): boolean;
}

/** What the store holds of a stream, read together with that of others. */
export interface KnownPlace {
	/** undefined: the stream has to ask by itself. */
	readonly position: StreamPosition | undefined;
	readonly hasRows: boolean;
}

export type StreamMessage = RelayMessage & { readonly type: 'entries' | 'echo' | 'head' };

export type StreamLinkDeps = OutboxDeps &
	ClockDep &
	LogDep & {
		send(message: ClientMessage): void;
		/** Updates of others, on disk now. */
		arrived(stream: StreamName, updates: readonly Bytes[]): void;
		/** `isCaughtUp` or `stuck` changed. */
		changed(stream: StreamName): void;
		/** One of our entries was confirmed. */
		settled(stream: StreamName): void;
	};

/** After the relay asked for patience, or failed on its side. */
const REFUSED_RETRY_MS = 10_000;
/** After this device's disk refused: somebody may have made room. */
const STORE_RETRY_MS = 30_000;

/** Makes the link of a stream, not connected yet. */
export function createStreamLink(
	deps: StreamLinkDeps,
	stream: { readonly name: StreamName; readonly id: StreamId },
): StreamLink {
	const { name, id } = stream;
	let position: StreamPosition | undefined;
	let queue = Promise.resolve();
	/** Counts sessions: what was queued in an earlier one is not carried out. */
	let session = 0;
	let isConnected = false;
	/** False only if `connect` was told so and nobody asked for a `drain` since: then nothing is looked for at `head`. */
	let mayHaveRows = true;
	/** Since the last `connect`. What it is told was read before, maybe before the rows of this `drain` were there. */
	let isDrainAsked = false;
	let isCaughtUp = false;
	/** Why reading stands still (R4); lifted by the next session. */
	let pin: string | undefined;
	/** Why writing stands still. */
	let blocked: string | undefined;
	let underWay: SealedRow | undefined;
	let retryTimer: Disposable | undefined;

	return {
		name,
		id,
		connect(known) {
			disconnect();
			isConnected = true;
			mayHaveRows = isDrainAsked || (known?.hasRows ?? true);
			isDrainAsked = false;
			reopen(known?.position);
		},
		get isConnected() {
			return isConnected;
		},
		disconnect,
		received: (message) => enqueue(() => receive(message)),
		refused: (error) => enqueue(() => refused(error)),
		drain() {
			isDrainAsked = true;
			mayHaveRows = true;
			enqueue(drain);
		},
		retry() {
			if (isConnected && pin !== undefined) reopen();
		},
		get isCaughtUp() {
			return isCaughtUp;
		},
		get stuck() {
			return pin ?? blocked;
		},
		isSending: (entry) => underWay?.id === entry,
		[Symbol.dispose]: disconnect,
	};

	function disconnect(): void {
		session++;
		isConnected = false;
		isCaughtUp = false;
		underWay = undefined;
		retryTimer?.[Symbol.dispose]();
		retryTimer = undefined;
	}

	function enqueue(task: () => Promise<void>): void {
		const mine = session;
		queue = queue
			.then(async () => {
				if (mine === session) await task();
			})
			.catch((error: unknown) => {
				// A bug, or a row that passed for whole: unheard it would end this stream for good, and nobody would know.
				deps.log.warn('sync.failed', { error: error instanceof Error ? error.name : 'unknown' });
				stop(BROKE_OFF);
			});
	}

	function reopen(known?: StreamPosition): void {
		isCaughtUp = false;
		enqueue(async () => {
			const mine = session;
			position ??= known ?? (await loadPosition());
			if (!position || mine !== session) return;
			pin = undefined;
			blocked = undefined;
			deps.send({ type: 'open', stream: id, cursor: position.seq, chain: position.chain });
			deps.changed(name);
		});
	}

	async function loadPosition(): Promise<StreamPosition | undefined> {
		const stored = await deps.store.position(name);
		if (stored.ok) return stored.value;
		failedHere(stored.error);
		return undefined;
	}

	async function receive(message: StreamMessage): Promise<void> {
		if (!position || pin !== undefined) return;
		switch (message.type) {
			case 'entries':
				return entries(position, message);
			case 'echo':
				return echo(position, message);
			default:
				return head(position, message);
		}
	}

	async function entries(from: StreamPosition, message: StreamMessage & { type: 'entries' }): Promise<void> {
		const known = from.seq + 1 - message.from;
		if (known < 0) {
			// Before `head` these are stragglers of an earlier `open`; the right ones follow.
			if (isCaughtUp) stop('The relay left out changes.');
			return;
		}
		const mine = session;
		const { read, problem } = await readEntries(deps, message.entries.slice(known), { stream: id, position: from });
		await keep(read);
		if (!problem || mine !== session || pin !== undefined) return;
		deps.log.warn('sync.entry-refused', { error: problem.type, seq: (position ?? from).seq + 1 });
		stop(describeReadError(problem));
	}

	async function keep(read: readonly ReadEntry[]): Promise<void> {
		const last = read.at(-1);
		if (!last) return;
		const sealed = await deps.store.sealed(name);
		if (!sealed.ok) return failedHere(sealed.error);
		const own = new Set(sealed.value.map((row) => row.id));
		const kept = await keepEntries(deps, name, read, {
			isOwn: (entry) => own.has(entry),
			arrived: (updates) => deps.arrived(name, updates),
		});
		if (!kept.ok) {
			// Some of it may be kept: what the disk says counts.
			position = undefined;
			return failedHere(kept.error);
		}
		position = last.position;
		for (const { id: entry } of read) if (own.has(entry)) await confirmed(entry);
	}

	async function echo(from: StreamPosition, message: StreamMessage & { type: 'echo' }): Promise<void> {
		const row = underWay?.id === message.id ? underWay : undefined;
		// Repeated, or of a session before: the entry was settled then.
		if (!row) return message.seq > from.seq ? reopenAfterSurprise() : undefined;
		if (message.seq > from.seq + 1) return stop('The relay left out changes.');
		const header = readEntryHeader(row.entry);
		if (!header.ok) throw new Error('an entry of ours without a header');
		const { writer, writerSeq } = header.value;
		const isNext = message.seq === from.seq + 1;
		// R7: an entry said to stand in what was read already must have been read there, or it is nowhere.
		if (!isNext && !(await isLastOfWriter(from, row.entry, { writer, seq: writerSeq }))) return stop(NOT_IN_LOG);
		const next = isNext ? await positionAfter(from, row.entry, { writer, seq: writerSeq }) : from;
		const settled = await deps.store.settle({ stream: name, id: row.id, position: next });
		if (!settled.ok) return failedHere(settled.error);
		position = next;
		await confirmed(row.id);
	}

	/** Our entry stands in the log at a place we cannot account for, because another tab led for a moment: look anew. */
	function reopenAfterSurprise(): void {
		position = undefined;
		reopen();
	}

	async function confirmed(entry: string): Promise<void> {
		if (underWay?.id === entry) underWay = undefined;
		deps.settled(name);
		await drain();
	}

	async function head(from: StreamPosition, message: StreamMessage & { type: 'head' }): Promise<void> {
		if (isCaughtUp) return;
		if (message.seq > from.seq) return stop('The relay left out changes.');
		if (message.seq < from.seq) return stop(FORKED);
		if (!equalBytes(message.chain, from.chain)) return stop('The relay changed what it had already sent.');
		isCaughtUp = true;
		// The relay answers in order: what was sent before `open` and did not come back with the log is not in it.
		underWay = undefined;
		deps.changed(name);
		if (mayHaveRows) await drain();
	}

	async function drain(): Promise<void> {
		if (!isConnected || !isCaughtUp || !position || pin !== undefined || blocked !== undefined || underWay) return;
		const mine = session;
		const outgoing = await nextOutgoing(deps, { name, id, position });
		if (mine !== session) return;
		if (!outgoing.ok) return failedHere(outgoing.error);
		const row = outgoing.value;
		if (!row) return;
		if (row.entry.length > LIMITS.entry) {
			const megabytes = (row.entry.length / 1024 / 1024).toFixed(1);
			return block(`A change of ${megabytes} MB is larger than the relay takes. It stays on this device.`);
		}
		underWay = row;
		deps.send({ type: 'append', stream: id, id: row.id, entry: row.entry });
	}

	async function refused(error: RelayMessage & { type: 'error' }): Promise<void> {
		if (error.code === 'forked') return stop(FORKED);
		// A later relay may have other reasons not to serve a stream; it gives them in its sentence.
		if (error.about === id) return stop(error.message);
		if (underWay?.id !== error.about) return;
		underWay = undefined;
		if (error.code === 'rate' || error.code === 'internal') return retryIn(REFUSED_RETRY_MS, () => enqueue(drain));
		block(error.message);
	}

	function failedHere(error: StoreError): void {
		stop(describeStoreError(error));
		retryIn(STORE_RETRY_MS, () => {
			if (isConnected) reopen();
		});
	}

	function retryIn(delayMs: number, run: () => void): void {
		retryTimer?.[Symbol.dispose]();
		retryTimer = deps.clock.setTimer(delayMs, run);
	}

	function stop(reason: string): void {
		deps.log.warn('sync.stuck', { stream: id, seq: position?.seq ?? -1 });
		pin = reason;
		deps.changed(name);
	}

	function block(reason: string): void {
		blocked = reason;
		deps.changed(name);
	}
}

const FORKED =
	'The relay was restored from an older copy and lacks changes this device has seen. Everything stays on this device.';
const BROKE_OFF =
	'Something on this device broke off while it was exchanged. Everything stays here; reload Pocketeer to try again.';
const NOT_IN_LOG = 'The relay confirmed a change that it does not have.';

function describeStoreError(error: StoreError): string {
	switch (error.type) {
		case 'QuotaExceeded':
			return 'The disk is full, or the browser gives no more room: changes from other devices wait at the relay.';
		case 'CorruptRow':
			return `The database of this device is damaged: ${error.reason}.`;
		default:
			return `The database of this device cannot be used: ${error.reason}.`;
	}
}
