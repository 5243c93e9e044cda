import type { StreamId, StreamName } from '../ids.ts';
import type { StreamPosition } from '../ports/store.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import { retryQuarantined, takeEntries, takeHead, takePart } from './link-reading.ts';
import { beginRepublish } from './link-republish.ts';
import type { LinkState, StreamLinkDeps, StreamMessage } from './link-state.ts';
import { drain, refused, takeEcho } from './link-writing.ts';
import { createLogAside } from './log-aside.ts';
import { createQuarantine } from './quarantine.ts';
import { createSnapshotMaker } from './snapshot-maker.ts';
import { createSnapshotParts } from './snapshot-parts.ts';
import { createStepQueue } from './step-queue.ts';
import { BROKE_OFF, describeStoreError } from './stuck-reasons.ts';

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
	/** Shuts the stream at the relay and disconnects, if it is settled; answers whether it was (SY11). */
	release(): boolean;
	received(message: StreamMessage): void;
	/** The relay refused something of this stream, or what of ours is under way. */
	refused(error: RelayMessage & { type: 'error' }): void;
	/** Rows may be waiting. */
	drain(): void;
	/** Tries again what failed on this device's side. */
	retry(): void;
	/** The keys were renewed: what was sealed with older ones is sealed again, what could not be opened tried again (SY15). */
	rekeyed(): void;
	/** Reads the log from its beginning and publishes again what it lacks, now or with the next session (SY13). */
	republish(): void;
	readonly isCaughtUp: boolean;
	/** Caught up, nothing waiting or under way, and no snapshot intended. */
	readonly isSettled: boolean;
	/** Why it stands still, as a sentence. */
	readonly stuck: string | undefined;
	/** How many entries are put aside because they cannot be read (SY14). */
	readonly quarantined: number;
	/** When the relay was found to have another log than the one read here, ms since the epoch; for the person. */
	readonly republishedAt: number | undefined;
	/** Whether `about` is the id of our entry, or of our snapshot, that is under way. */
	isSending(about: string): boolean;
}

/** What the store holds of a stream, read together with that of others. */
export interface KnownPlace {
	/** undefined: the stream has to ask by itself. */
	readonly position: StreamPosition | undefined;
	readonly hasRows: boolean;
	/** False: no entry of it is put aside. Left out: the stream has to ask by itself. */
	readonly hasQuarantined?: boolean;
}

/** After this device's disk refused: somebody may have made room. */
const STORE_RETRY_MS = 30_000;

