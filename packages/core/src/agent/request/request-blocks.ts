import type {
	ContentBlockParam,
	MessageParam,
	ToolResultBlockParam,
	ToolUseBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { Bytes } from '../../bytes.ts';
import type { BlobId } from '../../ids.ts';
import type {
	CompactionRecord,
	ContextItem,
	EpochRecord,
	MessageRecord,
	ReminderRecord,
	ToolStepRecord,
} from '../../space/records.ts';
import { markUntrusted, resultContentOf } from '../calls/trust.ts';
import { type IndexedTurn, isSendable, type LineIndex, toolUsesOf } from '../line/line-index.ts';
import { attachmentBlocks, attachmentMention } from './attachment-blocks.ts';

/** The bytes of what goes in whole. */
export type Files = ReadonlyMap<BlobId, Bytes>;

/** A piece of a request, in order. */
export type Part =
	| { readonly type: 'head'; readonly text: string }
	/** `withFiles`: what is attached goes in whole, not only by its name. */
	| { readonly type: 'item'; readonly item: ContextItem; readonly withFiles: boolean }
	| {
			readonly type: 'steps';
			readonly turn: IndexedTurn;
			readonly withThinking: boolean;
			readonly withFiles: boolean;
	  };

/** The messages of a request, block by block from its parts; the same records give the same bytes. */
export function render(request: {
	readonly index: LineIndex;
	readonly epoch: EpochRecord;
	readonly parts: readonly Part[];
	readonly files: Files;
}): readonly MessageParam[] {
	const { index, epoch, parts, files } = request;
	const messages = createMessageList();
	const callIds = createCallIds();
	const compaction = epoch.compaction === undefined ? undefined : index.compactions.get(epoch.compaction);
	if (compaction) messages.add('user', summaryBlocks(compaction));
	for (const part of parts) {
		if (part.type === 'head') messages.add('user', [{ type: 'text', text: part.text }]);
		else if (part.type === 'item')
			messages.add('user', itemBlocks(index, part.item, part.withFiles ? files : undefined));
		else addSteps(messages, { ...part, index, files, callIds });
	}
	return messages.list;
}

function summaryBlocks({ summary, untrusted }: CompactionRecord): readonly ContentBlockParam[] {
	const opening =
		'<notice>What was said on this line before was summed up. The talk itself can still be searched and read. The summary:</notice>';
	const text = untrusted ? markUntrusted(summary, untrusted.source) : summary;
	return [
		{ type: 'text', text: opening },
		{ type: 'text', text },
	];
}

function itemBlocks(index: LineIndex, item: ContextItem, files: Files | undefined): readonly ContentBlockParam[] {
	if ('message' in item) {
		const message = index.messages.get(item.message);
		return message ? messageBlocks(message, files) : [];
	}
	const reminder = 'reminder' in item ? index.reminders.get(item.reminder) : undefined;
	return reminder ? [{ type: 'text', text: reminderNotice(reminder) }] : [];
}

/** What came with a message stands before its words. Without files, it is named only. */
function messageBlocks(message: MessageRecord, files: Files | undefined): readonly ContentBlockParam[] {
	const attached = (message.attachments ?? []).flatMap((attachment): readonly ContentBlockParam[] => {
		const bytes = files?.get(attachment.blob);
		return bytes ? attachmentBlocks(attachment, bytes) : [attachmentMention(attachment)];
	});
	return [...attached, ...wordsOf(message)];
}

function wordsOf({ author, content, untrusted }: MessageRecord): readonly ContentBlockParam[] {
	if (author.type !== 'agent') return content;
	const words = content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n');
	const from = `<notice>You wrote this here in a turn of the line ${quoted(author.line)}`;
	if (!untrusted) return [{ type: 'text', text: `${from}: ${quoted(words)}</notice>` }];
	return [
		{ type: 'text', text: `${from}, after you had read text from outside. It follows.</notice>` },
		{ type: 'text', text: markUntrusted(words, untrusted.source) },
	];
}

/** Without its time: that would read differently in another zone; the head of the turn gives it. */
function reminderNotice(reminder: ReminderRecord): string {
	return `<notice>The app showed this reminder on the line: ${quoted(reminder.text)}</notice>`;
}

/** Closes no notice. */
function quoted(text: string): string {
	return JSON.stringify(text).replaceAll('<', '\\u003c');
}

function addSteps(
	messages: MessageList,
	part: Extract<Part, { type: 'steps' }> & {
		readonly index: LineIndex;
		readonly files: Files;
		readonly callIds: CallIds;
	},
): void {
	const { turn, index, callIds } = part;
	const files = part.withFiles ? part.files : undefined;
	const unfinished = part.withThinking ? NONE : unfinishedUses(turn);
	for (const step of turn.modelSteps) {
		if (!isSendable(step)) continue;
		const idOf = callIds.next(toolUsesOf(step).map(({ id }) => id));
		const content = step.content
			.filter((block) => !unfinished.has(block))
			.map((block) => (block.type === 'tool_use' ? withId(block, idOf(block.id)) : block));
		messages.add('assistant', trimThinking(content, part.withThinking));
		const results = toolUsesOf(step).map(({ id }) => toolResult(idOf(id), turn.toolSteps.get(id), files));
		messages.add('user', results);
		for (const { head, messages: said } of turn.steering.filter(({ after }) => after === step.id)) {
			messages.add('user', [
				{ type: 'text', text: head },
				...said.flatMap((message) => itemBlocks(index, { message }, files)),
			]);
		}
	}
}

interface CallIds {
	/** What the calls of one answer go out as, by the id they have on the line. */
	next(ids: readonly string[]): (id: string) => string;
}

/**
 * Endpoints that count their calls gave two devices apart the same ids, and the API takes none twice: the later call on the
 * list goes out under a name of its own. The list only grows, so a name stays.
 */
function createCallIds(): CallIds {
	const taken = new Set<string>();
	return {
		next(ids) {
			const names = new Map<string, string>();
			for (const id of ids) {
				let name = id;
				for (let count = 2; taken.has(name); count++) name = `${id.slice(0, 100)}_${count}`;
				taken.add(name);
				names.set(id, name);
			}
			return (id) => names.get(id) ?? id;
		},
	};
}

function withId(use: ToolUseBlockParam, id: string): ToolUseBlockParam {
	return use.id === id ? use : { ...use, id };
}

const NONE: ReadonlySet<ContentBlockParam> = new Set();

/** Calls of server-side tools that never came to a result: sent back, they must be the last thing said. */
export function unfinishedUses({ modelSteps }: Pick<IndexedTurn, 'modelSteps'>): ReadonlySet<ContentBlockParam> {
	const said = modelSteps.filter(isSendable).flatMap((step) => step.content);
	const answered = new Set(said.flatMap((block) => ('tool_use_id' in block ? [block.tool_use_id] : [])));
	return new Set(said.filter((block) => block.type === 'server_tool_use' && !answered.has(block.id)));
}

/** Thinking that nothing follows is no answer, and the API takes none that ends in it. */
function trimThinking(content: readonly ContentBlockParam[], withThinking: boolean): readonly ContentBlockParam[] {
	if (!withThinking) return content.filter((block) => !isThinking(block));
	const last = content.findLastIndex((block) => !isThinking(block) && !isBlank(block));
	return content.slice(0, last + 1);
}

function isThinking(block: ContentBlockParam): boolean {
	return block.type === 'thinking' || block.type === 'redacted_thinking';
}

function isBlank(block: ContentBlockParam): boolean {
	return block.type === 'text' && block.text.trim() === '';
}

function toolResult(id: string, step: ToolStepRecord | undefined, files: Files | undefined): ToolResultBlockParam {
	if (!step) {
		return {
			type: 'tool_result',
			tool_use_id: id,
			content: 'No result of this call was kept: whether it took effect is not known.',
			is_error: true,
		};
	}
	const content = withShown(step, files);
	return {
		type: 'tool_result',
		tool_use_id: id,
		...(content === undefined || content.length === 0 ? {} : { content }),
		...(step.outcome === 'done' ? {} : { is_error: true }),
	};
}

/** A result with what its call looked at, or that named. */
function withShown(step: ToolStepRecord, files: Files | undefined): ToolResultBlockParam['content'] {
	const { shows } = step;
	const content = resultContentOf(step);
	if (!shows) return content;
	const bytes = files?.get(shows.blob);
	const shown = bytes ? attachmentBlocks(shows, bytes) : [attachmentMention(shows)];
	return [...(typeof content === 'string' ? [{ type: 'text' as const, text: content }] : (content ?? [])), ...shown];
}

interface MessageList {
	readonly list: readonly MessageParam[];
	add(role: 'user' | 'assistant', content: readonly ContentBlockParam[]): void;
}

/** Grows messages that alternate: blocks of one side in a row share a message, blank text is left out. */
function createMessageList(): MessageList {
	const list: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
	return {
		list,
		add(role, content) {
			const kept = content.filter((block) => !isBlank(block));
			if (kept.length === 0) return;
			const last = list.at(-1);
			if (last?.role === role) last.content.push(...kept);
			else list.push({ role, content: kept });
		},
	};
}
