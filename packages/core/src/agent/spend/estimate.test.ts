import { expect, it } from 'vitest';
import type { ModelRequest } from '../../ports/model.ts';
import { type NextCall, nextTokens } from './estimate.ts';
import { promptOf } from './tokens.ts';

const AT = Date.UTC(2026, 10, 20);
const request = (messages: ModelRequest['messages'], maxTokens = 32_000): ModelRequest => ({
	system: [{ type: 'text', text: 's'.repeat(3_000) }],
	tools: [],
	messages,
	maxTokens,
});
const last = (counts: Record<string, unknown>, at = AT): NextCall['last'] =>
	JSON.parse(JSON.stringify({ usage: counts, at }));
const estimate = (call: Partial<NextCall>) =>
	nextTokens({ request: request([]), last: undefined, outputs: [], at: AT, ...call });

it('the first call of an epoch writes all it sends to the cache', () => {
	const tokens = estimate({ request: request([{ role: 'user', content: 'x'.repeat(6_000) }]) });
	expect(tokens.cacheWrite).toBeGreaterThanOrEqual(3_000);
	expect(tokens.cacheWrite).toBeLessThan(3_100);
	expect(tokens.cacheRead + tokens.input).toBe(0);
});

it('a later call reads from the cache what the last one had, and writes what is behind the last answer', () => {
	const messages: ModelRequest['messages'] = [
		{ role: 'user', content: 'x'.repeat(60_000) },
		{ role: 'assistant', content: 'y'.repeat(9_000) },
		{ role: 'user', content: 'z'.repeat(300) },
	];
	const usage = {
		input_tokens: 10,
		cache_read_input_tokens: 15_000,
		cache_creation_input_tokens: 90,
		output_tokens: 2_000,
	};
	const tokens = estimate({ request: request(messages), last: last(usage) });
	expect(tokens).toMatchObject({ cacheRead: 17_100, cacheWrite: 100, cacheWriteHour: 0 });
	const late = estimate({ request: request(messages), last: last(usage, AT - 301_000) });
	expect(late).toMatchObject({ cacheRead: 0, cacheWrite: 17_200 });
});

it('an hour-long cache is good for an hour', () => {
	const usage = { cache_creation_input_tokens: 1_000, cache_creation: { ephemeral_1h_input_tokens: 1_000 } };
	const messages = [{ role: 'user', content: 'x'.repeat(30) }] as const;
	const kept = estimate({ request: request(messages), last: last(usage, AT - 3_000_000) });
	expect(kept).toMatchObject({ cacheRead: 1_000, cacheWrite: 10 });
	expect(estimate({ last: last(usage, AT - 3_700_000) })).toMatchObject({ cacheRead: 0, cacheWrite: 1_000 });
});

it('what is new is counted as the request keeps it: for five minutes, for an hour, or not at all', () => {
	const of = (cache: NonNullable<ModelRequest['cache']>) =>
		estimate({
			request: { ...request([{ role: 'user', content: 'x'.repeat(300) }]), cache },
			last: last({ input_tokens: 0 }),
		});
	expect(of('5m')).toMatchObject({ input: 0, cacheWrite: 100, cacheWriteHour: 0 });
	expect(of('1h')).toMatchObject({ input: 0, cacheWrite: 100, cacheWriteHour: 100 });
	expect(of('once')).toMatchObject({ input: 100, cacheWrite: 0, cacheWriteHour: 0 });
});

it('an endpoint without a cache is read anew each time', () => {
	expect(estimate({ last: last({ input_tokens: 5_000 }) })).toMatchObject({ cacheRead: 0, cacheWrite: 5_000 });
});

it('an answer is expected to be as long as the turn’s were, some paragraphs at least, and never longer than the request allows', () => {
	expect(estimate({}).output).toBe(1_000);
	expect(estimate({ outputs: [200, 7_000, 300] }).output).toBe(2_500);
	expect(estimate({ request: request([], 500) }).output).toBe(500);
});

it('other scripts take more tokens for a sign than Latin letters', () => {
	const of = (content: string) => promptOf(estimate({ request: request([{ role: 'user', content }]) }));
	expect(of('日本語'.repeat(1_000)) - of('')).toBe(3_000);
	expect(of('abc'.repeat(1_000)) - of('')).toBe(1_000);
});

it('pictures and PDFs are not counted by their letters', () => {
	const of = (content: ModelRequest['messages'][number]['content']) =>
		promptOf(estimate({ request: request([{ role: 'user', content }]) }));
	const data = 'A'.repeat(1_500_000);
	const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } } as const;
	const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } } as const;
	expect(of([image]) - of([])).toBe(5_000);
	expect(of([pdf]) - of([])).toBe(100_000);
	expect(
		of([{ type: 'tool_result', tool_use_id: 'a', content: [image, { type: 'text', text: 'abc' }] }]) - of([]),
	).toBe(5_001);
});