/** Makes the link of a stream, not connected yet. */
export function createStreamLink(
	deps: StreamLinkDeps,
	stream: { readonly name: StreamName; readonly id: StreamId },
): StreamLink {
	const { name, id } = stream;
	const steps = createStepQueue((error) => {
		// A bug, or a row that passed for whole: unheard it would end this stream for good, and nobody would know.
		deps.log.warn('sync.failed', { error: error instanceof Error ? error.name : 'unknown' });
		link.stop({ reason: BROKE_OFF });
	});
	/** Since the last `connect`. What it is told was read before, maybe before the rows of this `drain` were there. */
	let isDrainAsked = false;
	let known: KnownPlace | undefined;
	let retryTimer: Disposable | undefined;
	const link = createState();

	return {
		name,
		id,
		connect,
		get isConnected() {
			return link.isConnected;
		},
		disconnect,
		release() {
			if (!isSettled()) return false;
			deps.send({ type: 'shut', stream: id });
			disconnect();
			return true;
		},
		received(message) {
			if (link.isConnected) enqueue(() => receive(message));
		},
		refused: (error) => enqueue(() => refused(link, error)),
		drain() {
			isDrainAsked = true;
			link.mayHaveRows = true;
			enqueue(() => drain(link));
		},
		retry() {
			if (link.isConnected && link.pin) reopen();
		},
		rekeyed() {
			if (!link.isConnected) return;
			// Opened anew, the relay forgets that it refused the entry before.
			if (link.isWaitingForKeys || link.pin?.isOfKeys) reopen();
			else enqueue(() => drain(link));
		},
		republish: () => steps.add(() => beginRepublish(link)),
		get isCaughtUp() {
			return link.isCaughtUp;
		},
		get isSettled() {
			return isSettled();
		},
		get stuck() {
			return link.pin?.reason ?? link.blocked;
		},
		get quarantined() {
			return link.quarantine.count;
		},
		get republishedAt() {
			return link.republishedAt;
		},
		isSending: (about) => link.underWay?.id === about || link.maker.isPutting(about),
		[Symbol.dispose]: disconnect,
	};

	function connect(place?: KnownPlace): void {
		disconnect();
		link.isConnected = true;
		link.mayHaveRows = isDrainAsked || (place?.hasRows ?? true);
		isDrainAsked = false;
		known = place;
		link.quarantine.begin();
		reopen();
	}

	function disconnect(): void {
		link.session++;
		link.isConnected = false;
		link.isOpen = false;
		link.isCaughtUp = false;
		link.headsDue = 0;
		link.underWay = undefined;
		link.maker.reset();
		retryTimer?.[Symbol.dispose]();
		retryTimer = undefined;
	}

	/** Not carried out when the session it was asked for in is over. */
	function enqueue(task: () => Promise<void>): void {
		const mine = link.session;
		steps.add(async () => {
			if (mine === link.session) await task();
		});
	}

	function reopen(): void {
		link.isCaughtUp = false;
		enqueue(async () => {
			const mine = link.session;
			link.position ??= known?.position ?? (await loadPosition());
			await retryQuarantined(link, known?.hasQuarantined === false);
			known = undefined;
			if (!link.position || mine !== link.session) return;
			link.pin = undefined;
			link.blocked = undefined;
			link.isWaitingForKeys = false;
			link.parts.clear();
			link.aside = link.position.republish ? createLogAside() : undefined;
			link.isOpen = true;
			sendOpen(link.position);
			deps.changed(name);
		});
	}

	async function loadPosition(): Promise<StreamPosition | undefined> {
		const stored = await deps.store.position(name);
		if (stored.ok) return stored.value;
		link.failedHere(stored.error);
		return undefined;
	}

	async function receive(message: StreamMessage): Promise<void> {
		if (message.type === 'head') link.headsDue = Math.max(0, link.headsDue - 1);
		if (!link.position) return;
		if (message.type === 'snapshot-kept') return link.maker.kept(message.id);
		if (link.pin) return;
		switch (message.type) {
			case 'entries':
				return takeEntries(link, message);
			case 'echo':
				return takeEcho(link, message);
			case 'snapshot':
				return takePart(link, message);
			default:
				return takeHead(link, message);
		}
	}

	function isSettled(): boolean {
		return isResting() && steps.length === 0 && !link.maker.isBusy;
	}

	/** Read to the end, and nothing of ours waits. */
	function isResting(): boolean {
		const isFree = !link.mayHaveRows && !link.underWay && !link.pin && link.blocked === undefined;
		return link.isConnected && link.isCaughtUp && isFree;
	}

	/** Asks for a `head`; what comes with it was read already. */
	async function look(): Promise<void> {
		if (link.isCaughtUp && link.position) sendOpen(link.position);
	}

	function sendOpen({ seq, chain }: StreamPosition): void {
		link.headsDue++;
		deps.send({ type: 'open', stream: id, cursor: seq, chain });
	}

	function createState(): LinkState {
		return {
			name,
			id,
			deps,
			quarantine: createQuarantine(deps, stream),
			parts: createSnapshotParts(),
			maker: createSnapshotMaker(deps, stream, {
				isWhole: () => link.quarantine.isClean,
				place: () => (isResting() ? link.position : undefined),
				look: () => enqueue(look),
			}),
			position: undefined,
			aside: undefined,
			session: 0,
			isConnected: false,
			isOpen: false,
			isCaughtUp: false,
			headsDue: 0,
			mayHaveRows: true,
			pin: undefined,
			blocked: undefined,
			isWaitingForKeys: false,
			underWay: undefined,
			republishedAt: undefined,
			forkedIn: -1,
			reopen,
			enqueue,
			stop(pin) {
				deps.log.warn('sync.stuck', { stream: id, seq: link.position?.seq ?? -1 });
				link.pin = pin;
				deps.changed(name);
			},
			block(reason) {
				link.blocked = reason;
				deps.changed(name);
			},
			failedHere(error) {
				link.stop({ reason: describeStoreError(error) });
				link.retryIn(STORE_RETRY_MS, () => {
					if (link.isConnected) reopen();
				});
			},
			retryIn(delayMs, run) {
				retryTimer?.[Symbol.dispose]();
				retryTimer = deps.clock.setTimer(delayMs, run);
			},
		};
	}
}
