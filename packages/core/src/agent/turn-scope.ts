import type { PersonId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { Model } from '../ports/model.ts';
import type { RandomDep } from '../ports/random.ts';
import type { StoreError } from '../ports/store.ts';
import type { Result } from '../result.ts';
import type { EpochRecord, LineRecord, TurnRecord } from '../space/records.ts';
import type { OpenLine, SelfDep } from '../space/space.ts';
import type { InFlight } from './in-flight.ts';
import type { IndexedTurn, LineIndexDep } from './line-index.ts';
import type { LiveHandle } from './live-turns.ts';
import type { Tool } from './tool.ts';

/** What the parts of a running turn share. */
export interface TurnScope {
	readonly deps: ClockDep & RandomDep & LogDep & SelfDep & LineIndexDep;
	readonly line: OpenLine;
	readonly turn: TurnRecord;
	readonly epoch: EpochRecord;
	readonly model: Model;
	readonly tools: ReadonlyMap<string, Tool>;
	/** Who speaks; changes made for them are stamped with their name. */
	readonly person: PersonId;
	readonly live: LiveHandle;
	readonly inFlight: InFlight;
	/** Aborts when the person stops the turn or the agent is disposed of. */
	readonly signal: AbortSignal;
	/** The abort came from disposing: nothing more may be written, as if the tab were gone. */
	isGone(): boolean;
}

/** How a part of a turn came out: go on, or this ends it. */
export type Progress =
	| { readonly type: 'on' }
	| { readonly type: 'stopped' }
	/** The tab goes: whatever is not stored yet is left to `resume`. */
	| { readonly type: 'gone' }
	| { readonly type: 'not-stored'; readonly error: StoreError };

type Present = Pick<TurnScope, 'line' | 'turn'> & { readonly deps: LineIndexDep };

/** The turn as its records stand now. */
export function presentTurn({ deps, line, turn }: Present): IndexedTurn {
	const known = deps.indexOf(line.records()).turns.get(turn.id);
	return known ?? { record: turn, modelSteps: [], toolSteps: new Map(), end: undefined };
}

/**
 * The moment to stamp the turn's next record with: now, but never before its earlier records, which a clock set
 * back across a month's end would otherwise sort behind it.
 */
export function nextMoment(scope: Present & { readonly deps: ClockDep }): number {
	const present = presentTurn(scope);
	const steps = [...present.modelSteps, ...present.toolSteps.values()];
	return steps.reduce((latest, step) => Math.max(latest, step.at), Math.max(scope.deps.clock.now(), scope.turn.at));
}

/** Keeps records before anything else happens; the turn goes on only when they are on disk. */
export async function keep(scope: TurnScope, records: readonly LineRecord[]): Promise<Progress> {
	if (scope.isGone()) return { type: 'gone' };
	return progressOf(await scope.line.append(records));
}

/** A storing result as the turn sees it. */
export function progressOf(result: Result<void, StoreError>): Progress {
	return result.ok ? { type: 'on' } : { type: 'not-stored', error: result.error };
}
