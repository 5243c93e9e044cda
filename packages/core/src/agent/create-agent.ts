import type { LineId, MessageId } from '../ids.ts';
import { newId } from '../ports/random.ts';
import type { StoreDep } from '../ports/store.ts';
import type { TabsDep } from '../ports/tabs.ts';
import { ok } from '../result.ts';
import type { Author } from '../space/records.ts';
import type { Agent, AnswerersDep, LineAttendant } from './agent.ts';
import { visibleTools } from './calls/tool-box.ts';
import { createAttendant } from './line/attend.ts';
import { createEndedTurns } from './line/ended-turns.ts';
import { createLineDriver } from './line/line-driver.ts';
import { createLineDrives } from './line/line-drives.ts';
import { createLineIndexer } from './line/line-index.ts';
import { createLineWatches } from './line/line-watches.ts';
import { createPersonRecords } from './line/person-records.ts';
import { createSaying } from './line/say.ts';
import { type CompactorOptions, createCompactor } from './request/compaction.ts';
import type { Tool } from './tool.ts';
import { NO_CLAIMS } from './turn/claims.ts';
import { createInFlight } from './turn/in-flight.ts';
import { createLiveTurns } from './turn/live-turns.ts';
import { type AgentDeps, createTurnLife } from './turn/turn-life.ts';

/** What an agent can do, and how far one turn may go. */
export interface AgentOptions {
	readonly tools: readonly Tool[];
	/** Model calls in one turn; default 24. */
	readonly maxSteps?: number;
	/** Tokens of one answer, thinking included; default 32,000. */
	readonly maxTokens?: number;
	/** Whether and from what size on lines are summed up between turns. */
	readonly compaction?: CompactorOptions;
}

/** Makes the agent of one open space. Nothing runs until it is spoken to or told to `resume`. */
export function createAgent(
	ports: AgentDeps & StoreDep & TabsDep & Partial<AnswerersDep>,
	options: AgentOptions,
): Agent & LineAttendant {
	const deps = { ...ports, claims: ports.claims ?? NO_CLAIMS, ...createLineIndexer() };
	const { maxSteps = 24, maxTokens = 32_000 } = options;
	const tools = visibleTools(options.tools);
	const toolsByName = new Map(tools.map((tool) => [tool.definition.name, tool]));
	const inFlight = createInFlight(deps);
	const live = createLiveTurns(deps);
	const over = new AbortController();
	const isGone = () => over.signal.aborted;
	const turns = createTurnLife(deps, { tools, limits: { maxSteps, maxTokens }, inFlight, live, isGone });
	const driver = createLineDriver(deps, { inFlight, turns, tools: toolsByName, isGone });
	const watches = createLineWatches(deps);
	const compactor = createCompactor(deps, options.compaction);
	const drives = createLineDrives(deps, {
		inFlight,
		driver,
		turns,
		watches,
		after: { idle: compactor.afterTurn },
		over: over.signal,
	});
	const saying = createSaying(deps, inFlight);
	const person = createPersonRecords(deps);
	const ended = createEndedTurns(deps, { inFlight, drives, isGone });
	const { attend } = createAttendant(deps, { inFlight, drives, ended, tools: toolsByName });

	return {
		async send({ line, text, attachments = [] }) {
			await drives.settled(line);
			const id = newId<MessageId>(deps);
			const author: Author = { type: 'person', ...deps.self };
			const answerer = await deps.answerers?.choose({ text, attachments });
			const said = { text, author, attachments, ...(answerer === 'claim' ? { answerer } : {}) };
			const kept = await saying.say(line, { type: 'message', message: id }, said);
			if (!kept.ok) return kept;
			if (answerer !== 'claim') void drives.drive(line, 'wait');
			return ok(id);
		},
		async runTask({ line, trigger, prompt }) {
			const { task, path } = trigger;
			const author: Author = { type: 'task', task, path, device: deps.self.device };
			const kept = await saying.say(line, trigger, { text: prompt, author });
			if (!kept.ok) return deps.log.warn('task-not-stored', { error: kept.error.type });
			await drives.drive(line, 'wait');
		},
		stop(line) {
			drives.stop(line, stopOnLine(line));
		},
		async decide(on) {
			const decided = await person.decide(on, (line, turn) => turns.takeForDecision(line, turn));
			if (!decided.ok) return decided;
			if (decided.value) void drives.drive(on.line, 'wait');
			return ok();
		},
		react: (reaction) => person.react(reaction),
		undoCompaction: (line, compaction) => person.undoCompaction(line, compaction),
		async retry(line) {
			const noted = await saying.noteRetry(line);
			if (!noted.ok) return noted;
			void drives.drive(line, 'wait');
			return ok();
		},
		async resume() {
			const [noted, unanswered] = await Promise.all([inFlight.turns(), inFlight.unanswered()]);
			for (const read of [noted, unanswered]) {
				if (!read.ok) deps.log.warn('resume-unreadable', { error: read.error.type });
			}
			const entries = [...(noted.ok ? noted.value : []), ...(unanswered.ok ? unanswered.value : [])];
			const lines = new Set(entries.map((entry) => entry.line));
			await Promise.all([ended.lookAtAll(), ...[...lines].map((line) => drives.drive(line, 'if-free'))]);
		},
		attend,
		live: (line) => live.get(line),
		subscribe: (listener) => live.subscribe(listener),
		[Symbol.dispose]() {
			over.abort();
			for (const owned of [drives, watches, live]) owned[Symbol.dispose]();
		},
	};

	/** On the line, so that whoever runs the turn ends it, and a tab that dies now does not go on with it later. */
	async function stopOnLine(line: LineId): Promise<void> {
		const stopped = await person.stop(line);
		if (!stopped.ok) return deps.log.warn('stop-not-stored', { error: stopped.error.type });
		if (stopped.value.length > 0 && !isGone()) void drives.drive(line, 'if-free');
	}
}
