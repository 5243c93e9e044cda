import type { ModelRequest } from '../../ports/model.ts';
import type { Failure } from '../../space/failure.ts';
import type { ModelStepRecord } from '../../space/records.ts';
import type { IndexedTurn, LineIndex, LineIndexDep } from '../line/line-index.ts';
import { presentTurn, type TurnScope } from '../turn/turn-scope.ts';
import { findLoop } from './loop-detector.ts';
import type { SpendDep } from './spend.ts';
import { paidCalls } from './usage.ts';

/** What of a turn is looked at; a turn that nobody counts the cost of has no `spend`. */
type CallScope = Pick<TurnScope, 'line' | 'turn' | 'model'> & { readonly deps: LineIndexDep & Partial<SpendDep> };

/**
 * Asked before each model call: why it must not be made, or undefined. A turn that goes in circles is ended; then the caps
 * are asked whether the call may be paid for. The clerk costs nothing.
 */
export async function beforeCall(scope: CallScope, request: ModelRequest): Promise<Failure | undefined> {
	const turn = presentTurn(scope);
	const loop = findLoop(turn);
	if (loop || scope.model.kind === 'clerk') return loop;
	const index = scope.deps.indexOf(scope.line.records());
	return scope.deps.spend?.check({
		turn: scope.turn,
		steps: paidCalls(turn),
		last: lastCall(index, turn),
		model: scope.model.id,
		request,
	});
}

/** The newest call whose request the turn's next one continues: its own, or one of an ended turn of the same epoch. */
function lastCall(index: LineIndex, turn: IndexedTurn): ModelStepRecord | undefined {
	const { epoch, model } = turn.record;
	const before = index.ended.findLast(({ record }) => record.epoch === epoch && record.model === model);
	return turn.modelSteps.findLast(isCounted) ?? before?.modelSteps.findLast(isCounted);
}

function isCounted({ stop, usage }: ModelStepRecord): boolean {
	return stop !== 'cut' && usage !== undefined;
}
