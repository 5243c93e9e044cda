import type { LineId, TurnId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import { newId, type RandomDep } from '../../ports/random.ts';
import type { StoreError } from '../../ports/store.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Attachment, Author, MessageRecord, Trigger } from '../../space/records.ts';
import type { LinesDep, OpenLine, SelfDep } from '../../space/space.ts';
import type { InFlight, Unanswered } from '../turn/in-flight.ts';
import { type LineIndexDep, runnerOf } from './line-index.ts';

/** Puts what is to be answered on a line, with a note of it in this device's store. */
export interface Saying {
	/** Keeps a message with a note that it waits for its turn; what is there already is not said twice. */
	say(id: LineId, trigger: Trigger, message: Said): Promise<Result<void, StoreError>>;
	/** Notes that the newest turn, which ended without an answer, is to be tried again. */
	noteRetry(id: LineId): Promise<Result<void, StoreError>>;
}

/** One message before it is on the line. */
export interface Said {
	readonly text: string;
	readonly author: Author;
	readonly attachments?: readonly Attachment[];
	/** `claim`: any device of the person that has a model key answers, so none is noted here. */
	readonly answerer?: 'device' | 'claim';
}

/** Makes the writer of messages. */
export function createSaying(
	deps: LinesDep & SelfDep & ClockDep & RandomDep & LineIndexDep,
	inFlight: InFlight,
): Saying {
	return {
		async say(id, trigger, said) {
			const opened = await deps.lines.open(id);
			if (!opened.ok) return opened;
			using line = opened.value;
			const index = deps.indexOf(line.records());
			if (index.ended.some((turn) => isSameOccurrence(trigger, turn.record.trigger))) return ok();
			const at = deps.clock.now();
			const entry: Unanswered = { line: id, trigger, at };
			const isHere = said.answerer !== 'claim';
			// Noted first: a message on disk without a note would wait for ever if the tab died here.
			const noted = isHere ? await inFlight.addUnanswered(entry) : ok();
			if (!noted.ok) return noted;
			if (index.messages.has(trigger.message)) return ok();
			const kept = await line.append([recordOf(trigger, said, at)]);
			if (kept.ok) return ok();
			if (isHere) await inFlight.dropUnanswered(entry);
			return err(kept.error);
		},
		async noteRetry(id) {
			const opened = await deps.lines.open(id);
			if (!opened.ok) return opened;
			using line = opened.value;
			const trigger = triggerToRetry(line);
			if (!trigger) return ok();
			return inFlight.addUnanswered({ line: id, trigger, at: deps.clock.now(), retry: newId<TurnId>(deps) });
		},
	};

	/** The newest turn's trigger, if that turn ended without an answer and no other is open. */
	function triggerToRetry(line: OpenLine): Trigger | undefined {
		const { turns: known, ended } = deps.indexOf(line.records());
		const isOpen = [...known.values()].some((turn) => !turn.end && runnerOf(turn) === deps.self.device);
		const last = ended.at(-1);
		if (isOpen || !last?.end) return undefined;
		const { type } = last.end.outcome;
		return type === 'answered' || type === 'silent' ? undefined : last.record.trigger;
	}
}

function recordOf(trigger: Trigger, { text, author, attachments = [], answerer }: Said, at: number): MessageRecord {
	return {
		kind: 'message',
		id: trigger.message,
		at,
		author,
		// A block of no text would be refused; a message may be nothing but its attachments.
		content: text.trim() === '' && attachments.length > 0 ? [] : [{ type: 'text', text }],
		...(attachments.length > 0 ? { attachments } : {}),
		...(answerer === undefined ? {} : { answerer }),
	};
}

/** An occurrence that had its turn gets no second one; two messages are never the same. */
function isSameOccurrence(trigger: Trigger, other: Trigger): boolean {
	return trigger.type === 'task' && other.type === 'task' && other.occurrence === trigger.occurrence;
}
