import type { DeviceIdentity } from '../crypto/device-keys.ts';
import { createSpaceSecrets } from '../crypto/space-secrets.ts';
import { createEmitter } from '../emitter.ts';
import type { SpaceId, StreamName, WakeId } from '../ids.ts';
import type { MemberKeys } from '../members/member-keys.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { RandomDep } from '../ports/random.ts';
import type { DialerDep } from '../ports/socket.ts';
import type { LocalUpdate, StoreDep } from '../ports/store.ts';
import type { TabMessage, TabsDep } from '../ports/tabs.ts';
import type { PushSubscriptionFields } from '../protocol/messages.ts';
import { err } from '../result.ts';
import { createAwaiting } from './awaiting.ts';
import { createFollowMarks } from './follow-marks.ts';
import type { createLeader, Leader } from './leader.ts';
import { createOpenDocs } from './open-docs.ts';
import { createRecorder } from './recorder.ts';
import { NOTHING_KNOWN, type Sync, type SyncStatus, type Whispered } from './sync.ts';
import { createTabLine, type TabWord } from './tab-line.ts';
import { carryOut, createRemoteRequests, type TabRequests } from './tab-requests.ts';

export interface SyncOptions {
	/** Origin of the relay, such as `https://relay.example`. */
	readonly relayUrl: string;
	readonly spaceId: SpaceId;
	readonly identity: DeviceIdentity;
	/** Seals and opens, and brings a relay up to date that lacks lists of devices. */
	readonly keys: MemberKeys;
	/** Token of a relay that takes new spaces by invitation only. */
	readonly invite?: string | undefined;
}

/** The sync client of one tab. */
export interface SyncClient extends Sync {
	/** Call when the page is shown, thawed or comes online: dials at once and catches up with the store. */
	wake(): void;
}

export type SyncDeps = ClockDep & RandomDep & StoreDep & DialerDep & TabsDep & LogDep;

/** What a tab needs only once it leads: loaded then, or at hand. */
export interface LeadingDep {
	loadLeader(): typeof createLeader | Promise<typeof createLeader>;
}

/** The stream of the manifest, followed always. */
const HOME = 'home' as StreamName;
/** Key of the store. */
const PUSH_KEY = 'sync/push';
/** What many streams reach one after the other is told to the other tabs in one go. */
const CAUGHT_UP_EVERY_MS = 30;
/** After the code of a leader did not come: without a network it may not be there yet. */
const LOAD_AGAIN_MS = 10_000;
/** Streams that other tabs look at, the last ones: kept open for them. */
const MOST_ELSEWHERE = 64;

