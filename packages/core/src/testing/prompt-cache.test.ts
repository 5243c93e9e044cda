import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { countTokens, createPromptCache, type PromptUsage } from './prompt-cache.ts';

const MINUTE = 60_000;
const FIVE = { type: 'ephemeral' };
const HOUR = { type: 'ephemeral', ttl: '1h' };

function words(name: string, mark?: object): JsonObject {
	return { type: 'text', text: `${name} `.repeat(4000), ...(mark ? { cache_control: mark } : {}) };
}

/** As the prompt counts it, in a message of the person's. */
function tokensOf(block: JsonObject): number {
	return countTokens({ role: 'user', ...block });
}

function asking(blocks: readonly JsonObject[], more: object = {}): JsonObject {
	return { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: blocks }], ...more };
}

function counts({ input_tokens, cache_read_input_tokens, cache_creation }: PromptUsage) {
	const { ephemeral_5m_input_tokens: five, ephemeral_1h_input_tokens: hour } = cache_creation;
	return { input: input_tokens, read: cache_read_input_tokens, five, hour };
}

const a = tokensOf(words('a'));
const b = tokensOf(words('b'));
const c = tokensOf(words('c'));

it('counts everything as input where nothing is marked', () => {
	const { usage, promptTokens } = createPromptCache().take(asking([words('a'), words('b')]), 0);
	expect(counts(usage)).toEqual({ input: a + b, read: 0, five: 0, hour: 0 });
	expect(promptTokens).toBe(a + b);
});

it('writes up to the last mark, reads that prefix in a longer prompt, and writes only what is new', () => {
	const cache = createPromptCache();
	expect(counts(cache.take(asking([words('a', FIVE), words('b')]), 0).usage)).toEqual({
		input: b,
		read: 0,
		five: a,
		hour: 0,
	});
	const longer = asking([words('a', FIVE), words('b'), words('c', FIVE)]);
	expect(counts(cache.take(longer, MINUTE).usage)).toEqual({ input: 0, read: a, five: b + c, hour: 0 });
	expect(counts(cache.take(longer, MINUTE).usage)).toEqual({ input: 0, read: a + b + c, five: 0, hour: 0 });
});

it('takes a mark at the top level for one on the last block that can carry it', () => {
	const cache = createPromptCache();
	const asked = asking([words('a')], { cache_control: FIVE });
	const answered = { role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 's' }] };
	const longer = { ...asked, messages: [...(asked.messages as object[]), answered] };
	expect(cache.take(asked, 0).usage.cache_creation_input_tokens).toBe(a);
	expect(cache.take(longer, 0).usage).toMatchObject({ cache_read_input_tokens: a, cache_creation_input_tokens: 0 });
});

it('moving a mark changes no prefix, but a changed block loses everything from there on', () => {
	const cache = createPromptCache();
	cache.take(asking([words('a', FIVE), words('b', FIVE)]), 0);
	expect(cache.take(asking([words('a'), words('b', FIVE)]), 0).usage.cache_read_input_tokens).toBe(a + b);
	expect(cache.take(asking([words('a', FIVE), words('c', FIVE)]), 0).usage).toMatchObject({
		cache_read_input_tokens: a,
		cache_creation_input_tokens: c,
	});
	expect(cache.take(asking([words('c', FIVE), words('b', FIVE)]), 0).usage.cache_read_input_tokens).toBe(0);
});

