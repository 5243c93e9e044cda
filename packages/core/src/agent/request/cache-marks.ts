import type {
	CacheControlEphemeral,
	ContentBlockParam,
	MessageParam,
	TextBlockParam,
	ToolUnion,
} from '@anthropic-ai/sdk/resources/messages';
import type { ModelRequest } from '../../ports/model.ts';

/** The parts of a request that carry cache marks. */
export interface MarkedParts {
	readonly system: TextBlockParam[];
	readonly tools: ToolUnion[];
	readonly messages: MessageParam[];
}

/**
 * Puts cache marks on a request: on the end of what an epoch freezes, on the block the request before ended with, and on
 * the newest block. A mark finds only what was kept at most 20 blocks before it, and a round of many calls has more:
 * the middle mark stands exactly where the request before left its own. `once` leaves the newest block unmarked, because
 * nothing will be sent that begins with it. All marks of a request are of one duration, so none of an hour can stand
 * behind one of five minutes.
 */
export function markCache(request: ModelRequest, withDuration = true): MarkedParts {
	const { system, tools, messages, cache = '5m' } = request;
	const mark: CacheControlEphemeral = {
		type: 'ephemeral',
		...(cache === '1h' && withDuration ? { ttl: '1h' as const } : {}),
	};
	const places = new Set([endBefore(messages), cache === 'once' ? undefined : messages.length - 1]);
	return {
		system: markLast(system, mark),
		tools: system.length > 0 ? [...tools] : markLast(tools, mark),
		messages: messages.map((message, index) => (places.has(index) ? markMessage(message, mark) : message)),
	};
}

/** The message that the request before ended with: the newest on the person's side before the newest answer. */
function endBefore(messages: readonly MessageParam[]): number | undefined {
	const answer = messages.findLastIndex(({ role }) => role === 'assistant');
	return answer > 0 ? answer - 1 : undefined;
}

/** Marks the last block that may be marked; thinking may not. */
function markMessage(message: MessageParam, mark: CacheControlEphemeral): MessageParam {
	if (message.role === 'system') return message;
	const content: readonly ContentBlockParam[] =
		typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
	const last = content.findLastIndex(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
	return { ...message, content: content.map((block, index) => (index === last ? withMark(block, mark) : block)) };
}

function markLast<T extends object>(items: readonly T[], mark: CacheControlEphemeral): T[] {
	return items.map((item, index) => (index === items.length - 1 ? withMark(item, mark) : item));
}

function withMark<T extends object>(item: T, mark: CacheControlEphemeral): T {
	return { ...item, cache_control: mark };
}
