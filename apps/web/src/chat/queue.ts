import type { LineRecord, MessageRecord, TurnRecord } from '@pocketeer/core/space/records';
import type { Self } from '@pocketeer/core/space/space';

/** What becomes of a message that no turn holds yet. */
export type Queued =
	/** The running turn takes it along with its next call. */
	| 'next-step'
	/** It gets its own turn after the one that runs. */
	| 'next-turn'
	/** Another device of the person answers it when it sees it. */
	| 'elsewhere'
	/** The turn it waited behind was stopped. */
	| 'left';

/** One's own messages at the end of a line that no turn was asked with, by id. */
export function queuedMessages(
	records: readonly LineRecord[],
	{ self, isRunning }: { readonly self: Self; readonly isRunning: boolean },
): ReadonlyMap<string, Queued> {
	const { messages, turn, after } = tailOf(records);
	const seen = new Set<string>();
	for (const record of after) if (record.kind === 'steering') for (const id of record.messages) seen.add(id);
	for (const item of turn?.context ?? []) if ('message' in item) seen.add(item.message);
	const end = after.findIndex((record) => record.kind === 'turn-end' && record.turn === turn?.id);
	const isStopped = after.some(({ kind }, place) => place === end && kind === 'turn-end' && hasStopped(after[place]));
	const own = messages.filter(
		({ id, author }) => !seen.has(id) && author.type === 'person' && author.person === self.person,
	);
	return new Map(
		own.flatMap((message): [string, Queued][] => {
			const isBehind = isStopped && after.indexOf(message) < end;
			const queued = isBehind ? 'left' : stateOf(message, { turn, hasEnded: end >= 0, isRunning });
			return queued ? [[message.id, queued]] : [];
		}),
	);
}

function stateOf(
	{ answerer }: MessageRecord,
	last: { readonly turn: TurnRecord | undefined; readonly hasEnded: boolean; readonly isRunning: boolean },
): Queued | undefined {
	if (last.turn && !last.hasEnded) return last.turn.by === 'clerk' ? 'next-turn' : 'next-step';
	// Its turn is about to begin here.
	return answerer === 'claim' && !last.isRunning ? 'elsewhere' : undefined;
}

function hasStopped(record: LineRecord | undefined): boolean {
	return record?.kind === 'turn-end' && record.outcome.type === 'stopped';
}

/** What stands after the newest turn's record, which is little however long the line is. */
function tailOf(records: readonly LineRecord[]) {
	const at = records.findLastIndex(({ kind }) => kind === 'turn');
	const found = records[at];
	const after = records.slice(at + 1);
	const messages = after.filter((record) => record.kind === 'message');
	return { messages, after, turn: found?.kind === 'turn' ? found : undefined };
}
