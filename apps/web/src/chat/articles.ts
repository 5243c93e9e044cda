import type { LiveTurn } from '@pocketeer/core/agent/agent';
import type { FileId, LineId, TurnId } from '@pocketeer/core/ids';
import type {
	Attachment,
	CompactionRecord,
	Decision,
	ModelStepRecord,
	Receipt,
	ToolStepRecord,
	Trigger,
	TurnOutcome,
} from '@pocketeer/core/space/records';

/** What the transcript shows, in order; one object per thing, the same one for as long as nothing of it changed. */
export type Article = DayMark | SaidArticle | ReminderArticle | AnswerArticle | CompactionArticle;

/** The first moment of a day that has something on it. */
interface DayMark {
	readonly kind: 'day';
	readonly id: string;
	readonly at: number;
}

/** Something a person typed, or the prompt of a nudge. */
export interface SaidArticle {
	readonly kind: 'said';
	readonly id: string;
	readonly at: number;
	/** Who said it: "You", or the name of the other person. */
	readonly label: string;
	readonly isOwn: boolean;
	readonly text: string;
	/** The task file a nudge came from. */
	readonly task: string | undefined;
	/** The line it was sent from, of a message by the agent. */
	readonly fromLine: LineId | undefined;
	/** Where the text came from, when an agent wrote it after reading text from outside. */
	readonly untrusted: string | undefined;
	readonly attachments: readonly Attachment[];
	readonly reactions: readonly Reaction[];
}

/** One author's emoji on a message or an answer. */
export interface Reaction {
	readonly emoji: string;
	/** "You", "Pocketeer", or the name of the other person. */
	readonly by: string;
	readonly isOwn: boolean;
}

/** A summary that stands for what is above it in what the model is sent. */
export interface CompactionArticle {
	readonly kind: 'compaction';
	readonly id: string;
	readonly at: number;
	readonly record: CompactionRecord;
	/** The name of who took it back, and when; "You" for oneself. */
	readonly undone: { readonly by: string; readonly at: number } | undefined;
}

/** A reminder that came due. */
export interface ReminderArticle {
	readonly kind: 'reminder';
	readonly id: string;
	readonly at: number;
	readonly due: number;
	readonly task: FileId;
	readonly text: string;
}

/** One turn: what was said, what was done, how it ended. */
export interface AnswerArticle {
	readonly kind: 'answer';
	readonly id: TurnId;
	readonly at: number;
	readonly label: 'Pocketeer' | 'Clerk';
	readonly parts: readonly Part[];
	/** undefined while it runs, and when whatever ran it was killed. */
	readonly outcome: TurnOutcome | undefined;
	/** Runs in this tab at this moment. */
	readonly live: LiveState | undefined;
	/** Another device runs it. */
	readonly isElsewhere: boolean;
	/** Model calls of it that count so far. */
	readonly steps: number;
	/** Its model calls that were paid for, those that no longer count too. */
	readonly paid: readonly ModelStepRecord[];
	readonly reactions: readonly Reaction[];
	readonly trigger: Trigger['type'] | undefined;
	/** Name of the other person for whom, and on whose device, it was done; undefined for one's own. */
	readonly forPerson: string | undefined;
	/** Name of the device of one's own that answered what was said for whichever device can. */
	readonly onDevice: string | undefined;
}

export interface LiveState {
	readonly phase: LiveTurn['phase'];
	/** When the next attempt begins, in ms since the epoch. */
	readonly retryAt: number | undefined;
	/** Why the attempt before failed. */
	readonly failure: LiveTurn['failure'];
}

/** A piece of an answer; `key` stays the same while it grows and when it is finished. */
export type Part = TextPart | ThinkingPart | ToolPart | SourcesPart | MeanwhilePart | TakeoverPart;
export interface TextPart {
	readonly type: 'text';
	readonly key: string;
	readonly text: string;
	readonly isGrowing: boolean;
	/** The call ended before its message did. */
	readonly isCut: boolean;
}
export interface ThinkingPart {
	readonly type: 'thinking';
	readonly key: string;
	readonly text: string;
	readonly isGrowing: boolean;
}
export interface ToolPart {
	readonly type: 'tool';
	readonly key: string;
	readonly name: string;
	readonly input: unknown;
	/** `waiting`: no result yet; `missing`: the turn ended without one. */
	readonly outcome: ToolStepRecord['outcome'] | 'waiting' | 'missing';
	/** As the model read it. */
	readonly result: string;
	readonly receipts: readonly Receipt[];
	readonly durationMs: number | undefined;
	/** What a person said to the call, who and when. */
	readonly decided: Decided | undefined;
	/** Where the text of its result came from, when that is outside. */
	readonly untrusted: string | undefined;
	/** The whole of a result that was sent to the model cut. */
	readonly whole: Attachment | undefined;
	/** Pages that a search or fetch of the service itself brought. */
	readonly pages: readonly Source[];
}
export interface Decided {
	readonly decision: Decision;
	/** "You", or the name of the other person. */
	readonly by: string;
	readonly at: number;
}
/** What was said while the turn ran and went along with its next call. */
export interface MeanwhilePart {
	readonly type: 'meanwhile';
	readonly key: string;
	readonly messages: readonly string[];
}
/** Another device went on from here; `lost` is what the one before did without knowing of it. */
export interface TakeoverPart {
	readonly type: 'takeover';
	readonly key: string;
	readonly isHere: boolean;
	readonly at: number;
	readonly lost: readonly Part[];
}
export interface Source {
	readonly title: string;
	readonly url: string;
}
export interface SourcesPart {
	readonly type: 'sources';
	readonly key: string;
	readonly sources: readonly Source[];
}
