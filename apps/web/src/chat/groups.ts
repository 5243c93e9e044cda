import type { TurnId } from '@pocketeer/core/ids';
import type {
	CompactionRecord,
	CompactionUndoneRecord,
	LineRecord,
	MessageRecord,
	ReactionRecord,
	ReminderRecord,
} from '@pocketeer/core/space/records';
import type { TurnPiece } from './answer.ts';

/** The records that one article is made of. */
export type Group =
	| { readonly kind: 'said'; readonly record: MessageRecord; readonly reactions: ReactionRecord[] }
	| { readonly kind: 'reminder'; readonly record: ReminderRecord }
	| {
			readonly kind: 'turn';
			readonly turn: TurnId;
			readonly records: TurnPiece[];
			/** Messages that its steering names. */
			readonly meanwhile: MessageRecord[];
			readonly reactions: ReactionRecord[];
	  }
	| { readonly kind: 'compaction'; readonly record: CompactionRecord; undone: CompactionUndoneRecord | undefined };

/**
 * Everything of one article together, at the place where it began; by its id. A second record of one id changes nothing.
 * Reactions and what was said meanwhile may stand before what they belong to when months of several devices meet.
 */
export function groupRecords(records: readonly LineRecord[]): ReadonlyMap<string, Group> {
	const groups = new Map<string, Group>();
	const later: (ReactionRecord | CompactionUndoneRecord)[] = [];
	for (const record of records) {
		switch (record.kind) {
			case 'message':
				if (!groups.has(record.id)) groups.set(record.id, { kind: 'said', record, reactions: [] });
				break;
			case 'reminder':
				if (!groups.has(record.id)) groups.set(record.id, { kind: 'reminder', record });
				break;
			case 'compaction':
				if (!groups.has(record.id)) groups.set(record.id, { kind: 'compaction', record, undone: undefined });
				break;
			case 'reaction':
			case 'compaction-undone':
				later.push(record);
				break;
			case 'turn':
			case 'model-step':
			case 'tool-step':
			case 'turn-end':
			case 'steering':
			case 'decision':
			case 'stop':
			case 'takeover': {
				const turn = record.kind === 'turn' ? record.id : record.turn;
				const group = groups.get(turn);
				if (group?.kind === 'turn') group.records.push(record);
				else groups.set(turn, { kind: 'turn', turn, records: [record], meanwhile: [], reactions: [] });
				break;
			}
			default:
				// Epochs are not for reading, and kinds of later versions are not known here.
				break;
		}
	}
	for (const record of later) attach(groups, record);
	for (const group of groups.values()) if (group.kind === 'turn') addMeanwhile(groups, group);
	return groups;
}

function attach(groups: ReadonlyMap<string, Group>, record: ReactionRecord | CompactionUndoneRecord): void {
	if (record.kind === 'compaction-undone') {
		const group = groups.get(record.compaction);
		if (group?.kind === 'compaction') group.undone ??= record;
		return;
	}
	const group = groups.get('message' in record.to ? record.to.message : record.to.turn);
	if (group?.kind === 'said' || group?.kind === 'turn') group.reactions.push(record);
}

function addMeanwhile(groups: ReadonlyMap<string, Group>, group: Extract<Group, { kind: 'turn' }>): void {
	for (const record of group.records) {
		if (record.kind !== 'steering') continue;
		for (const id of record.messages) {
			const said = groups.get(id);
			if (said?.kind === 'said') group.meanwhile.push(said.record);
		}
	}
}

/** Whether two groups hold the very same records. */
export function isSameGroup(a: Group, b: Group): boolean {
	const [left, right] = [recordsOf(a), recordsOf(b)];
	return left.length === right.length && left.every((record, index) => record === right[index]);
}

function recordsOf(group: Group): readonly unknown[] {
	switch (group.kind) {
		case 'said':
			return group.reactions.length === 0 ? [group.record] : [group.record, ...group.reactions];
		case 'reminder':
			return [group.record];
		case 'compaction':
			return [group.record, group.undone];
		case 'turn':
			return group.meanwhile.length + group.reactions.length === 0
				? group.records
				: [...group.records, ...group.meanwhile, ...group.reactions];
	}
}
