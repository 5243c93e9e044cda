import type { Bytes } from '../bytes.ts';
import type { DeviceIdentity } from '../crypto/device-keys.ts';
import type { StreamName, WakeId } from '../ids.ts';
import type { MemberKeys } from '../members/member-keys.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { DialerDep } from '../ports/socket.ts';
import { authTranscript } from '../protocol/auth.ts';
import {
	type ClientMessage,
	PROTOCOL_VERSION,
	type PushSubscriptionFields,
	type RelayMessage,
} from '../protocol/messages.ts';
import { createBatcher } from './batcher.ts';
import { createConnection, type Refusal } from './connection.ts';
import { createFollowLater } from './follow-later.ts';
import { createLinks } from './links.ts';
import { createListExchange } from './list-exchange.ts';
import type { OutboxDeps } from './outbox.ts';
import { createRequests, type Requests } from './requests.ts';
import { relayOrigin } from './session.ts';
import { readStatement } from './space-deleted.ts';
import type { SyncStatus } from './sync.ts';
import { createSyncedAt } from './synced-at.ts';
import { createWatching } from './watching.ts';
import { createWhispers } from './whispers.ts';

/** What the one tab that leads does for all: it owns the connection, reads the relay's log and empties the outbox. */
export interface Leader extends Disposable {
	/** Exchanges a stream with the relay from now on, beginning at once: somebody looks at it or waits for it. */
	follow(stream: StreamName): void;
	/** The same, beginning when there is nothing better to do. */
	followLater(stream: StreamName): void;
	/** Somebody looks at a stream no longer. */
	lookedAway(): void;
	/** Rows of so many bytes were added to the outbox, by this tab or another. */
	noteLocal(streams: readonly StreamName[], bytes: number): void;
	wake(): void;
	/** The keys of the space were renewed. */
	rekeyed(): void;
	/** Says something to the devices that look at a stream now; nobody keeps it. */
	whisper(stream: StreamName, bytes: Uint8Array): void;
	/** What the connection and the streams say; `isLeader` is for the caller. */
	status(): Omit<SyncStatus, 'isLeader'>;
	isCaughtUp(stream: StreamName): boolean;
	readonly requests: Requests;
}

export interface LeaderOptions {
	readonly relayUrl: string;
	readonly identity: DeviceIdentity;
	readonly keys: MemberKeys;
	readonly invite: string;
	/** Streams that were ever opened on this device. */
	followed(): Promise<readonly StreamName[]>;
	/** Whether somebody looks at a stream, so that it is kept open at the relay. */
	isOpen(stream: StreamName): boolean;
	/** Those that somebody looks at. */
	open(): readonly StreamName[];
	/** Resolves when no document is being loaded: the others leave the database to those. */
	quiet(): Promise<void>;
	/** The push subscription to repeat at each connection. */
	subscription(): Promise<PushSubscriptionFields | undefined>;
}

export interface LeaderEvents {
	/** Came from the relay and is on disk. */
	arrived(stream: StreamName, updates: readonly Bytes[]): void;
	/** Is on disk and on its way to the relay, whichever tab it was made in. */
	outgoing(stream: StreamName, update: Bytes): void;
	changed(): void;
	caughtUp(stream: StreamName): void;
	fired(fired: { readonly id: WakeId; readonly due: number }): void;
	/** Another device said something about a stream. */
	whispered(stream: StreamName, bytes: Bytes): void;
}

export type LeaderDeps = Omit<OutboxDeps, 'outgoing'> & ClockDep & DialerDep & LogDep;

/** A skew below this is nobody's business: clocks of healthy machines differ by seconds. */
const SKEW_SHOWN_MS = 2 * 60_000;
/** Bytes on their way that are enough for any network; more would only delay what is said next. */
const SEND_AHEAD_BYTES = 1024 * 1024;
const BUSY_RETRY_MS = 250;

