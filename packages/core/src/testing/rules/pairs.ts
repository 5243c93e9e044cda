import { isJsonObject, type JsonObject } from '../../json.ts';
import { blocksOf } from '../prompt-blocks.ts';
import { firstRefusal, type Refusal } from './checks.ts';

/** Calls of tools without exactly one result behind them, and results without a call. */
export function refusePairs(message: JsonObject, index: number, previous: JsonObject | undefined): Refusal {
	if (message.role === 'assistant') return undefined;
	const blocks = blocksOf(message.content);
	const results = blocks.filter((block) => block.type === 'tool_result');
	const uses = previous ? blocksOf(previous.content).filter((block) => block.type === 'tool_use') : [];
	const wanted = uses.map((use) => use.id);
	const given = results.map((result) => result.tool_use_id);
	const missing = wanted.filter((id) => !given.includes(id));
	if (missing.length > 0) {
		return `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
	}
	const unexpected = given.find((id) => !wanted.includes(id));
	if (unexpected !== undefined)
		return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unexpected}`;
	if (new Set(given).size < given.length) return `messages.${index}: each tool_use must have a single result`;
	const firstOther = blocks.findIndex((block) => block.type !== 'tool_result');
	const isResultAfter = firstOther !== -1 && blocks.slice(firstOther).some((block) => block.type === 'tool_result');
	if (isResultAfter) return `messages.${index}: \`tool_result\` blocks must come first in the content`;
	return firstRefusal(results, (result) => refuseErrorContent(result, index));
}

function refuseErrorContent({ is_error: isError, content }: JsonObject, index: number): Refusal {
	if (isError !== true) return undefined;
	return blocksOf(content).some(({ type }) => type !== 'text')
		? `messages.${index}.tool_result: all content must be type \`text\` if \`is_error\` is true`
		: undefined;
}

/** Ids of calls that were used before, anywhere in the conversation. */
export function refuseReusedIds(message: JsonObject, index: number, usedIds: Set<unknown>): Refusal {
	return firstRefusal(blocksOf(message.content), ({ type, id }) => {
		if (type !== 'tool_use') return undefined;
		if (usedIds.has(id)) return `messages.${index}: \`tool_use\` ids must be unique`;
		usedIds.add(id);
		return undefined;
	});
}

/**
 * Server tools run within one answer: each call has its result behind it in the same message, of its own kind. Only an
 * answer that paused may end in calls that are still open.
 */
export function refuseServerPairs(message: JsonObject, index: number, isPaused: boolean): Refusal {
	if (message.role !== 'assistant') return undefined;
	const open = new Map<unknown, string>();
	const path = `messages.${index}`;
	const reason = firstRefusal(blocksOf(message.content), (block) => {
		if (block.type === 'server_tool_use') {
			open.set(block.id, String(block.name));
			return undefined;
		}
		if (block.type === 'tool_result' || typeof block.tool_use_id !== 'string') return undefined;
		const name = open.get(block.tool_use_id);
		open.delete(block.tool_use_id);
		if (name === undefined)
			return `${path}: unexpected \`tool_use_id\` found in \`${block.type}\` blocks: ${block.tool_use_id}`;
		return isResultOf(name, String(block.type))
			? undefined
			: `${path}: \`${block.type}\` cannot be the result of \`${name}\``;
	});
	if (reason !== undefined || isPaused) return reason;
	const [left] = open;
	return left
		? `${path}: \`${left[1]}\` tool use with id \`${left[0]}\` was found without a corresponding \`${left[1]}_tool_result\` block`
		: undefined;
}

function isResultOf(name: string, type: string): boolean {
	if (name.startsWith('tool_search_tool')) return type === 'tool_search_tool_result';
	return type === `${name}_tool_result`;
}

/** Texts that only the API can have made: what a search found, and where a citation points. */
export function sealedOf(block: JsonObject): readonly string[] {
	const hits = Array.isArray(block.content) && block.type === 'web_search_tool_result' ? block.content : [];
	const cited = Array.isArray(block.citations) && block.type === 'text' ? block.citations : [];
	return [...hits.filter(isJsonObject), ...cited.filter(isJsonObject)].flatMap((each) =>
		[each.encrypted_content, each.encrypted_index].filter((sealed) => typeof sealed === 'string'),
	);
}
