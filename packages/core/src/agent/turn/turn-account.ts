import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { TurnEndRecord } from '../../space/records.ts';
import type { FilesDep, OpenLine, RunsDep, SelfDep } from '../../space/space.ts';
import { endedElsewhere } from '../line/ended-turns.ts';
import { fenceOf, type IndexedTurn, type LineIndexDep, runnerOf } from '../line/line-index.ts';
import { turnIdOfClaimed } from './claimed-turn.ts';
import { type ClaimsDep, LOST_FENCE } from './claims.ts';
import { answers, type EndedTurn, type InFlight } from './in-flight.ts';
import { cutStep } from './model-call.ts';
import { runOf } from './run-record.ts';
import { takeBack } from './takeover.ts';
import { nextMoment } from './turn-scope.ts';

/** What is left to do for a turn that has ended. */
export interface TurnAccount {
	/**
	 * Enters an ended turn into the account, once, and clears this device's notes of it; of a turn that ended here one stays
	 * until nobody can go on with it. What others ended is settled: what only this device did to files is taken back.
	 * `claim`: what the relay gave, where that is known better than by the end's fence.
	 */
	account(line: OpenLine, turn: IndexedTurn, end: TurnEndRecord, claim?: number): Promise<void>;
}

/** Makes the account of turns that ran here, or were begun here and went on elsewhere. */
export function createTurnAccount(
	deps: RunsDep & FilesDep & SelfDep & ClockDep & LogDep & LineIndexDep & ClaimsDep,
	inFlight: InFlight,
): TurnAccount {
	return { account };

	async function account(
		line: OpenLine,
		turn: IndexedTurn,
		ended: TurnEndRecord,
		claim = fenceOf(ended),
	): Promise<void> {
		const { id } = turn.record;
		const isOwn = runnerOf(turn) === deps.self.device;
		const isSettled = endedElsewhere(turn, deps.self.device) !== undefined;
		if (isOwn || isSettled) await takeBack(deps, { line: line.id, turn, only: isOwn ? lateCalls(turn) : undefined });
		if (!isOwn) await keepLostCall(line, turn);
		const present = deps.indexOf(line.records()).turns.get(id) ?? turn;
		// What was paid for without knowing that the turn had gone on elsewhere: whoever knows of it enters the turn anew.
		const hasMore = present.superseded.some(({ kind }) => kind === 'model-step');
		if (hasMore || isSettled || !(await deps.runs.has(id))) {
			const kept = await deps.runs.append(
				runOf({ line: line.id, turn: present, end: ended, person: deps.self.person }),
			);
			if (!kept.ok) return deps.log.warn('run-not-stored', { error: kept.error.type });
		}
		const noted = await inFlight.unanswered(line.id);
		const answered = (noted.ok ? noted.value : []).filter((entry) => answers(turn, entry));
		// Nobody goes on with what the clerk began.
		const mayGoOn = !isSettled && turn.record.by === 'agent';
		const note = { line: line.id, turn: id, at: ended.at, fence: fenceOf(ended) };
		const kept = await inFlight.finish(id, answered, mayGoOn ? note : undefined);
		if (!kept.ok) return deps.log.warn('turn-not-cleared', { error: kept.error.type });
		if (isSettled) await inFlight.dropEnded(note);
		else if (mayGoOn) void finishClaim(note, claim);
		for (const { trigger, claim: own } of answered) {
			if (own !== undefined) void deps.claims.finish(turnIdOfClaimed(trigger.message), own);
		}
	}

	/** Once the relay gives the turn to nobody else, nobody goes on with it. */
	async function finishClaim(note: EndedTurn, claim: number): Promise<void> {
		if (await deps.claims.finish(note.turn, claim)) await inFlight.dropEnded(note);
	}

	/** A call that this device had sent when its tab died or lost the turn may have been paid for: it counts, as cut. */
	async function keepLostCall(line: OpenLine, turn: IndexedTurn): Promise<void> {
		const noted = await inFlight.turn(turn.record.id);
		const left = noted.ok ? noted.value : undefined;
		const known = [...turn.modelSteps, ...turn.superseded];
		if (left?.call === undefined || known.some((step) => step.kind === 'model-step' && step.id === left.call)) return;
		const step = cutStep(left, { turn: turn.record, at: nextMoment({ line, turn: turn.record, deps }) });
		const { device } = deps.self;
		await line.append([{ ...step, fence: LOST_FENCE, ...(device === turn.record.device ? {} : { device }) }]);
	}
}

/** Calls whose results came too late to count. */
function lateCalls({ superseded }: IndexedTurn): ReadonlySet<string> {
	return new Set(superseded.flatMap((step) => (step.kind === 'tool-step' ? [step.toolUse] : [])));
}