describe('what is kept', () => {
	it('is gone after five minutes without being read, each read keeps it for five more', () => {
		const cache = createPromptCache();
		const asked = asking([words('a', FIVE)]);
		const readAt = (at: number) => cache.take(asked, at).usage.cache_read_input_tokens;
		expect([0, 4 * MINUTE, 8 * MINUTE, 13 * MINUTE].map(readAt)).toEqual([0, a, a, 0]);
	});

	it('for an hour is there after 59 minutes, and its writing is told apart', () => {
		const cache = createPromptCache();
		const asked = asking([words('a', HOUR), words('b', FIVE)]);
		expect(counts(cache.take(asked, 0).usage)).toEqual({ input: 0, read: 0, five: b, hour: a });
		expect(counts(cache.take(asked, 59 * MINUTE).usage)).toEqual({ input: 0, read: a, five: b, hour: 0 });
		expect(counts(cache.take(asked, 60 * MINUTE).usage)).toEqual({ input: 0, read: a + b, five: 0, hour: 0 });
	});

	it('is kept for each model apart', () => {
		const cache = createPromptCache();
		cache.take(asking([words('a', FIVE)]), 0);
		expect(cache.take(asking([words('a', FIVE)], { model: 'n' }), 0).usage.cache_read_input_tokens).toBe(0);
	});

	it('of messages is lost when thinking is asked for in another way, that of tools and system is not', () => {
		const cache = createPromptCache();
		const system = [words('s', FIVE)];
		cache.take(asking([words('a', FIVE)], { system }), 0);
		const { usage } = cache.take(asking([words('a', FIVE)], { system, thinking: { type: 'adaptive' } }), 0);
		expect(usage.cache_read_input_tokens).toBe(countTokens(words('s')));
	});

	it('must have 1,024 tokens', () => {
		const cache = createPromptCache();
		const short = asking([{ type: 'text', text: 'x'.repeat(4000), cache_control: FIVE }]);
		expect(cache.take(short, 0).promptTokens).toBeLessThan(1024);
		expect(cache.take(short, 0).usage).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 });
	});

	it('is found from at most 19 blocks behind it', () => {
		const many = (count: number) =>
			Array.from({ length: count }, (_, index): JsonObject => ({ type: 'text', text: `${index}` }));
		for (const [behind, isFound] of [
			[19, true],
			[20, false],
		] as const) {
			const cache = createPromptCache();
			cache.take(asking([words('a', FIVE)]), 0);
			const asked = asking([words('a'), ...many(behind)], { cache_control: FIVE });
			expect(cache.take(asked, 0).usage.cache_read_input_tokens > 0).toBe(isFound);
		}
	});
});

it('counts images and PDFs flat, and signatures not at all', () => {
	const source = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(1_000_000) };
	expect(countTokens({ type: 'image', source })).toBeLessThan(2000);
	expect(countTokens({ type: 'thinking', thinking: 'Hm', signature: 'x'.repeat(1000) })).toBeLessThan(20);
});

describe('asked for diagnostics, it says', () => {
	const before = asking([words('a', FIVE)], { system: 'Be brief.', tools: [{ name: 't', input_schema: {} }] });
	const diagnostics = { previous_message_id: 'msg_1' };
	const saying = (...blocks: readonly JsonObject[]) => ({ messages: asking(blocks).messages });
	it.each([
		['nothing where blocks were only added', saying(words('a', FIVE), words('b')), null],
		['that a message changed', saying(words('b', FIVE)), 'messages_changed'],
		['that the system prompt changed', { system: 'Be long.' }, 'system_changed'],
		['that the tools changed', { tools: [] }, 'tools_changed'],
		['that the model changed', { model: 'n' }, 'model_changed'],
		['that it does not know', { thinking: { type: 'disabled' } }, 'unavailable'],
		[
			'that it remembers no such answer',
			{ diagnostics: { previous_message_id: 'msg_0' } },
			'previous_message_not_found',
		],
	])('%s', (_why, change: JsonObject, type) => {
		const cache = createPromptCache();
		cache.take(before, 0, 'msg_1');
		const told = cache.take({ ...before, diagnostics, ...change }, 0).diagnostics;
		expect(told?.cache_miss_reason?.type ?? null).toBe(type);
	});

	it('how much was missed', () => {
		const cache = createPromptCache();
		cache.take(asking([words('a', FIVE)]), 0, 'msg_1');
		const told = cache.take({ ...asking([words('b', FIVE)]), diagnostics }, 0).diagnostics;
		expect(told?.cache_miss_reason).toEqual({ type: 'messages_changed', cache_missed_input_tokens: a });
	});
});
