import type { Bytes } from '../bytes.ts';
import type { DeviceIdentity } from '../crypto/device-keys.ts';
import type { KeyRing } from '../crypto/key-ring.ts';
import { createSpaceSecrets } from '../crypto/space-secrets.ts';
import { createEmitter } from '../emitter.ts';
import type { SpaceId, StreamName, WakeId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { RandomDep } from '../ports/random.ts';
import type { DialerDep } from '../ports/socket.ts';
import type { LocalUpdate, StoreDep } from '../ports/store.ts';
import type { TabMessage, TabsDep } from '../ports/tabs.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import type { PushSubscriptionFields } from '../protocol/messages.ts';
import { err, type Result } from '../result.ts';
import { createFollowMarks } from './follow-marks.ts';
import { createLeader, type Leader } from './leader.ts';
import { createOpenDocs } from './open-docs.ts';
import { createRecorder } from './recorder.ts';
import type { Requests } from './requests.ts';
import type { RelayError, Sync, SyncStatus } from './sync.ts';
import { createTabLine } from './tab-line.ts';

export interface SyncOptions {
	/** Origin of the relay, such as `https://relay.example`. */
	readonly relayUrl: string;
	readonly spaceId: SpaceId;
	readonly identity: DeviceIdentity;
	readonly keyRing: KeyRing;
	/** Version 1 of the signed device list, from founding: lets a relay that does not know the space take it up. */
	readonly deviceList?: Bytes | undefined;
	/** Token of a relay that takes new spaces by invitation only. */
	readonly invite?: string | undefined;
}

/** The sync client of one tab. */
export interface SyncClient extends Sync {
	/** Call when the page is shown, thawed or comes online: dials at once and catches up with the store. */
	wake(): void;
}

export type SyncDeps = ClockDep & RandomDep & StoreDep & DialerDep & TabsDep & LogDep;

/** The stream of the manifest, followed always. */
const HOME = 'home' as StreamName;
/** Key of the store. */
const PUSH_KEY = 'sync/push';
/** What many streams reach one after the other is told to the other tabs in one go. */
const CAUGHT_UP_EVERY_MS = 30;
/** A leader that does not answer a fresh tab is frozen or older; the tab goes on with what is on disk. */
const FOLLOWER_PATIENCE_MS = 10_000;

/** Opens a space's documents for this tab, and connects them when this tab leads. Disposing flushes to disk. */
export function createSync(deps: SyncDeps, options: SyncOptions): SyncClient {
	const { store, tabs, clock } = deps;
	const secrets = createSpaceSecrets(options.keyRing, options.spaceId);
	const statusChanges = createEmitter<SyncStatus>();
	const fired = createEmitter<{ readonly id: WakeId; readonly due: number }>();
	const caughtUp = createEmitter<StreamName>();
	const arrivals = createEmitter<StreamName>();
	const wanted = new Set<StreamName>();
	/** Streams somebody waits for, by how many do. */
	const awaited = new Map<StreamName, number>();
	const recorder = createRecorder(deps, keptLocal);
	const docs = createOpenDocs({ ...deps, recorder });
	const line = createTabLine(tabs);
	const marks = createFollowMarks(deps, {
		quiet: () => docs.idle(),
		// Once more: who leads by now may have looked before they were on disk.
		kept(streams) {
			if (!leader) for (const stream of streams) tabs.post({ type: 'follow', stream });
		},
	});
	/** Caught up, and the other tabs were not told yet. */
	const untold = new Set<StreamName>();
	let telling: Disposable | undefined;
	let leader: Leader | undefined;
	let status: SyncStatus = NOTHING_KNOWN;
	let isOver = false;
	let isStatusStale = false;

	const owned = new DisposableStack();
	owned.use(tabs.subscribe(heard));
	owned.use(tabs.lead(lead));
	owned.use(recorder);
	tabs.post({ type: 'ask-status' });

	return {
		get status() {
			return status;
		},
		subscribe: (listener) => statusChanges.subscribe(listener),
		open(stream) {
			follow(stream);
			return docs.open(stream);
		},
		follow(stream) {
			// Not kept on disk: whoever wants it wants it again at the next start.
			wanted.add(stream);
			leader?.followLater(stream);
		},
		caughtUp: untilCaughtUp,
		onArrival: (listener) => arrivals.subscribe(listener),
		wakes: {
			list: () => ask((requests) => requests.listWakes()),
			put: (wake) => ask((requests) => requests.putWake(wake)),
			drop: (id, revision) => ask((requests) => requests.dropWake(id, revision)),
			claim: (occurrence, leaseMs) => ask((requests) => requests.claim(occurrence, leaseMs)),
			finish: (occurrence, fence) => ask((requests) => requests.finish(occurrence, fence)),
			onFired: (listener) => fired.subscribe(listener),
		},
		async registerPush(subscription) {
			const kept = await store.putValues({ [PUSH_KEY]: subscription });
			if (!kept.ok)
				return err({ type: 'Refused', code: 'internal', message: 'This device could not keep the subscription.' });
			if (leader) return leader.requests.putPush(subscription);
			line.say({ type: 'subscription' });
			return err({ type: 'Offline' });
		},
		testPush: () => ask((requests) => requests.testPush()),
		wake() {
			leader?.wake();
			void docs.refresh();
		},
		async [Symbol.asyncDispose]() {
			isOver = true;
			telling?.[Symbol.dispose]();
			void marks.flush();
			await docs[Symbol.asyncDispose]();
			leader?.[Symbol.dispose]();
			leader = undefined;
			owned.dispose();
		},
	};

	function ask<T>(question: (requests: Requests) => Promise<Result<T, RelayError>>): Promise<Result<T, RelayError>> {
		return leader ? question(leader.requests) : Promise.resolve(err({ type: 'Offline' }));
	}

	/** What was typed in this tab is on disk: the others show it, the leader sends it. */
	function keptLocal(updates: readonly LocalUpdate[]): void {
		for (const { stream, update } of updates) tabs.post({ type: 'update', stream, update });
		if (leader) noteLocal(updates);
		else tabs.post({ type: 'outbox' });
	}

	function noteLocal(updates: readonly LocalUpdate[]): void {
		const bytes = updates.reduce((sum, { update }) => sum + update.length, 0);
		leader?.noteLocal(
			updates.map(({ stream }) => stream),
			bytes,
		);
	}

	function follow(stream: StreamName): void {
		leader?.follow(stream);
		if (marks.add(stream) && !leader) tabs.post({ type: 'follow', stream });
	}

	function lead(signal: AbortSignal): void {
		if (isOver) return;
		const reign = createLeader(
			{ ...deps, secrets },
			{
				relayUrl: options.relayUrl,
				identity: options.identity,
				foundingList: foundingList(options.deviceList),
				invite: options.invite ?? '',
				followed,
				isOpen: (stream) => stream === HOME || docs.has(stream) || awaited.has(stream),
				quiet: () => docs.idle(),
				subscription: readSubscription,
			},
			{
				arrived(stream, updates) {
					docs.deliver(stream, updates);
					arrivals.emit(stream);
					for (const update of updates) tabs.post({ type: 'update', stream, update: new Uint8Array(update) });
				},
				outgoing: (stream, update) => docs.deliver(stream, [update]),
				changed: statusMayHaveChanged,
				caughtUp(stream) {
					caughtUp.emit(stream);
					tellCaughtUp(stream);
				},
				fired: (event) => fired.emit(event),
			},
		);
		leader = reign;
		statusMayHaveChanged();
		signal.addEventListener('abort', () => {
			reign[Symbol.dispose]();
			if (leader !== reign || isOver) return;
			leader = undefined;
			setStatus({ ...NOTHING_KNOWN, vapidKey: status.vapidKey });
			tabs.post({ type: 'ask-status' });
		});
	}

	async function followed(): Promise<readonly StreamName[]> {
		return [...new Set([HOME, ...docs.streams(), ...wanted, ...(await marks.all())])];
	}

	function tellCaughtUp(stream: StreamName): void {
		untold.add(stream);
		telling ??= clock.setTimer(CAUGHT_UP_EVERY_MS, () => {
			telling = undefined;
			line.say({ type: 'caught-up', streams: [...untold] });
			untold.clear();
		});
	}

	async function readSubscription(): Promise<PushSubscriptionFields | undefined> {
		const kept = await store.value(PUSH_KEY);
		// Written by `registerPush` and by nobody else.
		return kept.ok ? (kept.value as PushSubscriptionFields | undefined) : undefined;
	}

	function heard(message: TabMessage): void {
		switch (message.type) {
			case 'update':
				docs.deliver(message.stream, [message.update]);
				arrivals.emit(message.stream);
				if (leader) noteLocal([message]);
				return;
			case 'outbox':
				leader?.noteLocal([], 0);
				return;
			case 'follow':
				leader?.follow(message.stream);
				if (leader?.isCaughtUp(message.stream)) tellCaughtUp(message.stream);
				return;
			case 'ask-status':
				if (leader) line.say({ type: 'status', status });
				return;
			case 'status':
				heardLine(message.status);
				return;
			default:
				return;
		}
	}

	function heardLine(payload: unknown): void {
		const said = line.read(payload);
		switch (said?.type) {
			case 'status':
				if (!leader) setStatus({ ...said.status, isLeader: false });
				return;
			case 'caught-up':
				for (const stream of said.streams) caughtUp.emit(stream);
				return;
			case 'subscription':
				leader?.subscriptionChanged();
				return;
			default:
				return;
		}
	}

	/** Many streams change in one go; listeners hear of it once. */
	function statusMayHaveChanged(): void {
		if (isStatusStale) return;
		isStatusStale = true;
		queueMicrotask(() => {
			isStatusStale = false;
			if (!leader) return;
			setStatus({ ...leader.status(), isLeader: true });
		});
	}

	function setStatus(next: SyncStatus): void {
		if (isOver || JSON.stringify(next) === JSON.stringify(status)) return;
		status = next;
		statusChanges.emit(status);
		if (leader) line.say({ type: 'status', status });
	}

	function untilCaughtUp(stream: StreamName): Promise<void> {
		follow(stream);
		if (leader?.isCaughtUp(stream)) return Promise.resolve();
		if (!leader) tabs.post({ type: 'follow', stream });
		awaited.set(stream, (awaited.get(stream) ?? 0) + 1);
		return new Promise((resolve) => {
			const waiting = new DisposableStack();
			waiting.defer(() => {
				const others = (awaited.get(stream) ?? 1) - 1;
				if (others > 0) awaited.set(stream, others);
				else awaited.delete(stream);
			});
			const done = () => {
				waiting.dispose();
				resolve();
			};
			const look = () => {
				const isComing = status.connection.type === 'online' || status.connection.type === 'connecting';
				if (!isComing || status.stuck.some((stuck) => stuck.stream === stream)) done();
			};
			waiting.use(caughtUp.subscribe((reached) => void (reached === stream && done())));
			waiting.use(statusChanges.subscribe(look));
			if (!leader) waiting.use(clock.setTimer(FOLLOWER_PATIENCE_MS, () => void (leader || done())));
			look();
		});
	}
}

const NOTHING_KNOWN: SyncStatus = {
	connection: { type: 'connecting' },
	isLeader: false,
	pendingStreams: 0,
	stuck: [],
	clockSkewMs: undefined,
	vapidKey: undefined,
};

/** Only version 1 founds a space; a device that joined later has nothing to offer there. */
function foundingList(bytes: Bytes | undefined): Bytes | undefined {
	if (!bytes) return undefined;
	const list = readDeviceList(bytes);
	return list.ok && list.value.version === 1 ? bytes : undefined;
}
