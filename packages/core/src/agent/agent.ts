import type { LineId, MessageId, TurnId } from '../ids.ts';
import type { Model } from '../ports/model.ts';
import type { StoreError } from '../ports/store.ts';
import type { Result } from '../result.ts';
import type { MessageRecord, ToolStepRecord, Trigger } from '../space/records.ts';
import type { Failure } from './failures.ts';

/** Answers on lines: one turn at a time per line, each step kept before the next begins. */
export interface Agent extends Disposable {
	/**
	 * Keeps what the person typed (resolves once it is on disk) and starts a turn, or queues the message behind the running one.
	 */
	send(message: { readonly line: LineId; readonly text: string }): Promise<Result<MessageId, StoreError>>;
	/** Runs a nudge's prompt on its line; resolves when the turn has ended. */
	runTask(task: {
		readonly line: LineId;
		readonly trigger: Trigger & { type: 'task' };
		readonly prompt: string;
	}): Promise<void>;
	/** Stops the line's turn at once: no further token, no further tool; what was said is kept. */
	stop(line: LineId): void;
	/** Answers the last message again after a failed, stopped or cut turn. */
	retry(line: LineId): Promise<Result<void, StoreError>>;
	/** Takes up turns that a killed tab left behind; runs no tool twice. */
	resume(): Promise<void>;
	/** The running turn of a line as it grows; undefined between turns. */
	live(line: LineId): LiveTurn | undefined;
	/** Fires, at most once a frame's worth of deltas, when a line's live turn changed. */
	subscribe(listener: (line: LineId) => void): Disposable;
}
export interface AgentDep {
	readonly agent: Agent;
}

/** What is on screen while a turn runs; everything in it is also kept, so that a kill loses at most a moment's text. */
export interface LiveTurn {
	readonly turn: TurnId;
	readonly trigger: Trigger;
	readonly by: 'agent' | 'clerk';
	readonly phase: 'waiting' | 'thinking' | 'writing' | 'tool';
	/** Text of the model call in progress. */
	readonly text: string;
	readonly thinking: string;
	/** Tool calls begun and not finished, in order. */
	readonly tools: readonly { readonly toolUse: string; readonly name: string; readonly input: unknown }[];
	/** Why the model call before failed; set while the turn waits to try again, and left when it could not be stored. */
	readonly failure?: Failure;
	/** Wall clock of the next try, in ms since the epoch; set while the turn waits for it. */
	readonly retryAt?: number;
}

/** Chooses who answers, once per turn and recorded with it: the device's model if it has a key, else the clerk. */
export interface Models {
	choose(trigger: Trigger, message: MessageRecord): Promise<Model>;
}
export interface ModelsDep {
	readonly models: Models;
}

/** A turn in flight as the local store keeps it under `turn/<id>`, so that a killed tab can be taken up. */
export interface TurnInFlight {
	readonly line: LineId;
	readonly turn: TurnId;
	/** The partial text of the model call that was running. */
	readonly partial: string;
	/** Id of the model call that was running; its step record takes the same id. */
	readonly call?: string;
	/** Tool uses that may have had their effect although no result is recorded. */
	readonly toolsBegun: readonly string[];
}

export type { Failure, ToolStepRecord };
