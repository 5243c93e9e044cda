import type { ToolUseBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ToolStepRecord } from '../../space/records.ts';
import type { BlobsDep } from '../../space/space.ts';
import type { TurnInFlight } from '../agent.ts';
import { isSendable } from '../line/line-index.ts';
import type { Tool, ToolCall } from '../tool.ts';
import { keep, nextMoment, type Progress, presentTurn, progressOf, type TurnScope } from '../turn/turn-scope.ts';
import { type Access, type CallState, callsToStart } from './call-order.ts';
import { decidedResult } from './decided-results.ts';
import { fitResult } from './long-results.ts';
import { type RanTool, runTool } from './run-tool.ts';
import { gateOf, type Taint, taintOf, targetOf } from './trust.ts';

/** More at a time would only stand in line at the disk and the network, and starve the screen. */
const MOST_AT_ONCE = 6;

type ToolScope = TurnScope & { readonly deps: Partial<BlobsDep> };

/**
 * Runs calls that have no result yet: together where they do not work on the same things, else in the order given. Each
 * result is on disk before a call begins that depends on it. `begun` are calls of a killed tab: what is not idempotent
 * among them is not run again. Calls that wait for the person hold up only what conflicts with them; when nothing else is
 * left, the answer is `waits`, and calling again goes on from the records.
 */
export async function runTools(
	scope: ToolScope,
	uses: readonly ToolUseBlockParam[],
	begun: ReadonlySet<string>,
): Promise<Progress> {
	const taint = taintNow(scope);
	const calls = uses.map((use) => plan(scope, use, begun));
	const noted = new Set(begun);
	const running = new Map<string, Promise<void>>();
	const stop = new AbortController();
	const aborted = Promise.withResolvers<void>();
	const onAbort = () => {
		stop.abort();
		aborted.resolve();
	};
	scope.signal.addEventListener('abort', onAbort, { once: true });
	if (scope.signal.aborted) onAbort();
	const ended: { by?: Progress } = {};
	try {
		while (!stop.signal.aborted) {
			goOn(await settle(scope, calls, taint));
			const next = stop.signal.aborted ? [] : callsToStart(calls, MOST_AT_ONCE);
			if (next.length > 0) goOn(await note(scope, next, noted));
			if (stop.signal.aborted) break;
			if (next.length > 0) scope.live.begins(calls.filter(isUnderWay).map(({ use }) => use));
			for (const call of next) running.set(call.use.id, start(call));
			if (running.size === 0) break;
			await Promise.race([aborted.promise, ...running.values()]);
		}
		// A tab that goes waits for nobody; a stop waits for what the calls under way have to say of themselves.
		if (!scope.isGone()) await Promise.all(running.values());
	} finally {
		scope.signal.removeEventListener('abort', onAbort);
	}
	if (ended.by) return ended.by;
	if (scope.isGone()) return { type: 'gone' };
	if (scope.signal.aborted) return stopOpenTools(scope, uses);
	const waiting = calls.filter(({ state }) => state === 'waits').map(({ use }) => use);
	if (waiting.length === 0) return { type: 'on' };
	scope.live.asks(waiting);
	return { type: 'waits' };

	async function start(call: PlannedCall): Promise<void> {
		call.state = 'running';
		const progress = await perform(scope, call, { taint, stop: stop.signal });
		call.state = 'over';
		running.delete(call.use.id);
		goOn(progress);
		if (progress.type === 'on') scope.live.ends(call.use.id);
	}

	/** What cannot be kept must not be added to: else no further call begins, and those that run are told to stop. */
	function goOn(progress: Progress): void {
		if (progress.type === 'on') return;
		ended.by ??= progress;
		stop.abort();
	}
}

/** Calls of an answer that broke off are recorded as not run. */
export async function skipTools(scope: TurnScope, uses: readonly ToolUseBlockParam[]): Promise<Progress> {
	const progress = await stopOpenTools(scope, uses);
	return progress.type === 'stopped' ? { type: 'on' } : progress;
}

interface PlannedCall {
	readonly use: ToolUseBlockParam;
	readonly tool: Tool | undefined;
	readonly input: unknown;
	readonly access: Access;
	/** A killed tab began it, and it may have had its effect. */
	readonly isLost: boolean;
	state: CallState;
	isApproved: boolean;
}

function plan(scope: TurnScope, use: ToolUseBlockParam, begun: ReadonlySet<string>): PlannedCall {
	const { tool, input } = targetOf(scope.tools, use);
	const isLost = tool?.isIdempotent === false && begun.has(use.id);
	return { use, tool, input, access: accessOf(tool, input), isLost, state: 'waits', isApproved: false };
}

/** What a call works on. A question works on nothing, nor does a call of a tool that there is not. */
export function accessOf(tool: Tool | undefined, input: unknown): Access {
	if (!tool || tool.question?.(input)) return { keys: [], isReadOnly: true };
	return { keys: tool.worksOn?.(input), isReadOnly: tool.isReadOnly };
}

function isUnderWay({ state }: PlannedCall): boolean {
	return state === 'ready' || state === 'running';
}

/** Results of the newest answer's own calls did not lead to them: the model has yet to see them. */
function taintNow(scope: TurnScope): Taint | undefined {
	const index = scope.deps.indexOf(scope.line.records());
	const newest = presentTurn(scope).modelSteps.findLast(isSendable)?.content ?? [];
	const unseen = newest.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
	return taintOf(index, scope.turn, new Set(unseen));
}

