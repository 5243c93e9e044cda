import type {
	ContentBlockParam,
	StopReason,
	TextBlockParam,
	Tool,
	ToolResultBlockParam,
	Usage,
} from '@anthropic-ai/sdk/resources/messages';
import type { DeviceId, FileId, LineId, MessageId, OccurrenceId, PersonId, TurnId } from '../ids.ts';
import type { Failure } from './failure.ts';

/**
 * What the documents of a space hold, as immutable JSON. These forms are final: a later version adds kinds
 * and optional fields, it never changes the meaning of one that is here. Readers skip kinds they do not know.
 *
 * A later kind that must not be skipped, because what stands around it means something else without it (a message taken
 * back, a line that was locked), carries `critical: true`. A reader that does not know the kind then no longer treats
 * the document as complete: `OpenLine.needsUpdate` is true, the screen says so and no agent answers; a history undoes
 * nothing; rows of runs stand for themselves, so there it means nothing yet.
 *
 * The fence of a turn's claim will be an optional field `fence` of turn and step records: the fencing token under which
 * they were written. Records without one were written by the device of their turn. Readers of today ignore it.
 *
 * `at` is the writer's wall clock in milliseconds since the epoch, for display only.
 */

/** One entry of `line/<id>/<yyyy-mm>`. */
export type LineRecord =
	| MessageRecord
	| ReminderRecord
	| EpochRecord
	| TurnRecord
	| ModelStepRecord
	| ToolStepRecord
	| TurnEndRecord;

/** Something said on a line by a person, or a nudge's prompt by its task. */
export interface MessageRecord {
	readonly kind: 'message';
	readonly id: MessageId;
	readonly at: number;
	readonly author: Author;
	readonly content: readonly ContentBlockParam[];
}

/** A reminder that came due. Two devices may both write it; readers keep the first of an occurrence. */
export interface ReminderRecord {
	readonly kind: 'reminder';
	readonly id: OccurrenceId;
	readonly at: number;
	/** When it was due, in milliseconds since the epoch. */
	readonly due: number;
	readonly task: FileId;
	readonly text: string;
}

/** Within one epoch `system` and `tools` go out byte for byte as they stand here (bound thinking). */
export interface EpochRecord {
	readonly kind: 'epoch';
	readonly id: string;
	readonly at: number;
	readonly system: readonly TextBlockParam[];
	readonly tools: readonly Tool[];
}

/** A turn began. Everything its requests are made of is named here. */
export interface TurnRecord {
	readonly kind: 'turn';
	readonly id: TurnId;
	readonly at: number;
	readonly trigger: Trigger;
	readonly device: DeviceId;
	/** Who answers. */
	readonly by: 'agent' | 'clerk';
	readonly model: string;
	readonly epoch: string;
	/** Text put at the head of the newest user message: local time, zone, speaker, changed files. */
	readonly head: string;
	/** Messages and earlier turns that the request holds, in order; only ever appended to within an epoch. */
	readonly context: readonly ContextItem[];
}

/** A message or a turn of the line, as part of a request. */
export type ContextItem =
	| { readonly message: MessageId }
	| { readonly turn: TurnId }
	| { readonly reminder: OccurrenceId };

/** One finished, refused or cut model call. */
export interface ModelStepRecord {
	readonly kind: 'model-step';
	/** Random; one per call sent. */
	readonly id: string;
	readonly turn: TurnId;
	readonly at: number;
	readonly model: string;
	/** Blocks as the API gave them, thinking with signatures included; of a cut call, the text that had arrived. */
	readonly content: readonly ContentBlockParam[];
	readonly stop: StopReason | 'stopped-by-person' | 'cut';
	readonly usage: Usage | undefined;
	readonly durationMs: number;
	/** Why the model refused, when it said so. */
	readonly explanation?: string;
}

/** One finished tool call. Idempotent by `toolUse`: a resumed turn runs only what has no record. */
export interface ToolStepRecord {
	readonly kind: 'tool-step';
	readonly turn: TurnId;
	readonly toolUse: string;
	readonly name: string;
	readonly at: number;
	readonly outcome: 'done' | 'refused' | 'failed' | 'stopped' | 'unknown';
	/** Sent back to the model as it stands. */
	readonly result: ToolResultBlockParam['content'];
	/** What really happened, for the screen; promises shown to a person come from here only. */
	readonly receipts: readonly Receipt[];
	readonly durationMs: number;
	/** The turn ends after this call without another word. */
	readonly endsTurn?: { readonly reason: string };
}

/** A turn ended; nothing of it follows. */
export interface TurnEndRecord {
	readonly kind: 'turn-end';
	readonly turn: TurnId;
	readonly at: number;
	readonly outcome: TurnOutcome;
}

export type TurnOutcome =
	| { readonly type: 'answered' }
	/** Nothing to say: the agent wrapped up silently. */
	| { readonly type: 'silent'; readonly reason: string }
	| { readonly type: 'stopped' }
	| { readonly type: 'refused'; readonly explanation: string | undefined }
	/** max_tokens or the context window ended the answer. */
	| { readonly type: 'truncated'; readonly by: 'max_tokens' | 'context_window' }
	| { readonly type: 'failed'; readonly failure: Failure };