/** Opens a space's documents for this tab, and connects them when this tab leads. Disposing flushes to disk. */
export function createSyncTab(deps: SyncDeps & LeadingDep, options: SyncOptions): SyncClient {
	const { store, tabs, clock } = deps;
	const { keys } = options;
	const secrets = createSpaceSecrets(keys.ring, options.spaceId);
	const statusChanges = createEmitter<SyncStatus>();
	const fired = createEmitter<{ readonly id: WakeId; readonly due: number }>();
	const caughtUp = createEmitter<StreamName>();
	const arrivals = createEmitter<StreamName>();
	const whispered = createEmitter<Whispered>();
	const wanted = new Set<StreamName>();
	/** Streams that other tabs opened, the newest last. */
	const elsewhere = new Set<StreamName>();
	const recorder = createRecorder(deps, keptLocal);
	const docs = createOpenDocs({ ...deps, recorder, closed: () => leader?.lookedAway() });
	const line = createTabLine(tabs);
	const remote = createRemoteRequests(deps, line);
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
	const awaiting = createAwaiting(deps, {
		caughtUp,
		statusChanges,
		status: () => status,
		isLeader: () => leader !== undefined,
		isCaughtUp: (stream) => leader?.isCaughtUp(stream) ?? false,
		begin(stream) {
			follow(stream);
			if (!leader) tabs.post({ type: 'follow', stream });
		},
		over: () => leader?.lookedAway(),
	});

	const owned = new DisposableStack();
	owned.use(tabs.subscribe(heard));
	let leading = tabs.lead(lead);
	owned.defer(() => leading[Symbol.dispose]());
	owned.use(recorder);
	owned.use(remote);
	owned.use(keys.subscribe(rekeyed));
	tabs.post({ type: 'ask-status' });
	line.say({ type: 'hello' });

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
		caughtUp: awaiting.until,
		onArrival: (listener) => arrivals.subscribe(listener),
		wakes: {
			list: () => requests().listWakes(),
			put: (wake) => requests().putWake(wake),
			drop: (id, revision) => requests().dropWake(id, revision),
			claim: (occurrence, leaseMs) => requests().claim(occurrence, leaseMs),
			finish: (occurrence, fence) => requests().finish(occurrence, fence),
			onFired: (listener) => fired.subscribe(listener),
		},
		async registerPush(subscription) {
			const kept = await store.putValues({ [PUSH_KEY]: subscription });
			if (!kept.ok)
				return err({ type: 'Refused', code: 'internal', message: 'This device could not keep the subscription.' });
			return requests().putPush(subscription);
		},
		testPush: () => requests().testPush(),
		whisper(stream, bytes) {
			if (leader) leader.whisper(stream, bytes);
			else line.say({ type: 'whisper', stream, bytes: new Uint8Array(bytes) });
		},
		onWhisper: (listener) => whispered.subscribe(listener),
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

	/** To the relay, or to the tab that leads. */
	function requests(): TabRequests {
		return leader?.requests ?? remote.requests;
	}

	function rekeyed(): void {
		secrets.renew(keys.ring);
		leader?.rekeyed();
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
		const loaded = deps.loadLeader();
		if (typeof loaded === 'function') begin(loaded, signal);
		else
			void loaded.then(
				(create) => begin(create, signal),
				() => retryLead(signal),
			);
	}

	function retryLead(signal: AbortSignal): void {
		const again = clock.setTimer(LOAD_AGAIN_MS, () => void (isOver || signal.aborted || lead(signal)));
		signal.addEventListener('abort', () => again[Symbol.dispose]());
	}

	function begin(create: typeof createLeader, signal: AbortSignal): void {
		if (isOver || signal.aborted) return;
		const reign = create(
			{ ...deps, secrets },
			{
				relayUrl: options.relayUrl,
				identity: options.identity,
				keys,
				invite: options.invite ?? '',
				followed: () => marks.all(),
				isOpen: (stream) => stream === HOME || docs.has(stream) || awaiting.has(stream) || elsewhere.has(stream),
				open: () => [HOME, ...docs.streams(), ...awaiting.streams(), ...elsewhere],
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
				whispered(stream, bytes) {
					whispered.emit({ stream, bytes });
					line.say({ type: 'whispered', stream, bytes });
				},
			},
		);
		leader = reign;
		for (const stream of wanted) reign.followLater(stream);
		line.say({ type: 'leads' });
		statusMayHaveChanged();
		signal.addEventListener('abort', () => {
			reign[Symbol.dispose]();
			if (leader !== reign || isOver) return;
			leader = undefined;
			setStatus({ ...NOTHING_KNOWN, vapidKey: status.vapidKey, lastSyncedAt: status.lastSyncedAt });
			tabs.post({ type: 'ask-status' });
		});
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
				lookElsewhere(message.stream);
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

	function lookElsewhere(stream: StreamName): void {
		elsewhere.delete(stream);
		elsewhere.add(stream);
		const [oldest] = elsewhere;
		if (elsewhere.size > MOST_ELSEWHERE && oldest !== undefined) elsewhere.delete(oldest);
	}

	function heardLine(payload: unknown): void {
		const said = line.read(payload);
		// The newest build leads: it understands all that the others left.
		if (said?.build === 'newer' && leader) resign();
		else if (said?.build === 'older' && !leader) line.say({ type: 'hello' });
		if (said?.word) heardWord(said.word);
	}

	function resign(): void {
		leading[Symbol.dispose]();
		leading = tabs.lead(lead);
	}

	function heardWord(said: TabWord): void {
		switch (said.type) {
			case 'status':
				if (!leader) setStatus({ ...said.status, isLeader: false });
				return;
			case 'caught-up':
				for (const stream of said.streams) caughtUp.emit(stream);
				return;
			case 'leads':
				if (!leader)
					for (const stream of [...docs.streams(), ...awaiting.streams()]) tabs.post({ type: 'follow', stream });
				return;
			case 'ask':
				if (leader) void answer(leader, said);
				return;
			case 'answer':
				remote.answered(said.id, said.answer);
				return;
			case 'whisper':
				leader?.whisper(said.stream, said.bytes);
				return;
			case 'whispered':
				whispered.emit({ stream: said.stream, bytes: said.bytes });
				return;
			default:
				return;
		}
	}

	async function answer({ requests }: Leader, asked: TabWord & { type: 'ask' }): Promise<void> {
		line.say({ type: 'answer', id: asked.id, answer: await carryOut(requests, asked.question) });
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
}
