import type { ModelRequest } from '../../ports/model.ts';
import type { TurnRecord } from '../../space/records.ts';
import type { IndexedTurn, LineIndex } from '../line/line-index.ts';
import { promptOf, tokensOf } from '../spend/tokens.ts';

const SHORT_MS = 5 * 60_000;
const LONG_MS = 60 * 60_000;
/** Pauses of the line looked back on. */
const REMEMBERED = 20;
const PRIOR = 0.5;
/** What keeping a token for an hour costs beyond keeping it five minutes, in prices of reading it anew: 2 less 1.25. */
const HOUR_COSTS = 0.75;
/** What finding a token in the cache saves, where it would have been written again: 1.25 less a twentieth. */
const HOUR_SAVES = 1.2;

/**
 * How long a turn's requests should stay in the prompt cache, by the pauses this line had. An hour costs more for every
 * token written, and pays when the next turn comes after five minutes and within the hour, because the whole prompt
 * is then read for a twentieth rather than written again. The same in all requests of a turn.
 */
export function cacheFor(index: LineIndex, turn: TurnRecord): NonNullable<ModelRequest['cache']> {
	const past = turnsBefore(index, turn);
	const pauses = pausesOf(past, turn);
	// Half of one each is assumed: a few pauses are no reason to give up either.
	const useful = PRIOR + pauses.filter((pause) => pause > SHORT_MS && pause <= LONG_MS).length;
	const tooLong = PRIOR + pauses.filter((pause) => pause > LONG_MS).length;
	const all = pauses.length + 2 * PRIOR;
	const last = past.at(-1);
	const pause = pauses.at(-1);
	if (last && pause !== undefined && last.record.epoch === turn.epoch && pause <= keptFor(last)) {
		// Only what is new is written: a small part of what would be lost.
		return (useful / all) * HOUR_SAVES >= HOUR_COSTS * newPart(past) ? '1h' : '5m';
	}
	// All of it is written, once for as many turns as follow each other within the hour.
	return useful * HOUR_SAVES >= tooLong * HOUR_COSTS ? '1h' : '5m';
}

/** The agent's turns that began before this one, newest last. */
function turnsBefore(index: LineIndex, turn: TurnRecord): readonly IndexedTurn[] {
	const turns = [...index.turns.values()];
	const own = turns.findIndex(({ record }) => record.id === turn.id);
	const before = own === -1 ? turns : turns.slice(0, own);
	return before.filter(({ record }) => record.by === 'agent').slice(-REMEMBERED);
}

/** Times in ms from the last call of each turn to the beginning of the next, up to this one. */
function pausesOf(past: readonly IndexedTurn[], turn: TurnRecord): readonly number[] {
	const begins = [...past.slice(1).map(({ record }) => record.at), turn.at];
	return past.map((each, index) => Math.max(0, (begins[index] ?? turn.at) - lastCallAt(each)));
}

function lastCallAt(turn: IndexedTurn): number {
	return turn.modelSteps.reduce((latest, step) => Math.max(latest, step.at), turn.record.at);
}

/** How long what the turn left in the cache stays there. */
function keptFor(turn: IndexedTurn): number {
	const isHour = turn.modelSteps.some((step) => tokensOf(step.usage).cacheWriteHour > 0);
	const isRead = turn.modelSteps.some((step) => tokensOf(step.usage).cacheRead > 0);
	const isWritten = turn.modelSteps.some((step) => tokensOf(step.usage).cacheWrite > 0);
	return isHour ? LONG_MS : isRead || isWritten ? SHORT_MS : 0;
}

/** How much of its prompt a turn of this line added, on average of the newest; between 0 and 1. */
function newPart(past: readonly IndexedTurn[]): number {
	const sizes = past.slice(-5).map((turn) => ({
		epoch: turn.record.epoch,
		tokens: Math.max(0, ...turn.modelSteps.map((step) => promptOf(tokensOf(step.usage)))),
	}));
	const parts = sizes.flatMap(({ epoch, tokens }, index) => {
		const before = sizes[index - 1];
		return before?.epoch === epoch && tokens > before.tokens ? [(tokens - before.tokens) / tokens] : [];
	});
	return parts.length === 0 ? 0.25 : parts.reduce((sum, part) => sum + part, 0) / parts.length;
}
