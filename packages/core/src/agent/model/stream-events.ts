import type {
	ContentBlock,
	Message,
	RawMessageStreamEvent,
	StopReason,
	TextCitation,
	Usage,
	WebFetchToolResultBlock,
	WebSearchToolResultBlock,
} from '@anthropic-ai/sdk/resources/messages';

/** A whole answer, to be told as stream events. */
export interface TextOrToolAnswer {
	readonly id: string;
	readonly model: string;
	readonly content: readonly AnswerBlock[];
	readonly stop: StopReason;
	readonly usage?: Usage;
	/** Said with a refusal. */
	readonly explanation?: string;
}

export type AnswerBlock =
	| { readonly type: 'text'; readonly text: string; readonly citations?: readonly TextCitation[] }
	| { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
	| { readonly type: 'redacted_thinking'; readonly data: string }
	| { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown }
	| {
			readonly type: 'server_tool_use';
			readonly id: string;
			readonly name: 'web_search' | 'web_fetch';
			readonly input: unknown;
	  }
	| WebSearchToolResultBlock
	| WebFetchToolResultBlock;

/** Usage of an answer that cost nothing. */
export const NO_USAGE: Usage = {
	input_tokens: 0,
	output_tokens: 0,
	cache_creation_input_tokens: 0,
	cache_read_input_tokens: 0,
	cache_creation: null,
	inference_geo: null,
	output_tokens_details: null,
	server_tool_use: null,
	service_tier: null,
	speed: null,
};

/** The events the Messages API sends for an answer, text in the pieces given by `split`. */
export function* answerEvents(
	answer: TextOrToolAnswer,
	split: (text: string) => readonly string[] = (text) => [text],
): Generator<RawMessageStreamEvent> {
	const usage = answer.usage ?? NO_USAGE;
	yield { type: 'message_start', message: emptyMessage(answer, usage) };
	for (const [index, block] of answer.content.entries()) yield* blockEvents(index, block, split);
	yield {
		type: 'message_delta',
		delta: {
			stop_reason: answer.stop,
			stop_sequence: null,
			stop_details:
				answer.stop === 'refusal' ? { type: 'refusal', category: null, explanation: answer.explanation ?? null } : null,
			container: null,
		},
		usage: {
			input_tokens: usage.input_tokens,
			output_tokens: usage.output_tokens,
			cache_creation_input_tokens: usage.cache_creation_input_tokens,
			cache_read_input_tokens: usage.cache_read_input_tokens,
			output_tokens_details: null,
			server_tool_use: usage.server_tool_use,
		},
	};
	yield { type: 'message_stop' };
}

function emptyMessage({ id, model }: TextOrToolAnswer, usage: Usage): Message {
	return {
		id,
		type: 'message',
		role: 'assistant',
		model,
		content: [],
		container: null,
		diagnostics: null,
		stop_reason: null,
		stop_sequence: null,
		stop_details: null,
		usage: { ...usage, output_tokens: 0 },
	};
}

function* blockEvents(
	index: number,
	block: AnswerBlock,
	split: (text: string) => readonly string[],
): Generator<RawMessageStreamEvent> {
	yield { type: 'content_block_start', index, content_block: emptyBlock(block) };
	if (block.type === 'text') {
		for (const citation of block.citations ?? []) yield delta(index, { type: 'citations_delta', citation });
		for (const text of split(block.text)) yield delta(index, { type: 'text_delta', text });
	} else if (block.type === 'thinking') {
		for (const thinking of split(block.thinking)) yield delta(index, { type: 'thinking_delta', thinking });
		yield delta(index, { type: 'signature_delta', signature: block.signature });
	} else if (block.type === 'tool_use' || block.type === 'server_tool_use') {
		yield delta(index, { type: 'input_json_delta', partial_json: JSON.stringify(block.input) });
	}
	yield { type: 'content_block_stop', index };
}

function emptyBlock(block: AnswerBlock): ContentBlock {
	switch (block.type) {
		case 'text':
			return { type: 'text', text: '', citations: null };
		case 'thinking':
			return { type: 'thinking', thinking: '', signature: '' };
		case 'tool_use':
			return { type: 'tool_use', id: block.id, name: block.name, input: {}, caller: { type: 'direct' } };
		case 'server_tool_use':
			return { type: 'server_tool_use', id: block.id, name: block.name, input: {}, caller: { type: 'direct' } };
		default:
			// What the service makes in one piece comes whole.
			return block;
	}
}

function delta(
	index: number,
	change: Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta'],
): RawMessageStreamEvent {
	return { type: 'content_block_delta', index, delta: change };
}
