import type { ToolUseBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ToolStepRecord } from '../space/records.ts';
import type { TurnInFlight } from './agent.ts';
import type { ToolCall, ToolOutcome } from './tool.ts';
import { keep, nextMoment, type Progress, presentTurn, progressOf, type TurnScope } from './turn-scope.ts';

/**
 * Runs calls that have no result yet, in order; read-only neighbours run together. Each result is on disk before
 * the next call begins. `begun` are calls of a killed tab: what is not idempotent among them is not run again.
 */
export async function runTools(
	scope: TurnScope,
	uses: readonly ToolUseBlockParam[],
	begun: ReadonlySet<string>,
): Promise<Progress> {
	scope.live.begins(uses);
	for (const group of groupUses(scope, uses)) {
		if (scope.signal.aborted) break;
		const progress = await runGroup(scope, group, begun);
		if (progress.type !== 'on') return progress;
	}
	if (scope.isGone()) return { type: 'gone' };
	return scope.signal.aborted ? stopOpenTools(scope, uses) : { type: 'on' };
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

/** Calls of an answer that broke off are recorded as not run. */
export async function skipTools(scope: TurnScope, uses: readonly ToolUseBlockParam[]): Promise<Progress> {
	const progress = await stopOpenTools(scope, uses);
	return progress.type === 'stopped' ? { type: 'on' } : progress;
}

const STOPPED = { outcome: 'stopped', result: 'Stopped before it ran: it changed nothing.', receipts: [] } as const;

/** Neighbouring read-only calls form one group; every other call stands alone. */
function groupUses(
	{ tools }: TurnScope,
	uses: readonly ToolUseBlockParam[],
): readonly (readonly ToolUseBlockParam[])[] {
	const groups: ToolUseBlockParam[][] = [];
	let isReading = false;
	for (const use of uses) {
		const isReadOnly = tools.get(use.name)?.isReadOnly ?? true;
		const last = groups.at(-1);
		if (last && isReading && isReadOnly) last.push(use);
		else groups.push([use]);
		isReading = isReadOnly;
	}
	return groups;
}

async function runGroup(
	scope: TurnScope,
	uses: readonly ToolUseBlockParam[],
	begun: ReadonlySet<string>,
): Promise<Progress> {
	const risky = uses.filter((use) => scope.tools.get(use.name)?.isIdempotent === false);
	const fresh = risky.filter((use) => !begun.has(use.id));
	if (fresh.length > 0) {
		const noted: TurnInFlight = {
			line: scope.line.id,
			turn: scope.turn.id,
			partial: '',
			toolsBegun: fresh.map((use) => use.id),
		};
		const progress = progressOf(await scope.inFlight.put(noted));
		if (progress.type !== 'on') return progress;
		if (scope.isGone()) return { type: 'gone' };
	}
	const lost = new Set(risky.filter((use) => begun.has(use.id)));
	const steps = await Promise.all(uses.map((use) => (lost.has(use) ? unknownStep(scope, use) : runOne(scope, use))));
	// A stop while a call ran does not undo it: what it did is recorded like any other.
	const progress = await keep(scope, steps);
	for (const use of uses) scope.live.ends(use.id);
	return progress;
}

async function runOne(scope: TurnScope, use: ToolUseBlockParam): Promise<ToolStepRecord> {
	const started = scope.deps.clock.now();
	const outcome = await callTool(scope, use);
	return stepOf(scope, use, {
		at: nextMoment(scope),
		...outcome,
		durationMs: Math.max(0, scope.deps.clock.now() - started),
	});
}

async function callTool(scope: TurnScope, use: ToolUseBlockParam): Promise<ToolOutcome> {
	const tool = scope.tools.get(use.name);
	if (!tool) {
		const names = [...scope.tools.keys()].join(', ');
		return { outcome: 'refused', result: `There is no tool "${use.name}". There are: ${names}.`, receipts: [] };
	}
	try {
		return await tool.run(use.input, callOf(scope, use));
	} catch (error) {
		// A tool's bug must neither lose the turn nor pass for success.
		scope.deps.log.warn('tool-threw', { tool: use.name, error: error instanceof Error ? error.name : 'unknown' });
		const reason = error instanceof Error ? error.message : String(error);
		return {
			outcome: 'failed',
			result: `The tool broke off with an internal error (${reason}). Whether it took effect is not known: look before trying again.`,
			receipts: [],
		};
	}
}

function callOf(scope: TurnScope, use: ToolUseBlockParam): ToolCall {
	const { line, turn, person, deps, signal } = scope;
	return {
		line: line.id,
		turn: turn.id,
		toolUse: use.id,
		signal,
		actor: {
			type: turn.by,
			person,
			device: deps.self.device,
			line: line.id,
			turn: turn.id,
			toolUse: use.id,
			...(turn.by === 'agent' ? { agent: 'general' } : {}),
		},
	};
}

function unknownStep(scope: TurnScope, use: ToolUseBlockParam): ToolStepRecord {
	return stepOf(scope, use, {
		at: nextMoment(scope),
		outcome: 'unknown',
		result:
			'The app was closed while this ran: whether it took effect is not known. Look, or ask the person, before doing it again.',
		receipts: [],
		durationMs: 0,
	});
}

function stepOf(
	scope: TurnScope,
	use: ToolUseBlockParam,
	rest: Pick<ToolStepRecord, 'at' | 'outcome' | 'result' | 'receipts' | 'durationMs' | 'endsTurn'>,
): ToolStepRecord {
	return { kind: 'tool-step', turn: scope.turn.id, toolUse: use.id, name: use.name, ...rest };
}
