import type { TurnId } from '../../ids.ts';
import type { EpochRecord, ModelStepRecord, TurnRecord } from '../../space/records.ts';
import { type IndexedTurn, isSendable, type LineIndex } from '../line/line-index.ts';
import { promptOf, tokensOf } from '../spend/tokens.ts';
import { charactersOf, endsEpoch, holdsUndone, isReplayable, presentCompaction } from './epoch.ts';
import { unfinishedUses } from './request-blocks.ts';

/** What is to be summed up. */
export interface Covered {
	/** The newest turn: the call goes on from where it ended. */
	readonly turn: TurnRecord;
	readonly endedAt: number;
	readonly epoch: EpochRecord;
	/** The newest turn that the summary stands for. */
	readonly through: TurnId;
	/** The newest call of the turn. */
	readonly step: ModelStepRecord;
	/** Prompt and answer of that call. */
	readonly tokens: number;
}

/** The newest turns are sent word for word behind a summary: this many, and not more than this many characters. */
const KEPT_TURNS = 4;
const KEPT_CHARACTERS = 30_000;
/** Who took a summary back wants the turns themselves: the next comes when they have grown to twice the limit. */
const AFTER_UNDOING = 2;

/** What a line's present epoch should be summed up to; undefined while it is short, open, or of no agent. */
export function planCompaction(index: LineIndex, softTokens: number): Covered | undefined {
	const last = index.ended.at(-1);
	const epoch = last && index.epochs.get(last.record.epoch);
	const step = last?.modelSteps.findLast(isSendable);
	if (!last?.end || !epoch || !step || last.record.by !== 'agent') return undefined;
	if (endsEpoch(last.end.outcome) || unfinishedUses(last).size > 0 || !isReplayable(index, last.record))
		return undefined;
	// A turn that runs or waits for the person goes on in this epoch.
	if ([...index.turns.values()].some(({ end }) => !end)) return undefined;
	if (epoch.compaction !== presentCompaction(index)?.id) return undefined;
	const used = tokensOf(step.usage);
	const tokens = promptOf(used) + used.output;
	if (tokens < softTokens * (holdsUndone(index) ? AFTER_UNDOING : 1)) return undefined;
	const through = throughOf(index, last);
	if (!through) return undefined;
	return { turn: last.record, endedAt: last.end.at, epoch, through, step, tokens };
}

/** The turn before the newest few; whole turns only, so no call is parted from its result. */
function throughOf(index: LineIndex, last: IndexedTurn): TurnId | undefined {
	const sent = new Set<TurnId>([
		...last.record.context.flatMap((item) => ('turn' in item ? [item.turn] : [])),
		last.record.id,
	]);
	const turns = index.ended.filter(({ record }) => sent.has(record.id));
	let size = 0;
	let kept = 0;
	for (const turn of turns.toReversed()) {
		size += charactersOf(index, turn);
		if (kept === KEPT_TURNS || size > KEPT_CHARACTERS) break;
		kept++;
	}
	return turns[turns.length - kept - 1]?.record.id;
}
