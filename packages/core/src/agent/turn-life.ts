import type { MessageId, TurnId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import { newId, type RandomDep } from '../ports/random.ts';
import type { StoreError } from '../ports/store.ts';
import type { MessageRecord, TurnEndRecord, TurnOutcome, TurnRecord } from '../space/records.ts';
import type { FilesDep, LinesDep, OpenLine, PeopleDep, RunsDep, SelfDep } from '../space/space.ts';
import type { ModelsDep, TurnInFlight } from './agent.ts';
import { beginTurn } from './begin-turn.ts';
import type { Failure } from './failures.ts';
import { answers, type InFlight, type Unanswered } from './in-flight.ts';
import type { IndexedTurn, LineIndexDep } from './line-index.ts';
import type { LiveHandle, LiveTurns } from './live-turns.ts';
import { runOf } from './run-record.ts';
import type { Tool } from './tool.ts';
import { runTurn, type TurnLimits } from './turn.ts';
import { nextMoment, presentTurn, type TurnScope } from './turn-scope.ts';

/** What an agent is made of. */
export type AgentDeps = LinesDep & RunsDep & FilesDep & PeopleDep & SelfDep & ClockDep & RandomDep & ModelsDep & LogDep;

/** What turns are run with. */
export type TurnDeps = AgentDeps & LineIndexDep;

/** What the turns of one agent share. */
export interface TurnParts {
	readonly tools: readonly Tool[];
	readonly limits: TurnLimits;
	readonly inFlight: InFlight;
	readonly live: LiveTurns;
	/** The agent was disposed of: write nothing more. */
	isGone(): boolean;
}

/** A turn from its first record to its account. Each answers false when the line must be left as it is for now. */
export interface TurnLife {
	/** Begins a turn for these messages, all of one author's row, and runs it to its end. */
	answer(line: OpenLine, asked: Asked, signal: AbortSignal): Promise<boolean>;
	/** Goes on with a turn that a killed tab left behind. */
	takeUp(line: OpenLine, turn: IndexedTurn, signal: AbortSignal): Promise<boolean>;
	/** Enters an ended turn into the account, once, and clears this device's notes of it. */
	account(line: OpenLine, turn: IndexedTurn, end: TurnEndRecord): Promise<void>;
}

/** What a turn is to answer. */
export interface Asked {
	/** The newest of the messages: what the turn says triggered it. */
	readonly newest: Unanswered;
	readonly message: MessageRecord;
	/** Messages that get turns of their own later. */
	readonly waiting: ReadonlySet<MessageId>;
}

type Place = { readonly line: OpenLine; readonly turn: TurnRecord; readonly live: LiveHandle };

/** Makes the runner of an agent's turns. */
export function createTurnLife(deps: TurnDeps, parts: TurnParts): TurnLife {
	const { inFlight, isGone } = parts;
	const tools = new Map(parts.tools.map((tool) => [tool.definition.name, tool]));

	return {
		async answer(line, { newest, message, waiting }, signal) {
			const { trigger, retry } = newest;
			const id = retry ?? newId<TurnId>(deps);
			const model = await deps.models.choose(trigger, message);
			const begun = await beginTurn(deps, {
				line,
				lineName: deps.lines.list().find((each) => each.id === line.id)?.name ?? line.id,
				id,
				trigger,
				isRetry: retry !== undefined,
				waiting,
				model,
				tools: parts.tools,
			});
			if (isGone()) return false;
			if (!begun.ok) {
				parts.live.begin(line.id, { id, trigger, by: model.kind }).end(notStored(begun.error));
				return false;
			}
			if (line.needsUpdate) return waitForUpdate(line, { id, trigger, by: model.kind });
			const { turn, epoch, isNewEpoch } = begun.value;
			const place = { line, turn, live: parts.live.begin(line.id, turn) };
			const kept = await line.append(isNewEpoch ? [epoch, turn] : [turn]);
			if (!kept.ok) return leave(place, kept.error);
			return run({ ...scopeOf(place, message, signal), epoch, model }, undefined);
		},
		async takeUp(line, { record }, signal) {
			if (line.needsUpdate) return waitForUpdate(line, record);
			const noted = await inFlight.turn(record.id);
			const index = deps.indexOf(line.records());
			const message = index.messages.get(record.trigger.message);
			const epoch = index.epochs.get(record.epoch);
			const model = message && (await deps.models.choose(record.trigger, message));
			const isSame = model?.kind === record.by && model.id === record.model;
			deps.log.info('turn-taken-up', { turn: record.id, same: isSame });
			if (isGone()) return false;
			const place = { line, turn: record, live: parts.live.begin(line.id, record) };
			// Another model cannot go on in the middle of a turn; the person may have it answered again from the start.
			if (!message || !epoch || !isSame) return end(place, { type: 'failed', failure: { type: 'Cut' } });
			return run({ ...scopeOf(place, message, signal), epoch, model }, noted.ok ? noted.value : undefined);
		},
		account,
	};

	/** Nothing is written: the message waits on, and the updated app answers it. */
	function waitForUpdate(line: OpenLine, turn: Pick<TurnRecord, 'id' | 'trigger' | 'by'>): boolean {
		deps.log.warn('line-needs-update', { line: line.id });
		parts.live.begin(line.id, turn).end({ type: 'NeedsUpdate' });
		return false;
	}

	async function run(scope: TurnScope, left: TurnInFlight | undefined): Promise<boolean> {
		let isOver = false;
		try {
			const result = await runTurn(scope, parts.limits, left);
			isOver = true;
			if (result.type === 'gone') return false;
			return result.type === 'ended' ? await end(scope, result.outcome) : await leave(scope, result.error);
		} finally {
			// A bug must not leave a turn running on screen for ever.
			if (!isOver) scope.live.end();
		}
	}

	async function end(place: Place, outcome: TurnOutcome): Promise<boolean> {
		if (isGone()) return false;
		const { line, turn, live } = place;
		const record: TurnEndRecord = { kind: 'turn-end', turn: turn.id, at: nextMoment({ line, turn, deps }), outcome };
		const kept = await line.append([record]);
		if (!kept.ok) {
			live.end(presentTurn({ ...place, deps }).end ? undefined : notStored(kept.error));
			return false;
		}
		live.end();
		await account(line, presentTurn({ ...place, deps }), record);
		return true;
	}

	/** The turn cannot go on because a step could not be kept; it says so in its records where it still can. */
	async function leave(place: Place, error: StoreError): Promise<boolean> {
		deps.log.warn('turn-not-stored', { error: error.type });
		await end(place, { type: 'failed', failure: notStored(error) });
		return false;
	}

	async function account(line: OpenLine, turn: IndexedTurn, ended: TurnEndRecord): Promise<void> {
		if (!(await deps.runs.has(turn.record.id))) {
			const kept = await deps.runs.append(runOf(line.id, turn, ended));
			if (!kept.ok) return deps.log.warn('run-not-stored', { error: kept.error.type });
		}
		const noted = await inFlight.unanswered(line.id);
		const answered = (noted.ok ? noted.value : []).filter((entry) => answers(turn.record, entry));
		const kept = await inFlight.finish(turn.record.id, answered);
		if (!kept.ok) deps.log.warn('turn-not-cleared', { error: kept.error.type });
	}

	function scopeOf(place: Place, { author }: MessageRecord, signal: AbortSignal): Omit<TurnScope, 'epoch' | 'model'> {
		const person = author.type === 'person' ? author.person : deps.self.person;
		return { ...place, deps, tools, person, inFlight, signal, isGone };
	}
}

function notStored(error: StoreError): Failure {
	switch (error.type) {
		case 'QuotaExceeded':
			return { type: 'NotStored', reason: 'The disk or the browser’s storage quota is full.' };
		case 'CorruptRow':
			return { type: 'NotStored', reason: 'A part of the local database cannot be read.' };
		case 'StoreUnavailable':
			return { type: 'NotStored', reason: 'The local database is not available.' };
	}
}
