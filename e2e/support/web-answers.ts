import type { ServerAnswer } from '@pocketeer/core/testing/node/messages-server';

interface Page {
	readonly url: string;
	readonly title: string;
}

/** An answer for which the service searched the web itself: the call, what was found, and text that cites each page in turn. */
export function searched(answer: {
	readonly query: string;
	readonly pages: readonly Page[];
	/** Sentences; each rests on the page of its place. */
	readonly sentences: readonly string[];
	/** A call of a tool of ours behind it. */
	readonly tool?: { readonly id: string; readonly name: string; readonly input: unknown };
}): ServerAnswer {
	const id = 'srvtoolu_1';
	const found = answer.pages.map(({ url, title }, index) => ({
		type: 'web_search_result',
		url,
		title,
		encrypted_content: `sealed-${index}`,
		page_age: null,
	}));
	const blocks: Block[] = [
		{
			start: { type: 'server_tool_use', id, name: 'web_search', input: {}, caller: { type: 'direct' } },
			deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify({ query: answer.query }) }],
		},
		{
			start: { type: 'web_search_tool_result', tool_use_id: id, content: found, caller: { type: 'direct' } },
			deltas: [],
		},
		...answer.sentences.map((text, index) => sentence(text, answer.pages[index], index)),
	];
	if (answer.tool) {
		const { input, ...use } = answer.tool;
		blocks.push({
			start: { type: 'tool_use', ...use, input: {}, caller: { type: 'direct' } },
			deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(input) }],
		});
	}
	return { recorded: new TextEncoder().encode(streamOf(blocks, answer.tool ? 'tool_use' : 'end_turn')) };
}

/** An answer that counts so many tokens of prompt, as a long conversation has. */
export function counted(answer: { readonly text: string; readonly inputTokens: number }): ServerAnswer {
	const block = { start: { type: 'text', text: '' }, deltas: [{ type: 'text_delta', text: answer.text }] };
	return { recorded: new TextEncoder().encode(streamOf([block], 'end_turn', { input_tokens: answer.inputTokens })) };
}

interface Block {
	readonly start: object;
	readonly deltas: readonly object[];
}

function sentence(text: string, page: Page | undefined, index: number): Block {
	const citation = page && {
		type: 'web_search_result_location',
		url: page.url,
		title: page.title,
		cited_text: text,
		encrypted_index: `sealed-index-${index}`,
	};
	return {
		start: { type: 'text', text: '', ...(citation ? { citations: [] } : {}) },
		deltas: [{ type: 'text_delta', text }, ...(citation ? [{ type: 'citations_delta', citation }] : [])],
	};
}

function streamOf(blocks: readonly Block[], stop: string, counts: { readonly input_tokens?: number } = {}): string {
	const usage = {
		input_tokens: 900,
		output_tokens: 40,
		cache_creation_input_tokens: 0,
		cache_read_input_tokens: 0,
		server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
		...counts,
	};
	const message = {
		...{ id: 'msg_web', type: 'message', role: 'assistant', model: 'claude-sonnet-5-5', content: [] },
		...{ stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 0 } },
	};
	const events: object[] = [
		{ type: 'message_start', message },
		...blocks.flatMap(({ start, deltas }, index) => [
			{ type: 'content_block_start', index, content_block: start },
			...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
			{ type: 'content_block_stop', index },
		]),
		{ type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage },
		{ type: 'message_stop' },
	];
	return events.map((event) => `event: ${'type' in event && event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}