/** Asks again what each waiting call waits for; what is decided, or was lost with a killed tab, gets its result here. */
async function settle(scope: TurnScope, calls: readonly PlannedCall[], taint: Taint | undefined): Promise<Progress> {
	const { decisions } = presentTurn(scope);
	const at = nextMoment(scope);
	const steps: ToolStepRecord[] = [];
	for (const call of calls) {
		if (call.state !== 'waits') continue;
		const gate = gateOf({ ...call, taint, decision: decisions.get(call.use.id)?.decision });
		if (gate.type === 'waits') continue;
		const ran = gate.type === 'decided' ? decidedResult(gate) : call.isLost ? LOST : undefined;
		call.state = ran ? 'over' : 'ready';
		call.isApproved = gate.type === 'open' && gate.isApproved;
		if (ran) steps.push(stepOf(scope, call.use, { at, durationMs: 0, ...ran }));
	}
	return steps.length > 0 ? keep(scope, steps) : { type: 'on' };
}

/** Before calls begin: the turn is still this runner's, and those that must not run twice are noted on disk. */
async function note(scope: TurnScope, next: readonly PlannedCall[], noted: Set<string>): Promise<Progress> {
	if (!(await scope.hold.check())) return { type: scope.isGone() ? 'gone' : 'taken-over' };
	const fresh = next.filter(({ tool, use }) => tool?.isIdempotent === false && !noted.has(use.id));
	if (fresh.length === 0) return { type: 'on' };
	for (const { use } of fresh) noted.add(use.id);
	const entry: TurnInFlight = { line: scope.line.id, turn: scope.turn.id, partial: '', toolsBegun: [...noted] };
	const progress = progressOf(await scope.inFlight.put(entry));
	return progress.type === 'on' && scope.isGone() ? { type: 'gone' } : progress;
}

/** Runs one call and keeps its result. A stop while it ran does not undo it: what it did is recorded like any other. */
async function perform(
	scope: ToolScope,
	planned: PlannedCall,
	{ taint, stop }: { readonly taint: Taint | undefined; readonly stop: AbortSignal },
): Promise<Progress> {
	const { use, tool, input } = planned;
	const started = scope.deps.clock.now();
	const call = callOf(scope, planned, taint);
	const ran = tool ? await runTool(scope.deps, { tool, input, call }, stop) : unknownTool(scope, use);
	if (scope.isGone()) return { type: 'gone' };
	const fitting = await fitResult(scope.deps, { tool: use.name, result: ran.result });
	const durationMs = Math.max(0, scope.deps.clock.now() - started);
	return keep(scope, [stepOf(scope, use, { at: nextMoment(scope), durationMs, ...ran, ...fitting })]);
}

function callOf(
	{ line, turn, person, deps }: TurnScope,
	{ use, tool, input, isApproved }: PlannedCall,
	taint: Taint | undefined,
): Omit<ToolCall, 'signal'> {
	// What a person let become an instruction is vouched for; else SOUL.md, once mended, would be material for ever.
	const isVouched = isApproved && tool?.needsTrust?.(input)?.type === 'instructions';
	return {
		line: line.id,
		turn: turn.id,
		toolUse: use.id,
		...(isApproved ? { isApproved } : {}),
		actor: {
			type: turn.by,
			person,
			device: deps.self.device,
			line: line.id,
			turn: turn.id,
			toolUse: use.id,
			...(turn.by === 'agent' ? { agent: turn.agent ?? 'general' } : {}),
			...(taint && !isVouched ? { untrusted: { source: taint.source } } : {}),
		},
	};
}

/** Gives every call without a result one that says it was stopped, so that no call stays unanswered. */
async function stopOpenTools(scope: TurnScope, uses: readonly ToolUseBlockParam[]): Promise<Progress> {
	const { toolSteps } = presentTurn(scope);
	const at = nextMoment(scope);
	const steps = uses
		.filter((use) => !toolSteps.has(use.id))
		.map((use) => stepOf(scope, use, { at, ...STOPPED, durationMs: 0 }));
	const progress: Progress = steps.length > 0 ? await keep(scope, steps) : { type: 'on' };
	return progress.type === 'on' ? { type: 'stopped' } : progress;
}

const STOPPED = { outcome: 'stopped', result: 'Stopped before it ran: it changed nothing.', receipts: [] } as const;

const LOST = {
	outcome: 'unknown',
	result:
		'The app was closed while this ran: whether it took effect is not known. Look, or ask the person, before doing it again.',
	receipts: [],
} as const;

function unknownTool({ tools }: TurnScope, { name }: ToolUseBlockParam): RanTool {
	const names = [...tools.keys()].join(', ');
	return { outcome: 'refused', result: `There is no tool "${name}". There are: ${names}.`, receipts: [] };
}

function stepOf(
	scope: TurnScope,
	use: ToolUseBlockParam,
	ran: Pick<
		ToolStepRecord,
		'at' | 'outcome' | 'result' | 'receipts' | 'durationMs' | 'endsTurn' | 'untrusted' | 'whole' | 'shows'
	>,
): ToolStepRecord {
	return { kind: 'tool-step', turn: scope.turn.id, toolUse: use.id, name: use.name, ...ran };
}
