import type { RawMessageStreamEvent, StopReason, TextCitation, Usage } from '@anthropic-ai/sdk/resources/messages';
import { type AnswerBlock, answerEvents, NO_USAGE } from '../../agent/model/stream-events.ts';
import type { ServerFault } from './messages-faults.ts';

/** One answer, whole or faulty. What it says comes in the order of the fields. */
export interface ServerAnswer {
	readonly thinking?: string;
	/** Thinking that the service keeps to itself: a block of opaque data. */
	readonly redacted?: string;
	/** Said before the searches. */
	readonly opening?: string;
	/** Searches that the service makes itself, with what they found or why they failed. */
	readonly searches?: readonly ServerSearch[];
	/** Pages that the service fetches itself. */
	readonly fetches?: readonly ServerFetch[];
	readonly text?: string;
	/** Pages that `text` points to; those of a search are told by their address. */
	readonly cites?: readonly { readonly url: string; readonly cited: string }[];
	readonly tools?: readonly { readonly name: string; readonly input: unknown; readonly id?: string }[];
	/** Blocks as they are, instead of all of the above. */
	readonly content?: readonly AnswerBlock[];
	/** Default: `tool_use` with tools, else `end_turn`. */
	readonly stop?: StopReason;
	readonly explanation?: string;
	/** Bytes of a recorded stream, sent as they are instead of the fields above. */
	readonly recorded?: Uint8Array;
	/** Answers with this instead of a stream. */
	readonly fault?: ServerFault;
	/** The connection breaks after this many bytes of the body. */
	readonly cutAt?: number;
	/** Stalls after this many bytes until `release()`. */
	readonly stallAt?: number;
	/** An `overloaded_error` event in place of everything after this many events. */
	readonly overloadedAfter?: number;
	/** What is sent instead of these events: more, fewer, others, in any order. */
	readonly change?: (events: readonly SentEvent[]) => readonly SentEvent[];
	/** Default: a line feed. */
	readonly newline?: '\n' | '\r\n' | '\r';
	/** Largest piece written at once; default: everything. */
	readonly chunkBytes?: number;
	/** Writes all up to this byte in one piece and the rest in another. */
	readonly splitAt?: number;
}

export interface ServerSearch {
	readonly query: string;
	readonly found:
		| readonly { readonly url: string; readonly title: string; readonly age?: string }[]
		| 'max_uses_exceeded'
		| 'too_many_requests'
		| 'query_too_long'
		| 'unavailable';
	/** The answer ends before the result: with `stop: 'pause_turn'`, the next answer brings it in `content`. */
	readonly isOpen?: boolean;
}

export interface ServerFetch {
	readonly url: string;
	readonly page:
		| { readonly title: string; readonly text: string }
		| 'url_not_allowed'
		| 'url_not_accessible'
		| 'max_uses_exceeded'
		| 'unavailable';
}

/** One event of a stream as it is sent. */
export interface SentEvent {
	readonly event: string;
	readonly data: unknown;
}

/** The bytes of an answer; `call` makes ids that no other answer has. */
export function renderAnswer(
	answer: ServerAnswer,
	as: { readonly call: number; readonly model: string; readonly usage: Partial<Usage>; readonly diagnostics?: unknown },
): Buffer {
	const { call, model, diagnostics = null } = as;
	const content = answer.content ?? contentOf(answer, call);
	const stop = answer.stop ?? (answer.tools?.length ? 'tool_use' : 'end_turn');
	const used = {
		web_search_requests: content.filter((block) => block.type === 'web_search_tool_result').length,
		web_fetch_requests: content.filter((block) => block.type === 'web_fetch_tool_result').length,
	};
	const usesTools = used.web_search_requests + used.web_fetch_requests > 0;
	const usage: Usage = { ...NO_USAGE, ...as.usage, output_tokens: outputTokens(content) };
	const said = answer.explanation === undefined ? {} : { explanation: answer.explanation };
	const whole = { id: `msg_${call}`, model, content, stop, ...said };
	const counted = { ...usage, server_tool_use: usesTools ? used : null };
	const sent = [...answerEvents({ ...whole, usage: counted }, inPieces)].map(asSent);
	// What was searched and fetched is counted at the end only.
	const events = sent.map((each) => (each.event === 'message_start' ? withStart(each, diagnostics) : each));
	events.splice(1, 0, { event: 'ping', data: { type: 'ping' } });
	const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
	const kept =
		answer.overloadedAfter === undefined
			? events
			: [...events.slice(0, answer.overloadedAfter), { event: 'error', data: overloaded }];
	const newline = answer.newline ?? '\n';
	return Buffer.from((answer.change?.(kept) ?? kept).map((event) => renderEvent(event, newline)).join(''));
}

