import type { RawMessageStreamEvent, Usage } from '@anthropic-ai/sdk/resources/messages';
import { isJsonObject, type JsonObject } from '../../json.ts';

/**
 * Whether a parsed stream event is one we know and is shaped as its type promises: endpoints that only resemble the
 * API leave things out, and what is unknown is passed over.
 */
export function isUsableEvent(event: unknown): event is RawMessageStreamEvent {
	if (!isJsonObject(event)) return false;
	switch (event.type) {
		case 'message_start':
			return isJsonObject(event.message);
		case 'content_block_start':
			return typeof event.index === 'number' && isJsonObject(event.content_block) && isUsableBlock(event.content_block);
		case 'content_block_delta':
			return typeof event.index === 'number' && isJsonObject(event.delta) && isUsableDelta(event.delta);
		case 'content_block_stop':
			return typeof event.index === 'number';
		case 'message_delta':
			return isJsonObject(event.delta);
		case 'message_stop':
			return true;
		default:
			return false;
	}
}

/** Whether this tells the cost of a call, in numbers. */
export function isUsage(value: unknown): value is Usage {
	if (!isJsonObject(value)) return false;
	const { input_tokens: input, output_tokens: output } = value;
	const cached = [value.cache_creation_input_tokens, value.cache_read_input_tokens].filter((count) => count != null);
	return [input, output, ...cached].every((count) => typeof count === 'number' && Number.isFinite(count) && count >= 0);
}

function isUsableBlock(block: JsonObject): boolean {
	switch (block.type) {
		case 'text':
			return typeof block.text === 'string';
		case 'thinking':
			return typeof block.thinking === 'string';
		case 'redacted_thinking':
			return typeof block.data === 'string';
		case 'tool_use':
		case 'server_tool_use':
			return typeof block.id === 'string' && typeof block.name === 'string';
		default:
			return typeof block.type === 'string';
	}
}

function isUsableDelta(delta: JsonObject): boolean {
	switch (delta.type) {
		case 'text_delta':
			return typeof delta.text === 'string';
		case 'thinking_delta':
			return typeof delta.thinking === 'string';
		case 'signature_delta':
			return typeof delta.signature === 'string';
		case 'input_json_delta':
			return typeof delta.partial_json === 'string';
		case 'citations_delta':
			return isJsonObject(delta.citation);
		default:
			return typeof delta.type === 'string';
	}
}
