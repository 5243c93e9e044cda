import type { ContentBlockParam, MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ModelRequest } from '../ports/model.ts';
import type { ContextItem, EpochRecord, ReminderRecord, ToolStepRecord, TurnRecord } from '../space/records.ts';
import { contextKey, type IndexedTurn, isSendable, type LineIndex, toolUsesOf } from './line-index.ts';

/**
 * The next request of a turn, made from records alone, so that replaying them gives the same bytes. Within an epoch
 * every request extends the one before it block by block: that is what prompt caching and bound thinking rely on.
 * Cache marks are the adapter's business.
 */
export function buildRequest(input: {
	readonly index: LineIndex;
	readonly turn: TurnRecord;
	readonly epoch: EpochRecord;
	readonly maxTokens: number;
}): ModelRequest {
	const { index, turn, epoch, maxTokens } = input;
	return { system: epoch.system, tools: epoch.tools, messages: renderMessages(index, turn), maxTokens };
}

/** The messages of a turn's next request: its context, its head before its own messages, and its steps so far. */
export function renderMessages(index: LineIndex, turn: TurnRecord): readonly MessageParam[] {
	const messages = createMessageList();
	const { context } = turn;
	let opening = 0;
	context.forEach((item, position) => {
		if (!('turn' in item)) return;
		const earlier = index.turns.get(item.turn);
		if (earlier) {
			renderOpening(messages, index, earlier.record, context.slice(opening, position));
			renderSteps(messages, earlier, keepsThinking(earlier.record, turn, position));
		} else for (const loose of context.slice(opening, position)) renderItem(messages, index, loose);
		opening = position + 1;
	});
	renderOpening(messages, index, turn, context.slice(opening));
	const own = index.turns.get(turn.id);
	if (own) renderSteps(messages, own, true);
	return messages.list;
}

/** The items a turn added to its context: what stands after the newest earlier turn. */
export function openingOf(turn: TurnRecord): readonly ContextItem[] {
	const last = turn.context.findLastIndex((item) => 'turn' in item);
	return turn.context.slice(last + 1);
}

/**
 * A thinking block's signature is bound to everything before it, so it goes back only where the same bytes precede
 * it: in its own epoch, in a list that began with the turn's own (not one that two devices grew apart).
 */
function keepsThinking(earlier: TurnRecord, turn: TurnRecord, position: number): boolean {
	return (
		earlier.epoch === turn.epoch &&
		earlier.context.length === position &&
		earlier.context.every((item, at) => {
			const other = turn.context[at];
			return other !== undefined && contextKey(item) === contextKey(other);
		})
	);
}

function renderOpening(
	messages: MessageList,
	index: LineIndex,
	turn: TurnRecord,
	opening: readonly ContextItem[],
): void {
	messages.add('user', [{ type: 'text', text: turn.head }]);
	for (const item of opening) renderItem(messages, index, item);
}

function renderItem(messages: MessageList, index: LineIndex, item: ContextItem): void {
	if ('message' in item) messages.add('user', index.messages.get(item.message)?.content ?? []);
	else if ('reminder' in item) {
		const reminder = index.reminders.get(item.reminder);
		if (reminder) messages.add('user', [{ type: 'text', text: reminderNotice(reminder) }]);
	}
}

/** Without its time: that would read differently in another zone; the head of the turn gives it. */
function reminderNotice(reminder: ReminderRecord): string {
	return `<notice>The app showed this reminder on the line: ${JSON.stringify(reminder.text)}</notice>`;
}

function renderSteps(messages: MessageList, turn: IndexedTurn, withThinking: boolean): void {
	for (const step of turn.modelSteps) {
		if (!isSendable(step)) continue;
		messages.add('assistant', trimThinking(step.content, withThinking));
		const uses = toolUsesOf(step);
		messages.add(
			'user',
			uses.map((use) => toolResult(use.id, turn.toolSteps.get(use.id))),
		);
	}
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

function toolResult(id: string, step: ToolStepRecord | undefined): ToolResultBlockParam {
	if (!step) {
		return {
			type: 'tool_result',
			tool_use_id: id,
			content: 'No result of this call was kept: whether it took effect is not known.',
			is_error: true,
		};
	}
	return {
		type: 'tool_result',
		tool_use_id: id,
		...(step.result === undefined || step.result.length === 0 ? {} : { content: step.result }),
		...(step.outcome === 'done' ? {} : { is_error: true }),
	};
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
