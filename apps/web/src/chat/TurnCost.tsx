import { type Spent, spentOnCalls } from '@pocketeer/core/agent/spend/usage';
import type { ModelStepRecord } from '@pocketeer/core/space/records';
import { createMemo, For } from 'solid-js';
import { describeCost, formatTokens } from '../shell/money.ts';

/** Cost, calls and tokens by kind of one turn so far. */
export default function TurnCost(props: { calls: readonly ModelStepRecord[] }) {
	const facts = createMemo(() => turnFacts(spentOnCalls(props.calls), props.calls));
	return <For each={facts()}>{(fact) => <span>{fact}</span>}</For>;
}

function turnFacts(spent: Spent, calls: readonly ModelStepRecord[]): readonly string[] {
	const { input, cacheRead, cacheWrite, output, webSearches } = spent.tokens;
	const tokens = [
		input === 0 ? [] : `${formatTokens(input)} in`,
		cacheRead === 0 ? [] : `${formatTokens(cacheRead)} from the cache`,
		cacheWrite === 0 ? [] : `${formatTokens(cacheWrite)} put into the cache`,
		`${formatTokens(output)} out`,
	].flat();
	const cut = calls.filter(({ stop }) => stop === 'cut').length;
	return [
		...new Set(calls.map(({ model }) => model)),
		describeCost(spent) ?? [],
		`${spent.calls} ${spent.calls === 1 ? 'call' : 'calls'}${cut > 0 ? `, ${cut} of them cut and paid for` : ''}`,
		`tokens: ${tokens.join(', ')}`,
		webSearches === 0 ? [] : `${webSearches} web ${webSearches === 1 ? 'search' : 'searches'}`,
	].flat();
}
