import type { ContentBlockParam, MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { isAttachmentLead } from '../request/attachment-blocks.ts';
import { isHead, isTaskHead } from '../request/head.ts';
import type { Before } from './intent.ts';

/** A request as the clerk reads it: what is asked now, what its tools answered, and what was said just before. */
export interface Conversation {
	/** What the newest turn's messages say, in order. */
	readonly asked: readonly string[];
	/** The turn was begun by a task, not by somebody speaking. */
	readonly isTask: boolean;
	/** Something came with the messages: images, documents, texts. */
	readonly hasAttachments: boolean;
	readonly calls: readonly AnsweredCall[];
	/** What was said before, oldest first. */
	readonly before: readonly Before[];
}

/** One tool call of the newest turn with its result. */
export interface AnsweredCall {
	readonly tool: string;
	readonly input: unknown;
	readonly result: string;
	readonly isError: boolean;
}

/** Reads the newest turn of a request: it begins at the newest head. */
export function readConversation(messages: readonly MessageParam[]): Conversation {
	const said = messages.flatMap((message) => blocksOf(message).map((block) => ({ role: message.role, block })));
	const start = said.findLastIndex(({ role, block }) => role === 'user' && block.type === 'text' && isHead(block.text));
	const turn = said.slice(Math.max(0, start));
	const head = turn[0]?.block;
	return {
		asked: turn.flatMap(({ role, block }) => (role === 'user' ? typedText(block) : [])),
		isTask: head?.type === 'text' && isTaskHead(head.text),
		hasAttachments: turn.some(({ block }) => block.type === 'text' && isAttachmentLead(block.text)),
		calls: answeredCalls(turn.map(({ block }) => block)),
		before: readBefore(said.slice(0, Math.max(0, start))),
	};
}

function blocksOf({ content }: MessageParam): readonly ContentBlockParam[] {
	return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** What a person typed: neither head nor the app's notices nor the text of what is attached. */
function typedText(block: ContentBlockParam): readonly string[] {
	if (block.type !== 'text' || isHead(block.text) || /^<(?:notice|untrusted)[ >]/.test(block.text)) return [];
	return [block.text];
}

function answeredCalls(blocks: readonly ContentBlockParam[]): readonly AnsweredCall[] {
	const results = new Map(
		blocks.flatMap((block) => (block.type === 'tool_result' ? [[block.tool_use_id, block] as const] : [])),
	);
	return blocks.flatMap((block) => {
		const result = block.type === 'tool_use' ? results.get(block.id) : undefined;
		if (block.type !== 'tool_use' || !result) return [];
		return [{ tool: block.name, input: block.input, result: textOf(result), isError: result.is_error === true }];
	});
}

function textOf({ content }: ToolResultBlockParam): string {
	if (content === undefined || typeof content === 'string') return content ?? '';
	return content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}

/** Messages looked back on for a question that is still open. */
const REMEMBERED = 6;

function readBefore(said: readonly { readonly role: string; readonly block: ContentBlockParam }[]): readonly Before[] {
	const exchanges: { said: string; answer: string }[] = [];
	for (const { role, block } of said) {
		if (role === 'user') exchanges.push(...typedText(block).map((text) => ({ said: text, answer: '' })));
		const last = exchanges.at(-1);
		if (role === 'assistant' && block.type === 'text' && last) last.answer = block.text;
	}
	return exchanges.slice(-REMEMBERED);
}
