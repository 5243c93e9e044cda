import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { TurnEndRecord } from '../../space/records.ts';
import type { FilesDep, OpenLine, RunsDep, SelfDep } from '../../space/space.ts';
import { type IndexedTurn, type LineIndexDep, runnerOf } from '../line/line-index.ts';
import { turnIdOfClaimed } from './claimed-turn.ts';
import { type ClaimsDep, LOST_FENCE } from './claims.ts';
import { answers, type InFlight } from './in-flight.ts';
import { cutStep } from './model-call.ts';
import { runOf } from './run-record.ts';
import { takeBack } from './takeover.ts';
import { nextMoment } from './turn-scope.ts';

/** What is left to do for a turn that has ended. */
export interface TurnAccount {
	/** Enters an ended turn into the account, once, and clears this device's notes of it. */
	account(line: OpenLine, turn: IndexedTurn, end: TurnEndRecord): Promise<void>;
}

/** Makes the account of turns that ran here, or were begun here and went on elsewhere. */
export function createTurnAccount(
	deps: RunsDep & FilesDep & SelfDep & ClockDep & LogDep & LineIndexDep & ClaimsDep,
	inFlight: InFlight,
): TurnAccount {
	return { account };

	async function account(line: OpenLine, turn: IndexedTurn, ended: TurnEndRecord): Promise<void> {
		const { id } = turn.record;
		if (runnerOf(turn) !== deps.self.device) {
			await takeBack(deps, { line: line.id, turn });
			await keepLostCall(line, turn);
		}
		const present = deps.indexOf(line.records()).turns.get(id) ?? turn;
		// What was paid for without knowing that the turn had gone on elsewhere: whoever knows of it enters the turn anew.
		const hasMore = present.superseded.some(({ kind }) => kind === 'model-step');
		if (hasMore || !(await deps.runs.has(id))) {
			const kept = await deps.runs.append(
				runOf({ line: line.id, turn: present, end: ended, person: deps.self.person }),
			);
			if (!kept.ok) return deps.log.warn('run-not-stored', { error: kept.error.type });
		}
		const noted = await inFlight.unanswered(line.id);
		const answered = (noted.ok ? noted.value : []).filter((entry) => answers(turn, entry));
		const kept = await inFlight.finish(id, answered);
		if (!kept.ok) return deps.log.warn('turn-not-cleared', { error: kept.error.type });
		for (const { trigger, claim } of answered) {
			if (claim !== undefined) void deps.claims.finish(turnIdOfClaimed(trigger.message), claim);
		}
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
