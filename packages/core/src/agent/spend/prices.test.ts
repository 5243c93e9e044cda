import { describe, expect, it } from 'vitest';
import { costOf, dearestCost, tokensCost } from './prices.ts';
import { NO_TOKENS } from './tokens.ts';

const AT = Date.UTC(2026, 10, 20);
const usage = (counts: Record<string, unknown>) => ({ input_tokens: 0, output_tokens: 0, ...counts });
const cost = (model: string, counts: Record<string, unknown>) => costOf({ model, usage: usage(counts), at: AT });

describe('what a call costs', () => {
	it('is input and output by the model’s price for a million', () => {
		const million = { input_tokens: 1_000_000, output_tokens: 1_000_000 };
		expect(cost('claude-fable-5-2', million)).toBe(48);
		expect(cost('claude-opus-5-5', million)).toBe(24);
		expect(cost('claude-sonnet-5-5', million)).toBe(12);
	});

	it('is the same with the date of the model in its id', () => {
		const one = { input_tokens: 1_000 };
		expect(cost('claude-sonnet-5-5-20261001', one)).toBe(cost('claude-sonnet-5-5', one));
		expect(cost('claude-sonnet-5-5-latest', one)).toBe(0.002);
	});

	it('counts reading from the cache, and writing to it for five minutes and for an hour', () => {
		expect(cost('claude-opus-5-5', { cache_read_input_tokens: 1_000_000 })).toBe(0.2);
		expect(cost('claude-sonnet-5-5', { cache_read_input_tokens: 1_000_000 })).toBe(0.1);
		expect(cost('claude-opus-5-5', { cache_creation_input_tokens: 1_000_000 })).toBe(5);
		const both = { ephemeral_5m_input_tokens: 400_000, ephemeral_1h_input_tokens: 600_000 };
		expect(cost('claude-opus-5-5', { cache_creation_input_tokens: 1_000_000, cache_creation: both })).toBeCloseTo(
			4 * (0.4 * 1.25 + 0.6 * 2),
			9,
		);
	});

	it('of a model with tiers goes by the whole prompt, cached or not, and changes behind 100,000 tokens', () => {
		const small = { input_tokens: 1_000, cache_read_input_tokens: 99_000, output_tokens: 1_000 };
		expect(cost('claude-haiku-5-5', small)).toBeCloseTo((1_000 * 0.1 + 99_000 * 0.005 + 1_000 * 0.5) / 1e6, 12);
		const large = { ...small, input_tokens: 1_001 };
		expect(cost('claude-haiku-5-5', large)).toBeCloseTo((1_001 * 0.5 + 99_000 * 0.025 + 1_000 * 2.5) / 1e6, 9);
	});

	it('counts the service’s searches, each', () => {
		expect(cost('claude-sonnet-5-5', { server_tool_use: { web_search_requests: 3, web_fetch_requests: 9 } })).toBe(
			0.03,
		);
	});

	it('sums the passes when the service summed up the context during the call', () => {
		const iterations = [
			{ type: 'compaction', input_tokens: 180_000, output_tokens: 3_500 },
			{ type: 'message', input_tokens: 23_000, output_tokens: 1_000 },
		];
		const counts = { input_tokens: 23_000, output_tokens: 1_000, iterations };
		expect(cost('claude-sonnet-5-5', counts)).toBeCloseTo((203_000 * 2 + 4_500 * 10) / 1e6, 9);
		// Tiers go by each prompt, not by their sum.
		const passes = [{ input_tokens: 60_000 }, { input_tokens: 60_000 }];
		expect(cost('claude-haiku-5-5', { iterations: passes })).toBeCloseTo(0.012, 9);
	});
});

describe('an unknown price is unknown, never 0', () => {
	it('for models that are not in the list', () => {
		expect(cost('claude-opus-9-9', { input_tokens: 10 })).toBeUndefined();
		expect(cost('my-own-llama', { input_tokens: 10 })).toBeUndefined();
		expect(cost('not-claude-opus-5-5', { input_tokens: 10 })).toBeUndefined();
		expect(cost('claude-opus-5-5-thinking', { input_tokens: 10 })).toBeUndefined();
		expect(tokensCost({ model: 'my-own-llama', tokens: NO_TOKENS, at: AT })).toBeUndefined();
	});

	it('for calls whose usage never came', () => {
		expect(costOf({ model: 'claude-opus-5-5', usage: undefined, at: AT })).toBeUndefined();
		expect(costOf({ model: 'claude-opus-5-5', usage: null, at: AT })).toBeUndefined();
	});

	it('for calls that were made faster or in batches, which have prices of their own', () => {
		expect(cost('claude-opus-5-5', { input_tokens: 10, speed: 'fast' })).toBeUndefined();
		expect(cost('claude-opus-5-5', { input_tokens: 10, service_tier: 'batch' })).toBeUndefined();
		expect(cost('claude-opus-5-5', { input_tokens: 10, service_tier: 'standard', speed: null })).toBe(0.00004);
	});

	it('for a pass that another, unknown model made', () => {
		const iterations = [{ input_tokens: 10, model: 'claude-opus-9-9' }];
		expect(cost('claude-opus-5-5', { iterations })).toBeUndefined();
	});
});

it('the clerk costs nothing', () => {
	expect(costOf({ model: 'clerk', usage: undefined, at: AT })).toBe(0);
});

it('a clock that stands before the first list makes no price unknown', () => {
	expect(costOf({ model: 'claude-sonnet-5-5', usage: usage({ input_tokens: 1_000_000 }), at: 0 })).toBe(2);
});

it('counts that a compatible endpoint leaves out or garbles count nothing, and never make a cost of NaN', () => {
	const garbled = { input_tokens: 'many', output_tokens: 1_000_000, cache_read_input_tokens: null, cache_creation: [] };
	expect(cost('claude-sonnet-5-5', garbled)).toBe(10);
	expect(cost('claude-sonnet-5-5', { output_tokens: -5 }), 'nothing at all').toBeUndefined();
});

it('the dearest price is at least that of every model', () => {
	const tokens = { ...NO_TOKENS, input: 1_000, cacheRead: 50_000, cacheWrite: 9_000, output: 700 };
	for (const model of ['claude-fable-5-2', 'claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5']) {
		expect(dearestCost(tokens, AT)).toBeGreaterThanOrEqual(tokensCost({ model, tokens, at: AT }) ?? Number.NaN);
	}
});
