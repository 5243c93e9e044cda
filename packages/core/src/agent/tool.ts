import type { Tool as ToolDefinition, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { LineId, TurnId } from '../ids.ts';
import type { Actor, Receipt } from '../space/records.ts';

/** Something the agent can do, as the loop sees it. `@pocketeer/tools` makes them from one definition each. */
export interface Tool {
	readonly definition: ToolDefinition;
	/** Safe to run beside other calls: it changes nothing. */
	readonly isReadOnly: boolean;
	/** Running it twice with one tool use id equals running it once; otherwise a cut call is reported as unknown. */
	readonly isIdempotent: boolean;
	/** Never throws for bad arguments: they come back as a refused outcome with a sentence the model can act on. */
	run(input: unknown, call: ToolCall): Promise<ToolOutcome>;
}

/** The circumstances of one tool call. */
export interface ToolCall {
	readonly line: LineId;
	readonly turn: TurnId;
	readonly toolUse: string;
	/** Stamped into the history of every file the call changes. */
	readonly actor: Actor;
	readonly signal: AbortSignal;
}

export interface ToolOutcome {
	readonly outcome: 'done' | 'refused' | 'failed';
	/** For the model: what happened, or what was wrong and what to do instead. */
	readonly result: ToolResultBlockParam['content'];
	readonly receipts: readonly Receipt[];
	/** The turn ends without another word (wrap_up_silently). */
	readonly endsTurn?: { readonly reason: string };
}
