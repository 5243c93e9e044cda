import type { PersonId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { Model } from '../../ports/model.ts';
import type { RandomDep } from '../../ports/random.ts';
import type { StoreError } from '../../ports/store.ts';
import type { Result } from '../../result.ts';
import type { EpochRecord, LineRecord, TurnRecord } from '../../space/records.ts';
import type { OpenLine, PeopleDep, SelfDep } from '../../space/space.ts';
import { freshTurn, type IndexedTurn, type LineIndexDep } from '../line/line-index.ts';
import type { Tool } from '../tool.ts';
import { type Hold, LOST_FENCE } from './claims.ts';
import type { InFlight } from './in-flight.ts';
import type { LiveHandle } from './live-turns.ts';

/** What the parts of a running turn share. */
export interface TurnScope {
	readonly deps: ClockDep & RandomDep & LogDep & SelfDep & PeopleDep & LineIndexDep;
	readonly line: OpenLine;
	readonly turn: TurnRecord;
	readonly epoch: EpochRecord;
	readonly model: Model;
	readonly tools: ReadonlyMap<string, Tool>;
	/** Who speaks; changes made for them are stamped with their name. */
	readonly person: PersonId;
	readonly live: LiveHandle;
	readonly inFlight: InFlight;
	/** Aborts when the person stops the turn, when it goes to another tab or device, or when the agent is disposed of. */
	readonly signal: AbortSignal;
	/** Under which the turn runs here. */
	readonly hold: Hold;
	/** The abort came from disposing: nothing more may be written, as if the tab were gone. */
	isGone(): boolean;
}

/** How a part of a turn came out: go on, or this ends it. */
export type Progress =
	| { readonly type: 'on' }
	| { readonly type: 'stopped' }
	/** A call waits for the person: the turn stands still until a decision or a message comes. */
	| { readonly type: 'waits' }
	/** Another device or tab went on with the turn: nothing more is written here. */
	| { readonly type: 'taken-over' }
	/** The tab goes: whatever is not stored yet is left to `resume`. */
	| { readonly type: 'gone' }
	| { readonly type: 'not-stored'; readonly error: StoreError };

type Present = Pick<TurnScope, 'line' | 'turn'> & { readonly deps: LineIndexDep };

/** The turn as its records stand now. */
export function presentTurn({ deps, line, turn }: Present): IndexedTurn {
	const known = deps.indexOf(line.records()).turns.get(turn.id);
	return known ?? freshTurn(turn);
}

/**
 * The moment to stamp the turn's next record with: now, but never before its earlier records, which a clock set
 * back across a month's end would otherwise sort behind it.
 */
export function nextMoment(scope: Present & { readonly deps: ClockDep }): number {
	const present = presentTurn(scope);
	const steps = [...present.modelSteps, ...present.toolSteps.values(), ...present.steering];
	return steps.reduce((latest, step) => Math.max(latest, step.at), Math.max(scope.deps.clock.now(), scope.turn.at));
}

/**
 * Keeps records before anything else happens; the turn goes on only when they are on disk. When another runner went on
 * with it, what was paid for is kept for the account, marked as not counting, and the turn is over here.
 */
export async function keep(scope: TurnScope, records: readonly LineRecord[]): Promise<Progress> {
	if (scope.isGone()) return { type: 'gone' };
	const isOurs = await scope.hold.check();
	if (scope.isGone()) return { type: 'gone' };
	if (!isOurs) {
		const paid = records.filter((record) => record.kind === 'model-step');
		if (paid.length > 0) await scope.line.append(paid.map((record) => stamped(scope, record, LOST_FENCE)));
		return { type: 'taken-over' };
	}
	return progressOf(await scope.line.append(records.map((record) => stamped(scope, record, scope.hold.fence))));
}

function stamped({ deps, turn }: TurnScope, record: LineRecord, fence: number): LineRecord {
	const under = fence === 0 ? {} : { fence };
	const { device } = deps.self;
	switch (record.kind) {
		case 'model-step':
		case 'tool-step':
			return { ...record, ...under, ...(device === turn.device ? {} : { device }) };
		case 'turn-end':
		case 'steering':
			return { ...record, ...under };
		default:
			return record;
	}
}

/** A storing result as the turn sees it. */
export function progressOf(result: Result<void, StoreError>): Progress {
	return result.ok ? { type: 'on' } : { type: 'not-stored', error: result.error };
}
