import { isJsonObject, type JsonObject } from '../json.ts';
/**
 * What the Messages API refuses, as far as a client can get it wrong: kept as a pure function so that properties can
 * ask it thousands of times and the test server once a request.
 */
export interface MessagesRules {
	/** The reason the API would give for a 400, or undefined for a request it would answer. */
	refuse(body: unknown): string | undefined;
	/** Remembers an answer: its thinking is bound to the request it answers, and one that paused may be sent back. */
	issue(body: unknown, content: readonly unknown[], stop: string | null): void;
}

/** One block of the conversation with the side it is on; how blocks are grouped into messages does not bind. */
interface Said {
	readonly role: string;
	readonly block: JsonObject;
}

interface Bound {
	readonly prefix: string;
	readonly system: string;
	readonly tools: string;
	/** Number of blocks before the answer. */
	readonly length: number;
}

const MAX_MARKS = 4;
const SAMPLING = ['temperature', 'top_p', 'top_k'];

/** Starts without any signature issued. */
export function createMessagesRules(): MessagesRules {
	const issued = new Map<string, Bound>();
	const paused = new Set<string>();

	return {
		refuse(body) {
			if (!isJsonObject(body)) return 'the body is not a JSON object';
			return (
				refuseParameters(body) ??
				refuseMarks(body) ??
				refuseTools(body) ??
				refuseMessages(body, paused) ??
				refuseThinking(body, issued)
			);
		},
		issue(body, content, stop) {
			if (!isJsonObject(body)) return;
			const before = flatten(body);
			const bound = bind(body, before);
			for (const block of content) {
				if (!isJsonObject(block)) continue;
				const signature = signatureOf(block);
				if (signature !== undefined) issued.set(signature, bound);
			}
			if (stop === 'pause_turn') paused.add(canonical(content));
		},
	};
}

function bind(body: JsonObject, before: readonly Said[]): Bound {
	return {
		prefix: canonical(before),
		system: canonical(body.system ?? []),
		tools: canonical(body.tools ?? []),
		length: before.length,
	};
}

function refuseParameters(body: JsonObject): string | undefined {
	if (typeof body.model !== 'string' || body.model === '') return 'model: Field required';
	if (typeof body.max_tokens !== 'number' || body.max_tokens < 1) return 'max_tokens: Field required';
	if (!Array.isArray(body.messages) || body.messages.length === 0) return 'messages: at least one message is required';
	const sampling = SAMPLING.find((name) => name in body);
	if (sampling) return `${sampling}: Extra inputs are not permitted`;
	const choice = body.tool_choice;
	if (isJsonObject(choice) && (choice.type === 'any' || choice.type === 'tool')) {
		return 'tool_choice: forcing tool use is not supported by this model';
	}
	return undefined;
}

function refuseMarks(body: JsonObject): string | undefined {
	const marks = countMarks(body);
	return marks > MAX_MARKS
		? `A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${marks}.`
		: undefined;
}

function countMarks(value: unknown): number {
	if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countMarks(item), 0);
	if (!isJsonObject(value)) return 0;
	const own = isJsonObject(value.cache_control) ? 1 : 0;
	return Object.entries(value).reduce(
		// A tool's input and schema are data: what is called cache_control in there marks nothing.
		(sum, [key, item]) => (key === 'input' || key === 'input_schema' ? sum : sum + countMarks(item)),
		own,
	);
}

function refuseTools(body: JsonObject): string | undefined {
	const tools = Array.isArray(body.tools) ? body.tools : [];
	const names = tools.flatMap((tool) => (isJsonObject(tool) ? [tool.name] : []));
	const bad = names.find((name) => typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(name));
	if (bad !== undefined) return `tools.name: ${JSON.stringify(bad)} does not match the pattern`;
	if (new Set(names).size < names.length) return 'tools: Tool names must be unique.';
	const shapeless = tools.find(
		(tool) => isJsonObject(tool) && !isJsonObject(tool.input_schema) && tool.type === undefined,
	);
	return shapeless ? 'tools.input_schema: Field required' : undefined;
}

function refuseMessages(body: JsonObject, paused: ReadonlySet<string>): string | undefined {
	const messages = Array.isArray(body.messages) ? body.messages : [];
	let previous: JsonObject | undefined;
	const usedIds = new Set<unknown>();
	for (const [index, message] of messages.entries()) {
		if (!isJsonObject(message)) return `messages.${index}: not an object`;
		const reason =
			refuseRole(message, index, previous) ??
			refuseContent(message, index) ??
			refusePairs(message, index, previous) ??
			refuseReusedIds(message, index, usedIds);
		if (reason) return reason;
		previous = message;
	}
	if (!previous) return undefined;
	if (previous.role === 'assistant') return refusePrefill(previous, paused);
	return undefined;
}

function refuseRole(message: JsonObject, index: number, previous: JsonObject | undefined): string | undefined {
	if (message.role !== 'user' && message.role !== 'assistant') return `messages.${index}.role: unexpected value`;
	if (index === 0 && message.role !== 'user') return 'messages: first message must use the "user" role';
	return previous?.role === message.role
		? `messages: roles must alternate between "user" and "assistant", but found multiple "${message.role}" roles in a row`
		: undefined;
}

