import type { ToolUseBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { MessageId, OccurrenceId, TurnId } from '../ids.ts';
import type {
	ContextItem,
	EpochRecord,
	LineRecord,
	MessageRecord,
	ModelStepRecord,
	ReminderRecord,
	ToolStepRecord,
	TurnEndRecord,
	TurnRecord,
} from '../space/records.ts';

/** The loaded records of a line by what they are; of records that stand twice (two tabs, a retry), the first counts. */
export interface LineIndex {
	readonly messages: ReadonlyMap<MessageId, MessageRecord>;
	readonly reminders: ReadonlyMap<OccurrenceId, ReminderRecord>;
	readonly epochs: ReadonlyMap<string, EpochRecord>;
	/** In the order their turn records stand. */
	readonly turns: ReadonlyMap<TurnId, IndexedTurn>;
	/** Turns in the order they ended. */
	readonly ended: readonly IndexedTurn[];
}

/** One turn with what it did so far, in order. */
export interface IndexedTurn {
	readonly record: TurnRecord;
	readonly modelSteps: readonly ModelStepRecord[];
	readonly toolSteps: ReadonlyMap<string, ToolStepRecord>;
	readonly end: TurnEndRecord | undefined;
}

interface GrowingTurn extends IndexedTurn {
	readonly modelSteps: ModelStepRecord[];
	readonly toolSteps: Map<string, ToolStepRecord>;
	end: TurnEndRecord | undefined;
}

/** Indexes lists of records, each list once: a turn looks many times between two changes of its line. */
export interface LineIndexDep {
	indexOf(records: readonly LineRecord[]): LineIndex;
}

/** Makes the index of the agents' lines; it holds on to no list that nobody else does. */
export function createLineIndexer(): LineIndexDep {
	const known = new WeakMap<readonly LineRecord[], LineIndex>();
	return {
		indexOf(records) {
			const index = known.get(records) ?? indexLine(records);
			known.set(records, index);
			return index;
		},
	};
}

/** Sorts a line's records; kinds of later versions are skipped. */
export function indexLine(records: readonly LineRecord[]): LineIndex {
	const messages = new Map<MessageId, MessageRecord>();
	const reminders = new Map<OccurrenceId, ReminderRecord>();
	const epochs = new Map<string, EpochRecord>();
	const turns = new Map<TurnId, GrowingTurn>();
	const ended: GrowingTurn[] = [];
	// Steps may stand before their turn's record when months of several devices are read as one list.
	for (const record of records) {
		if (record.kind !== 'turn' || turns.has(record.id)) continue;
		turns.set(record.id, { record, modelSteps: [], toolSteps: new Map(), end: undefined });
	}
	for (const record of records) {
		if (record.kind === 'message') setFirst(messages, record.id, record);
		else if (record.kind === 'reminder') setFirst(reminders, record.id, record);
		else if (record.kind === 'epoch') setFirst(epochs, record.id, record);
		else if (record.kind === 'model-step') addModelStep(turns.get(record.turn), record);
		else if (record.kind === 'tool-step') setFirst(turns.get(record.turn)?.toolSteps, record.toolUse, record);
		else if (record.kind === 'turn-end') {
			const turn = turns.get(record.turn);
			if (!turn || turn.end) continue;
			turn.end = record;
			ended.push(turn);
		}
	}
	return { messages, reminders, epochs, turns, ended };
}

function setFirst<K, V>(map: Map<K, V> | undefined, key: K, value: V): void {
	if (map && !map.has(key)) map.set(key, value);
}

function addModelStep(turn: GrowingTurn | undefined, step: ModelStepRecord): void {
	if (turn && !turn.modelSteps.some((known) => known.id === step.id)) turn.modelSteps.push(step);
}

/** Whether a model call's content may go back to the model: cut and refused answers stay on screen only. */
export function isSendable(step: ModelStepRecord): boolean {
	return step.stop !== 'cut' && step.stop !== 'refusal';
}

/** The calls of our own tools that a model step asks for, in order. */
export function toolUsesOf(step: ModelStepRecord): readonly ToolUseBlockParam[] {
	return step.content.filter((block) => block.type === 'tool_use');
}

/** Names an item of a context list, so that lists can be compared and searched. */
export function contextKey(item: ContextItem): string {
	if ('message' in item) return `message ${item.message}`;
	if ('turn' in item) return `turn ${item.turn}`;
	return `reminder ${item.reminder}`;
}

/** Whether the records that an item names are loaded. */
export function isLoaded(index: LineIndex, item: ContextItem): boolean {
	if ('message' in item) return index.messages.has(item.message);
	if ('turn' in item) return index.turns.has(item.turn);
	return index.reminders.has(item.reminder);
}
