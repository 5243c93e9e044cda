import { isJsonObject, type JsonObject } from '../json.ts';

/** One block of a prompt, where it stands, and the cache mark that it or something in it carries. */
export interface PromptBlock {
	readonly place: 'tools' | 'system' | 'messages';
	/** With the role, for messages: how blocks are grouped into messages changes nothing. */
	readonly block: JsonObject;
	readonly mark: '5m' | '1h' | undefined;
}

/** A request's prompt in the order the API puts it together: tools, system, messages. */
export function promptBlocks(body: JsonObject): readonly PromptBlock[] {
	const tools = listOf(body.tools).map((block): PromptBlock => ({ place: 'tools', block, mark: markOf(block) }));
	const system = blocksOf(body.system).map((block): PromptBlock => ({ place: 'system', block, mark: markOf(block) }));
	const messages = listOf(body.messages).flatMap((message) =>
		blocksOf(message.content).map(
			(block): PromptBlock => ({ place: 'messages', block: { role: message.role, ...block }, mark: markOf(block) }),
		),
	);
	return [...tools, ...system, ...messages];
}

/** Content as blocks: a string stands for one block of text. */
export function blocksOf(content: unknown): readonly JsonObject[] {
	return typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content);
}

/** Whether a mark may stand on a block: not on thinking, nor on text without any. */
export function isCacheable(block: JsonObject): boolean {
	if (block.type === 'thinking' || block.type === 'redacted_thinking') return false;
	return block.type !== 'text' || block.text !== '';
}

function listOf(value: unknown): readonly JsonObject[] {
	return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The mark of a block, or of the last of its own content that has one (results of tools). */
function markOf(block: JsonObject): '5m' | '1h' | undefined {
	const own = block.cache_control;
	if (isJsonObject(own)) return own.ttl === '1h' ? '1h' : '5m';
	if (block.type !== 'tool_result') return undefined;
	return listOf(block.content).reduce<'5m' | '1h' | undefined>((found, part) => markOf(part) ?? found, undefined);
}
