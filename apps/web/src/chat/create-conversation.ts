import type { Agent, LiveTurn } from '@pocketeer/core/agent/agent';
import type { LineId } from '@pocketeer/core/ids';
import type { StoreError } from '@pocketeer/core/ports/store';
import { err, type Result } from '@pocketeer/core/result';
import type { Attachment, Decision, ReactionRecord } from '@pocketeer/core/space/records';
import type { OpenLine } from '@pocketeer/core/space/space';
import { type Accessor, createMemo, createSignal, onCleanup } from 'solid-js';
import type { App, WaitingCall } from '../app.ts';
import { createPeopleNames } from '../shell/people-names.ts';
import { createAwaited } from '../shell/reactive.ts';
import { withLive } from './answer.ts';
import type { Article } from './articles.ts';
import { loadPartsOf } from './later-parts.ts';
import { type Queued, queuedMessages } from './queue.ts';
import { createTranscriptFold, type Transcript } from './transcript.ts';

/** One open line as the chat screen needs it. */
export interface Conversation {
	readonly line: LineId;
	readonly state: Accessor<'opening' | 'open' | StoreError>;
	/** The line holds what only a newer version understands; no agent answers on it here. */
	readonly needsUpdate: Accessor<boolean>;
	readonly transcript: Accessor<Transcript>;
	/** Ids of articles in order, the running turn included. */
	readonly order: Accessor<readonly string[]>;
	article(id: string): Article | undefined;
	readonly live: Accessor<LiveTurn | undefined>;
	/** A turn has not ended: it runs in this tab, in another or on another device, or waits for the person. */
	readonly isRunning: Accessor<boolean>;
	/** The loop is loaded: what has not ended and is not live was interrupted. */
	readonly isReady: Accessor<boolean>;
	/** Resolves once the message is on disk. */
	send(text: string, attachments?: readonly Attachment[]): Promise<Result<unknown, SendError>>;
	stop(): void;
	retry(): Promise<Result<void, SendError>>;
	/** The call that stands still until the person decides or answers; undefined for any other. */
	waiting(toolUse: string): WaitingCall | undefined;
	readonly waitingCalls: Accessor<readonly WaitingCall[]>;
	/** What becomes of a message that no turn holds yet. */
	queued(message: string): Queued | undefined;
	/** Resolve once it is on disk. */
	decide(call: Pick<WaitingCall, 'turn' | 'toolUse'>, decision: Decision): Promise<Result<void, SendError>>;
	react(to: ReactionRecord['to'], emoji: string): Promise<Result<void, SendError>>;
	undoCompaction(compaction: string): Promise<Result<void, SendError>>;
	/** Brings an earlier month; false when there is none. */
	older(): Promise<boolean>;
}
export type SendError = StoreError | { readonly type: 'AgentMissing'; readonly reason: string };

