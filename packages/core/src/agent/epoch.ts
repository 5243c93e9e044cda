import type { TextBlockParam, Tool } from '@anthropic-ai/sdk/resources/messages';
import type { MessageId } from '../ids.ts';
import type { ContextItem, EpochRecord, LineRecord, TurnOutcome, TurnRecord } from '../space/records.ts';
import { contextKey, type IndexedTurn, isLoaded, type LineIndex } from './line-index.ts';
import { openingOf } from './request.ts';

/** A new epoch begins with this many of the newest turns at most … */
const WINDOW_TURNS = 20;
/** … and this many characters of them; after a request that was too large, a quarter of it. */
const WINDOW_CHARACTERS = 60_000;
/** Every turn names its whole context, so an epoch that went on for ever would grow by the square. */
const EPOCH_ITEMS = 120;
/** About a hundred thousand tokens: beyond it each turn costs more than what it recalls is worth. */
const EPOCH_CHARACTERS = 400_000;
/** A line where reminders were shown for years and nobody spoke begins with the newest of them. */
const LOOSE_ITEMS = 20;

/** What the next turn of a line is asked with. */
export interface NextTurn {
	readonly by: 'agent' | 'clerk';
	readonly model: string;
	readonly system: readonly TextBlockParam[];
	readonly tools: readonly Tool[];
	/** Messages that wait for turns of their own. */
	readonly waiting: ReadonlySet<MessageId>;
}

/** Where a turn continues: the epoch it belongs to, or undefined for a new one, and the context its request begins with. */
export interface TurnPlan {
	readonly epoch: EpochRecord | undefined;
	readonly context: readonly ContextItem[];
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
		if (distinct.length <= EPOCH_ITEMS && sizeOf(index, distinct) <= EPOCH_CHARACTERS) {
			return { epoch: epoch.record, context: distinct };
		}
	}
	const window = next.by === 'clerk' ? [] : recentTurns(index);
	const { items } = unseen({ index, records, next, base: window, after: undefined });
	return { epoch: undefined, context: dropRepeated([...window, ...items]) };
}

/** The records a turn of this line may need before it can be planned: whether enough of the past is loaded. */
export function needsOlder(index: LineIndex): boolean {
	const last = index.ended.at(-1);
	if (!last) return true;
	return !isReplayable(index, last.record);
}

/** Whether everything a turn's request is made of is loaded. */
export function isReplayable(index: LineIndex, turn: TurnRecord): boolean {
	return index.epochs.has(turn.epoch) && turn.context.every((item) => isLoaded(index, item));
}

function presentEpoch(
	index: LineIndex,
	next: NextTurn,
): { readonly record: EpochRecord; readonly base: readonly ContextItem[] } | undefined {
	const last = index.ended.at(-1);
	const record = last && index.epochs.get(last.record.epoch);
	if (!last?.end || !record || endsEpoch(last.end.outcome)) return undefined;
	if (last.record.by !== next.by || last.record.model !== next.model) return undefined;
	if (!isReplayable(index, last.record)) return undefined;
	if (JSON.stringify([record.system, record.tools]) !== JSON.stringify([next.system, next.tools])) return undefined;
	return { record, base: [...last.record.context, { turn: last.record.id }] };
}

/** After these, going on with the same list would end the same way. */
function endsEpoch(outcome: TurnOutcome): boolean {
	if (outcome.type === 'truncated') return outcome.by === 'context_window';
	if (outcome.type === 'refused') return true;
	return outcome.type === 'failed' && ['TooLarge', 'Rejected'].includes(outcome.failure.type);
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
	for (const { record } of index.ended) for (const item of record.context) known.add(contextKey(item));
	const loose = records.flatMap((record): ContextItem[] => {
		if (record.kind === 'message' && !next.waiting.has(record.id)) return [{ message: record.id }];
		return record.kind === 'reminder' ? [{ reminder: record.id }] : [];
	});
	return { turns, items: loose.filter((item) => !known.has(contextKey(item))).slice(-LOOSE_ITEMS) };
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
function recentTurns(index: LineIndex): readonly ContextItem[] {
	const outcome = index.ended.at(-1)?.end?.outcome;
	const limit = outcome && isTooMuch(outcome) ? WINDOW_CHARACTERS / 4 : WINDOW_CHARACTERS;
	let window: readonly ContextItem[] = [];
	let size = 0;
	for (const turn of index.ended.slice(-WINDOW_TURNS).reverse()) {
		if (turn.end?.outcome.type === 'refused') continue;
		const items = withOpening(turn).filter((item) => isLoaded(index, item));
		size += sizeOf(index, items);
		if (size > limit) break;
		window = [...items, ...window];
	}
	const first = window.findIndex((item) => !('turn' in item));
	return first === -1 ? [] : dropRepeated(window.slice(first));
}

function isTooMuch(outcome: TurnOutcome): boolean {
	if (outcome.type === 'truncated') return outcome.by === 'context_window';
	return outcome.type === 'failed' && outcome.failure.type === 'TooLarge';
}

/** Characters of what the items hold, as a measure of what they cost. */
function sizeOf(index: LineIndex, items: readonly ContextItem[]): number {
	return items.reduce((sum, item) => {
		if ('message' in item) return sum + characters(index.messages.get(item.message)?.content);
		if ('reminder' in item) return sum + characters(index.reminders.get(item.reminder)?.text);
		const turn = index.turns.get(item.turn);
		if (!turn) return sum;
		const results = [...turn.toolSteps.values()].map((step) => step.result);
		return sum + characters(turn.modelSteps.map((step) => step.content)) + characters(results);
	}, 0);
}

function characters(value: unknown): number {
	return value === undefined ? 0 : JSON.stringify(value).length;
}
