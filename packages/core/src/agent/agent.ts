import type { Usage } from '@anthropic-ai/sdk/resources/messages';
import type { LineId, MessageId, TurnId } from '../ids.ts';
import type { Model } from '../ports/model.ts';
import type { StoreError } from '../ports/store.ts';
import type { Result } from '../result.ts';
import type { Attachment, Decision, MessageRecord, ReactionRecord, ToolStepRecord, Trigger } from '../space/records.ts';
import type { Failure } from './failures.ts';

/** Answers on lines: one turn at a time per line, each step kept before the next begins. */
export interface Agent extends Disposable {
	/**
	 * Keeps what the person typed (resolves once it is on disk) and starts a turn, or queues the message behind the running one.
	 */
	send(message: {
		readonly line: LineId;
		/** May be empty when something is attached. */
		readonly text: string;
		/** Their blobs are on disk already (`Blobs.put`). */
		readonly attachments?: readonly Attachment[];
	}): Promise<Result<MessageId, StoreError>>;
	/** Runs a nudge's prompt on its line; resolves when the turn has ended. */
	runTask(task: {
		readonly line: LineId;
		readonly trigger: Trigger & { type: 'task' };
		readonly prompt: string;
	}): Promise<void>;
	/**
	 * Stops the line's turn at once: no further token, no further tool, and nothing that waited behind it; what was said is
	 * kept. A turn that another tab or device runs is stopped through its line.
	 */
	stop(line: LineId): void;
	/**
	 * Decides on a call that waits for the person. Resolves once that is on disk; the turn then goes on, wherever it can. The first
	 * decision on a call counts, later ones change nothing.
	 */
	decide(on: {
		readonly line: LineId;
		readonly turn: TurnId;
		readonly toolUse: string;
		readonly decision: Decision;
	}): Promise<Result<void, StoreError>>;
	/** Reacts to a message or an answer; an empty emoji takes the person's reaction back. */
	react(reaction: {
		readonly line: LineId;
		readonly to: ReactionRecord['to'];
		readonly emoji: string;
	}): Promise<Result<void, StoreError>>;
	/** Sends the turns themselves again in place of their summary, from the next turn on. */
	undoCompaction(line: LineId, compaction: string): Promise<Result<void, StoreError>>;
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

/** What a device with a model key does for the other devices of its person. */
export interface LineAttendant {
	/**
	 * Claims and answers what waits on a line for whichever device can, goes on with turns that their devices left, and takes
	 * back what this device did for turns that others went on with.
	 * Resolves when that is done, with the wall clock of the next look worth taking.
	 */
	attend(line: LineId): Promise<number | undefined>;
}

/** Decides who answers a message, before it is on the line. */
export interface Answerers {
	/** `claim`: whichever device of the person claims it; else this one, by its model or its clerk. */
	choose(message: { readonly text: string; readonly attachments: readonly Attachment[] }): Promise<'device' | 'claim'>;
}
export interface AnswerersDep {
	readonly answerers: Answerers;
}

/** What is on screen while a turn runs; everything in it is also kept, so that a kill loses at most a moment's text. */
export interface LiveTurn {
	readonly turn: TurnId;
	readonly trigger: Trigger;
	readonly by: 'agent' | 'clerk';
	/** `asking`: the calls in `tools` wait for the person; nothing runs until they decide or say something. */
	readonly phase: 'waiting' | 'thinking' | 'writing' | 'tool' | 'asking';
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
	/** What the call had said of its cost so far. */
	readonly usage?: Usage;
	/** Tool uses that may have had their effect although no result is recorded. */
	readonly toolsBegun: readonly string[];
}

export type { Failure, ToolStepRecord };
