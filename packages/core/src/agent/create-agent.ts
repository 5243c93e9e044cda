import type { LineId, MessageId, TurnId } from '../ids.ts';
import { sleep } from '../ports/clock.ts';
import { newId } from '../ports/random.ts';
import type { StoreDep, StoreError } from '../ports/store.ts';
import type { TabsDep } from '../ports/tabs.ts';
import { err, ok, type Result } from '../result.ts';
import type { Author, MessageRecord, Trigger } from '../space/records.ts';
import type { OpenLine } from '../space/space.ts';
import type { Agent } from './agent.ts';
import { createInFlight, type Unanswered } from './in-flight.ts';
import { createLineDriver } from './line-driver.ts';
import { createLineIndexer } from './line-index.ts';
import { createLiveTurns } from './live-turns.ts';
import type { Tool } from './tool.ts';
import { type AgentDeps, createTurnLife } from './turn-life.ts';

/** What an agent can do, and how far one turn may go. */
export interface AgentOptions {
	readonly tools: readonly Tool[];
	/** Model calls in one turn; default 24. */
	readonly maxSteps?: number;
	/** Tokens of one answer, thinking included; default 32,000. */
	readonly maxTokens?: number;
}

/** How long until a tab asks again for a line whose lock another tab holds. */
const LOCK_WAIT_MS = 1000;

