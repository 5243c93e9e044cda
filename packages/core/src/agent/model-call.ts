import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { ModelFailure } from '../ports/model.ts';
import { newId } from '../ports/random.ts';
import type { ModelStepRecord } from '../space/records.ts';
import type { TurnInFlight } from './agent.ts';
import type { Failure } from './failures.ts';
import { createMessageBuilder, type MessageBuilder } from './message-builder.ts';
import { buildRequest } from './request.ts';
import { keep, nextMoment, type Progress, presentTurn, progressOf, type TurnScope } from './turn-scope.ts';

/** How a model call came out. */
export type CallEnd = Progress | { readonly type: 'failed'; readonly failure: Failure };

/**
 * Asks the model once and keeps what it answered, whole or cut, before resolving. While the answer comes in, it shows
 * on the live turn and is checkpointed to the local store.
 */
export async function callModel(scope: TurnScope, maxTokens: number): Promise<CallEnd> {
	const id = newId<string>(scope.deps);
	const inFlight: TurnInFlight = { line: scope.line.id, turn: scope.turn.id, call: id, partial: '', toolsBegun: [] };
	const noted = progressOf(await scope.inFlight.put(inFlight));
	if (noted.type !== 'on') return noted;
	const started = scope.deps.clock.now();
	const message = createMessageBuilder();
	const failure = await receive(scope, { message, inFlight, maxTokens });
	if (scope.isGone()) return { type: 'gone' };
	const durationMs = Math.max(0, scope.deps.clock.now() - started);
	const step = stepOf(scope, { id, message, durationMs });
	// A call that never began leaves nothing behind: it was not answered, and will not be paid for.
	const kept: Progress = step ? await keepShown(scope, step) : { type: 'on' };
	if (kept.type !== 'on') return kept;
	if (isStopped(scope, message)) return { type: 'stopped' };
	return failure ? { type: 'failed', failure } : { type: 'on' };
}

/** Records what a killed tab had received of a call, as cut; does nothing when the step was stored. */
export async function keepCutCall(scope: TurnScope, left: TurnInFlight): Promise<Progress> {
	if (left.call === undefined || left.partial === '') return { type: 'on' };
	if (presentTurn(scope).modelSteps.some((step) => step.id === left.call)) return { type: 'on' };
	return keep(scope, [
		{
			kind: 'model-step',
			id: left.call,
			turn: scope.turn.id,
			at: nextMoment(scope),
			model: scope.model.id,
			content: textBlocks(left.partial),
			stop: 'cut',
			usage: undefined,
			durationMs: 0,
		},
	]);
}

async function receive(
	scope: TurnScope,
	call: { readonly message: MessageBuilder; readonly inFlight: TurnInFlight; readonly maxTokens: number },
): Promise<Failure | undefined> {
	const { message, inFlight, maxTokens } = call;
	const { line, turn, epoch, model, signal, live } = scope;
	const request = buildRequest({ index: scope.deps.indexOf(line.records()), turn, epoch, maxTokens });
	const checkpoint = scope.inFlight.checkpoint(inFlight);
	try {
		for await (const event of model.stream(request, signal)) {
			if (signal.aborted) break;
			message.add(event);
			if (message.size > LONGEST_ANSWER) return ENDLESS;
			live.show(message);
			if (message.text !== '') checkpoint.touch(message.text);
		}
	} catch (error) {
		if (!(error instanceof ModelFailure)) throw error;
		// What breaks after the end of the answer takes nothing from it.
		return message.isComplete ? undefined : error.failure;
	} finally {
		await checkpoint.close();
	}
	// Ending early without anybody's stop is a cut: a frozen tab's request ends as an abort nobody asked for.
	return message.isComplete || signal.aborted ? undefined : { type: 'Cut' };
}

/** Characters; several times what the largest model may say at once (128,000 tokens). */
const LONGEST_ANSWER = 4_000_000;
const ENDLESS: Failure = { type: 'Unreadable', reason: 'The answer did not come to an end.' };

function isStopped(scope: TurnScope, message: MessageBuilder): boolean {
	return scope.signal.aborted && !message.isComplete;
}

function stepOf(
	scope: TurnScope,
	call: {
		readonly id: string;
		readonly message: MessageBuilder;
		readonly durationMs: number;
	},
): ModelStepRecord | undefined {
	const { id, message, durationMs } = call;
	const isWhole = message.isComplete;
	if (!isWhole && !message.hasBegun) return undefined;
	return {
		kind: 'model-step',
		id,
		turn: scope.turn.id,
		at: nextMoment(scope),
		model: scope.model.id,
		content: isWhole ? message.blocks() : textBlocks(message.text),
		stop: isWhole ? (message.stop ?? 'end_turn') : isStopped(scope, message) ? 'stopped-by-person' : 'cut',
		usage: message.usage,
		durationMs,
		...(message.explanation === undefined ? {} : { explanation: message.explanation }),
	};
}

function textBlocks(text: string): readonly ContentBlockParam[] {
	return text.trim() === '' ? [] : [{ type: 'text', text }];
}

/** Takes the text off the live turn at the moment it shows in the records, so that it never shows twice or not at all. */
async function keepShown(scope: TurnScope, step: ModelStepRecord): Promise<Progress> {
	using _shown = scope.line.subscribe(() => {
		const isThere = scope.line.records().some((record) => record.kind === 'model-step' && record.id === step.id);
		if (isThere) scope.live.settle();
	});
	return keep(scope, [step]);
}
