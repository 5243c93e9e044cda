import type { Tool as ToolDefinition, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { LineId, TurnId } from '../ids.ts';
import type { Actor, Attachment, Receipt } from '../space/records.ts';

/** Something the agent can do, as the loop sees it. `@pocketeer/tools` makes them from one definition each. */
export interface Tool {
	readonly definition: ToolDefinition;
	/** Safe to run beside other calls: it changes nothing. */
	readonly isReadOnly: boolean;
	/** Running it twice with one tool use id equals running it once; otherwise a cut call is reported as unknown. */
	readonly isIdempotent: boolean;
	/**
	 * What the call works on, such as the paths of files: calls on one key run in the order given, others run together.
	 * None: it may run beside any. Left out, it works on everything: it runs alone or, if read-only, beside other reads.
	 */
	worksOn?(input: unknown): readonly string[];
	/** What the call would change that an untrusted text must not bring about by itself; undefined: nothing. */
	needsTrust?(input: unknown): TrustNeed | undefined;
	/** The call is a question to the person: it is not run, their answer is its result. */
	question?(input: unknown): Question | undefined;
	/** Given up after this long: as failed, or as unknown if it is not idempotent. Default: a minute. */
	readonly timeLimitMs?: number;
	/** The call stands for one of another tool: everything about it is that tool's. Undefined: it is run itself. */
	target?(input: unknown): { readonly tool: Tool; readonly input: unknown } | undefined;
	/** Never throws for bad arguments: they come back as a refused outcome with a sentence the model can act on. */
	run(input: unknown, call: ToolCall): Promise<ToolOutcome>;
}

/** Why a call waits for the person when untrusted text is in the context. */
export type TrustNeed =
	/** Standing instructions: SOUL, PRACTICE, agents/, skills/, scripts/, mcp/, tasks/ and the like (`isInstructions`). */
	| { readonly type: 'instructions'; readonly path: string }
	/** Something leaves this line: a message to another line, a request to the outside. */
	| { readonly type: 'sends'; readonly to: string };

export interface Question {
	readonly text: string;
	/** Buttons; the person may always answer in words. */
	readonly choices: readonly string[];
}

/** The circumstances of one tool call. */
export interface ToolCall {
	readonly line: LineId;
	readonly turn: TurnId;
	readonly toolUse: string;
	/** Stamped into the history of every file the call changes; `untrusted` when text from outside was in the context. */
	readonly actor: Actor;
	/** A person looked at this very call and let it run. */
	readonly isApproved?: boolean;
	/** Aborts when the person stops the turn and when the call's time is over. */
	readonly signal: AbortSignal;
}

export interface ToolOutcome {
	readonly outcome: 'done' | 'refused' | 'failed';
	/** For the model: what happened, or what was wrong and what to do instead. */
	readonly result: ToolResultBlockParam['content'];
	readonly receipts: readonly Receipt[];
	/** The result holds text from outside: it goes to the model marked, and what is written from now on is marked too. */
	readonly untrusted?: { readonly source: string };
	/** Goes to the model whole behind the result, out of its blob: bytes have no place in a line's records. */
	readonly shows?: Attachment;
	/** The turn ends without another word (wrap_up_silently). */
	readonly endsTurn?: { readonly reason: string };
}