/** Makes the agent of one open space. Nothing runs until it is spoken to or told to `resume`. */
export function createAgent(ports: AgentDeps & StoreDep & TabsDep, options: AgentOptions): Agent {
	const deps = { ...ports, ...createLineIndexer() };
	const { tools, maxSteps = 24, maxTokens = 32_000 } = options;
	const inFlight = createInFlight(deps);
	const live = createLiveTurns(deps);
	const over = new AbortController();
	const isGone = () => over.signal.aborted;
	const turns = createTurnLife(deps, { tools, limits: { maxSteps, maxTokens }, inFlight, live, isGone });
	const driver = createLineDriver(deps, { inFlight, turns, isGone });
	const stops = new Map<LineId, AbortController>();
	const driving = new Map<LineId, Drive>();

	return {
		async send({ line, text }) {
			const id = newId<MessageId>(deps);
			const { device, person } = deps.self;
			const author: Author = { type: 'person', person, device };
			const kept = await say(line, { type: 'message', message: id }, { text, author });
			if (!kept.ok) return kept;
			void drive(line, 'wait');
			return ok(id);
		},
		async runTask({ line, trigger, prompt }) {
			const { task, path } = trigger;
			const author: Author = { type: 'task', task, path, device: deps.self.device };
			const kept = await say(line, trigger, { text: prompt, author });
			if (!kept.ok) return deps.log.warn('task-not-stored', { error: kept.error.type });
			await drive(line, 'wait');
		},
		stop: (line) => stops.get(line)?.abort(),
		async retry(line) {
			const noted = await noteRetry(line);
			if (!noted.ok) return noted;
			void drive(line, 'wait');
			return ok();
		},
		async resume() {
			const [noted, unanswered] = await Promise.all([inFlight.turns(), inFlight.unanswered()]);
			for (const read of [noted, unanswered]) {
				if (!read.ok) deps.log.warn('resume-unreadable', { error: read.error.type });
			}
			const entries = [...(noted.ok ? noted.value : []), ...(unanswered.ok ? unanswered.value : [])];
			const lines = new Set(entries.map((entry) => entry.line));
			await Promise.all([...lines].map((line) => drive(line, 'if-free')));
		},
		live: (line) => live.get(line),
		subscribe: (listener) => live.subscribe(listener),
		[Symbol.dispose]() {
			over.abort();
			for (const stop of stops.values()) stop.abort();
			live[Symbol.dispose]();
		},
	};

	/** Keeps a message with a note that it waits for its turn; what is there already is not said twice. */
	async function say(
		id: LineId,
		trigger: Trigger,
		message: { readonly text: string; readonly author: Author },
	): Promise<Result<void, StoreError>> {
		const opened = await deps.lines.open(id);
		if (!opened.ok) return opened;
		using line = opened.value;
		const index = deps.indexOf(line.records());
		if (
			isAnswered(
				trigger,
				index.ended.map((turn) => turn.record.trigger),
			)
		)
			return ok();
		const at = deps.clock.now();
		const entry: Unanswered = { line: id, trigger, at };
		// Noted first: a message on disk without a note would wait for ever if the tab died here.
		const noted = await inFlight.addUnanswered(entry);
		if (!noted.ok) return noted;
		if (index.messages.has(trigger.message)) return ok();
		const content = [{ type: 'text', text: message.text }] as const;
		const record: MessageRecord = { kind: 'message', id: trigger.message, at, author: message.author, content };
		const kept = await line.append([record]);
		if (kept.ok) return ok();
		await inFlight.dropUnanswered(entry);
		return err(kept.error);
	}

	async function noteRetry(id: LineId): Promise<Result<void, StoreError>> {
		const opened = await deps.lines.open(id);
		if (!opened.ok) return opened;
		using line = opened.value;
		const trigger = triggerToRetry(line);
		if (!trigger) return ok();
		return inFlight.addUnanswered({ line: id, trigger, at: deps.clock.now(), retry: newId<TurnId>(deps) });
	}

	/** The newest turn's trigger, if that turn ended without an answer and no other is open. */
	function triggerToRetry(line: OpenLine): Trigger | undefined {
		const { turns: known, ended } = deps.indexOf(line.records());
		const isOpen = [...known.values()].some(({ record, end }) => !end && record.device === deps.self.device);
		const last = ended.at(-1);
		if (isOpen || !last?.end) return undefined;
		const { type } = last.end.outcome;
		return type === 'answered' || type === 'silent' ? undefined : last.record.trigger;
	}

	/** Works the line off unless this tab does so already; then once more after that, for what came meanwhile. */
	function drive(line: LineId, whenHeld: 'wait' | 'if-free'): Promise<void> {
		const running = driving.get(line);
		if (running) {
			running.again = true;
			return running.done;
		}
		const fresh: Drive = { again: false, done: Promise.resolve() };
		driving.set(line, fresh);
		fresh.done = driveOn(line, fresh, whenHeld);
		return fresh.done;
	}

	async function driveOn(line: LineId, drive: Drive, whenHeld: 'wait' | 'if-free'): Promise<void> {
		try {
			do {
				drive.again = false;
				const drained = await deps.tabs.whileHolding(`turn/${line}`, () => driver.drain(line, () => nextStop(line)));
				if (drained === undefined && !isGone()) await waitForLock(line, drive, whenHeld);
			} while (drive.again && !isGone());
		} finally {
			// In the same breath as the last look at `again`, so that whoever comes next starts afresh.
			driving.delete(line);
			stops.delete(line);
		}
	}

	/** Another tab runs the line: it answers our message too, or its lock becomes free when it is gone. */
	async function waitForLock(line: LineId, drive: Drive, whenHeld: 'wait' | 'if-free'): Promise<void> {
		if (whenHeld === 'if-free' && !drive.again) return;
		const waiting = await inFlight.unanswered(line);
		if (!waiting.ok || waiting.value.length === 0) return;
		await sleep(deps, LOCK_WAIT_MS, over.signal);
		drive.again = true;
	}

	function nextStop(line: LineId): AbortSignal {
		const stop = new AbortController();
		stops.set(line, stop);
		if (isGone()) stop.abort();
		return stop.signal;
	}
}

interface Drive {
	/** Something came while the line was worked off. */
	again: boolean;
	done: Promise<void>;
}

/** An occurrence that had its turn gets no second one; two messages are never the same. */
function isAnswered(trigger: Trigger, before: readonly Trigger[]): boolean {
	return (
		trigger.type === 'task' && before.some((other) => other.type === 'task' && other.occurrence === trigger.occurrence)
	);
}
