import type { FileId, TurnId } from '@pocketeer/core/ids';
import type { Receipt, ToolStepRecord, Trigger, TurnOutcome } from '@pocketeer/core/space/records';

/** What the transcript shows, in order; one object per thing, the same one for as long as nothing of it changed. */
export type Article = DayMark | SaidArticle | ReminderArticle | AnswerArticle;

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
	readonly trigger: Trigger['type'] | undefined;
	/** Name of the other person for whom, and on whose device, it was done; undefined for one's own. */
	readonly forPerson: string | undefined;
}

export interface LiveState {
	readonly phase: 'waiting' | 'thinking' | 'writing' | 'tool';
	/** When the next attempt begins, in ms since the epoch. */
	readonly retryAt: number | undefined;
}

/** A piece of an answer; `key` stays the same while it grows and when it is finished. */
export type Part = TextPart | ThinkingPart | ToolPart | SourcesPart;
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
}
export interface SourcesPart {
	readonly type: 'sources';
	readonly key: string;
	readonly sources: readonly { readonly title: string; readonly url: string }[];
}
