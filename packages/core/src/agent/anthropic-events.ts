import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { isJsonObject, type JsonObject } from '../json.ts';

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

function isUsableBlock(block: JsonObject): boolean {
	switch (block.type) {
		case 'text':
			return typeof block.text === 'string';
		case 'thinking':
			return typeof block.thinking === 'string';
		case 'tool_use':
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
		default:
			return typeof delta.type === 'string';
	}
}
