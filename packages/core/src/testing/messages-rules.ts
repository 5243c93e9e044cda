import { isJsonObject, type JsonObject } from '../json.ts';
import { isWellFormed } from '../well-formed.ts';
import { blocksOf, promptBlocks } from './prompt-blocks.ts';
import { countTokens } from './prompt-cache.ts';
import { isThinking, refuseContent, refuseSystem } from './rules/blocks.ts';
import { firstRefusal, type Refusal } from './rules/checks.ts';
import { refuseMarks } from './rules/marks.ts';
import { refuseMixedCitations } from './rules/media.ts';
import { refusePairs, refuseReusedIds, refuseServerPairs, sealedOf } from './rules/pairs.ts';
import { refuseParameters } from './rules/parameters.ts';
import { refuseTools } from './rules/tools.ts';

/**
 * What the Messages API refuses, as far as a client can get it wrong: kept as a pure function so that properties can
 * ask it thousands of times and the test server once a request. Where the real one forgives (two messages of one side in a
 * row), this refuses: we never mean to.
 */
export interface MessagesRules {
	/** The reason the API would give for a 400, or undefined for a request it would answer. */
	refuse(body: unknown): string | undefined;
	/** Remembers an answer: its thinking is bound to the request it answers, and one that paused may be sent back. */
	issue(body: unknown, content: readonly unknown[], stop: string | null): void;
}

export interface RulesOptions {
	/** Most tokens of one answer; default 128,000, as all current models. */
	readonly maxOutputTokens?: number;
	/** Most tokens of a prompt; default a million. */
	readonly contextTokens?: number;
}

/** One block of the conversation with the side it is on; how blocks are grouped into messages does not bind. */
interface Said {
	readonly role: string;
	readonly block: JsonObject;
}

interface Bound {
	/** The thinking itself. */
	readonly block: string;
	readonly prefix: string;
	readonly system: string;
	readonly tools: string;
	/** Number of blocks before the answer. */
	readonly length: number;
}

/** What a server remembers of its answers. */
interface Issued {
	readonly thinkingBySignature: Map<string, Bound>;
	/** Blocks of kinds that only it can make, word for word. */
	readonly blocks: Set<string>;
	/** Encrypted parts of search results and citations. */
	readonly sealed: Set<string>;
	readonly paused: Set<string>;
}

/** Starts without anything issued. */
export function createMessagesRules(options: RulesOptions = {}): MessagesRules {
	const { maxOutputTokens = 128_000, contextTokens = 1_000_000 } = options;
	const issued: Issued = { thinkingBySignature: new Map(), blocks: new Set(), sealed: new Set(), paused: new Set() };

	return {
		refuse(body) {
			if (!isJsonObject(body)) return 'the body is not a JSON object';
			if (!isWellFormed(body)) return 'The request body is not valid JSON: no low surrogate in string';
			return (
				refuseParameters(body, maxOutputTokens) ??
				refuseMarks(body) ??
				refuseTools(body) ??
				refuseSystem(body) ??
				refuseMessages(body, issued) ??
				refuseThinking(body, issued) ??
				refuseLength(body, contextTokens)
			);
		},
		issue(body, content, stop) {
			if (!isJsonObject(body)) return;
			const before = flatten(body);
			const bound = bind(body, before);
			for (const block of content) {
				if (!isJsonObject(block)) continue;
				issued.blocks.add(canonical(block));
				for (const sealed of sealedOf(block)) issued.sealed.add(sealed);
				const signature = signatureOf(block);
				if (signature !== undefined) issued.thinkingBySignature.set(signature, { ...bound, block: canonical(block) });
			}
			if (stop === 'pause_turn') issued.paused.add(canonical(returnable(content)));
		},
	};
}

