import type { TextBlockParam, ToolUnion } from '@anthropic-ai/sdk/resources/messages';
import type { MessageId } from '../../ids.ts';
import type {
	Attachment,
	CompactionRecord,
	ContextItem,
	EpochRecord,
	LineRecord,
	TurnOutcome,
	TurnRecord,
} from '../../space/records.ts';
import { contextKey, type IndexedTurn, isLoaded, type LineIndex } from '../line/line-index.ts';
import { attachmentWeight } from './attachment-blocks.ts';
import { openingOf } from './request.ts';
import { unfinishedUses } from './request-blocks.ts';

/** A new epoch begins with this many of the newest turns at most … */
const WINDOW_TURNS = 20;
/** … and this many characters of them; after a request that was too large, a quarter of it. */
const WINDOW_CHARACTERS = 60_000;
/** After a summary was taken back, the turns it stood for come back as far as they fit in here. */
const UNDONE_TURNS = 60;
const UNDONE_CHARACTERS = 200_000;
/** Every turn names its whole context, so an epoch that went on for ever would grow by the square. */
const EPOCH_ITEMS = 120;
/** About a hundred thousand tokens: beyond it each turn costs more than what it recalls is worth. */
const EPOCH_CHARACTERS = 400_000;
/** Bytes of attachments in one request, in base64: the API takes 32 MB of all together, and one message brings 27. */
const EPOCH_ATTACHED_BYTES = 28 * 1024 * 1024;
/** A line where reminders were shown for years and nobody spoke begins with the newest of them. */
const LOOSE_ITEMS = 20;

/** What the next turn of a line is asked with. */
export interface NextTurn {
	readonly by: 'agent' | 'clerk';
	readonly model: string;
	readonly system: readonly TextBlockParam[];
	readonly tools: readonly ToolUnion[];
	/** Messages that wait for turns of their own. */
	readonly waiting: ReadonlySet<MessageId>;
	/** The message it answers. */
	readonly message?: MessageId;
}

/** Where a turn continues: the epoch it belongs to, or undefined for a new one, and the context its request begins with. */
export interface TurnPlan {
	readonly epoch: EpochRecord | undefined;
	readonly context: readonly ContextItem[];
	/** The summary that a new epoch begins with. */
	readonly compaction?: CompactionRecord;
}

/**
 * Decides between the line's epoch and a new one, and lists what the turn's request holds. Within an epoch the list of
 * the newest turn only grows: earlier turns that ended meanwhile and messages that synced in late go at its tail.
 */
export function planTurn(index: LineIndex, records: readonly LineRecord[], next: NextTurn): TurnPlan {
	const epoch = presentEpoch(index, next);
	if (epoch) {
		const { turns, items } = unseen({ index, records, next, base: epoch.base, after: epoch.record });
		const context = [...epoch.base, ...turns.flatMap((turn) => withOpening(turn)), ...items];
		const distinct = dropRepeated(context);
		const fits = distinct.length <= EPOCH_ITEMS && sizeOf(index, distinct) <= EPOCH_CHARACTERS;
		const asked = next.message === undefined ? [] : [{ message: next.message }];
		if (fits && attachedBytes(index, dropRepeated([...distinct, ...asked])) <= EPOCH_ATTACHED_BYTES) {
			return { epoch: epoch.record, context: distinct };
		}
	}
	const compaction = next.by === 'clerk' ? undefined : presentCompaction(index);
	const window = next.by === 'clerk' ? [] : recentTurns(index, compaction);
	const { items } = unseen({ index, records, next, base: window, after: undefined });
	const context = dropRepeated([...window, ...items]);
	return { epoch: undefined, context, ...(compaction ? { compaction } : {}) };
}

/** The newest summary that nobody took back: requests of new epochs begin with it. */
export function presentCompaction(index: LineIndex): CompactionRecord | undefined {
	return [...index.compactions.values()].findLast(({ id }) => !index.undoneCompactions.has(id));
}

/** Whether a summary was taken back of which the newest turn's context still holds turns. */
export function holdsUndone(index: LineIndex): boolean {
	const known = new Set(index.ended.at(-1)?.record.context.map(contextKey));
	return [...index.compactions.values()].some(
		({ id, through }) => index.undoneCompactions.has(id) && known.has(contextKey({ turn: through })),
	);
}