/** Tokens of an answer, by the same simple rule as those of prompts. */
function outputTokens(content: readonly AnswerBlock[]): number {
	return Math.ceil(JSON.stringify(content).length / 4);
}

function withStart({ event, data }: SentEvent, diagnostics: unknown): SentEvent {
	const start = data as Extract<RawMessageStreamEvent, { type: 'message_start' }>;
	const usage = { ...start.message.usage, output_tokens: 1, server_tool_use: null };
	return { event, data: { ...start, message: { ...start.message, usage, diagnostics } } };
}

function asSent(event: RawMessageStreamEvent): SentEvent {
	return { event: event.type, data: event };
}

function renderEvent({ event, data }: SentEvent, newline: string): string {
	return `event: ${event}${newline}data: ${typeof data === 'string' ? data : JSON.stringify(data)}${newline}${newline}`;
}

function inPieces(text: string): readonly string[] {
	return text.match(/[\s\S]{1,8}/gu) ?? [];
}

function contentOf(answer: ServerAnswer, call: number): readonly AnswerBlock[] {
	const { thinking, redacted, opening, searches = [], fetches = [], text, tools = [] } = answer;
	return [
		...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: `signature-${call}` } as const]),
		...(redacted === undefined ? [] : [{ type: 'redacted_thinking', data: `redacted-${call}-${redacted}` } as const]),
		...(opening === undefined ? [] : [{ type: 'text', text: opening } as const]),
		...searches.flatMap((search, index) => searchBlocks(search, `srvtoolu_${call}_s${index}`)),
		...fetches.flatMap((fetch, index) => fetchBlocks(fetch, `srvtoolu_${call}_f${index}`)),
		...(text === undefined ? [] : [{ type: 'text', text, ...citationsOf(answer) } as const]),
		...tools.map(
			(tool, index) =>
				({ type: 'tool_use', id: tool.id ?? `toolu_${call}_${index}`, name: tool.name, input: tool.input }) as const,
		),
	];
}

function searchBlocks({ query, found, isOpen }: ServerSearch, id: string): readonly AnswerBlock[] {
	const use = { type: 'server_tool_use', id, name: 'web_search', input: { query } } as const;
	return isOpen ? [use] : [use, searchResult(id, found)];
}

/** The result of a search, also of one that an answer before this one began. */
export function searchResult(id: string, found: ServerSearch['found']): AnswerBlock {
	const caller = { type: 'direct' } as const;
	if (typeof found === 'string') {
		const content = { type: 'web_search_tool_result_error', error_code: found } as const;
		return { type: 'web_search_tool_result', tool_use_id: id, caller, content };
	}
	const content = found.map(({ url, title, age = null }) => ({
		type: 'web_search_result' as const,
		url,
		title,
		page_age: age,
		encrypted_content: seal(url),
	}));
	return { type: 'web_search_tool_result', tool_use_id: id, caller, content };
}

function fetchBlocks({ url, page }: ServerFetch, id: string): readonly AnswerBlock[] {
	const caller = { type: 'direct' } as const;
	const use = { type: 'server_tool_use', id, name: 'web_fetch', input: { url } } as const;
	if (typeof page === 'string') {
		const content = { type: 'web_fetch_tool_result_error', error_code: page } as const;
		return [use, { type: 'web_fetch_tool_result', tool_use_id: id, caller, content }];
	}
	const content = {
		type: 'web_fetch_result' as const,
		url,
		retrieved_at: '2026-11-20T09:00:00Z',
		content: {
			type: 'document' as const,
			title: page.title,
			citations: null,
			source: { type: 'text' as const, media_type: 'text/plain' as const, data: page.text },
		},
	};
	return [use, { type: 'web_fetch_tool_result', tool_use_id: id, caller, content }];
}

function citationsOf({ cites, searches = [], fetches = [] }: ServerAnswer): { readonly citations?: TextCitation[] } {
	if (!cites) return {};
	const found = searches.flatMap((search) => (typeof search.found === 'string' ? [] : search.found));
	return {
		citations: cites.map(({ url, cited }): TextCitation => {
			const page = fetches.findIndex((fetch) => fetch.url === url);
			const title = found.find((hit) => hit.url === url)?.title ?? null;
			if (page === -1) {
				const at = { url, title, encrypted_index: seal(`${url}#${cited}`) };
				return { type: 'web_search_result_location', cited_text: cited, ...at };
			}
			const at = { document_index: page, document_title: null, start_char_index: 0, end_char_index: cited.length };
			return { type: 'char_location', cited_text: cited, file_id: null, ...at };
		}),
	};
}

function seal(text: string): string {
	return Buffer.from(`sealed ${text}`).toString('base64');
}