/** Opens a line for as long as its owner lives. */
export function createConversation(app: App, line: LineId): Conversation {
	const { state, opened, records, needsUpdate, older } = createOpenLine(app, line);
	const { live, isReady } = createLive(app, line);
	const fold = createTranscriptFold(app.space.self);
	const names = createPeopleNames(app.space);
	const transcript = createMemo(() => fold(records(), app.clock.zone(), names()));
	const liveTurn = createMemo(() => live()?.turn);
	const liveArticle = createMemo(() => {
		const turn = live();
		if (!turn) return undefined;
		const kept = transcript().articles.get(turn.turn);
		return withLive(kept?.kind === 'answer' ? kept : undefined, turn, app.clock.now());
	});
	const order = createMemo(() => {
		const turn = liveTurn();
		const { order: kept, articles } = transcript();
		return turn === undefined || articles.has(turn) ? kept : [...kept, turn];
	});
	// While a turn runs here nothing of it waits, and looking after each of its steps would take time from it.
	// A turn that waits for the person is looked at again now and then (`waiting`): the card they write in stays.
	const isBusy = createMemo(() => ['thinking', 'writing', 'tool'].includes(live()?.phase ?? ''));
	const calls = createWaitingCalls(app, records, transcript);
	const waitingCalls = createMemo(() => (isBusy() ? [] : calls()));
	const queued = createMemo(() => queuedMessages(records(), { self: app.space.self, isRunning: live() !== undefined }));
	const isRunning = createMemo(() => {
		if (live() !== undefined) return true;
		const { lastTurn, articles } = transcript();
		const last = lastTurn === undefined ? undefined : articles.get(lastTurn);
		// What others started, they stop.
		return last?.kind === 'answer' && last.outcome === undefined && last.forPerson === undefined;
	});
	const withAgent = async <T>(use: (agent: Agent) => Promise<Result<T, StoreError>>): Promise<Result<T, SendError>> => {
		const agent = await loaded();
		return agent.ok ? use(agent.value) : agent;
	};
	const loaded = (): Promise<Result<Agent, SendError>> =>
		app.agent.then(
			(agent) => ({ ok: true, value: agent }),
			// Its code comes with the first use and may not arrive; what was typed must outlive that.
			(reason: unknown) =>
				err({ type: 'AgentMissing', reason: reason instanceof Error ? reason.message : String(reason) }),
		);
	return {
		line,
		state,
		needsUpdate,
		transcript,
		order,
		article: (id) => (id === liveTurn() ? liveArticle() : transcript().articles.get(id)),
		live,
		isReady,
		async send(text, attachments = []) {
			const agent = await loaded();
			return agent.ok ? agent.value.send({ line, text, ...(attachments.length > 0 ? { attachments } : {}) }) : agent;
		},
		stop: () => void app.agent.then((agent) => agent.stop(line)),
		retry: () => withAgent((agent) => agent.retry(line)),
		waiting: (toolUse) => waitingCalls().find((call) => call.toolUse === toolUse),
		waitingCalls,
		isRunning,
		queued: (message) => queued().get(message),
		decide: ({ turn, toolUse }, decision) => withAgent((agent) => agent.decide({ line, turn, toolUse, decision })),
		react: (to, emoji) => withAgent((agent) => agent.react({ line, to, emoji })),
		undoCompaction: (compaction) => withAgent((agent) => agent.undoCompaction(line, compaction)),
		async older() {
			const open = opened();
			if (!open?.hasOlder) return false;
			return (await older(open)).ok;
		},
	};
}

/** What waits for the person on the line; asked only while some turn has no end, since nothing else can wait. */
function createWaitingCalls(
	app: App,
	records: Accessor<ReturnType<OpenLine['records']>>,
	transcript: Accessor<Transcript>,
): Accessor<readonly WaitingCall[]> {
	const look = createAwaited(app.waiting);
	return () => (transcript().hasOpenTurn ? (look()?.callsOn(records()) ?? []) : []);
}

function createOpenLine(app: App, line: LineId) {
	const [state, setState] = createSignal<'opening' | 'open' | StoreError>('opening');
	const [opened, setOpened] = createSignal<OpenLine>();
	const [records, setRecords] = createSignal<ReturnType<OpenLine['records']>>([]);
	const [needsUpdate, setNeedsUpdate] = createSignal(false);
	const held = new DisposableStack();
	let isGone = false;
	onCleanup(() => {
		isGone = true;
		held.dispose();
	});
	const show = (line: OpenLine) => {
		setRecords(line.records());
		setNeedsUpdate(line.needsUpdate);
	};
	void app.space.lines.open(line).then(async (result) => {
		if (!result.ok) return setState(() => result.error);
		await loadPartsOf(result.value.records());
		if (isGone) return result.value[Symbol.dispose]();
		held.use(result.value);
		held.use(result.value.subscribe(() => show(result.value)));
		show(result.value);
		setOpened(() => result.value);
		setState('open');
	});
	const older = (open: OpenLine) => open.older();
	return { state, opened, records, needsUpdate, older };
}

function createLive(app: App, line: LineId) {
	const agent = createAwaited(app.agent);
	// The loop may hand out one object that grows: never compare.
	const [live, setLive] = createSignal<LiveTurn | undefined>(undefined, { equals: false });
	const held = new DisposableStack();
	let isGone = false;
	onCleanup(() => {
		isGone = true;
		held.dispose();
	});
	app.agent.then(
		(loaded) => {
			if (isGone) return;
			setLive(loaded.live(line));
			held.use(loaded.subscribe((changed) => changed === line && setLive(loaded.live(line))));
		},
		// `send` says it when it matters.
		() => undefined,
	);
	return { live, isReady: () => agent() !== undefined };
}
