import type { ToolUseBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { sleep } from '../../ports/clock.ts';
import type { ModelStepRecord, TurnOutcome } from '../../space/records.ts';
import type { TurnInFlight } from '../agent.ts';
import { runTools, skipTools } from '../calls/tool-calls.ts';
import { type Failure, isRetryable } from '../failures.ts';
import { type IndexedTurn, toolUsesOf } from '../line/line-index.ts';
import { callModel, keepCutCall } from './model-call.ts';
import { passOver, steer } from './steering.ts';
import { begunElsewhere } from './takeover.ts';
import { type Progress, presentTurn, type TurnScope } from './turn-scope.ts';

/** Limits of one turn. */
export interface TurnLimits {
	/** Model calls that came to an end; more would be a loop. */
	readonly maxSteps: number;
	/** Of one answer. */
	readonly maxTokens: number;
}

/** How a turn came out; `gone` and `not-stored` leave it to be taken up again. */
export type TurnEnd =
	| { readonly type: 'ended'; readonly outcome: TurnOutcome }
	| Extract<Progress, { type: 'gone' | 'not-stored' | 'waits' | 'taken-over' }>;

/** Tries after the first, when a call fails for a reason that passes. */
const MAX_RETRIES = 3;
/** Doubled for each try, less up to half of it by chance so that many devices do not come back at one moment. */
const FIRST_WAIT_MS = 1000;
/** Asked to wait longer than this, a turn ends and says so instead of hanging. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Runs a turn from wherever its records say it stands until it ends. The next thing to do is always read from the
 * records, so a fresh turn and one that a killed tab left behind go the same way.
 */
export async function runTurn(scope: TurnScope, limits: TurnLimits, left?: TurnInFlight): Promise<TurnEnd> {
	if (left) {
		const cut = await keepCutCall(scope, left);
		if (cut.type !== 'on') return endOf(cut);
	}
	const begun = new Set(left?.toolsBegun);
	let retries = 0;
	for (;;) {
		const next = nextOf(presentTurn(scope));
		if (next.type === 'end')
			return next.open.length > 0 ? endAfter(await skipTools(scope, next.open), next) : ended(next);
		if (!(await scope.hold.check())) return endOf({ type: scope.isGone() ? 'gone' : 'taken-over' });
		if (next.type === 'run-tools') {
			const elsewhere = begunElsewhere(presentTurn(scope), placeOf(scope));
			const ran = await runTools(scope, next.open, new Set([...begun, ...elsewhere]));
			const progress = ran.type === 'waits' ? ((await passOver(scope)) ?? ran) : ran;
			if (progress.type !== 'on') return endOf(progress);
			continue;
		}
		if (scope.signal.aborted) return endOf({ type: scope.isGone() ? 'gone' : 'stopped' });
		if (next.calls >= limits.maxSteps) return failed({ type: 'TooManySteps', limit: limits.maxSteps });
		const steered = await steer(scope);
		if (steered.type !== 'on') return endOf(steered);
		const call = await callModel(scope, limits.maxTokens);
		if (call.type === 'on') retries = 0;
		else if (call.type !== 'failed') return endOf(call);
		else if (retries < MAX_RETRIES && (await waitToRetry(scope, call.failure, retries))) retries++;
		else return failed(call.failure);
	}
}

function placeOf({ line, deps, tools }: TurnScope) {
	const records = line.records();
	return { records, index: deps.indexOf(records), tools };
}

type Next =
	| { readonly type: 'call'; readonly calls: number }
	| { readonly type: 'run-tools'; readonly open: readonly ToolUseBlockParam[] }
	| { readonly type: 'end'; readonly open: readonly ToolUseBlockParam[]; readonly outcome: TurnOutcome };

/** What the turn's records lead to; a cut call is as if it had not been made. */
function nextOf(turn: IndexedTurn): Next {
	const steps = turn.modelSteps.filter(({ stop }) => stop !== 'cut');
	const step = steps.at(-1);
	if (!step || step.stop === 'pause_turn') return { type: 'call', calls: steps.length };
	const uses = toolUsesOf(step);
	const open = uses.filter((use) => !turn.toolSteps.has(use.id));
	if (uses.length === 0 || !mayCallTools(step)) return { type: 'end', open, outcome: outcomeOf(turn, step) };
	if (open.length > 0) return { type: 'run-tools', open };
	const results = uses.flatMap((use) => turn.toolSteps.get(use.id) ?? []);
	const silent = results.find((result) => result.endsTurn)?.endsTurn;
	if (silent) return { type: 'end', open, outcome: { type: 'silent', reason: silent.reason } };
	if (results.some((result) => result.outcome === 'stopped'))
		return { type: 'end', open, outcome: { type: 'stopped' } };
	return { type: 'call', calls: steps.length };
}

/** Some compatible endpoints end a message that calls tools with another reason; one that broke off calls none. */
function mayCallTools({ stop }: ModelStepRecord): boolean {
	return stop === 'tool_use' || stop === 'end_turn' || stop === 'stop_sequence';
}

function outcomeOf(turn: IndexedTurn, step: ModelStepRecord): TurnOutcome {
	switch (step.stop) {
		case 'stopped-by-person':
			return { type: 'stopped' };
		case 'refusal':
			return { type: 'refused', explanation: step.explanation };
		case 'max_tokens':
			return { type: 'truncated', by: 'max_tokens' };
		case 'model_context_window_exceeded':
			return { type: 'truncated', by: 'context_window' };
		default:
			if (turn.toolSteps.size > 0 || turn.modelSteps.some(hasText)) return { type: 'answered' };
			return { type: 'failed', failure: { type: 'Unreadable', reason: 'The answer was empty.' } };
	}
}

function hasText(step: ModelStepRecord): boolean {
	return step.stop !== 'cut' && step.content.some((block) => block.type === 'text' && block.text.trim() !== '');
}

/** Waits where waiting may help, visibly; false when the turn should end with the failure instead. */
async function waitToRetry(scope: TurnScope, failure: Failure, retries: number): Promise<boolean> {
	if (!isRetryable(failure)) return false;
	const asked = failure.type === 'RateLimited' ? failure.retryAfterMs : undefined;
	if (asked !== undefined && asked > LONGEST_WAIT_MS) return false;
	const { clock, random } = scope.deps;
	const backOffMs = FIRST_WAIT_MS * 2 ** retries * (1 - random.fraction() / 2);
	const waitMs = Math.round(Math.max(backOffMs, asked ?? 0));
	scope.live.waits(failure, clock.now() + waitMs);
	await sleep({ clock }, waitMs, scope.signal);
	scope.live.settle();
	return true;
}

function ended({ outcome }: { readonly outcome: TurnOutcome }): TurnEnd {
	return { type: 'ended', outcome };
}

function failed(failure: Failure): TurnEnd {
	return ended({ outcome: { type: 'failed', failure } });
}

function endAfter(progress: Progress, end: { readonly outcome: TurnOutcome }): TurnEnd {
	return progress.type === 'on' ? ended(end) : endOf(progress);
}

function endOf(progress: Exclude<Progress, { type: 'on' }>): TurnEnd {
	return progress.type === 'stopped' ? ended({ outcome: { type: 'stopped' } }) : progress;
}
