import type { ModelStepRecord, RunRecord } from '../../space/records.ts';
import { type IndexedTurn, paidSteps } from '../line/line-index.ts';
import { costOf, tokensCost } from './prices.ts';
import { addTokens, NO_TOKENS, passesOf, type Tokens, tokensOf } from './tokens.ts';

/** What one or many model calls took. */
export interface Spent {
	readonly tokens: Tokens;
	/** US dollars, of the calls whose cost is known. */
	readonly usd: number;
	readonly calls: number;
	/** The calls whose cost is not known: of a model without a price here, or with a usage that never came. */
	readonly unpriced: number;
}

export const NOTHING_SPENT: Spent = { tokens: NO_TOKENS, usd: 0, calls: 0, unpriced: 0 };

/** Adds up; what is unknown in one is unknown in the sum. */
export function addSpent(one: Spent, other: Spent): Spent {
	return {
		tokens: addTokens(one.tokens, other.tokens),
		usd: one.usd + other.usd,
		calls: one.calls + other.calls,
		unpriced: one.unpriced + other.unpriced,
	};
}

/** What a model call needs to be known of to be counted; a compaction's call has no stop. */
export type CountedCall = Pick<ModelStepRecord, 'model' | 'usage' | 'at'> &
	Partial<Pick<ModelStepRecord, 'stop' | 'content'>>;

/** The calls of a turn that were paid for: also those whose runner had been relieved without knowing it. */
export function paidCalls({
	modelSteps,
	superseded,
}: Pick<IndexedTurn, 'modelSteps' | 'superseded'>): readonly ModelStepRecord[] {
	return paidSteps({ modelSteps, superseded });
}

/** What one call took, whole or cut: a cut one is paid for as far as it went. */
export function spentOnCall(call: CountedCall): Spent {
	const { model, usage, at } = call;
	const known = costOf({ model, usage, at });
	const unseen = unseenOutput(call);
	const more = unseen === 0 ? 0 : tokensCost({ model, tokens: { ...NO_TOKENS, output: unseen }, at });
	const usd = known === undefined || more === undefined ? undefined : known + more;
	const tokens = addTokens(tokensOf(usage), { ...NO_TOKENS, output: unseen });
	return { tokens, usd: usd ?? 0, calls: 1, unpriced: usd === undefined ? 1 : 0 };
}

/** What calls took together. */
export function spentOnCalls(calls: readonly CountedCall[]): Spent {
	return calls.map(spentOnCall).reduce(addSpent, NOTHING_SPENT);
}

/** What a run took, by its row. Rows of older versions tell tokens and no cost: then none is known. */
export function spentOnRun(run: RunRecord): Spent {
	if (run.by !== 'agent') return { ...NOTHING_SPENT, calls: run.by === 'clerk' ? run.modelCalls : 0 };
	const { tokens, webSearches = 0, modelCalls } = run;
	const cost = run.cost ?? { usd: 0, unpriced: modelCalls };
	return {
		tokens: { ...tokens, cacheWriteHour: tokens.cacheWriteHour ?? 0, webSearches },
		usd: cost.usd,
		calls: modelCalls,
		unpriced: cost.unpriced,
	};
}

/** What runs took together. */
export function spentOnRuns(runs: readonly RunRecord[]): Spent {
	return runs.map(spentOnRun).reduce(addSpent, NOTHING_SPENT);
}

/** What runs took by whatever they have in common, in the order each group is first met. */
export function spentBy<K>(runs: readonly RunRecord[], keyOf: (run: RunRecord) => K): ReadonlyMap<K, Spent> {
	const groups = new Map<K, Spent>();
	for (const run of runs) {
		const key = keyOf(run);
		groups.set(key, addSpent(groups.get(key) ?? NOTHING_SPENT, spentOnRun(run)));
	}
	return groups;
}

/**
 * The moment a run's money is counted at: its end. A turn that waited for days for its person is then counted on the day it
 * went on, and never on one that is over and has its sum.
 */
export function paidAt(run: Pick<RunRecord, 'ended'>): number {
	return run.ended;
}

/** Characters of a token, of the texts that people and models write here. */
const CHARACTERS_A_TOKEN = 4;

/**
 * The output of a cut call that its usage does not tell: the count comes at the end of the stream, so of a call that has
 * none the text that had arrived is counted. What it had thought is not kept and not counted.
 */
function unseenOutput({ stop, content = [], usage }: CountedCall): number {
	if (stop !== 'cut' && stop !== 'stopped-by-person') return 0;
	const characters = content.reduce((sum, block) => sum + (block.type === 'text' ? block.text.length : 0), 0);
	const told = passesOf(usage).reduce((sum, pass) => sum + pass.tokens.output, 0);
	return Math.max(0, Math.ceil(characters / CHARACTERS_A_TOKEN) - told);
}
