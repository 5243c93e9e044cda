import type { LineId } from '../ids.ts';
import type { Receipt, RunRecord, TurnEndRecord } from '../space/records.ts';
import type { IndexedTurn } from './line-index.ts';

/** The account of one ended turn, made from its records. */
export function runOf(line: LineId, turn: IndexedTurn, end: TurnEndRecord): RunRecord {
	const { record, modelSteps } = turn;
	const toolSteps = [...turn.toolSteps.values()];
	return {
		kind: 'run',
		id: record.id,
		line,
		trigger: record.trigger,
		device: record.device,
		by: record.by,
		model: record.model,
		started: record.at,
		ended: end.at,
		outcome: end.outcome,
		// Cut calls count too: they may have been paid for.
		modelCalls: modelSteps.length,
		toolCalls: toolSteps.filter((step) => step.outcome !== 'stopped').length,
		tokens: {
			input: sum(modelSteps.map((step) => step.usage?.input_tokens)),
			cacheRead: sum(modelSteps.map((step) => step.usage?.cache_read_input_tokens)),
			cacheWrite: sum(modelSteps.map((step) => step.usage?.cache_creation_input_tokens)),
			output: sum(modelSteps.map((step) => step.usage?.output_tokens)),
		},
		files: [...new Set(toolSteps.flatMap((step) => step.receipts).flatMap(pathsOf))],
	};
}

function sum(counts: readonly (number | null | undefined)[]): number {
	return counts.reduce<number>((total, count) => total + (count ?? 0), 0);
}

/** Files a call touched; what was only found was not. */
function pathsOf(receipt: Receipt): readonly string[] {
	return receipt.type === 'found' ? [] : [receipt.path];
}
