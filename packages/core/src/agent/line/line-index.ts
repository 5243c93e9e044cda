import type { ToolUseBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { DeviceId, MessageId, OccurrenceId, TurnId } from '../../ids.ts';
import type {
	CompactionRecord,
	ContextItem,
	DecisionRecord,
	EpochRecord,
	LineRecord,
	MessageRecord,
	ModelStepRecord,
	ReminderRecord,
	SteeringRecord,
	TakeoverRecord,
	ToolStepRecord,
	TurnEndRecord,
	TurnRecord,
} from '../../space/records.ts';

/** The loaded records of a line by what they are; of records that stand twice (two tabs, a retry), the first counts. */
export interface LineIndex {
	readonly messages: ReadonlyMap<MessageId, MessageRecord>;
	readonly reminders: ReadonlyMap<OccurrenceId, ReminderRecord>;
	readonly epochs: ReadonlyMap<string, EpochRecord>;
	/** By id, in the order they stand; those taken back too. */
	readonly compactions: ReadonlyMap<string, CompactionRecord>;
	readonly undoneCompactions: ReadonlySet<string>;
	/** In the order their turn records stand. */
	readonly turns: ReadonlyMap<TurnId, IndexedTurn>;
	/** Turns in the order they ended. */
	readonly ended: readonly IndexedTurn[];
}

/** One turn with what it did so far, in order. Of a turn that was taken over, what its newest runner goes by. */
export interface IndexedTurn {
	readonly record: TurnRecord;
	readonly modelSteps: readonly ModelStepRecord[];
	readonly toolSteps: ReadonlyMap<string, ToolStepRecord>;
	/** What was said while it ran and went along, in order. */
	readonly steering: readonly SteeringRecord[];
	/** What persons decided, by tool use. */
	readonly decisions: ReadonlyMap<string, DecisionRecord>;
	/** Of those who took the turn over, the one with the highest fence. */
	readonly takeover: TakeoverRecord | undefined;
	/** A person stopped it, here or elsewhere. */
	readonly isStopped: boolean;
	/** Steps of an earlier runner that the newest does not go by: paid for, shown, never sent. */
	readonly superseded: readonly (ModelStepRecord | ToolStepRecord)[];
	readonly end: TurnEndRecord | undefined;
}

interface GrowingTurn extends IndexedTurn {
	record: TurnRecord;
	readonly modelSteps: ModelStepRecord[];
	readonly toolSteps: Map<string, ToolStepRecord>;
	readonly steering: SteeringRecord[];
	readonly decisions: Map<string, DecisionRecord>;
	takeover: TakeoverRecord | undefined;
	isStopped: boolean;
	readonly superseded: (ModelStepRecord | ToolStepRecord)[];
	end: TurnEndRecord | undefined;
}

/** A turn of which nothing but its first record is known. */
export function freshTurn(record: TurnRecord): IndexedTurn {
	return grow(record);
}

function grow(record: TurnRecord): GrowingTurn {
	return {
		record,
		modelSteps: [],
		toolSteps: new Map(),
		steering: [],
		decisions: new Map(),
		takeover: undefined,
		isStopped: false,
		superseded: [],
		end: undefined,
	};
}

/** Indexes lists of records, each list once: a turn looks many times between two changes of its line. */
export interface LineIndexDep {
	indexOf(records: readonly LineRecord[]): LineIndex;
}

/** Makes the index of the agents' lines; it holds on to no list that nobody else does. */
export function createLineIndexer(): LineIndexDep {
	const known = new WeakMap<readonly LineRecord[], LineIndex>();
	/** The newest index of each line, by its first record: a list mostly grows at its end, and then only that is read. */
	const newest = new WeakMap<LineRecord, Indexed>();
	return {
		indexOf(records) {
			const index = known.get(records);
			if (index) return index;
			const [first] = records;
			const before = first && newest.get(first);
			const indexed = (before && indexOn(before, records)) ?? indexAll(records);
			known.set(records, indexed.index);
			if (first) newest.set(first, indexed);
			return indexed.index;
		},
	};
}

/** Sorts a line's records; kinds of later versions are skipped. */
export function indexLine(records: readonly LineRecord[]): LineIndex {
	return indexAll(records).index;
}

interface Indexed {
	readonly records: readonly LineRecord[];
	readonly index: GrowingIndex;
	/** Turns that are spoken of and whose own record was not there. */
	readonly missing: Set<TurnId>;
}

interface GrowingIndex extends LineIndex {
	readonly messages: Map<MessageId, MessageRecord>;
	readonly reminders: Map<OccurrenceId, ReminderRecord>;
	readonly epochs: Map<string, EpochRecord>;
	readonly compactions: Map<string, CompactionRecord>;
	readonly undoneCompactions: Set<string>;
	readonly turns: Map<TurnId, GrowingTurn>;
	readonly ended: GrowingTurn[];
}

function indexAll(records: readonly LineRecord[]): Indexed {
	const index: GrowingIndex = {
		messages: new Map(),
		reminders: new Map(),
		epochs: new Map(),
		compactions: new Map(),
		undoneCompactions: new Set(),
		turns: beginTurns(records),
		ended: [],
	};
	const missing = new Set<TurnId>();
	for (const record of records) addRecord(index, missing, record);
	return { records, index, missing };
}

/** The index of a list that begins with the one before; undefined where what came changes how that one is to be read. */
function indexOn(before: Indexed, records: readonly LineRecord[]): Indexed | undefined {
	if (before.records.some((record, at) => record !== records[at])) return undefined;
	const added = records.slice(before.records.length);
	const { turns, ended, ...rest } = before.index;
	const touched = new Map(turns);
	const missing = new Set(before.missing);
	for (const record of added) {
		if (record.kind === 'takeover') return undefined;
		if (record.kind === 'turn') {
			if (missing.has(record.id) || touched.has(record.id)) return undefined;
			touched.set(record.id, grow(record));
		} else if ('turn' in record) {
			const turn = turns.get(record.turn);
			if (turn?.end) return undefined;
			if (turn && touched.get(record.turn) === turn) touched.set(record.turn, copyOf(turn));
		}
	}
	const index: GrowingIndex = {
		messages: new Map(rest.messages),
		reminders: new Map(rest.reminders),
		epochs: new Map(rest.epochs),
		compactions: new Map(rest.compactions),
		undoneCompactions: new Set(rest.undoneCompactions),
		turns: touched,
		ended: [...ended],
	};
	for (const record of added) addRecord(index, missing, record);
	return { records, index, missing };
}

/** What is handed out must not change any more. */
function copyOf(turn: GrowingTurn): GrowingTurn {
	return {
		...turn,
		modelSteps: [...turn.modelSteps],
		toolSteps: new Map(turn.toolSteps),
		steering: [...turn.steering],
		decisions: new Map(turn.decisions),
		superseded: [...turn.superseded],
	};
}

function addRecord(index: GrowingIndex, missing: Set<TurnId>, record: LineRecord): void {
	if (record.kind === 'message') setFirst(index.messages, record.id, record);
	else if (record.kind === 'reminder') setFirst(index.reminders, record.id, record);
	else if (record.kind === 'epoch') setFirst(index.epochs, record.id, record);
	else if (record.kind === 'compaction') setFirst(index.compactions, record.id, record);
	else if (record.kind === 'compaction-undone') index.undoneCompactions.add(record.compaction);
	else if ('turn' in record) {
		const turn = index.turns.get(record.turn);
		if (!turn) missing.add(record.turn);
		else if (addToTurn(turn, record)) index.ended.push(turn);
	}
}

/** Every turn with its newest runner: what stands before or after that counts by it. */
function beginTurns(records: readonly LineRecord[]): Map<TurnId, GrowingTurn> {
	const turns = new Map<TurnId, GrowingTurn>();
	// Steps may stand before their turn's record when months of several devices are read as one list.
	for (const record of records) {
		if (record.kind !== 'turn') continue;
		const known = turns.get(record.id);
		if (!known) turns.set(record.id, grow(record));
		else if (fenceOf(record) > fenceOf(known.record)) known.record = record;
	}
	for (const record of records) {
		if (record.kind !== 'takeover') continue;
		const turn = turns.get(record.turn);
		if (turn && outranks(record, turn.takeover)) turn.takeover = record;
	}
	return turns;
}

/** A relay that lost its claims may give a fence twice; every reader then prefers the same of two. */
function outranks(record: TakeoverRecord, other: TakeoverRecord | undefined): boolean {
	if (!other || record.fence !== other.fence) return !other || record.fence > other.fence;
	return record.device > other.device;
}

/** Adds what belongs to a turn; true when it ended the turn. */
function addToTurn(turn: GrowingTurn, record: Extract<LineRecord, { readonly turn: TurnId }>): boolean {
	switch (record.kind) {
		case 'model-step':
			if (!counts(turn, record, record.id)) turn.superseded.push(record);
			else if (!turn.modelSteps.some((known) => known.id === record.id)) turn.modelSteps.push(record);
			return false;
		case 'tool-step':
			if (counts(turn, record, record.toolUse)) setFirst(turn.toolSteps, record.toolUse, record);
			else turn.superseded.push(record);
			return false;
		case 'steering':
			if (!counts(turn, record, record.id) || turn.steering.some((known) => known.id === record.id)) return false;
			turn.steering.push(record);
			return false;
		case 'decision':
			setFirst(turn.decisions, record.toolUse, record);
			return false;
		case 'stop':
			turn.isStopped = true;
			return false;
		case 'turn-end':
			if (turn.end || !counts(turn, record, undefined)) return false;
			turn.end = record;
			return true;
		case 'takeover':
			return false;
	}
}

/** Whether the turn's newest runner wrote a record, or named it when it took the turn over. */
function counts(turn: GrowingTurn, record: { readonly fence?: number }, name: string | undefined): boolean {
	const { takeover } = turn;
	const begun = fenceOf(turn.record);
	if (!takeover || takeover.fence < begun) return fenceOf(record) >= begun;
	return fenceOf(record) >= takeover.fence || (name !== undefined && takeover.steps.includes(name));
}

/** The fence a record was written under. */
export function fenceOf(record: { readonly fence?: number }): number {
	return record.fence ?? 0;
}

/** The fence of a turn's newest runner. */
export function topFence(turn: IndexedTurn): number {
	return Math.max(fenceOf(turn.record), turn.takeover?.fence ?? 0);
}

/** The device that runs a turn, as far as its line knows. */
export function runnerOf({ record, takeover }: IndexedTurn): DeviceId {
	return takeover && takeover.fence >= fenceOf(record) ? takeover.device : record.device;
}

/** Every model call of a turn that may have been paid for, also those that do not count; each once. */
export function paidSteps(turn: Pick<IndexedTurn, 'modelSteps' | 'superseded'>): readonly ModelStepRecord[] {
	const steps = new Map<string, ModelStepRecord>();
	for (const step of [...turn.modelSteps, ...turn.superseded]) {
		if (step.kind !== 'model-step') continue;
		// A call that another tab recorded as cut may turn out to have come to its end.
		const known = steps.get(step.id);
		if (!known || (known.stop === 'cut' && step.stop !== 'cut')) steps.set(step.id, step);
	}
	return [...steps.values()];
}

function setFirst<K, V>(map: Map<K, V>, key: K, value: V): void {
	if (!map.has(key)) map.set(key, value);
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
