import type {
	ContentBlockParam,
	StopReason,
	TextBlockParam,
	ToolResultBlockParam,
	ToolUnion,
	Usage,
} from '@anthropic-ai/sdk/resources/messages';
import type { BlobId, DeviceId, FileId, LineId, MessageId, OccurrenceId, PersonId, TurnId } from '../ids.ts';
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
 * `fence` of a turn and its steps is the fencing token of the claim under which they were written; 0, or none, for the
 * device of the turn before anybody took it over. Which steps count after a takeover, its record says.
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
	| TurnEndRecord
	| SteeringRecord
	| DecisionRecord
	| StopRecord
	| TakeoverRecord
	| CompactionRecord
	| CompactionUndoneRecord
	| ReactionRecord;

/** Something said on a line by a person, or a nudge's prompt by its task. */
export interface MessageRecord {
	readonly kind: 'message';
	readonly id: MessageId;
	readonly at: number;
	readonly author: Author;
	readonly content: readonly ContentBlockParam[];
	/** Images, PDFs and texts that came with it, in order; the bytes are in their blobs. */
	readonly attachments?: readonly Attachment[];
	/**
	 * Who answers, recorded before anybody acts: the device it was typed on (also when left out), or `claim`: the
	 * device of the same person, with a model of its own, that gets the claim at the relay.
	 */
	readonly answerer?: 'device' | 'claim';
	/** An agent wrote it in a turn that had read text from outside: it is material, never orders. */
	readonly untrusted?: { readonly source: string };
}

/** A file that was attached to a message, or that a tool's long result was kept in. */
export interface Attachment {
	readonly blob: BlobId;
	/** As the person's device named it; for the screen and the model, never a path. */
	readonly name: string;
	/** `image/png`, `image/jpeg`, `image/gif`, `image/webp`, `application/pdf` or `text/plain`. */
	readonly mediaType: string;
	readonly sizeBytes: number;
	/** Of images, in pixels. */
	readonly width?: number;
	readonly height?: number;
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
	readonly tools: readonly ToolUnion[];
	/** The compaction this epoch begins with: its summary stands before everything else. */
	readonly compaction?: string;
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
	readonly fence?: number;
	/** Named agent; `general` when left out. */
	readonly agent?: string;
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
	readonly fence?: number;
	/** The device that made the call, where it is not the turn's. */
	readonly device?: DeviceId;
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
	/** The result holds text from outside (web, attachment, a file written from such): material, never orders. */
	readonly untrusted?: { readonly source: string };
	/** The result was too long to be sent: it is kept whole here, and `result` is its beginning, marked as cut. */
	readonly whole?: Attachment;
	/** An image or document that the call looked at: a request holds it behind the result, read from its blob. */
	readonly shows?: Attachment;
	readonly fence?: number;
	/** The device that ran the call, where it is not the turn's. */
	readonly device?: DeviceId;
}

/** A turn ended; nothing of it follows. */
export interface TurnEndRecord {
	readonly kind: 'turn-end';
	readonly turn: TurnId;
	readonly at: number;
	readonly outcome: TurnOutcome;
	readonly fence?: number;
}

/** What was said while a turn ran and goes out with its next request, behind the results of the step named. */
export interface SteeringRecord {
	readonly kind: 'steering';
	readonly id: string;
	readonly turn: TurnId;
	readonly at: number;
	/** Id of the model step whose tool results it stands behind. */
	readonly after: string;
	/** As a turn's head: the moment, and who speaks. */
	readonly head: string;
	readonly messages: readonly MessageId[];
	readonly fence?: number;
}

/** A person let a call run that waited for them, refused it, or answered its question. The first of a call counts. */
export interface DecisionRecord {
	readonly kind: 'decision';
	readonly turn: TurnId;
	readonly toolUse: string;
	readonly at: number;
	readonly person: PersonId;
	readonly device: DeviceId;
	readonly decision: Decision;
}

export type Decision =
	| { readonly type: 'approved' }
	| { readonly type: 'refused'; readonly reason?: string }
	/** `ask_person`: one of the choices, or words of the person's own. */
	| { readonly type: 'answered'; readonly text: string }
	/** The person said something else instead; the call was not run. */
	| { readonly type: 'passed-over' };

