import type { Bytes } from '../bytes.ts';
import type { DeviceIdentity } from '../crypto/device-keys.ts';
import type { StreamId, StreamName, WakeId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { DialerDep } from '../ports/socket.ts';
import { authTranscript } from '../protocol/auth.ts';
import { PROTOCOL_VERSION, type PushSubscriptionFields, type RelayMessage } from '../protocol/messages.ts';
import { createBatcher } from './batcher.ts';
import { createConnection } from './connection.ts';
import { createFollowLater } from './follow-later.ts';
import type { OutboxDeps } from './outbox.ts';
import { createRequests, type Requests } from './requests.ts';
import type { SessionOptions } from './session.ts';
import { createStreamLink, type StreamLink } from './stream-link.ts';
import type { SyncStatus } from './sync.ts';

/** What the one tab that leads does for all: it owns the connection, reads the relay's log and empties the outbox. */
export interface Leader extends Disposable {
	/** Exchanges a stream with the relay from now on, beginning at once: somebody looks at it or waits for it. */
	follow(stream: StreamName): void;
	/** The same, beginning when there is nothing better to do. */
	followLater(stream: StreamName): void;
	/** Rows of so many bytes were added to the outbox, by this tab or another. */
	noteLocal(streams: readonly StreamName[], bytes: number): void;
	wake(): void;
	/** The push subscription changed: the relay is told. */
	subscriptionChanged(): void;
	/** What the connection and the streams say; `isLeader` is for the caller. */
	status(): Omit<SyncStatus, 'isLeader'>;
	isCaughtUp(stream: StreamName): boolean;
	readonly requests: Requests;
}

export interface LeaderOptions {
	readonly relayUrl: string;
	readonly identity: DeviceIdentity;
	/** Sent with every authentication: founds the space at a relay that does not know it. */
	readonly foundingList: Bytes | undefined;
	readonly invite: string;
	/** Streams to follow, asked for once. */
	followed(): Promise<readonly StreamName[]>;
	/** Whether somebody looks at a stream, so that it comes before the others when a session begins. */
	isOpen(stream: StreamName): boolean;
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
}

export type LeaderDeps = Omit<OutboxDeps, 'outgoing'> & ClockDep & DialerDep & LogDep;

/** A skew below this is nobody's business: clocks of healthy machines differ by seconds. */
const SKEW_SHOWN_MS = 2 * 60_000;
/** Bytes on their way that are enough for any network; more would only delay what is said next. */
const SEND_AHEAD_BYTES = 1024 * 1024;
const BUSY_RETRY_MS = 250;

/** Connects and keeps at it until disposed. */
export function createLeader(deps: LeaderDeps, options: LeaderOptions, events: LeaderEvents): Leader {
	const followed = new Set<StreamName>();
	const links = new Map<StreamName, StreamLink>();
	const linksById = new Map<StreamId, StreamLink>();
	const pending = new Set<StreamName>();
	const stuck = new Map<StreamName, string>();
	let isOver = false;
	let isOnline = false;
	let vapidKey: string | undefined;
	let clockSkewMs: number | undefined;
	let busy: Disposable | undefined;

	const batcher = createBatcher(deps, () => void drainAll());
	const requests = createRequests((message) => {
		if (!isOnline) return false;
		connection.send(message);
		return true;
	});
	const connection = createConnection(deps, sessionOptions(deps, options), {
		changed: () => events.changed(),
		ready,
		received,
		lost() {
			isOnline = false;
			later.clear();
			requests.abandon();
			for (const link of links.values()) link.disconnect();
			events.changed();
		},
	});
	const later = createFollowLater(deps, { quiet: options.quiet, take: connectMany });
	void followAll();

	return {
		follow(stream) {
			followed.add(stream);
			void linkOf(stream);
		},
		followLater(stream) {
			if (!followed.has(stream)) begin([stream]);
		},
		noteLocal(streams, bytes) {
			for (const stream of streams) pending.add(stream);
			events.changed();
			batcher.note(bytes);
		},
		wake() {
			connection.wake();
			for (const link of links.values()) link.retry();
			void drainAll();
		},
		subscriptionChanged: () => void repeatSubscription(),
		status: () => ({
			connection: connection.state,
			pendingStreams: pending.size,
			stuck: [...stuck].map(([stream, reason]) => ({ stream, reason })),
			clockSkewMs,
			vapidKey,
		}),
		isCaughtUp: (stream) => links.get(stream)?.isCaughtUp ?? false,
		requests,
		[Symbol.dispose]() {
			isOver = true;
			isOnline = false;
			batcher[Symbol.dispose]();
			later[Symbol.dispose]();
			busy?.[Symbol.dispose]();
			for (const link of links.values()) link[Symbol.dispose]();
			connection[Symbol.dispose]();
			requests.abandon();
		},
	};

	function ready(message: RelayMessage & { type: 'ready' }): void {
		isOnline = true;
		vapidKey = message.vapidKey === '' ? undefined : message.vapidKey;
		const skew = message.now - deps.clock.now();
		clockSkewMs = Math.abs(skew) > SKEW_SHOWN_MS ? skew : undefined;
		begin([...links.keys(), ...followed]);
		void repeatSubscription();
		void drainAll();
		events.changed();
	}

	function received(message: RelayMessage): void {
		switch (message.type) {
			case 'entries':
			case 'echo':
			case 'head':
				linksById.get(message.stream)?.received(message);
				return;
			case 'fired':
				events.fired({ id: message.id, due: message.due });
				return;
			case 'error': {
				const link = [...links.values()].find(({ id, isSending }) => id === message.about || isSending(message.about));
				if (link) link.refused(message);
				else requests.answered(message);
				return;
			}
			default:
				requests.answered(message);
		}
	}

	async function followAll(): Promise<void> {
		begin(await options.followed());
		await drainAll();
	}

	/** Those that are open at once; the others must not stand in the way of the app's start. */
	function begin(streams: readonly StreamName[]): void {
		for (const stream of streams) followed.add(stream);
		if (!isOnline) return;
		const closed = new Set<StreamName>();
		for (const stream of streams) {
			if (options.isOpen(stream)) void linkOf(stream);
			else closed.add(stream);
		}
		later.add(closed);
	}

	/** Connects streams with two looks into the store, instead of three for each. */
	async function connectMany(streams: readonly StreamName[]): Promise<void> {
		const names = streams.filter((name) => !links.get(name)?.isConnected);
		const fresh = names.filter((name) => !links.has(name));
		const [places, waiting, made] = await Promise.all([
			deps.store.positions(fresh),
			deps.store.pendingStreams(),
			Promise.all(names.map(makeLink)),
		]);
		const withRows = waiting.ok ? new Set(waiting.value) : undefined;
		for (const link of made) {
			if (!isOnline || !link || link.isConnected) continue;
			const position = places.ok ? places.value.get(link.name) : undefined;
			link.connect({ position, hasRows: withRows?.has(link.name) ?? true });
		}
	}

	/** The link of a stream, connected while there is a connection. */
	async function linkOf(name: StreamName): Promise<StreamLink | undefined> {
		const link = await makeLink(name);
		if (isOnline && link && !link.isConnected) link.connect();
		return link;
	}

	async function makeLink(name: StreamName): Promise<StreamLink | undefined> {
		const present = links.get(name);
		if (present) return present;
		const id = await deps.secrets.streamId(name);
		const meanwhile = links.get(name);
		if (meanwhile || isOver) return meanwhile;
		const link = createStreamLink(
			{
				...deps,
				send: (message) => connection.send(message),
				arrived: events.arrived,
				outgoing: events.outgoing,
				changed(stream) {
					const link = links.get(stream);
					if (link?.stuck === undefined) stuck.delete(stream);
					else stuck.set(stream, link.stuck);
					if (link?.isCaughtUp) events.caughtUp(stream);
					events.changed();
				},
				settled: (stream) => void refreshPending(stream),
			},
			{ name, id },
		);
		links.set(name, link);
		linksById.set(id, link);
		return link;
	}

	/** Every stream with rows waiting is linked, and those that can, send. */
	async function drainAll(): Promise<void> {
		const waiting = await deps.store.pendingStreams();
		if (isOver || !waiting.ok) return;
		pending.clear();
		for (const stream of waiting.value) pending.add(stream);
		events.changed();
		for (const stream of waiting.value) {
			if (connection.bufferedBytes > SEND_AHEAD_BYTES) {
				busy?.[Symbol.dispose]();
				busy = deps.clock.setTimer(BUSY_RETRY_MS, () => void drainAll());
				return;
			}
			(await linkOf(stream))?.drain();
		}
	}

	async function refreshPending(stream: StreamName): Promise<void> {
		const [unsealed, sealed] = await Promise.all([deps.store.unsealed(stream, 1), deps.store.sealed(stream)]);
		if (!unsealed.ok || !sealed.ok || unsealed.value.length + sealed.value.length > 0) return;
		pending.delete(stream);
		events.changed();
	}

	async function repeatSubscription(): Promise<void> {
		const subscription = await options.subscription();
		if (subscription && !isOver) await requests.putPush(subscription);
	}
}

function sessionOptions(deps: LeaderDeps, options: LeaderOptions): SessionOptions {
	const { identity } = options;
	return {
		relayUrl: options.relayUrl,
		async authenticate(challenge) {
			const { space } = deps.secrets;
			const { nonce, timeline } = challenge;
			const transcript = authTranscript({ nonce, timeline, space, device: identity.id });
			const signature = await crypto.subtle.sign('Ed25519', identity.signing.privateKey, transcript);
			return {
				type: 'auth',
				version: PROTOCOL_VERSION,
				space,
				device: identity.id,
				signature: new Uint8Array(signature),
				list: options.foundingList ?? null,
				invite: options.invite,
			};
		},
	};
}
