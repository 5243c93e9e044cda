import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { ModelFailure, type ModelRequest } from '../../ports/model.ts';
import { newId } from '../../ports/random.ts';
import type { ModelStepRecord, TurnRecord } from '../../space/records.ts';
import type { TurnInFlight } from '../agent.ts';
import type { Failure } from '../failures.ts';
import { toolUsesOf } from '../line/line-index.ts';
import { createMessageBuilder, type MessageBuilder } from '../model/message-builder.ts';
import { prepareRequest } from '../request/request.ts';
import { beforeCall } from '../spend/before-call.ts';
import { watchForStall } from './stall-watch.ts';
import { keep, nextMoment, type Progress, presentTurn, progressOf, type TurnScope } from './turn-scope.ts';
import { usableCalls } from './usable-calls.ts';

/** How a model call came out. */
export type CallEnd = Progress | { readonly type: 'failed'; readonly failure: Failure };

/**
 * Asks the model once and keeps what it answered, whole or cut, before resolving. While the answer comes in, it shows
 * on the live turn and is checkpointed to the local store. Nothing is sent that the caps or the loop detector refuse.
 */
export async function callModel(scope: TurnScope, maxTokens: number): Promise<CallEnd> {
	const prepared = await prepareRequest(scope, maxTokens);
	if (!prepared.ok) return { type: 'failed', failure: prepared.error };
	const refused = await beforeCall(scope, prepared.value);
	if (refused) return { type: 'failed', failure: refused };
	if (scope.signal.aborted) return { type: scope.isGone() ? 'gone' : 'stopped' };
	const id = newId<string>(scope.deps);
	const inFlight: TurnInFlight = { line: scope.line.id, turn: scope.turn.id, call: id, partial: '', toolsBegun: [] };
	// From here on the call may have been sent, whatever becomes of this tab.
	const noted = progressOf(await scope.inFlight.put(inFlight));
	if (noted.type !== 'on') return noted;
	const started = scope.deps.clock.now();
	const message = createMessageBuilder();
	const failure = await receive(scope, { message, inFlight, request: prepared.value });
	if (scope.isGone()) return { type: 'gone' };
	const isStopped = scope.signal.aborted && !message.isComplete;
	// An abort because another runner has the turn is nobody's stop.
	const isOurs = !isStopped || (await scope.hold.check());
	const durationMs = Math.max(0, scope.deps.clock.now() - started);
	if (mayBePaid(scope, message, failure)) {
		const end = message.isComplete ? 'whole' : isStopped && isOurs ? 'stopped-by-person' : 'cut';
		const kept = await keepShown(scope, stepOf(scope, { id, message, end, durationMs }));
		if (kept.type !== 'on') return kept;
	}
	if (isStopped) return { type: 'stopped' };
	return failure ? { type: 'failed', failure } : { type: 'on' };
}

/**
 * Records what a killed tab had received of a call, as cut, also when that was nothing: it may have been paid for. Does
 * nothing when the step was stored.
 */
export async function keepCutCall(scope: TurnScope, left: TurnInFlight): Promise<Progress> {
	if (left.call === undefined || (left.partial === '' && isFree(scope))) return { type: 'on' };
	if (presentTurn(scope).modelSteps.some((step) => step.id === left.call)) return { type: 'on' };
	return keep(scope, [cutStep(left, { turn: scope.turn, at: nextMoment(scope) })]);
}

/** What is known of a call that a tab had sent when it died, as its step. */
export function cutStep(
	{ call = '', partial, usage }: TurnInFlight,
	{ turn, at }: { readonly turn: TurnRecord; readonly at: number },
): ModelStepRecord {
	return {
		kind: 'model-step',
		id: call,
		turn: turn.id,
		at,
		model: turn.model,
		content: textBlocks(partial),
		stop: 'cut',
		usage,
		durationMs: 0,
	};
}

async function receive(
	scope: TurnScope,
	call: { readonly message: MessageBuilder; readonly inFlight: TurnInFlight; readonly request: ModelRequest },
): Promise<Failure | undefined> {
	const { message, inFlight, request } = call;
	const { model, live } = scope;
	using watch = watchForStall(scope.deps, request);
	const signal = AbortSignal.any([scope.signal, watch.signal]);
	const checkpoint = scope.inFlight.checkpoint(inFlight);
	try {
		for await (const event of model.stream(request, signal, () => watch.heard())) {
			if (signal.aborted) break;
			message.add(event);
			watch.heard(message.isComplete ? 'end' : undefined);
			if (message.size > LONGEST_ANSWER) return ENDLESS;
			live.show(message);
			if (message.text !== '' || message.usage) checkpoint.touch(message.text, message.usage);
		}
	} catch (error) {
		if (!(error instanceof ModelFailure)) throw error;
		// What breaks after the end of the answer takes nothing from it.
		return message.isComplete ? undefined : error.failure;
	} finally {
		await checkpoint.close();
	}
	if (message.isComplete || scope.signal.aborted) return undefined;
	if (watch.stalledMs !== undefined) return { type: 'Stalled', afterMs: watch.stalledMs };
	// Ending early without anybody's stop is a cut: a frozen tab's request ends as an abort nobody asked for.
	return { type: 'Cut' };
}

/** Characters; several times what the largest model may say at once (128,000 tokens). */
const LONGEST_ANSWER = 4_000_000;
const ENDLESS: Failure = { type: 'Unreadable', reason: 'The answer did not come to an end.' };

/**
 * A call that the service refused, or that never reached it, costs nothing and leaves nothing behind. One that was given up
 * before it said what it cost may cost something all the same.
 */
function mayBePaid(scope: TurnScope, message: MessageBuilder, failure: Failure | undefined): boolean {
	if (message.hasBegun) return true;
	if (isFree(scope)) return false;
	return failure === undefined || failure.type === 'Cut' || failure.type === 'Stalled';
}

function isFree({ model }: TurnScope): boolean {
	return model.kind === 'clerk';
}

function stepOf(
	scope: TurnScope,
	call: {
		readonly id: string;
		readonly message: MessageBuilder;
		readonly end: 'whole' | 'stopped-by-person' | 'cut';
		readonly durationMs: number;
	},
): ModelStepRecord {
	const { id, message, end, durationMs } = call;
	return {
		kind: 'model-step',
		id,
		turn: scope.turn.id,
		at: nextMoment(scope),
		model: scope.model.id,
		content: end === 'whole' ? wholeBlocks(scope, message) : textBlocks(message.text),
		stop: end === 'whole' ? (message.stop ?? 'end_turn') : end,
		usage: message.usage,
		durationMs,
		...(message.explanation === undefined ? {} : { explanation: message.explanation }),
	};
}

function wholeBlocks({ deps, line }: TurnScope, message: MessageBuilder): readonly ContentBlockParam[] {
	return usableCalls(message.blocks(), {
		make: () => `toolu_${newId<string>(deps).replace(/[^a-zA-Z0-9_-]/g, '')}`,
		taken: () =>
			new Set(
				line
					.records()
					.flatMap((record) => (record.kind === 'model-step' ? toolUsesOf(record).map((use) => use.id) : [])),
			),
	});
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
