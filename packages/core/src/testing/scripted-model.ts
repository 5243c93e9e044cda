import type { RawMessageStreamEvent, StopReason } from '@anthropic-ai/sdk/resources/messages';
import type { Failure } from '../agent/failures.ts';
import { type AnswerBlock, answerEvents, NO_USAGE } from '../agent/model/stream-events.ts';
import { type Model, ModelFailure, type ModelRequest } from '../ports/model.ts';

/** One answer of a scripted model. */
export interface ScriptedAnswer {
	readonly thinking?: string;
	readonly text?: string;
	/** Called in this order; ids are made up when left out. */
	readonly tools?: readonly { readonly name: string; readonly input: unknown; readonly id?: string }[];
	/** Blocks as they are, instead of the above. */
	readonly content?: readonly AnswerBlock[];
	/** Default: `tool_use` with tools, else `end_turn`. */
	readonly stop?: StopReason;
	/** Said with a refusal. */
	readonly explanation?: string;
	/** Fails with this after `failAfter` events; default 0: before anything arrived. */
	readonly fail?: Failure;
	readonly failAfter?: number;
	/** The iteration ends early after this many events, as an abort nobody asked for does. */
	readonly endAfter?: number;
	/** Waits after this many events until the test calls `release`, or the signal aborts. */
	readonly holdAfter?: number;
}

/** A model that answers what the test wrote, and remembers what it was asked. */
export interface ScriptedModel extends Model {
	readonly requests: readonly ModelRequest[];
	/** Lets the answer that is held go on. */
	release(): void;
	/** Resolves when an answer is held. */
	held(): Promise<void>;
}

/** Text arrives in pieces of this many characters. */
const PIECE = 4;

/**
 * Makes a model that gives the script's answers one by one; asked once more than it has answers, it throws. A function
 * in the script's place is asked each time. `signer` tells apart the signatures of two models of one id.
 */
export function createScriptedModel(
	script: readonly ScriptedAnswer[] | ((request: ModelRequest, call: number) => ScriptedAnswer),
	as: { readonly kind?: Model['kind']; readonly id?: string; readonly signer?: string } = {},
): ScriptedModel {
	const { kind = 'agent', id = 'claude-scripted-1', signer = id } = as;
	const requests: ModelRequest[] = [];
	let holding = Promise.withResolvers<void>();
	let released = Promise.withResolvers<void>();

	return {
		kind,
		id,
		requests,
		held: () => holding.promise,
		release() {
			holding = Promise.withResolvers();
			released.resolve();
			released = Promise.withResolvers();
		},
		async *stream(request, signal) {
			const call = requests.length;
			requests.push(structuredClone(request));
			const answer = typeof script === 'function' ? script(request, call) : script[call];
			if (!answer) throw new Error(`the script has no answer ${call + 1}`);
			let sent = 0;
			for (const event of eventsOf(answer, { call, model: id, signer })) {
				if (answer.fail && sent >= (answer.failAfter ?? 0)) throw new ModelFailure(answer.fail);
				if (sent === answer.holdAfter) await hold(signal);
				if (signal.aborted || sent === answer.endAfter) return;
				yield event;
				sent++;
			}
		},
	};

	async function hold(signal: AbortSignal): Promise<void> {
		const aborted = new Promise<void>((resolve) => {
			if (signal.aborted) resolve();
			signal.addEventListener('abort', () => resolve(), { once: true });
		});
		holding.resolve();
		await Promise.race([released.promise, aborted]);
	}
}

function eventsOf(
	answer: ScriptedAnswer,
	{ call, model, signer }: { readonly call: number; readonly model: string; readonly signer: string },
): Iterable<RawMessageStreamEvent> {
	const content: AnswerBlock[] = [];
	if (answer.thinking !== undefined) {
		content.push({ type: 'thinking', thinking: answer.thinking, signature: `${signer}-${call}` });
	}
	if (answer.text !== undefined) content.push({ type: 'text', text: answer.text });
	for (const [index, tool] of (answer.tools ?? []).entries()) {
		content.push({ type: 'tool_use', id: tool.id ?? `toolu_${call}_${index}`, name: tool.name, input: tool.input });
	}
	const stop = answer.stop ?? (answer.tools?.length ? 'tool_use' : 'end_turn');
	const usage = { ...NO_USAGE, input_tokens: 100, output_tokens: 10 };
	const said = answer.explanation === undefined ? {} : { explanation: answer.explanation };
	return answerEvents({ id: `msg_${call}`, model, content: answer.content ?? content, stop, usage, ...said }, inPieces);
}

function inPieces(text: string): readonly string[] {
	return text.match(new RegExp(`[\\s\\S]{1,${PIECE}}`, 'g')) ?? [];
}
