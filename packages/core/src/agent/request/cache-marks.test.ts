import type { ContentBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from 'vitest';
import type { ModelRequest } from '../../ports/model.ts';
import { createPromptCache } from '../../testing/prompt-cache.ts';
import { markCache } from './cache-marks.ts';

const LONG = 'word '.repeat(1200);
const MINUTE = 60_000;

function user(...content: ContentBlockParam[]): MessageParam {
	return { role: 'user', content };
}

function assistant(...content: ContentBlockParam[]): MessageParam {
	return { role: 'assistant', content };
}

function text(words: string): ContentBlockParam {
	return { type: 'text', text: words };
}

function request(messages: readonly MessageParam[], cache?: ModelRequest['cache']): ModelRequest {
	const tools = [{ name: 'look', input_schema: { type: 'object' as const } }];
	return { system: [{ type: 'text', text: LONG }], tools, messages, maxTokens: 1, ...(cache ? { cache } : {}) };
}

function round(calls: number): readonly MessageParam[] {
	const ids = Array.from({ length: calls }, (_, call) => `toolu_${call}`);
	return [
		assistant(...ids.map((id): ContentBlockParam => ({ type: 'tool_use', id, name: 'look', input: {} }))),
		user(...ids.map((id): ContentBlockParam => ({ type: 'tool_result', tool_use_id: id, content: LONG }))),
	];
}

function marksOf(value: unknown): number {
	return JSON.stringify(value).split('"cache_control"').length - 1;
}

describe('cache marks', () => {
	it('stand on the end of the frozen part, on the end of the request before, and on the newest block', () => {
		const messages = [user(text('one')), assistant(text('two')), user(text('three'), text('four'))];
		const marked = markCache(request(messages, '1h'));
		const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };
		expect(marked.system.at(-1)).toMatchObject(mark);
		expect(marked.messages[0]?.content.at(-1)).toMatchObject(mark);
		expect(marked.messages[2]?.content.at(-1)).toMatchObject(mark);
		expect(marksOf(marked)).toBe(3);
	});

	it('never stand on thinking', () => {
		const thinking = { type: 'thinking', thinking: 'Hm.', signature: 's' } as const;
		const marked = markCache(request([user(text('one')), assistant(text('two'), thinking)]));
		expect(marked.messages[1]?.content).toEqual([
			{ type: 'text', text: 'two', cache_control: { type: 'ephemeral' } },
			thinking,
		]);
	});

	it('find everything the request before left, however many calls came between', () => {
		const cache = createPromptCache();
		const first = [user(text(LONG))];
		const before = cache.take({ model: 'm', ...markCache(request(first)) }, 0);
		const after = cache.take({ model: 'm', ...markCache(request([...first, ...round(30)])) }, 1000);
		expect(after.usage.cache_read_input_tokens).toBe(before.promptTokens);
		expect(after.usage.input_tokens).toBe(0);
	});

	it('are read after five minutes only where they were set for the hour', () => {
		for (const [ttl, isRead] of [
			['5m', false],
			['1h', true],
		] as const) {
			const cache = createPromptCache();
			const first = [user(text(LONG))];
			const before = cache.take({ model: 'm', ...markCache(request(first, ttl)) }, 0);
			const body = { model: 'm', ...markCache(request([...first, ...round(1)], ttl)) };
			expect(cache.take(body, 30 * MINUTE).usage.cache_read_input_tokens).toBe(isRead ? before.promptTokens : 0);
		}
	});

	it('leave out the newest block of a request that nothing will follow', () => {
		const marked = markCache(request([user(text('one')), assistant(text('two')), user(text('three'))], 'once'));
		expect(marksOf(marked)).toBe(2);
		expect(marksOf(marked.messages[2])).toBe(0);
	});
});
