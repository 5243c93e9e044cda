import type { WhenContext } from '../../schedule/parse-when.ts';

/** What the clerk makes of one message. */
export type Intent =
	| {
			readonly type: 'call';
			readonly tool: string;
			readonly input: Readonly<Record<string, string>>;
			/** Said after a result that shows something. */
			readonly ifSome?: string;
			/** Said after a search that found nothing. */
			readonly ifNothing?: string;
	  }
	| { readonly type: 'say'; readonly text: string }
	/** A reminder whose time is open; the next message may bring it. */
	| {
			readonly type: 'ask-when';
			readonly text: string;
			/** The words of time said so far. */
			readonly words: string;
			readonly question: string;
	  };

/** A call of a tool. */
export type CallIntent = Extract<Intent, { type: 'call' }>;

/** An open question for a time. */
export type AskWhen = Extract<Intent, { type: 'ask-when' }>;

/** One message with its answer, so that "tomorrow at 9" can answer the clerk's own question. */
export interface Before {
	readonly said: string;
	readonly answer: string;
}

/** One fixed rule: what the message is for, or that it is for another rule. */
export type Rule = (said: string, context: WhenContext) => Promise<Intent | undefined> | Intent | undefined;

/** A call of a tool. */
export function call(tool: string, input: Readonly<Record<string, string>>): CallIntent {
	return { type: 'call', tool, input };
}

/** A sentence that needs no tool. */
export function say(text: string): Intent {
	return { type: 'say', text };
}

/** The text without white space and punctuation at its end. */
export function stripEnd(text: string): string {
	const whole = text.trim();
	// Only the end is looked at: a run of dots inside a pasted page would take this expression for ever.
	return whole.slice(0, -100) + whole.slice(-100).replace(/[\s.!?,;]+$/, '');
}

/** The text with a capital first letter. */
export function capitalize(text: string): string {
	const [first = ''] = text;
	return first.toLocaleUpperCase('en') + text.slice(first.length);
}