function refuseMessages(body: JsonObject, issued: Issued): Refusal {
	const messages = blocksOf(body.messages);
	const usedIds = new Set<unknown>();
	const last = messages.at(-1);
	const isPaused = last?.role === 'assistant' && endsPaused(last, issued);
	const reason = firstRefusal(messages, (message, index) => {
		const previous = messages[index - 1];
		return (
			refuseRole(message, index, previous) ??
			refuseContent(message, index, (block) => issued.blocks.has(canonical(block))) ??
			refusePairs(message, index, previous) ??
			refuseReusedIds(message, index, usedIds) ??
			refuseServerPairs(message, index, isPaused && message === last) ??
			refuseForgery(message, index, issued)
		);
	});
	if (reason !== undefined) return reason;
	// An answer that paused goes back as it is; anything else an assistant began is a prefill.
	if (last?.role === 'assistant' && !isPaused)
		return 'This model does not support assistant message prefill. The conversation must end with a user message.';
	return refuseMixedCitations(messages.flatMap((message) => blocksOf(message.content)));
}

function refuseRole(message: JsonObject, index: number, previous: JsonObject | undefined): Refusal {
	if (message.role !== 'user' && message.role !== 'assistant')
		return `messages.${index}.role: Input should be 'user' or 'assistant'`;
	if (index === 0 && message.role !== 'user') return 'messages: first message must use the "user" role';
	return previous?.role === message.role
		? `messages: roles must alternate between "user" and "assistant", but found multiple "${message.role}" roles in a row`
		: undefined;
}

function refuseForgery(message: JsonObject, index: number, issued: Issued): Refusal {
	if (message.role !== 'assistant') return undefined;
	const isForged = blocksOf(message.content)
		.flatMap(sealedOf)
		.some((sealed) => !issued.sealed.has(sealed));
	return isForged ? `messages.${index}: Invalid \`encrypted_content\` in \`search_result\` block` : undefined;
}

/** What a client can send back of an answer that paused: no blank text, and no thinking at its end, is taken from anybody. */
function returnable(content: readonly unknown[]): readonly unknown[] {
	const blocks = content.filter(isJsonObject).filter(({ type, text }) => type !== 'text' || String(text).trim() !== '');
	return blocks.slice(0, blocks.findLastIndex((block) => !isThinking(block)) + 1);
}

function endsPaused(last: JsonObject, { paused }: Issued): boolean {
	const content = blocksOf(last.content);
	return content.some((_, from) => paused.has(canonical(content.slice(from))));
}

function refuseThinking(body: JsonObject, { thinkingBySignature }: Issued): Refusal {
	const said = flatten(body);
	return firstRefusal(said, ({ block }, position) => {
		if (!isThinking(block)) return undefined;
		const bound = thinkingBySignature.get(signatureOf(block) ?? '');
		if (!bound) return `Invalid \`signature\` in \`${block.type}\` block`;
		if (canonical(block) !== bound.block)
			return '`thinking` or `redacted_thinking` blocks cannot be modified: they must remain as they were in the original response';
		const now = bind(body, said.slice(0, bound.length));
		const isSame =
			position >= bound.length &&
			said.slice(bound.length, position).every(({ role }) => role === 'assistant') &&
			now.prefix === bound.prefix &&
			now.system === bound.system &&
			now.tools === bound.tools;
		return isSame
			? undefined
			: 'A `thinking` block is bound to other system, tools or earlier messages than it is sent with';
	});
}

function refuseLength(body: JsonObject, contextTokens: number): Refusal {
	const tokens = promptBlocks(body).reduce((sum, { block }) => sum + countTokens(block), 0);
	return tokens > contextTokens ? `prompt is too long: ${tokens} tokens > ${contextTokens} maximum` : undefined;
}

function bind(body: JsonObject, before: readonly Said[]): Omit<Bound, 'block'> {
	return {
		prefix: canonical(before),
		system: canonical(body.system ?? []),
		tools: canonical(body.tools ?? []),
		length: before.length,
	};
}

function flatten(body: JsonObject): readonly Said[] {
	return blocksOf(body.messages).flatMap(({ role, content }) =>
		blocksOf(content).map((block) => ({ role: String(role), block })),
	);
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
