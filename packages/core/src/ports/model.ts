import type { MessageParam, RawMessageStreamEvent, TextBlockParam, Tool } from '@anthropic-ai/sdk/resources/messages';
import type { Failure } from '../agent/failures.ts';

/** One call as the Messages API takes it; `system` and `tools` are byte-identical within a line's epoch. */
export interface ModelRequest {
	readonly system: readonly TextBlockParam[];
	readonly tools: readonly Tool[];
	readonly messages: readonly MessageParam[];
	readonly maxTokens: number;
}

/**
 * Something that answers: Claude, or the clerk. Yields the API's own stream events, in order, and throws only a
 * `ModelFailure` or, when the signal aborts, nothing more: the iteration ends early.
 */
export interface Model {
	/** `agent` reasons, `clerk` follows rules; recorded with every turn. */
	readonly kind: 'agent' | 'clerk';
	/** The model id asked for, or `clerk`. */
	readonly id: string;
	stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<RawMessageStreamEvent>;
}

/** Why a model call did not end in a message; the only thing a `Model` throws. */
export class ModelFailure extends Error {
	readonly failure: Failure;
	constructor(failure: Failure) {
		super(failure.type);
		this.failure = failure;
	}
}
