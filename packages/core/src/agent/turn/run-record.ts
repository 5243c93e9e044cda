import type { DeviceId, LineId, PersonId } from '../../ids.ts';
import type { CompactionRecord, Receipt, RunRecord, TurnEndRecord } from '../../space/records.ts';
import type { IndexedTurn } from '../line/line-index.ts';
import { paidCalls, type Spent, spentOnCalls } from '../spend/usage.ts';

/** The account of one ended turn, made from its records. */
export function runOf(ended: {
	readonly line: LineId;
	readonly turn: IndexedTurn;
	readonly end: TurnEndRecord;
	/** Whose key paid for it. */
	readonly person: PersonId;
}): RunRecord {
	const { line, turn, end, person } = ended;
	const { record } = turn;
	const toolSteps = [...turn.toolSteps.values()];
	return {
		kind: 'run',
		id: record.id,
		line,
		trigger: record.trigger,
		device: record.device,
		person,
		by: record.by,
		model: record.model,
		...(record.agent === undefined ? {} : { agent: record.agent }),
		started: record.at,
		ended: end.at,
		outcome: end.outcome,
		// Cut calls count too, and what a device did before it knew that another had gone on: they were paid for.
		...accountOf(spentOnCalls(paidCalls(turn))),
		toolCalls: toolSteps.filter((step) => step.outcome !== 'stopped').length,
		files: [...new Set(toolSteps.flatMap((step) => step.receipts).flatMap(pathsOf))],
	};
}

/** What the account needs to know of a call for a summary, whatever came of it. */
export type PaidSummary = Pick<CompactionRecord, 'id' | 'at' | 'model' | 'usage'>;

/** The account of the call that a compaction was made with; it belongs to no turn. */
export function runOfCompaction(made: {
	readonly line: LineId;
	readonly compaction: PaidSummary;
	readonly device: DeviceId;
	readonly person: PersonId;
	readonly durationMs: number;
}): RunRecord {
	const { line, compaction, device, person, durationMs } = made;
	return {
		kind: 'run',
		id: compaction.id,
		line,
		trigger: { type: 'compaction', compaction: compaction.id },
		device,
		person,
		by: 'agent',
		model: compaction.model,
		started: compaction.at - durationMs,
		ended: compaction.at,
		outcome: { type: 'answered' },
		...accountOf(spentOnCalls([compaction])),
		toolCalls: 0,
		files: [],
	};
}

function accountOf({
	tokens,
	usd,
	unpriced,
	calls,
}: Spent): Pick<RunRecord, 'tokens' | 'cost' | 'modelCalls' | 'webSearches'> {
	const { webSearches, ...counts } = tokens;
	return {
		modelCalls: calls,
		tokens: counts,
		cost: { usd, unpriced },
		...(webSearches === 0 ? {} : { webSearches }),
	};
}

/** Files a call touched; what was only found was not. */
function pathsOf(receipt: Receipt): readonly string[] {
	return 'path' in receipt ? [receipt.path] : [];
}