function refuseContent(message: JsonObject, index: number): string | undefined {
	const blocks = blocksOf(message);
	if (blocks.length === 0) return `messages.${index}: all messages must have non-empty content`;
	for (const block of blocks) {
		if (typeof block.type !== 'string') return `messages.${index}.content: a block without a type`;
		if (block.type === 'text' && (typeof block.text !== 'string' || block.text.trim() === '')) {
			return `messages.${index}: text content blocks must contain non-whitespace text`;
		}
		if (isThinking(block) && message.role !== 'assistant') return `messages.${index}: thinking in a user message`;
		if (block.type === 'tool_use' && !isJsonObject(block.input)) {
			return `messages.${index}.content.tool_use.input: Input should be a valid dictionary`;
		}
	}
	const last = blocks.at(-1);
	return message.role === 'assistant' && last && isThinking(last)
		? `messages.${index}: the final block in an assistant message cannot be \`thinking\``
		: undefined;
}

function refusePairs(message: JsonObject, index: number, previous: JsonObject | undefined): string | undefined {
	const blocks = blocksOf(message);
	const results = blocks.filter((block) => block.type === 'tool_result');
	if (message.role === 'assistant')
		return results.length > 0 ? `messages.${index}: tool_result of an assistant` : undefined;
	if (blocks.some((block) => block.type === 'tool_use')) return `messages.${index}: tool_use of a user`;
	const uses = previous ? blocksOf(previous).filter((block) => block.type === 'tool_use') : [];
	const wanted = uses.map((use) => use.id);
	const given = results.map((result) => result.tool_use_id);
	const missing = wanted.filter((id) => !given.includes(id));
	if (missing.length > 0) {
		return `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}`;
	}
	const unexpected = given.find((id) => !wanted.includes(id));
	if (unexpected !== undefined)
		return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unexpected}`;
	if (new Set(given).size < given.length) return `messages.${index}: each tool_use must have a single result`;
	const firstOther = blocks.findIndex((block) => block.type !== 'tool_result');
	const isResultAfter = firstOther !== -1 && blocks.slice(firstOther).some((block) => block.type === 'tool_result');
	return isResultAfter ? `messages.${index}: \`tool_result\` blocks must come first in the content` : undefined;
}

function refuseReusedIds(message: JsonObject, index: number, usedIds: Set<unknown>): string | undefined {
	for (const block of blocksOf(message)) {
		if (block.type !== 'tool_use') continue;
		if (typeof block.id !== 'string' || !/^[a-zA-Z0-9_-]+$/.test(block.id))
			return `messages.${index}: malformed tool_use id`;
		if (usedIds.has(block.id)) return `messages.${index}: \`tool_use\` ids must be unique`;
		usedIds.add(block.id);
	}
	return undefined;
}

/** An answer that paused goes back as it is; anything else an assistant began is a prefill. */
function refusePrefill(last: JsonObject, paused: ReadonlySet<string>): string | undefined {
	const content = blocksOf(last);
	const isPaused = content.some((_, from) => paused.has(canonical(content.slice(from))));
	return isPaused
		? undefined
		: 'This model does not support assistant message prefill. The conversation must end with a user message.';
}

function refuseThinking(body: JsonObject, issued: ReadonlyMap<string, Bound>): string | undefined {
	const said = flatten(body);
	for (const [position, { block }] of said.entries()) {
		if (!isThinking(block)) continue;
		const bound = issued.get(signatureOf(block) ?? '');
		if (!bound) return 'Invalid `signature` in `thinking` block';
		const now = bind(body, said.slice(0, bound.length));
		const isSame =
			position >= bound.length &&
			said.slice(bound.length, position).every(({ role }) => role === 'assistant') &&
			now.prefix === bound.prefix &&
			now.system === bound.system &&
			now.tools === bound.tools;
		if (!isSame) return 'A `thinking` block is bound to other system, tools or earlier messages than it is sent with';
	}
	return undefined;
}

function flatten(body: JsonObject): readonly Said[] {
	const messages = Array.isArray(body.messages) ? body.messages : [];
	return messages.flatMap((message) =>
		isJsonObject(message) ? blocksOf(message).map((block) => ({ role: String(message.role), block })) : [],
	);
}

function blocksOf(message: JsonObject): readonly JsonObject[] {
	if (typeof message.content === 'string') return [{ type: 'text', text: message.content }];
	return Array.isArray(message.content) ? message.content.filter(isJsonObject) : [];
}

function isThinking(block: JsonObject): boolean {
	return block.type === 'thinking' || block.type === 'redacted_thinking';
}

function signatureOf(block: JsonObject): string | undefined {
	const signature =
		block.type === 'thinking' ? block.signature : block.type === 'redacted_thinking' ? block.data : undefined;
	return typeof signature === 'string' ? signature : undefined;
}

/** One spelling of a JSON value, without cache marks: they may move. */
function canonical(value: unknown): string {
	return JSON.stringify(value, (key, item: unknown) => (key === 'cache_control' ? undefined : item));
}
