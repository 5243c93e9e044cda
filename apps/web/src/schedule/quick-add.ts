import type { SplitWhen } from '@pocketeer/core/schedule/split-when';
import type { ScheduleRequest } from '@pocketeer/core/tasks/tasks';
import { distanceWords, type Here, momentWords } from './moments.ts';

/** How a typed reminder is understood so far. */
export type Draft =
	| { readonly type: 'empty' }
	/** Something is missing; `question` asks for it. */
	| { readonly type: 'question'; readonly question: string }
	| {
			readonly type: 'ready';
			readonly text: string;
			/** When it will come, in words. */
			readonly words: string;
			/** One sentence for each thing taken for granted. */
			readonly assumed: readonly string[];
			readonly request: ScheduleRequest;
	  };

/** Turns a sentence parted into text and time into what would be scheduled, exactly as it will be shown. */
export function draftOf(split: SplitWhen, here: Here): Draft {
	const { text, when } = split;
	if (when.type === 'question') return { type: 'question', question: when.question };
	if (text === '') return { type: 'question', question: 'What should the reminder say?' };
	const request = { kind: 'reminder', text } as const;
	if (when.type === 'recurrence') {
		return {
			type: 'ready',
			text,
			words: when.words,
			assumed: when.assumed,
			request: { ...request, every: when.every },
		};
	}
	const words = `${momentWords(when.instant, here, when.zone)}, ${distanceWords(when.instant, here.now)}`;
	return { type: 'ready', text, words, assumed: when.assumed, request: { ...request, when: when.local } };
}
