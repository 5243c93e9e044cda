import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ModelRequest } from '../../ports/model.ts';
import type { ModelStepRecord } from '../../space/records.ts';
import { NO_TOKENS, promptOf, type Tokens, tokensOf } from './tokens.ts';

/** A call that is about to be made. */
export interface NextCall {
	readonly request: ModelRequest;
	/** The newest finished call of the same epoch, whose request this one begins with. */
	readonly last: Pick<ModelStepRecord, 'usage' | 'at'> | undefined;
	/** Output of the turn's calls so far, in tokens. */
	readonly outputs: readonly number[];
	/** Wall clock in ms since the epoch. */
	readonly at: number;
}

/** How long a cache entry is good for after it was last read or written. */
const CACHE_MS = 5 * 60_000;
const CACHE_HOUR_MS = 60 * 60_000;

/**
 * Tokens an answer is expected to have at least: some paragraphs. The limit in the request, 32,000, would be the sure bound,
 * but at list price it would refuse a call of a cent because a dollar is not left; so the cap can be passed, by the output of
 * one call at most.
 */
const USUAL_OUTPUT = 1_000;

/**
 * The tokens the next call may take. What it reads is bounded from above: what the last call had read and said is known, what is new is
 * counted generously, and whatever the cache may have lost by now counts as written anew. What it says is taken as
 * the turn's answers so far, in the mean.
 */
export function nextTokens({ request, last, outputs, at }: NextCall): Tokens {
	const output = Math.min(request.maxTokens, Math.max(USUAL_OUTPUT, meanOf(outputs)));
	if (last?.usage === undefined) {
		const fixed = textTokens(JSON.stringify([request.system, request.tools]));
		return { ...NO_TOKENS, ...written(request, fixed + messagesTokens(request.messages)), output };
	}
	const before = tokensOf(last.usage);
	const known = promptOf(before) + before.output;
	const fresh = messagesTokens(request.messages.slice(request.messages.findLastIndex(isAnswer) + 1));
	const keptMs = before.cacheWriteHour > 0 ? CACHE_HOUR_MS : CACHE_MS;
	const isKept = before.cacheRead + before.cacheWrite > 0 && at - last.at < keptMs;
	const read = isKept ? known : 0;
	return { ...NO_TOKENS, cacheRead: read, ...written(request, known - read + fresh), output };
}

/** What the model has not read before, by where the request puts it. */
function written({ cache }: ModelRequest, tokens: number): Pick<Tokens, 'input' | 'cacheWrite' | 'cacheWriteHour'> {
	if (cache === 'once') return { input: tokens, cacheWrite: 0, cacheWriteHour: 0 };
	return { input: 0, cacheWrite: tokens, cacheWriteHour: cache === '1h' ? tokens : 0 };
}

function meanOf(counts: readonly number[]): number {
	return counts.length === 0 ? 0 : Math.ceil(counts.reduce((sum, count) => sum + count, 0) / counts.length);
}

type Message = ModelRequest['messages'][number];

function isAnswer({ role }: Message): boolean {
	return role === 'assistant';
}

function messagesTokens(messages: readonly Message[]): number {
	return messages.reduce((sum, { content }) => {
		return (
			sum +
			(typeof content === 'string' ? textTokens(content) : content.reduce((all, block) => all + blockTokens(block), 0))
		);
	}, 0);
}

/** An image at its largest. */
const IMAGE_TOKENS = 5_000;
/** Bytes of base64 in a PDF for a token of its text and its pictures of pages; scans have more. */
const PDF_BYTES_A_TOKEN = 15;

function blockTokens(block: ContentBlockParam): number {
	switch (block.type) {
		case 'text':
			return textTokens(block.text);
		case 'image':
			return IMAGE_TOKENS;
		case 'document':
			return block.source.type === 'base64'
				? Math.ceil(block.source.data.length / PDF_BYTES_A_TOKEN)
				: textTokens(JSON.stringify(block.source));
		case 'tool_result':
			return typeof block.content === 'string'
				? textTokens(block.content)
				: (block.content ?? []).reduce(
						(sum, part) => sum + (isContent(part) ? blockTokens(part) : textTokens(JSON.stringify(part))),
						0,
					);
		default:
			return textTokens(JSON.stringify(block));
	}
}

function isContent(part: { readonly type: string }): part is ContentBlockParam {
	return part.type === 'text' || part.type === 'image' || part.type === 'document';
}

/** At the most: a token is seldom less than three Latin letters, and in other scripts seldom less than one sign. */
function textTokens(text: string): number {
	let others = 0;
	for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) others++;
	return Math.ceil((text.length - others) / 3) + others;
}
