import type { FileId, LineId } from '../ids.ts';
import type { Recurrence } from '../protocol/recurrence.ts';
import type { Result } from '../result.ts';
import type { Actor } from '../space/records.ts';
import type { FileChange, FileError } from '../space/space.ts';

/** The tasks of a space: views over `tasks/*.md`, and the only place that makes such files from arguments. */
export interface Tasks {
	/** Every task file, broken ones included, next due first. */
	list(): Promise<readonly Task[]>;
	subscribe(listener: () => void): Disposable;
	/** Creates `tasks/<slug>.md`. Times are local words or ISO; refuses what lies in the past or cannot be understood. */
	schedule(request: ScheduleRequest, by: Actor): Promise<Result<Scheduled, ScheduleError>>;
	/** Finds by path, name or text; deletes the file (its history keeps it). */
	cancel(
		which: string,
		by: Actor,
	): Promise<Result<{ readonly task: Task; readonly change: FileChange }, ScheduleError>>;
}
export interface TasksDep {
	readonly tasks: Tasks;
}

export interface ScheduleRequest {
	readonly kind: 'reminder' | 'nudge';
	/** The text to show, or the prompt to act on. */
	readonly text: string;
	/** "tomorrow at 9", "in 20 minutes", "2026-12-01T09:00" … one of `when` and `every`. */
	readonly when?: string;
	/** Cron, ISO duration, or "weekdays at 8". */
	readonly every?: string;
	/** IANA zone; default: the person's. */
	readonly zone?: string;
	readonly line?: string;
}

export interface Scheduled {
	readonly task: Task;
	readonly change: FileChange;
	/** One sentence for each thing taken for granted when the words of time were read; to be shown. */
	readonly assumed?: readonly string[];
}

export type ScheduleError =
	/** `question` asks the person what is missing; nothing was scheduled. */
	| { readonly type: 'Unclear'; readonly question: string }
	| { readonly type: 'Past'; readonly local: string; readonly question: string }
	| {
			readonly type: 'NoSuchTask';
			readonly which: string;
			/** Paths of those that fit or, when none does, of what there is. */
			readonly candidates: readonly string[];
			/** The tasks that fit when there are several: which one has to be asked. */
			readonly fitting?: readonly Task[];
	  }
	| { readonly type: 'TooMany'; readonly limit: number }
	| FileError;

export interface Task {
	readonly file: FileId;
	readonly path: string;
	readonly revision: number;
	/** First line of the body. */
	readonly title: string;
	readonly body: string;
	/** How it reads, or the sentence that says why it is broken; broken tasks are shown, never dropped. */
	readonly schedule:
		| {
				readonly type: 'valid';
				readonly kind: 'reminder' | 'nudge';
				readonly recurrence: Recurrence;
				/** As written in the file. */
				readonly words: string;
				/** As a person reads it: `every weekday at 08:30`, or the moment with weekday and zone. */
				readonly reads?: string;
				readonly zone: string;
				readonly line: LineId | undefined;
				readonly silent: boolean;
				/** Next due moment in ms since the epoch; undefined when it is over. */
				readonly next: number | undefined;
		  }
		| { readonly type: 'broken'; readonly reason: string };
}