/** The records a turn of this line may need before it can be planned: whether enough of the past is loaded. */
export function needsOlder(index: LineIndex): boolean {
	const last = index.ended.at(-1);
	if (!last) return true;
	return !isReplayable(index, last.record);
}

/** Whether everything a turn's request is made of is loaded. */
export function isReplayable(index: LineIndex, turn: TurnRecord): boolean {
	const epoch = index.epochs.get(turn.epoch);
	if (!epoch || (epoch.compaction !== undefined && !index.compactions.has(epoch.compaction))) return false;
	return turn.context.every((item) => isLoaded(index, item));
}

function presentEpoch(
	index: LineIndex,
	next: NextTurn,
): { readonly record: EpochRecord; readonly base: readonly ContextItem[] } | undefined {
	const last = index.ended.at(-1);
	const record = last && index.epochs.get(last.record.epoch);
	if (!last?.end || !record || endsEpoch(last.end.outcome) || unfinishedUses(last).size > 0) return undefined;
	if (last.record.by !== next.by || last.record.model !== next.model) return undefined;
	if (next.by === 'agent' && record.compaction !== presentCompaction(index)?.id) return undefined;
	if (!isReplayable(index, last.record)) return undefined;
	if (JSON.stringify([record.system, record.tools]) !== JSON.stringify([next.system, next.tools])) return undefined;
	return { record, base: [...last.record.context, { turn: last.record.id }] };
}

/** After these, going on with the same list would end the same way. */
export function endsEpoch(outcome: TurnOutcome): boolean {
	if (outcome.type === 'truncated') return outcome.by === 'context_window';
	if (outcome.type === 'refused') return true;
	// A new epoch names what was attached before instead of sending it, so one lost blob does not end the line.
	return outcome.type === 'failed' && ['TooLarge', 'Rejected', 'AttachmentMissing'].includes(outcome.failure.type);
}

/**
 * What the base does not hold yet: turns that ended since the epoch began, then messages and reminders that no turn
 * was ever asked with. A turn of another device whose end synced in before the epoch's record waits for the next epoch.
 */
function unseen(input: {
	readonly index: LineIndex;
	readonly records: readonly LineRecord[];
	readonly next: NextTurn;
	readonly base: readonly ContextItem[];
	readonly after: EpochRecord | undefined;
}): { readonly turns: readonly IndexedTurn[]; readonly items: readonly ContextItem[] } {
	const { index, records, next, base, after } = input;
	const known = new Set(base.map(contextKey));
	const since = after ? records.indexOf(after) : records.length;
	const endedLater = new Set(
		records.slice(since + 1).flatMap((record) => (record.kind === 'turn-end' ? [record] : [])),
	);
	const turns = index.ended.filter(
		(turn) => turn.end && endedLater.has(turn.end) && !known.has(`turn ${turn.record.id}`),
	);
	// A turn that still runs elsewhere will bring its answer later; until then its messages are like any others.
	addAsked(known, index);
	const loose = records.flatMap((record): ContextItem[] => {
		if (record.kind === 'message' && !next.waiting.has(record.id)) return [{ message: record.id }];
		return record.kind === 'reminder' ? [{ reminder: record.id }] : [];
	});
	return { turns, items: loose.filter((item) => !known.has(contextKey(item))).slice(-LOOSE_ITEMS) };
}

/** Adds all that ended turns were asked with. Most lists begin with that of the turn before: only the longest are gone through. */
function addAsked(known: Set<string>, index: LineIndex): void {
	const longest = new Map<string, readonly ContextItem[]>();
	for (const { record, steering } of index.ended.toReversed()) {
		for (const { messages } of steering) for (const message of messages) known.add(contextKey({ message }));
		const { context, epoch } = record;
		const last = context.at(-1);
		const other = longest.get(epoch)?.[context.length - 1];
		if (!last || (other && contextKey(other) === contextKey(last))) continue;
		for (const item of context) known.add(contextKey(item));
		longest.set(epoch, context);
	}
}

function withOpening(turn: IndexedTurn): readonly ContextItem[] {
	return [...openingOf(turn.record), { turn: turn.record.id }];
}