/** Connects and keeps at it until disposed. */
export function createLeader(deps: LeaderDeps, options: LeaderOptions, events: LeaderEvents): Leader {
	const { store, clock } = deps;
	const pending = new Set<StreamName>();
	/** When each stream's log was last found to be another than was read. */
	const forkedAt = new Map<StreamName, number>();
	let isOver = false;
	let isOnline = false;
	let timeline = '';
	let vapidKey: string | undefined;
	let clockSkewMs: number | undefined;
	let deleted: SyncStatus['deleted'];
	let busy: Disposable | undefined;
	/** When the relay gave its last sign of life in a session at rest. */
	let isAtRest = false;
	let heardAt = 0;

	const send = (message: ClientMessage) => connection.send(message);
	const batcher = createBatcher(deps, () => void drainAll());
	const syncedAt = createSyncedAt(deps, events.changed);
	const requests = createRequests((message) => {
		if (isOnline) send(message);
		return isOnline;
	});
	const exchange = createListExchange(deps, {
		keys: options.keys,
		device: options.identity.id,
		requests,
		refused: (refusal) => connection.refuse(refusal),
	});
	const links = createLinks(
		{
			...deps,
			send,
			bufferedBytes: () => connection.bufferedBytes,
			arrived: events.arrived,
			outgoing: events.outgoing,
			settled: (stream) => void refreshPending(stream),
		},
		{
			isOnline: () => isOnline,
			isWanted: (stream) => options.isOpen(stream) || pending.has(stream),
			begins: (streams) => watching.begins(streams),
			caughtUp: events.caughtUp,
			settled: (stream) => watching.settled(stream),
			looked,
			changed: events.changed,
			republished,
		},
	);
	const later = createFollowLater(deps, { quiet: options.quiet, take: links.openMany });
	const watching = createWatching(deps, {
		send,
		isLive: (stream) => links.get(stream)?.isConnected === true,
		openLater,
		followed: options.followed,
	});
	const whispers = createWhispers(deps, { send, nameOf: links.nameOf, heard: events.whispered });
	const connection = createConnection(
		deps,
		{ relayUrl: options.relayUrl, authenticate },
		{ changed: events.changed, ready, received, lost, appeals },
	);
	void drainAll();

	return {
		follow: (stream) => void links.open(stream),
		followLater: (stream) => watching.want([stream]),
		lookedAway: links.lookSoon,
		noteLocal(streams, bytes) {
			for (const stream of streams) pending.add(stream);
			isAtRest = false;
			events.changed();
			batcher.note(bytes);
		},
		wake() {
			connection.wake();
			for (const link of links.all()) link.retry();
			void drainAll();
		},
		rekeyed() {
			for (const link of links.all()) link.rekeyed();
		},
		whisper: (stream, bytes) => void (isOnline && whispers.say(stream, bytes)),
		status: () => ({
			connection: connection.state,
			pendingStreams: pending.size,
			stuck: links.stuck,
			quarantined: links.quarantined,
			republished: syncedAt.republished,
			lastSyncedAt: syncedAt.lastSyncedAt,
			deleted,
			clockSkewMs,
			vapidKey,
		}),
		isCaughtUp: (stream) => links.get(stream)?.isCaughtUp ?? false,
		requests,
		[Symbol.dispose]() {
			isOver = true;
			isOnline = false;
			for (const owned of [batcher, exchange, later, links, connection]) owned[Symbol.dispose]();
			busy?.[Symbol.dispose]();
			requests.abandon();
		},
	};

	async function authenticate(
		challenge: RelayMessage & { type: 'challenge' },
	): Promise<ClientMessage & { type: 'auth' }> {
		const { identity } = options;
		const { space } = deps.secrets;
		const { nonce } = challenge;
		timeline = challenge.timeline;
		const origin = relayOrigin(options.relayUrl);
		const transcript = authTranscript({ nonce, timeline, origin, space, device: identity.id });
		const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', identity.signing.privateKey, transcript));
		const { offer: lists } = exchange;
		const { invite } = options;
		return { type: 'auth', version: PROTOCOL_VERSION, space, device: identity.id, signature, origin, lists, invite };
	}

	function ready(message: RelayMessage & { type: 'ready' }): void {
		isOnline = true;
		isAtRest = false;
		deleted = undefined;
		heardAt = clock.now();
		vapidKey = message.vapidKey === '' ? undefined : message.vapidKey;
		const skew = message.now - clock.now();
		clockSkewMs = Math.abs(skew) > SKEW_SHOWN_MS ? skew : undefined;
		exchange.ready(message.listVersion);
		const stuck = links.stuck.map(({ stream }) => stream);
		for (const stream of new Set([...options.open(), ...stuck])) void links.open(stream);
		watching.ready(timeline);
		void links.loaded.then(() => openLater(links.quarantined.map(({ stream }) => stream)));
		void repeatSubscription();
		void drainAll();
		events.changed();
	}

	function openLater(streams: readonly StreamName[]): void {
		if (isOnline) later.add(streams);
	}

	function lost(): void {
		isOnline = false;
		if (isAtRest) syncedAt.synced(heardAt);
		isAtRest = false;
		later.clear();
		requests.abandon();
		watching.lost();
		links.disconnect();
		events.changed();
	}

	function appeals(refusal: Refusal): boolean {
		if (refusal.statement) void showDeleted(refusal.statement);
		return exchange.appeals(refusal.code);
	}

	function received(message: RelayMessage): void {
		heardAt = clock.now();
		switch (message.type) {
			case 'entries':
				if (links.received(message) === undefined) {
					watching.strayed(message.stream, message.from + message.entries.length - 1);
				}
				return;
			case 'echo':
			case 'head':
			case 'snapshot':
			case 'snapshot-kept':
				links.received(message);
				return;
			case 'heads':
			case 'moved':
				watching.received(message);
				return;
			case 'ephemeral':
				whispers.received(message);
				return;
			case 'listed':
				exchange.refresh();
				return;
			case 'fired':
				events.fired({ id: message.id, due: message.due });
				return;
			case 'error':
				refused(message);
				return;
			case 'pong':
				if (isAtRest) syncedAt.idle(heardAt);
				return;
			default:
				requests.answered(message);
		}
	}

	function refused(error: RelayMessage & { type: 'error' }): void {
		const stream = links.refused(error);
		if (stream === undefined) requests.answered(error);
		if (error.code === 'stale-epoch') exchange.refresh();
	}

	/** Called with every change of the link: a finding is one by its moment. */
	function republished(stream: StreamName, at: number): void {
		if (forkedAt.get(stream) !== at) watching.reread(stream);
		forkedAt.set(stream, at);
		syncedAt.republishing(stream, at);
	}

	function looked(areLinksAtRest: boolean): void {
		isAtRest = watching.looked(areLinksAtRest) && isOnline && pending.size === 0;
		if (isAtRest) syncedAt.synced(heardAt);
	}

	async function showDeleted(statement: Bytes): Promise<void> {
		deleted = await readStatement(statement, options.keys.lists);
		events.changed();
	}

	/** Every stream with rows waiting is open, and those that can, send. */
	async function drainAll(): Promise<void> {
		const waiting = await store.pendingStreams();
		if (isOver || !waiting.ok) return;
		pending.clear();
		for (const stream of waiting.value) pending.add(stream);
		events.changed();
		for (const stream of waiting.value) {
			if (connection.bufferedBytes > SEND_AHEAD_BYTES) {
				busy?.[Symbol.dispose]();
				busy = clock.setTimer(BUSY_RETRY_MS, () => void drainAll());
				return;
			}
			(await links.open(stream))?.drain();
		}
	}

	async function refreshPending(stream: StreamName): Promise<void> {
		const [unsealed, sealed] = await Promise.all([store.unsealed(stream, 1), store.sealed(stream)]);
		if (!unsealed.ok || !sealed.ok || unsealed.value.length + sealed.value.length > 0) return;
		pending.delete(stream);
		events.changed();
	}

	async function repeatSubscription(): Promise<void> {
		const subscription = await options.subscription();
		if (subscription && !isOver) await requests.putPush(subscription);
	}
}