export type Trigger =
	| { readonly type: 'message'; readonly message: MessageId }
	| {
			readonly type: 'task';
			readonly task: FileId;
			readonly path: string;
			readonly occurrence: OccurrenceId;
			readonly message: MessageId;
	  };

export type Author =
	| { readonly type: 'person'; readonly person: PersonId; readonly device: DeviceId }
	| { readonly type: 'task'; readonly task: FileId; readonly path: string; readonly device: DeviceId };

/** The outcome of a tool as a person is shown it, made by code from what was done. */
export type Receipt =
	| {
			readonly type: 'scheduled';
			readonly task: FileId;
			readonly path: string;
			readonly kind: 'reminder' | 'nudge';
			readonly text: string;
			/** First or only due moment in milliseconds since the epoch. */
			readonly due: number;
			readonly zone: string;
			/** The recurrence as words or cron, when it has one. */
			readonly every?: string;
	  }
	| {
			readonly type: 'cancelled';
			readonly path: string;
			readonly text: string;
			readonly task?: FileId;
			/** The history record that undo inverts. */
			readonly patch?: string;
	  }
	| {
			readonly type: 'file';
			readonly change: 'created' | 'edited' | 'moved' | 'deleted';
			readonly file: FileId;
			readonly path: string;
			/** Where it was, when moved. */
			readonly from?: string;
			readonly linesAdded: number;
			readonly linesRemoved: number;
			/** The history record that undo inverts. */
			readonly patch?: string;
	  }
	| { readonly type: 'found'; readonly query: string; readonly paths: readonly string[] };

/** One entry of `history/<file id>`; see `history.ts` for how they are made and inverted. */
export type HistoryRecord = HistoryWriter | HistoryPatch;

/** Names the actor behind a Yjs client id from its first edit on, so that living text is never anonymous. */
export interface HistoryWriter {
	readonly kind: 'writer';
	readonly client: number;
	readonly device: DeviceId;
	readonly person: PersonId;
	readonly at: number;
}

/** One edit: `patch` turns the text hashed as `base` into the one hashed as `result`. */
export interface HistoryPatch {
	readonly kind: 'patch';
	readonly id: string;
	/** Hybrid logical clock stamp: orders patches of all devices. */
	readonly stamp: string;
	readonly at: number;
	readonly actor: Actor;
	/** base64url of the first 16 bytes of SHA-256 of the UTF-8 text. */
	readonly base: string;
	readonly result: string;
	/** Ascending, in UTF-16 units of the base text: at `offset`, `removed` gave way to `inserted`. */
	readonly patch: readonly { readonly offset: number; readonly removed: string; readonly inserted: string }[];
	/** Yjs items this edit inserted: [client, first clock, count]; the join between living text and its author. */
	readonly items: readonly (readonly [client: number, clock: number, length: number])[];
	/** Set when the edit undid another: that patch's id. */
	readonly undoes?: string;
	/**
	 * For each edit of `patch`, where it stands among the Yjs items, so that it is found again after any merge: the
	 * first and last unit inserted or, when nothing was, the units left and right of the gap (null: the text's end).
	 */
	readonly anchors?: readonly (readonly [YjsId | null, YjsId | null])[];
	/** The edit made the file, at this path. */
	readonly created?: string;
	/** Set on records of the manifest's changes, whose `patch` is empty. */
	readonly movedFrom?: string;
	readonly movedTo?: string;
	/** The file was deleted; it was at this path. */
	readonly deleted?: string;
	/** The deleted file was brought back, at this path. */
	readonly restored?: string;
}

/** One unit of text, as Yjs names it. */
export type YjsId = readonly [client: number, clock: number];

/** Who changed a file, through what, and why. */
export interface Actor {
	readonly type: 'person' | 'agent' | 'clerk';
	readonly person: PersonId;
	readonly device: DeviceId;
	/** Agent name, when an agent acted. */
	readonly agent?: string;
	readonly line?: LineId;
	readonly turn?: TurnId;
	readonly toolUse?: string;
	readonly reason?: string;
}

/** One entry of `runs/<yyyy-mm>`: the account of one turn, or of an occurrence that was not run. */
export interface RunRecord {
	readonly kind: 'run';
	/** The turn's id, or the occurrence's when no turn ran. */
	readonly id: string;
	readonly line: LineId;
	readonly trigger:
		| Trigger
		| { readonly type: 'reminder'; readonly task: FileId; readonly path: string; readonly occurrence: OccurrenceId };
	readonly device: DeviceId;
	readonly by: 'agent' | 'clerk' | 'none';
	readonly model: string;
	readonly started: number;
	readonly ended: number;
	readonly outcome: TurnOutcome | { readonly type: 'shown' } | { readonly type: 'skipped'; readonly reason: string };
	readonly modelCalls: number;
	readonly toolCalls: number;
	readonly tokens: {
		readonly input: number;
		readonly cacheRead: number;
		readonly cacheWrite: number;
		readonly output: number;
	};
	readonly files: readonly string[];
}
