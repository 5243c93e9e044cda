import type { LineRecord, MessageRecord, TurnRecord } from '@pocketeer/core/space/records';
import type { Self } from '@pocketeer/core/space/space';

/** What becomes of a message that no turn was asked with. */
export type Queued =
	/** The running turn takes it along with its next call. */
	| 'next-step'
	/** It gets its own turn after the one that runs. */
	| 'next-turn'
	/** A turn that ran when it was said took it along; it stands below that turn's answer. */
	| 'taken'
	/** Another device of the person answers it when it sees it. */
	| 'elsewhere'
	/** The turn it waited behind was stopped. */
	| 'left';

/** One's own messages that no turn was asked with, by id: those at the end of a line, and those taken along. */
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
	const taken = records.flatMap((record) => (record.kind === 'steering' ? record.messages : []));
	return new Map([
		...taken.map((id): [string, Queued] => [id, 'taken']),
		...claimable(records, self).map(({ id }): [string, Queued] => [id, 'elsewhere']),
		...own.flatMap((message): [string, Queued][] => {
			const isBehind = isStopped && after.indexOf(message) < end;
			const queued = isBehind ? 'left' : stateOf(message, { turn, hasEnded: end >= 0, isRunning });
			return queued ? [[message.id, queued]] : [];
		}),
	]);
}

/** One's own messages before the newest turn that still wait for any device with a key: the clerk answered others meanwhile. */
function claimable(records: readonly LineRecord[], self: Self): readonly MessageRecord[] {
	const before = records.slice(0, records.findLastIndex(({ kind }) => kind === 'turn') + 1);
	const since = before.findLastIndex((record) => record.kind === 'stop' && record.person === self.person);
	const claims = before.slice(since + 1).filter((record) => record.kind === 'message' && record.answerer === 'claim');
	if (claims.length === 0) return [];
	const held = new Set<string>();
	for (const record of records) {
		if (record.kind === 'turn') for (const item of record.context) if ('message' in item) held.add(item.message);
		if (record.kind === 'steering') for (const id of record.messages) held.add(id);
	}
	return claims
		.filter((record) => record.kind === 'message')
		.filter(({ id, author }) => !held.has(id) && author.type === 'person' && author.person === self.person);
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
