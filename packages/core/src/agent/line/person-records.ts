import type { LineId, TurnId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import { newId, type RandomDep } from '../../ports/random.ts';
import type { StoreError } from '../../ports/store.ts';
import { ok, type Result } from '../../result.ts';
import type { Decision, LineRecord, ReactionRecord } from '../../space/records.ts';
import type { LinesDep, OpenLine, SelfDep } from '../../space/space.ts';
import { type IndexedTurn, type LineIndexDep, runnerOf } from './line-index.ts';

/** What a person puts on a line besides messages; each resolves once it is on disk. */
export interface PersonRecords {
	/** Nothing when the call is decided on or its turn is over; answers whether there was something to decide. */
	decide(
		on: DecideOn,
		/** Records to go before the decision, where this device goes on with a turn of another. */
		before: (line: OpenLine, turn: IndexedTurn) => Promise<readonly LineRecord[]>,
	): Promise<Result<boolean, StoreError>>;
	react(reaction: {
		readonly line: LineId;
		readonly to: ReactionRecord['to'];
		readonly emoji: string;
	}): Promise<Result<void, StoreError>>;
	undoCompaction(line: LineId, compaction: string): Promise<Result<void, StoreError>>;
	/** Stops the person's turns on the line that have no end; answers which. */
	stop(line: LineId): Promise<Result<readonly TurnId[], StoreError>>;
}

/** One call that waits for the person, and what they say to it. */
export interface DecideOn {
	readonly line: LineId;
	readonly turn: TurnId;
	readonly toolUse: string;
	readonly decision: Decision;
}

/** Makes the writer of a person's records. */
export function createPersonRecords(deps: LinesDep & SelfDep & ClockDep & RandomDep & LineIndexDep): PersonRecords {
	return {
		decide: (on, before) =>
			onLine(on.line, async (line) => {
				const turn = await findTurn(line, on.turn);
				if (!turn || turn.end || turn.decisions.has(on.toolUse)) return ok(false);
				const { turn: id, toolUse, decision } = on;
				const first = await before(line, turn);
				const kept = await line.append([...first, { kind: 'decision', turn: id, toolUse, ...stamp(), decision }]);
				return kept.ok ? ok(true) : kept;
			}),
		react: ({ line, to, emoji }) =>
			append(line, {
				kind: 'reaction',
				id: newId<string>(deps),
				at: deps.clock.now(),
				to,
				emoji,
				author: { type: 'person', ...deps.self },
			}),
		undoCompaction: (line, compaction) => append(line, { kind: 'compaction-undone', compaction, ...stamp() }),
		stop: (id) =>
			onLine(id, async (line) => {
				const { turns, messages } = deps.indexOf(line.records());
				const open = [...turns.values()].filter((turn) => {
					if (turn.end || turn.isStopped) return false;
					// What another person asked is theirs to stop, but for what this device does.
					const author = messages.get(turn.record.trigger.message)?.author;
					return runnerOf(turn) === deps.self.device || author?.type !== 'person' || author.person === deps.self.person;
				});
				const stopped = open.map(({ record }) => record.id);
				if (stopped.length === 0) return ok(stopped);
				const kept = await line.append(stopped.map((turn) => ({ kind: 'stop', turn, ...stamp() })));
				return kept.ok ? ok(stopped) : kept;
			}),
	};

	/** A turn may have waited for longer than the months a line opens with. */
	async function findTurn(line: OpenLine, id: TurnId): Promise<IndexedTurn | undefined> {
		for (;;) {
			const turn = deps.indexOf(line.records()).turns.get(id);
			if (turn || !line.hasOlder || !(await line.older()).ok) return turn;
		}
	}

	function stamp() {
		return { at: deps.clock.now(), person: deps.self.person, device: deps.self.device };
	}

	function append(id: LineId, record: LineRecord): Promise<Result<void, StoreError>> {
		return onLine(id, (line) => line.append([record]));
	}

	async function onLine<T>(
		id: LineId,
		use: (line: OpenLine) => Promise<Result<T, StoreError>>,
	): Promise<Result<T, StoreError>> {
		const opened = await deps.lines.open(id);
		if (!opened.ok) return opened;
		using line = opened.value;
		return await use(line);
	}
}
