import type { Failure } from '../../space/failure.ts';
import type { ToolStepRecord } from '../../space/records.ts';
import { type IndexedTurn, toolUsesOf } from '../line/line-index.ts';

/**
 * Times the same calls come back with the same results, with nothing else between, before the turn is ended. Twice is a
 * second look and three times a stubborn one, but what did not change in four will not in forty.
 */
const MOST_TIMES = 4;
/** Steps of a round that repeats: one call again and again, two by turns, or read, edit, check. */
const LONGEST_ROUND = 3;

type LoopTurn = Pick<IndexedTurn, 'modelSteps' | 'toolSteps' | 'steering'>;

/** One model step's calls with what came of them. */
type Step = readonly { readonly name: string; readonly input: unknown; readonly result: ToolStepRecord }[];

/**
 * Whether a turn goes round in circles: its newest steps repeat, calls, inputs and results alike. A file that is read again
 * after it changed gives another result, and so do a search that finds more and a call that fails in another way.
 */
export function findLoop(turn: LoopTurn): (Failure & { type: 'Loop' }) | undefined {
	const steps = stepsOf(turn);
	for (let length = 1; length <= LONGEST_ROUND; length++) {
		const tool = steps.at(-1)?.at(0)?.name;
		if (tool !== undefined && repeats(steps, length)) return { type: 'Loop', tool, times: MOST_TIMES };
	}
	return undefined;
}

/** Whether the list ends in rounds of this many steps that are all alike; the first difference, from the end, says no. */
function repeats(steps: readonly Step[], length: number): boolean {
	if (steps.length < length * MOST_TIMES) return false;
	for (let back = 1; back <= length * (MOST_TIMES - 1); back++) {
		if (!isSame(steps.at(-back), steps.at(-back - length))) return false;
	}
	return true;
}

function isSame(one: Step | undefined, other: Step | undefined): boolean {
	if (!one || !other || one.length !== other.length) return false;
	return one.every((call, at) => {
		const twin = other[at];
		return twin !== undefined && call.name === twin.name && isSameCall(call, twin);
	});
}

function isSameCall(one: Step[number], other: Step[number]): boolean {
	if (one.result.outcome !== other.result.outcome) return false;
	if (JSON.stringify(one.input) !== JSON.stringify(other.input)) return false;
	return JSON.stringify(one.result.result) === JSON.stringify(other.result.result);
}

/** The steps that called tools of ours since the person last spoke, in order, with the results there are. */
function stepsOf({ modelSteps, toolSteps, steering }: LoopTurn): readonly Step[] {
	const spoken = steering.at(-1)?.after;
	const since = modelSteps.slice(modelSteps.findIndex(({ id }) => id === spoken) + 1);
	return since.flatMap((step) => {
		const uses = step.stop === 'cut' ? [] : toolUsesOf(step);
		if (uses.length === 0) return [];
		return [
			uses.flatMap(({ id, name, input }) => {
				const result = toolSteps.get(id);
				return result ? [{ name, input, result }] : [];
			}),
		];
	});
}
