import type { MessageId, TurnId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { RandomDep } from '../../ports/random.ts';
import type { StoreError } from '../../ports/store.ts';
import type { MessageRecord, TakeoverRecord, TurnEndRecord, TurnOutcome, TurnRecord } from '../../space/records.ts';
import type { BlobsDep, FilesDep, LinesDep, OpenLine, PeopleDep, RunsDep, SelfDep } from '../../space/space.ts';
import type { ModelsDep, TurnInFlight } from '../agent.ts';
import type { Failure } from '../failures.ts';
import {
	fenceOf,
	type IndexedTurn,
	type LineIndex,
	type LineIndexDep,
	runnerOf,
	topFence,
} from '../line/line-index.ts';
import { isAnsweredAgain } from '../request/epoch.ts';
import type { SpendDep } from '../spend/spend.ts';
import type { Tool } from '../tool.ts';
import { beginTurn } from './begin-turn.ts';
import { turnIdOfClaimed } from './claimed-turn.ts';
import { type ClaimsDep, type Hold, type HoldOptions, holdTurn, TAB_STEP } from './claims.ts';
import type { InFlight, Unanswered } from './in-flight.ts';
import type { LiveHandle, LiveTurns } from './live-turns.ts';
import { takeOver } from './takeover.ts';
import { runTurn, type TurnEnd, type TurnLimits } from './turn.ts';
import { createTurnAccount, type TurnAccount } from './turn-account.ts';
import { nextMoment, presentTurn, type TurnScope } from './turn-scope.ts';

/** What an agent is made of. */
export type AgentDeps = LinesDep &
	RunsDep &
	FilesDep &
	PeopleDep &
	SelfDep &
	ClockDep &
	RandomDep &
	ModelsDep &
	LogDep &
	Partial<SpendDep & BlobsDep & ClaimsDep>;

/** What turns are run with. */
export type TurnDeps = AgentDeps & LineIndexDep & ClaimsDep;

/** What the turns of one agent share. */
export interface TurnParts {
	readonly tools: readonly Tool[];
	readonly limits: TurnLimits;
	readonly inFlight: InFlight;
	readonly live: LiveTurns;
	/** The agent was disposed of: write nothing more. */
	isGone(): boolean;
}

/** How a turn was left. */
export type TurnLeft =
	/** It is over, as far as this tab goes. */
	| { readonly type: 'over' }
	/** It waits for the person. */
	| { readonly type: 'waits'; readonly turn: TurnId }
	/** Another tab or device has it; `open` are calls that this tab may have made without its knowing. */
	| { readonly type: 'elsewhere'; readonly turn: TurnId; readonly open: ReadonlySet<string> }
	/** The line must be left as it is for now: the disk refused, or the tab goes. */
	| { readonly type: 'leave' };

/** A turn from its first record to its account. */
export interface TurnLife extends TurnAccount {
	/** Begins a turn for these messages, all of one author's row, and runs it to its end. */
	answer(line: OpenLine, asked: Asked, place: Driving): Promise<TurnLeft>;
	/** Goes on with a turn that was left behind: by a killed tab, by one that the browser froze, by another device. */
	takeUp(line: OpenLine, turn: IndexedTurn, place: Driving): Promise<TurnLeft>;
	/**
	 * What to write before a decision of this device's person: where another device ran the turn and leaves it to this one,
	 * the record that says so. In this order the calls decided on are known not to have been begun there.
	 */
	takeForDecision(line: OpenLine, turn: IndexedTurn): Promise<readonly TakeoverRecord[]>;
	/** Takes turns off the screen that waited for the person here and were gone on with elsewhere. */
	tidy(line: OpenLine): void;
}

/** Where a turn is run from. */
export interface Driving {
	/** Aborted by the person's stop. */
	readonly stop: AbortController;
	/** Aborts when the line's lock went to another tab. */
	readonly lock: AbortSignal;
	/** The lock was taken from a tab that may wake up. */
	readonly isTaken: boolean;
}

/** What a turn is to answer. */
export interface Asked {
	/** The newest of the messages: what the turn says triggered it. */
	readonly newest: Unanswered;
	readonly message: MessageRecord;
	/** Messages that get turns of their own later, or that another device answers. */
	readonly waiting: ReadonlySet<MessageId>;
}

const OVER: TurnLeft = { type: 'over' };
const LEAVE: TurnLeft = { type: 'leave' };

type Place = { readonly line: OpenLine; readonly turn: TurnRecord; readonly live: LiveHandle };

/** Makes the runner of an agent's turns. */
export function createTurnLife(deps: TurnDeps, parts: TurnParts): TurnLife {
	const { inFlight, isGone } = parts;
	const { account } = createTurnAccount(deps, inFlight);
	const tools = new Map(parts.tools.map((tool) => [tool.definition.name, tool]));
	/** Turns that are on screen because they wait for the person. */
	const parked = new Map<TurnId, Place>();

	return {
		async answer(line, { newest, message, waiting }, driving) {
			const { trigger, retry } = newest;
			const id = turnIdOf(newest);
			// Asked again right before: the note may be older than its lease.
			const claimed = newest.claim === undefined ? undefined : await deps.claims.claim(id);
			if (claimed && claimed.type !== 'held') {
				const dropped = await inFlight.dropUnanswered(newest);
				return dropped.ok ? OVER : LEAVE;
			}
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
			if (isGone() || driving.lock.aborted) return LEAVE;
			if (!begun.ok) {
				parts.live.begin(line.id, { id, trigger, by: model.kind }).end(notStored(begun.error));
				return LEAVE;
			}
			if (line.needsUpdate) return waitForUpdate(line, { id, trigger, by: model.kind });
			const { epoch, isNewEpoch } = begun.value;
			const fence = claimed?.fence ?? (driving.isTaken ? TAB_STEP : 0);
			const turn = fence > 0 ? { ...begun.value.turn, fence } : begun.value.turn;
			const place = { line, turn, live: parts.live.begin(line.id, turn) };
			const kept = await line.append(isNewEpoch ? [epoch, turn] : [turn]);
			if (!kept.ok) return leave(place, kept.error);
			const hold = {
				...driving,
				fence: fenceOf(turn),
				isUnclaimed: model.kind === 'clerk',
				...(claimed && { claimed }),
			};
			return run({ ...scopeOf(place, message), epoch, model }, hold, undefined);
		},
		async takeUp(line, present, driving) {
			const { record } = present;
			if (line.needsUpdate) return waitForUpdate(line, record);
			const noted = await inFlight.turn(record.id);
			const index = deps.indexOf(line.records());
			const message = index.messages.get(record.trigger.message);
			const epoch = index.epochs.get(record.epoch);
			const model = message && (await deps.models.choose(record.trigger, message));
			const isSame = model?.kind === record.by && model.id === record.model;
			deps.log.info('turn-taken-up', { turn: record.id, same: isSame });
			if (isGone()) return LEAVE;
			if (isBegunTwice(index, present)) {
				const place = { line, turn: record, live: parts.live.begin(line.id, record) };
				return end(place, { type: 'failed', failure: { type: 'TakenOver' } });
			}
			if (!message || !epoch || !isSame) {
				// On another device the turn's own may still end it; here nobody can go on in the middle with another model.
				if (runnerOf(present) !== deps.self.device) return elsewhere(present);
				const place = { line, turn: record, live: parts.live.begin(line.id, record) };
				return end(place, { type: 'failed', failure: { type: 'Cut' } });
			}
			const own = await hold(line, present, { driving, isClerk: model.kind === 'clerk' });
			if (own === undefined) return elsewhere(present);
			if (isGone() || own === 'not-stored') return LEAVE;
			const place = { line, turn: record, live: parts.live.begin(line.id, record) };
			return run({ ...scopeOf(place, message), epoch, model }, own, noted.ok ? noted.value : undefined);
		},
		async takeForDecision(line, present) {
			const { record } = present;
			if (runnerOf(present) === deps.self.device || record.by === 'clerk') return [];
			const message = deps.indexOf(line.records()).messages.get(record.trigger.message);
			const model = message && (await deps.models.choose(record.trigger, message));
			if (model?.kind !== record.by || model.id !== record.model) return [];
			const taken = await takeOver(deps, present, false);
			return taken ? [taken.record] : [];
		},
		tidy(line) {
			const { turns } = deps.indexOf(line.records());
			for (const [id, { live, line: own }] of parked) {
				const turn = turns.get(id);
				if (own.id !== line.id || (turn && !turn.end && runnerOf(turn) === deps.self.device)) continue;
				parked.delete(id);
				if (parts.live.get(line.id)?.turn === id) live.end();
			}
		},
		account,
	};

	/** Makes a turn this tab's own, with a record where another ran it; undefined when that one has it still. */
	async function hold(
		line: OpenLine,
		present: IndexedTurn,
		{ driving, isClerk }: { readonly driving: Driving; readonly isClerk: boolean },
	): Promise<HoldStart | 'not-stored' | undefined> {
		if (runnerOf(present) === deps.self.device && !driving.isTaken) {
			if (isClerk) return { ...driving, fence: topFence(present), isUnclaimed: true };
			const claimed = await deps.claims.claim(present.record.id);
			if (claimed.type === 'elsewhere') return undefined;
			return { ...driving, fence: topFence(present), ...(claimed.type === 'held' && { claimed }) };
		}
		const taken = await takeOver(deps, present, driving.isTaken);
		if (!taken) return undefined;
		if (isGone()) return 'not-stored';
		const kept = await line.append([taken.record]);
		if (!kept.ok) {
			deps.log.warn('turn-not-stored', { error: kept.error.type });
			return 'not-stored';
		}
		return { ...driving, fence: taken.record.fence, ...(taken.claimed && { claimed: taken.claimed }) };
	}

	/** Nothing is written: the message waits on, and the updated app answers it. */
	function waitForUpdate(line: OpenLine, turn: Pick<TurnRecord, 'id' | 'trigger' | 'by'>): TurnLeft {
		deps.log.warn('line-needs-update', { line: line.id });
		parts.live.begin(line.id, turn).end({ type: 'NeedsUpdate' });
		return LEAVE;
	}

	async function run(
		begun: Omit<TurnScope, 'hold' | 'signal'>,
		{ stop, lock, ...start }: HoldStart,
		left: TurnInFlight | undefined,
	): Promise<TurnLeft> {
		const gone = new AbortController();
		const { line, turn } = begun;
		parked.delete(turn.id);
		using owned = new DisposableStack();
		const hold = owned.use(holdTurn(deps, { ...start, line, turn: turn.id, lock, lost: () => gone.abort() }));
		const scope: TurnScope = { ...begun, hold, signal: AbortSignal.any([stop.signal, gone.signal]) };
		const obey = () => {
			if (presentTurn(scope).isStopped) stop.abort();
		};
		owned.use(line.subscribe(obey));
		obey();
		let isOver = false;
		try {
			const result = await runTurn(scope, parts.limits, left);
			isOver = true;
			return await wentTo(scope, result);
		} finally {
			// A bug must not leave a turn running on screen for ever.
			if (!isOver) scope.live.end();
		}
	}

	async function wentTo(scope: TurnScope, result: TurnEnd): Promise<TurnLeft> {
		switch (result.type) {
			case 'gone':
				return LEAVE;
			case 'waits':
				parked.set(scope.turn.id, scope);
				if (scope.model.kind === 'agent') void deps.claims.release(scope.turn.id);
				return { type: 'waits', turn: scope.turn.id };
			case 'taken-over':
				scope.live.end();
				return elsewhere(presentTurn(scope));
			case 'ended':
				return end(scope, result.outcome);
			case 'not-stored':
				return leave(scope, result.error);
		}
	}

	async function end(place: Place & { readonly hold?: Hold }, outcome: TurnOutcome): Promise<TurnLeft> {
		const { line, turn, live, hold } = place;
		if (isGone()) return LEAVE;
		const isOurs = (await hold?.check()) ?? true;
		if (isGone()) return LEAVE;
		if (!isOurs) {
			live.end();
			return elsewhere(presentTurn({ ...place, deps }));
		}
		const fence = hold?.fence ?? topFence(presentTurn({ ...place, deps }));
		const at = nextMoment({ line, turn, deps });
		const record: TurnEndRecord = { kind: 'turn-end', turn: turn.id, at, outcome, ...(fence > 0 && { fence }) };
		const kept = await line.append([record]);
		if (!kept.ok) {
			live.end(presentTurn({ ...place, deps }).end ? undefined : notStored(kept.error));
			return LEAVE;
		}
		await noteAgain(line, presentTurn({ ...place, deps }));
		live.end();
		await account(line, presentTurn({ ...place, deps }), record, hold?.claimed);
		return OVER;
	}

	/** What outgrew the context window is answered once more by itself, in a narrower epoch. */
	async function noteAgain(line: OpenLine, turn: IndexedTurn): Promise<void> {
		if (!isAnsweredAgain(deps.indexOf(line.records()), turn)) return;
		const { id, trigger } = turn.record;
		const retry = `again-${id}` as TurnId;
		const noted = await inFlight.addUnanswered({ line: line.id, trigger, at: deps.clock.now(), retry });
		if (!noted.ok) deps.log.warn('turn-not-answered-again', { error: noted.error.type });
	}

	/** The turn cannot go on because a step could not be kept; it says so in its records where it still can. */
	async function leave(place: Place & { readonly hold?: Hold }, error: StoreError): Promise<TurnLeft> {
		deps.log.warn('turn-not-stored', { error: error.type });
		await end(place, { type: 'failed', failure: notStored(error) });
		return LEAVE;
	}

	function elsewhere({ record, modelSteps, toolSteps }: IndexedTurn): TurnLeft {
		const uses = modelSteps.flatMap((step) => step.content).filter((block) => block.type === 'tool_use');
		const open = new Set(uses.map((use) => use.id).filter((id) => !toolSteps.has(id)));
		return { type: 'elsewhere', turn: record.id, open };
	}

	/**
	 * A message has one turn, whoever began it: of two tabs of which one was frozen, both mean the same. A task's prompt may get
	 * one on each device that was given its occurrence.
	 */
	function turnIdOf({ trigger, retry, claim }: Unanswered): TurnId {
		if (retry !== undefined) return retry;
		if (claim !== undefined) return turnIdOfClaimed(trigger.message);
		const own = trigger.type === 'task' ? `-${deps.self.device}` : '';
		return `turn-${trigger.message}${own}` as TurnId;
	}

	function scopeOf(place: Place, { author }: MessageRecord): Omit<TurnScope, 'epoch' | 'model' | 'hold' | 'signal'> {
		const person = author.type === 'person' ? author.person : deps.self.person;
		return { ...place, deps, tools, person, inFlight, isGone };
	}
}

/**
 * A tab that was frozen right before it wrote a turn's record may write it when another has answered its message together
 * with later ones.
 */
function isBegunTwice({ turns }: LineIndex, { record, modelSteps }: IndexedTurn): boolean {
	if (modelSteps.length > 0 || record.id !== `turn-${record.trigger.message}`) return false;
	return [...turns.values()].some(({ record: other, modelSteps: steps }) => {
		if (other.id === record.id || other.device !== record.device || steps.length === 0) return false;
		return other.context.some((item) => 'message' in item && item.message === record.trigger.message);
	});
}

/** What a hold is begun with, before its turn is known to be on the line. */
type HoldStart = Omit<HoldOptions, 'line' | 'turn' | 'lost'> & Driving;

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
