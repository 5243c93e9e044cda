import type {
	MessageParam,
	RawMessageStreamEvent,
	TextBlockParam,
	ToolUnion,
} from '@anthropic-ai/sdk/resources/messages';
import type { Failure } from '../agent/failures.ts';

/** One call as the Messages API takes it; `system` and `tools` are byte-identical within a line's epoch. */
export interface ModelRequest {
	readonly system: readonly TextBlockParam[];
	readonly tools: readonly ToolUnion[];
	readonly messages: readonly MessageParam[];
	readonly maxTokens: number;
	/**
	 * How long what is new in this request is worth keeping in the prompt cache: `once`, when no request will begin with
	 * it. Default five minutes. Says nothing to the model.
	 */
	readonly cache?: '5m' | '1h' | 'once';
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
	/**
	 * Tools that the service runs itself inside a call, offered from the next turn on: read at each turn's beginning, so a
	 * change begins a new epoch. None when left out.
	 */
	serverTools?(): readonly ToolUnion[];
	/** `heard` is called whenever anything comes in, also what is no event: a service that thinks for long says so meanwhile. */
	stream(request: ModelRequest, signal: AbortSignal, heard?: () => void): AsyncIterable<RawMessageStreamEvent>;
}

/** Why a model call did not end in a message; the only thing a `Model` throws. */
export class ModelFailure extends Error {
	readonly failure: Failure;
	constructor(failure: Failure) {
		super(failure.type);
		this.failure = failure;
	}
}
