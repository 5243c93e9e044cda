import type { Agent, LiveTurn } from '@pocketeer/core/agent/agent';
import type { LineId } from '@pocketeer/core/ids';
import type { StoreError } from '@pocketeer/core/ports/store';
import { err, type Result } from '@pocketeer/core/result';
import type { OpenLine } from '@pocketeer/core/space/space';
import { type Accessor, createMemo, createSignal, onCleanup } from 'solid-js';
import type { App } from '../app.ts';
import { createPeopleNames } from '../shell/people-names.ts';
import { createAwaited } from '../shell/reactive.ts';
import { withLive } from './answer.ts';
import type { Article } from './articles.ts';
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
	/** The loop is loaded: what has not ended and is not live was interrupted. */
	readonly isReady: Accessor<boolean>;
	/** Resolves once the message is on disk. */
	send(text: string): Promise<Result<unknown, SendError>>;
	stop(): void;
	retry(): Promise<Result<void, SendError>>;
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
		async send(text) {
			const agent = await loaded();
			return agent.ok ? agent.value.send({ line, text }) : agent;
		},
		stop: () => void app.agent.then((agent) => agent.stop(line)),
		async retry() {
			const agent = await loaded();
			return agent.ok ? agent.value.retry(line) : agent;
		},
		async older() {
			const open = opened();
			if (!open?.hasOlder) return false;
			return (await older(open)).ok;
		},
	};
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
	void app.space.lines.open(line).then((result) => {
		if (!result.ok) return setState(() => result.error);
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