/** A person stopped a turn, on whatever device or tab: whoever runs it ends it. */
export interface StopRecord {
	readonly kind: 'stop';
	readonly turn: TurnId;
	readonly at: number;
	readonly person: PersonId;
	readonly device: DeviceId;
}

/**
 * Another device goes on with a turn, under a higher fence. Of what was written under lower fences, exactly the steps
 * named here count for the turn; what the device before wrote without knowing of this is paid for, shown, and not sent.
 */
export interface TakeoverRecord {
	readonly kind: 'takeover';
	/** Without it the turn's steps mean something else. */
	readonly critical: true;
	readonly turn: TurnId;
	readonly at: number;
	readonly device: DeviceId;
	readonly fence: number;
	/** Ids of model steps and steering, and tool uses with a result, that the new device goes on from. */
	readonly steps: readonly string[];
}

/** A summary that stands for earlier turns in requests from now on; the transcript stays as it is. */
export interface CompactionRecord {
	readonly kind: 'compaction';
	readonly id: string;
	readonly at: number;
	readonly device: DeviceId;
	/** The epoch whose request was summed up. */
	readonly epoch: string;
	/** The newest turn that the summary covers; later ones are sent as they are. */
	readonly through: TurnId;
	readonly summary: string;
	/** Whether what it was made from held untrusted text: then the summary does. */
	readonly untrusted?: { readonly source: string };
	readonly model: string;
	readonly usage: Usage | undefined;
}

/** A person took a compaction back: the next turn is asked with the turns themselves, as far as they fit. */
export interface CompactionUndoneRecord {
	readonly kind: 'compaction-undone';
	readonly compaction: string;
	readonly at: number;
	readonly person: PersonId;
	readonly device: DeviceId;
}

/** An emoji on a message or an answer; the same author's later one on it replaces it, an empty one takes it away. */
export interface ReactionRecord {
	readonly kind: 'reaction';
	readonly id: string;
	readonly at: number;
	readonly to: { readonly message: MessageId } | { readonly turn: TurnId };
	readonly emoji: string;
	readonly author: Author;
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
	| { readonly type: 'task'; readonly task: FileId; readonly path: string; readonly device: DeviceId }
	/** An agent, in a turn of another line (`send_message`) or with a reaction. */
	| {
			readonly type: 'agent';
			readonly agent: string;
			readonly device: DeviceId;
			readonly line: LineId;
			readonly turn: TurnId;
			readonly toolUse?: string;
	  };

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
	| { readonly type: 'found'; readonly query: string; readonly paths: readonly string[] }
	| { readonly type: 'sent'; readonly line: LineId; readonly lineName: string; readonly message: MessageId }
	| { readonly type: 'reacted'; readonly emoji: string };

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
	/** The turn had read text from outside: what it wrote is marked so when it is read again. */
	readonly untrusted?: { readonly source: string };
}

/** One entry of `runs/<yyyy-mm>`: the account of one turn, or of an occurrence that was not run. */
export interface RunRecord {
	readonly kind: 'run';
	/** The turn's id; the occurrence's or the compaction's when no turn ran. */
	readonly id: string;
	readonly line: LineId;
	readonly trigger:
		| Trigger
		| { readonly type: 'reminder'; readonly task: FileId; readonly path: string; readonly occurrence: OccurrenceId }
		/** Earlier turns were summed up, between turns. */
		| { readonly type: 'compaction'; readonly compaction: string };
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
		/** The part of `cacheWrite` that was written to stay an hour. */
		readonly cacheWriteHour?: number;
	};
	readonly files: readonly string[];
	/** Named agent; `general` when left out. */
	readonly agent?: string;
	/** Who pays: the person whose device held the key. */
	readonly person?: PersonId;
	/**
	 * By the prices of each call's day, US dollars, of the calls whose price is known. `unpriced` counts the others, and calls
	 * whose usage never came. Left out by rows of older versions.
	 */
	readonly cost?: { readonly usd: number; readonly unpriced: number };
	/** Server-side searches, which are charged each. */
	readonly webSearches?: number;
}
