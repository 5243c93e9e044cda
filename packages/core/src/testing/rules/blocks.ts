import { isJsonObject, type JsonObject } from '../../json.ts';
import { blocksOf } from '../prompt-blocks.ts';
import {
	type Check,
	cacheControl,
	type Fields,
	fields,
	filledText,
	firstRefusal,
	flag,
	listOf,
	matching,
	nullable,
	object,
	oneOf,
	type Refusal,
	refuseFields,
	tagged,
	text,
} from './checks.ts';
import { DOCUMENT, IMAGE, refuseBytes, SEARCH_RESULT } from './media.ts';
import { TOOL_NAME } from './tools.ts';

const caller = tagged({
	direct: { required: { type: text } },
	code_execution_20250825: { required: { type: text, tool_id: filledText } },
	code_execution_20260120: { required: { type: text, tool_id: filledText } },
});
const toolUseId = matching(/^[a-zA-Z0-9_-]{1,128}$/);
const serverToolId = matching(/^srvtoolu_[a-zA-Z0-9_]+$/);

/** The text itself is checked apart: that refusal has words of its own. */
const TEXT: Fields = {
	required: { type: text, text },
	optional: { cache_control: cacheControl, citations: nullable(listOf(object)) },
};

const TOOL_RESULT: Fields = {
	required: { type: text, tool_use_id: toolUseId },
	optional: {
		cache_control: cacheControl,
		content: resultContent,
		is_error: flag,
		toolset_name: nullable(text),
	},
};

const ERROR_OF = (name: string): Fields => ({
	required: { type: oneOf(name), error_code: filledText },
	optional: { error_message: nullable(text) },
});

const WEB_SEARCH_RESULTS: Check = (value, path) =>
	Array.isArray(value)
		? firstRefusal(value, (each, index) => searchHit(each, `${path}.${index}`))
		: fields(ERROR_OF('web_search_tool_result_error'))(value, path);

const searchHit = fields({
	required: { type: oneOf('web_search_result'), url: filledText, title: text, encrypted_content: filledText },
	optional: { page_age: nullable(text) },
});

const WEB_FETCH_RESULT: Check = (value, path) =>
	isJsonObject(value) && value.type === 'web_fetch_result'
		? refuseFields(
				value,
				{
					required: { type: text, url: filledText, content: tagged({ document: DOCUMENT }) },
					optional: { retrieved_at: nullable(text) },
				},
				path,
			)
		: fields(ERROR_OF('web_fetch_tool_result_error'))(value, path);

/** Results of server tools that are not ours to look into: whether they are as they were issued is asked elsewhere. */
const OTHER_RESULT: Fields = {
	required: { type: text, tool_use_id: serverToolId, content: object },
	optional: { cache_control: cacheControl, caller },
};

const USER_BLOCKS: Readonly<Record<string, Fields>> = {
	text: TEXT,
	image: IMAGE,
	document: DOCUMENT,
	search_result: SEARCH_RESULT,
	tool_result: TOOL_RESULT,
};

const ASSISTANT_BLOCKS: Readonly<Record<string, Fields>> = {
	text: TEXT,
	thinking: { required: { type: text, thinking: text, signature: filledText } },
	redacted_thinking: { required: { type: text, data: filledText } },
	tool_use: {
		required: { type: text, id: toolUseId, name: matching(TOOL_NAME), input: object },
		optional: { cache_control: cacheControl, caller, toolset_name: nullable(text) },
	},
	server_tool_use: {
		required: { type: text, id: serverToolId, name: matching(TOOL_NAME), input: object },
		optional: { cache_control: cacheControl, caller },
	},
	web_search_tool_result: {
		required: { type: text, tool_use_id: serverToolId, content: WEB_SEARCH_RESULTS },
		optional: { cache_control: cacheControl, caller },
	},
	web_fetch_tool_result: {
		required: { type: text, tool_use_id: serverToolId, content: WEB_FETCH_RESULT },
		optional: { cache_control: cacheControl, caller },
	},
	code_execution_tool_result: OTHER_RESULT,
	bash_code_execution_tool_result: OTHER_RESULT,
	text_editor_code_execution_tool_result: OTHER_RESULT,
	tool_search_tool_result: OTHER_RESULT,
};

/**
 * Content that is empty, of a kind that the side may not say, or not of its kind's form. `isIssued` tells blocks that came from this
 * server word for word: kinds that only some requests bring about (advisor, compaction) go back as they came.
 */
export function refuseContent(message: JsonObject, index: number, isIssued: (block: JsonObject) => boolean): Refusal {
	const path = `messages.${index}`;
	const { content, role } = message;
	const extra = Object.keys(message).find((name) => name !== 'role' && name !== 'content');
	if (extra !== undefined) return `${path}.${extra}: Extra inputs are not permitted`;
	if (typeof content !== 'string' && !Array.isArray(content)) return `${path}.content: Field required`;
	const blocks = blocksOf(content);
	if (Array.isArray(content) && blocks.length < content.length) return `${path}.content: a block is not an object`;
	if (blocks.length === 0) return `${path}: all messages must have non-empty content`;
	const shapes = role === 'assistant' ? ASSISTANT_BLOCKS : USER_BLOCKS;
	const reason = firstRefusal(blocks, (block, position) => {
		if (role === 'assistant' && !Object.hasOwn(shapes, String(block.type)) && isIssued(block)) return undefined;
		return refuseBlock(block, shapes, `${path}.content.${position}`);
	});
	if (reason !== undefined) return reason;
	return role === 'assistant' && isThinking(blocks.at(-1))
		? `${path}: the final block in an assistant message cannot be \`thinking\``
		: undefined;
}

/** The system prompt: text only, and none of it blank. */
export function refuseSystem(body: JsonObject): Refusal {
	if (body.system === undefined || body.system === '') return undefined;
	return firstRefusal(blocksOf(body.system), (block, index) => refuseBlock(block, { text: TEXT }, `system.${index}`));
}

export function isThinking(block: JsonObject | undefined): boolean {
	return block?.type === 'thinking' || block?.type === 'redacted_thinking';
}

function refuseBlock(block: JsonObject, shapes: Readonly<Record<string, Fields>>, path: string): Refusal {
	if (typeof block.type !== 'string') return `${path}.type: Field required`;
	const reason = tagged(shapes)(block, path);
	if (reason !== undefined) return reason;
	if (block.type === 'text') return refuseBlank(block, path);
	if (block.type === 'image' || block.type === 'document') return refuseBytes(block, `${path}.${block.type}`);
	return undefined;
}

function refuseBlank({ text: said }: JsonObject, path: string): Refusal {
	if (said === '') return `${path}: text content blocks must be non-empty`;
	return String(said).trim() === '' ? `${path}: text content blocks must contain non-whitespace text` : undefined;
}

const RESULT_BLOCKS: Readonly<Record<string, Fields>> = {
	text: TEXT,
	image: IMAGE,
	document: DOCUMENT,
	search_result: SEARCH_RESULT,
	tool_reference: {
		required: { type: text, tool_name: matching(TOOL_NAME) },
		optional: { cache_control: cacheControl },
	},
};

function resultContent(value: unknown, path: string): Refusal {
	if (typeof value === 'string') return undefined;
	if (!Array.isArray(value)) return `${path}: Input should be a valid list`;
	return firstRefusal(value, (part, index) =>
		isJsonObject(part)
			? refuseBlock(part, RESULT_BLOCKS, `${path}.${index}`)
			: `${path}.${index}: Input should be a valid dictionary`,
	);
}
