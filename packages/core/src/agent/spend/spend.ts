import type { TurnId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { LogDep } from '../../ports/log.ts';
import type { ModelRequest } from '../../ports/model.ts';
import type { StoreDep } from '../../ports/store.ts';
import { makeDayOf } from '../../schedule/local-day.ts';
import type { Failure } from '../../space/failure.ts';
import type { ModelStepRecord, RunRecord, TurnRecord } from '../../space/records.ts';
import type { LinesDep, RunsDep, SelfDep } from '../../space/space.ts';
import { indexLine } from '../line/line-index.ts';
import { createInFlight } from '../turn/in-flight.ts';
import { type CapsDep, dayCapOn } from './caps.ts';
import { nextTokens } from './estimate.ts';
import { dearestCost, rounded, tokensCost } from './prices.ts';
import { tokensOf } from './tokens.ts';
import { paidAt, paidCalls, type Spent, spentOnCalls, spentOnRun } from './usage.ts';

/** What turns have cost, and whether another call may be made. */
export interface Spend {
	/**
	 * Asked before each model call, with what it would be sent: why it may not be made, or undefined. Counts what is known
	 * of today on all devices, what runs now, and the most the call could cost.
	 */
	check(next: NextSpend): Promise<Failure | undefined>;
}
export interface SpendDep {
	readonly spend: Spend;
}

/** A call that is to be paid for. */
export interface NextSpend {
	readonly turn: TurnRecord;
	/** The turn's calls so far, those of relieved runners too; none for a call that belongs to no turn. */
	readonly steps: readonly ModelStepRecord[];
	/** The newest finished call of the same epoch, of this turn or one before: what the next will find in the cache. */
	readonly last?: ModelStepRecord | undefined;
	readonly model: string;
	readonly request: ModelRequest;
}

/** What a call without usage is taken for where no other call of its turn tells better, US dollars. */
const UNKNOWN_CALL_USD = 0.05;
/** A call that was allowed and left no trace for this long never began. */
const LONGEST_CALL_MS = 10 * 60_000;
/** A local day and its longest change of the clocks, and a device whose clock is off by some. */
const LOOK_BACK_MS = 36 * 60 * 60_000;

/**
 * Makes the keeper of the caps on this device. A call whose price is not known counts at the dearest price there is: the cap then
 * holds too early rather than never, and the failure says so.
 *
 * What counts for today: the rows of runs, of every device of the person; turns in flight on this device, in any of its
 * tabs, by their steps; and calls of this tab that are allowed and not over. A turn that runs on another device counts once it ended.
 */
export function createSpend(deps: RunsDep & LinesDep & SelfDep & StoreDep & ClockDep & LogDep & CapsDep): Spend {
	const inFlight = createInFlight(deps);
	const allowed = new Map<TurnId, { readonly calls: number; readonly usd: number; readonly at: number }>();
	let queue: Promise<unknown> = Promise.resolve();

	return {
		check(next) {
			// One at a time: of two calls that each fit, both may not.
			const checked = queue.then(() => check(next));
			queue = checked.catch(() => undefined);
			return checked;
		},
	};

	async function check(next: NextSpend): Promise<Failure | undefined> {
		const caps = deps.caps.current();
		const now = deps.clock.now();
		const dayOf = makeDayOf(deps.clock.zone());
		const isToday = (at: number) => dayOf(at) === dayOf(now);
		const dayUsd = dayCapOn(caps, dayOf(now));
		const mostUsd = mostOf(next, now);
		if (caps.turnUsd !== 'off') {
			const failure = overCap('TurnCap', { capUsd: caps.turnUsd, spent: [spentOnCalls(next.steps)], mostUsd, now });
			if (failure) return failure;
		}
		if (dayUsd !== undefined) {
			const own = spentOnCalls(next.steps.filter((step) => isToday(step.at)));
			const others = await othersToday(next, isToday);
			const failure = overCap('DayCap', {
				capUsd: dayUsd,
				spent: [own, ...others.spent],
				mostUsd: mostUsd + others.allowedUsd,
				now,
			});
			if (failure) return failure;
		}
		allowed.set(next.turn.id, { calls: next.steps.length, usd: mostUsd, at: now });
		return undefined;
	}

	/** Everything of today but the calls of the turn itself: ended turns anywhere, running ones here. */
	async function othersToday({ turn, steps }: NextSpend, isToday: (at: number) => boolean) {
		const read = await deps.runs.since(deps.clock.now() - LOOK_BACK_MS);
		// An account that cannot be read stops nobody: the turn's own cap holds, and whatever is broken shows elsewhere.
		if (!read.ok) deps.log.warn('spend-unreadable', { error: read.error.type });
		const rows = (read.ok ? read.value : []).filter((run) => isOwn(run) && (run.id !== turn.id || steps.length === 0));
		const isEnded = new Set<string>(rows.map((run) => run.id));
		const running = await runningTurns((id) => id !== turn.id && !isEnded.has(id));
		const spent = [
			...rows.filter((run) => isToday(paidAt(run))).map(spentOnRun),
			...[...running.values()].map((calls) => spentOnCalls(calls.filter((step) => isToday(step.at)))),
		];
		return { spent, allowedUsd: allowedToOthers(turn.id, { running, isEnded }) };
	}

	/** What calls of other turns in this tab may still cost; a call is over when its turn is, or has one more. */
	function allowedToOthers(
		turn: TurnId,
		now: { readonly running: ReadonlyMap<TurnId, readonly ModelStepRecord[]>; readonly isEnded: ReadonlySet<string> },
	): number {
		let usd = 0;
		for (const [id, open] of allowed) {
			const hasMore = (now.running.get(id)?.length ?? open.calls) !== open.calls;
			const isOld = deps.clock.now() - open.at > LONGEST_CALL_MS;
			if (hasMore || isOld || now.isEnded.has(id)) allowed.delete(id);
			else if (id !== turn) usd += open.usd;
		}
		return usd;
	}

	/** The calls of the turns that this device has begun and not ended. */
	async function runningTurns(
		isWanted: (id: TurnId) => boolean,
	): Promise<ReadonlyMap<TurnId, readonly ModelStepRecord[]>> {
		const noted = await inFlight.turns();
		if (!noted.ok) deps.log.warn('spend-unreadable', { error: noted.error.type });
		const found = new Map<TurnId, readonly ModelStepRecord[]>();
		for (const { line: id, turn } of (noted.ok ? noted.value : []).filter((each) => isWanted(each.turn))) {
			const opened = await deps.lines.open(id);
			if (!opened.ok) continue;
			using line = opened.value;
			const known = indexLine(line.records()).turns.get(turn);
			if (known) found.set(turn, paidCalls(known));
		}
		return found;
	}

	/** Paid by the person of this device; rows of older versions do not say by whom, so only this device's count. */
	function isOwn({ by, person, device }: RunRecord): boolean {
		return by === 'agent' && (person === undefined ? device === deps.self.device : person === deps.self.person);
	}
}

/** The most the next call may reasonably cost. */
function mostOf({ model, steps, last, request }: NextSpend, at: number): number {
	const outputs = steps.map(({ usage }) => tokensOf(usage).output);
	const tokens = nextTokens({ request, last, outputs, at });
	return tokensCost({ model, tokens, at }) ?? dearestCost(tokens, at);
}

function overCap(
	type: 'DayCap' | 'TurnCap',
	cap: { readonly capUsd: number; readonly spent: readonly Spent[]; readonly mostUsd: number; readonly now: number },
): Failure | undefined {
	const { capUsd, spent, mostUsd, now } = cap;
	// Guessed turn by turn: what one turn's calls cost says nothing about another's.
	const spentUsd = spent.reduce((sum, one) => sum + one.usd + guessUnpriced(one, now), 0);
	if (spentUsd + mostUsd <= capUsd) return undefined;
	const unpriced = spent.reduce((sum, one) => sum + one.unpriced, 0);
	return {
		type,
		capUsd,
		spentUsd: rounded(spentUsd),
		nextUsd: rounded(mostUsd),
		...(unpriced === 0 ? {} : { unpriced }),
	};
}

/** What the calls whose cost is not known are counted as: like those of the turn that is, or at the dearest price. */
function guessUnpriced({ usd, calls, unpriced, tokens }: Spent, at: number): number {
	if (unpriced === 0) return 0;
	const priced = calls - unpriced;
	if (priced > 0) return (usd / priced) * unpriced;
	return Math.max(dearestCost(tokens, at), unpriced * UNKNOWN_CALL_USD);
}
