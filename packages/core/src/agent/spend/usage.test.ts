import { expect, it } from 'vitest';
import type { DeviceId, LineId, MessageId, PersonId } from '../../ids.ts';
import { makeDayOf } from '../../schedule/local-day.ts';
import type { RunRecord } from '../../space/records.ts';
import { addSpent, type CountedCall, NOTHING_SPENT, spentBy, spentOnCall, spentOnCalls, spentOnRun } from './usage.ts';

const AT = Date.UTC(2026, 10, 20, 9);
type Usage = NonNullable<CountedCall['usage']>;

function usageOf(counts: Partial<Usage>): Usage {
	return {
		cache_creation: null,
		cache_creation_input_tokens: null,
		cache_read_input_tokens: null,
		inference_geo: null,
		input_tokens: 0,
		output_tokens: 0,
		output_tokens_details: null,
		server_tool_use: null,
		service_tier: null,
		speed: null,
		...counts,
	};
}

function call(counts: Partial<Usage> | undefined, rest: Partial<CountedCall> = {}): CountedCall {
	return { model: 'claude-sonnet-5-5', at: AT, stop: 'end_turn', usage: counts && usageOf(counts), ...rest };
}

it('a call is counted by kind, and hour-long cache writes are told apart', () => {
	const creation = { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 70 };
	const spent = spentOnCall(
		call({
			input_tokens: 1,
			cache_read_input_tokens: 2,
			cache_creation_input_tokens: 100,
			cache_creation: creation,
			output_tokens: 4,
			server_tool_use: { web_search_requests: 5, web_fetch_requests: 6 },
		}),
	);
	expect(spent.tokens).toEqual({
		input: 1,
		cacheRead: 2,
		cacheWrite: 100,
		cacheWriteHour: 70,
		output: 4,
		webSearches: 5,
	});
	expect(spent).toMatchObject({ calls: 1, unpriced: 0 });
	expect(spent.usd).toBeCloseTo((1 * 2 + 2 * 0.1 + 30 * 2.5 + 70 * 4 + 4 * 10) / 1e6 + 0.05, 9);
});

it('a call of unknown cost is counted as one, beside what is known of the others', () => {
	const spent = spentOnCalls([
		call({ input_tokens: 1_000 }),
		call({ input_tokens: 500 }, { model: 'llama' }),
		call(undefined),
	]);
	expect(spent).toMatchObject({ usd: 0.002, calls: 3, unpriced: 2 });
	expect(spent.tokens.input).toBe(1_500);
});

it('a cut call is paid as far as it went: the text that had arrived counts where the total never came', () => {
	const content = [{ type: 'text', text: 'x'.repeat(4_000) }] as const;
	const cut = spentOnCall(call({ input_tokens: 1_000, output_tokens: 1 }, { stop: 'cut', content }));
	expect(cut.tokens.output).toBe(1_000);
	expect(cut.usd).toBeCloseTo((1_000 * 2 + 1_000 * 10) / 1e6, 9);
	const told = spentOnCall(call({ output_tokens: 3_000 }, { stop: 'stopped-by-person', content }));
	expect(told.tokens.output).toBe(3_000);
	const whole = spentOnCall(call({ output_tokens: 10 }, { content }));
	expect(whole.tokens.output).toBe(10);
});

it('adding up loses nothing, whatever the order', () => {
	const spent = [call({ input_tokens: 10 }), call(undefined), call({ output_tokens: 7 })].map(spentOnCall);
	const forwards = spent.reduce(addSpent, NOTHING_SPENT);
	const backwards = spent.toReversed().reduce(addSpent, NOTHING_SPENT);
	expect(forwards.tokens).toEqual(backwards.tokens);
	expect(forwards.usd).toBeCloseTo(backwards.usd, 12);
	expect(forwards).toMatchObject({ calls: 3, unpriced: 1 });
});

it('rows tell what they cost; rows of older versions, none of it, and the clerk nothing', () => {
	expect(spentOnRun(run({ cost: { usd: 0.5, unpriced: 1 }, modelCalls: 3, webSearches: 2 }))).toMatchObject({
		usd: 0.5,
		calls: 3,
		unpriced: 1,
		tokens: { webSearches: 2, cacheWriteHour: 0 },
	});
	expect(spentOnRun(run({ modelCalls: 3 }))).toMatchObject({ usd: 0, calls: 3, unpriced: 3 });
	expect(spentOnRun(run({ by: 'clerk', modelCalls: 3 }))).toMatchObject({ usd: 0, unpriced: 0 });
	expect(spentOnRun(run({ by: 'none', modelCalls: 0 }))).toMatchObject({ usd: 0, calls: 0, unpriced: 0 });
});

it('rows are added up by line, by person, by local day or by anything they have in common', () => {
	const rows = [
		run({ line: 'a' as LineId, ended: Date.UTC(2026, 10, 20, 22, 30), cost: { usd: 1, unpriced: 0 } }),
		run({ line: 'b' as LineId, ended: Date.UTC(2026, 10, 20, 12), cost: { usd: 2, unpriced: 0 } }),
		run({ line: 'a' as LineId, ended: Date.UTC(2026, 10, 20, 21, 59), cost: { usd: 4, unpriced: 1 } }),
	];
	const usd = (groups: ReadonlyMap<string, { readonly usd: number }>) =>
		[...groups].map(([key, spent]) => [key, spent.usd]);
	expect(usd(spentBy(rows, ({ line }) => line))).toEqual([
		['a', 5],
		['b', 2],
	]);
	const dayOf = makeDayOf('Europe/Athens');
	expect(usd(spentBy(rows, ({ ended }) => dayOf(ended)))).toEqual([
		['2026-11-21', 1],
		['2026-11-20', 6],
	]);
});

function run(fields: Partial<RunRecord>): RunRecord {
	return {
		kind: 'run',
		id: 'r',
		line: 'main' as LineId,
		trigger: { type: 'message', message: 'm' as MessageId },
		device: 'here' as DeviceId,
		person: 'anna' as PersonId,
		by: 'agent',
		model: 'claude-sonnet-5-5',
		started: AT,
		ended: AT,
		outcome: { type: 'answered' },
		modelCalls: 1,
		toolCalls: 0,
		tokens: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 },
		files: [],
		...fields,
	};
}

it.each([
	['nothing', { input_tokens: 0, output_tokens: 0 }],
	['less than nothing', { input_tokens: -1_000_000, output_tokens: -1_000_000 }],
	['what is no number', { input_tokens: Number.NaN, output_tokens: Number.NaN }],
])('an endpoint that counts %s has a cost that is not known, not one of nothing', (_, counts) => {
	expect(spentOnCall(call(counts))).toMatchObject({ usd: 0, calls: 1, unpriced: 1 });
});

it('counts beyond all measure are still amounts of money', () => {
	for (const count of [1e300, Number.POSITIVE_INFINITY]) {
		const { usd, unpriced, tokens } = spentOnCall(call({ input_tokens: count, output_tokens: count }));
		expect(unpriced).toBe(0);
		expect(usd).toBeGreaterThan(1_000);
		expect(Number.isFinite(usd) && Number.isSafeInteger(tokens.input)).toBe(true);
	}
});