function dropRepeated(items: readonly ContextItem[]): readonly ContextItem[] {
	const seen = new Set<string>();
	return items.filter((item) => {
		const key = contextKey(item);
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}

/** The newest ended turns with their messages, bounded, beginning with something said rather than with an answer. */
function recentTurns(index: LineIndex, compaction: CompactionRecord | undefined): readonly ContextItem[] {
	const { turns: most, characters: limit } = windowOf(index);
	// Not found: it is older than all that is loaded.
	const covered = compaction ? index.ended.findIndex(({ record }) => record.id === compaction.through) : -1;
	const last = index.ended.at(-1);
	let window: readonly ContextItem[] = [];
	let size = 0;
	for (const turn of index.ended
		.slice(covered + 1)
		.slice(-most)
		.reverse()) {
		if (turn.end?.outcome.type === 'refused') continue;
		const items = withOpening(turn).filter((item) => isLoaded(index, item));
		size += sizeOf(index, items);
		// What a turn did that is to be answered again must be known, or it would be done twice.
		const isNeeded = turn === last && size <= WINDOW_CHARACTERS;
		if (size > limit && !isNeeded) break;
		window = [...items, ...window];
	}
	const first = window.findIndex((item) => !('turn' in item));
	return first === -1 ? [] : dropRepeated(window.slice(first));
}

function windowOf(index: LineIndex): { readonly turns: number; readonly characters: number } {
	const outcome = index.ended.at(-1)?.end?.outcome;
	if (outcome && isTooMuch(outcome)) return { turns: WINDOW_TURNS, characters: WINDOW_CHARACTERS / 4 };
	const newest = [...index.compactions.keys()].at(-1);
	if (newest === undefined || !index.undoneCompactions.has(newest)) {
		return { turns: WINDOW_TURNS, characters: WINDOW_CHARACTERS };
	}
	return { turns: UNDONE_TURNS, characters: UNDONE_CHARACTERS };
}

/**
 * Whether an ended turn should be answered again at once, in a narrower epoch, because its request or answer outgrew the
 * context window: once for each message, and only where the new request can tell what the turn did already.
 */
export function isAnsweredAgain(index: LineIndex, turn: IndexedTurn): boolean {
	if (!turn.end || !isTooMuch(turn.end.outcome) || turn.record.by !== 'agent') return false;
	// What was too much by itself stays so.
	if (!turn.record.context.some((item) => 'turn' in item)) return false;
	const { message } = turn.record.trigger;
	const before = index.ended.filter(
		({ record, end }) => record.trigger.message === message && end && isTooMuch(end.outcome),
	);
	if (before.length > 1) return false;
	return turn.toolSteps.size === 0 || sizeOf(index, withOpening(turn)) <= WINDOW_CHARACTERS;
}

function isTooMuch(outcome: TurnOutcome): boolean {
	if (outcome.type === 'truncated') return outcome.by === 'context_window';
	return outcome.type === 'failed' && outcome.failure.type === 'TooLarge';
}

/** Characters of a turn with what it answers, as a measure of what it costs. */
export function charactersOf(index: LineIndex, turn: IndexedTurn): number {
	return sizeOf(index, withOpening(turn));
}

/** Characters of what the items hold, as a measure of what they cost. */
function sizeOf(index: LineIndex, items: readonly ContextItem[]): number {
	return items.reduce((sum, item) => {
		if ('message' in item) return sum + characters(index.messages.get(item.message)?.content);
		if ('reminder' in item) return sum + characters(index.reminders.get(item.reminder)?.text);
		const turn = index.turns.get(item.turn);
		if (!turn) return sum;
		const results = [...turn.toolSteps.values()].map((step) => step.result);
		const said = turn.steering.flatMap((steering) => steering.messages.map((message) => ({ message })));
		return sum + characters(turn.modelSteps.map((step) => step.content)) + characters(results) + sizeOf(index, said);
	}, 0);
}

/** How much of a request the attachments of these items take. */
function attachedBytes(index: LineIndex, items: readonly ContextItem[]): number {
	const attached = items.flatMap((item): readonly Attachment[] => {
		if ('message' in item) return index.messages.get(item.message)?.attachments ?? [];
		const turn = 'turn' in item ? index.turns.get(item.turn) : undefined;
		if (!turn) return [];
		const steered = turn.steering.flatMap(({ messages }) => messages.map((id) => index.messages.get(id)));
		const shown = [...turn.toolSteps.values()].flatMap(({ shows }) => shows ?? []);
		return [...shown, ...steered.flatMap((message) => message?.attachments ?? [])];
	});
	return attached.reduce((sum, attachment) => sum + attachmentWeight(attachment), 0);
}

function characters(value: unknown): number {
	return value === undefined ? 0 : JSON.stringify(value).length;
}
