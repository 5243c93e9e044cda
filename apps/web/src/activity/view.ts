import { describeFailure, type Failure } from '@pocketeer/core/agent/failures';
import { type Spent, spentOnRun } from '@pocketeer/core/agent/spend/usage';
import type { RunRecord } from '@pocketeer/core/space/records';
import { makeDayOf } from '../chat/format.ts';
import type { IconName } from '../icons/names.ts';
import { describeCost, formatTokens } from '../shell/money.ts';

/** Runs of one local day, newest first. */
export interface RunDay {
	/** `2026-12-01`. */
	readonly day: string;
	readonly runs: readonly RunRecord[];
}

/** How a run ended, told by icon, word and colour alike. */
export interface OutcomeView {
	readonly tone: 'good' | 'quiet' | 'warn' | 'bad';
	readonly icon: IconName;
	readonly word: string;
	/** Why, when there is more to say. */
	readonly detail: string | undefined;
}

/** Groups runs by the local day they began; the order given, newest first, is kept. */
export function groupRuns(runs: readonly RunRecord[], zone: string): readonly RunDay[] {
	const dayOf = makeDayOf(zone);
	const runsByDay = new Map<string, RunRecord[]>();
	for (const run of runs) {
		const day = dayOf(run.started);
		const group = runsByDay.get(day);
		if (group) group.push(run);
		else runsByDay.set(day, [run]);
	}
	return [...runsByDay].map(([day, group]) => ({ day, runs: group }));
}

/** The outcome of a run in words. Silent, skipped, refused and failed are different things and never look alike. */
export function describeOutcome(outcome: RunRecord['outcome']): OutcomeView {
	switch (outcome.type) {
		case 'answered':
			return { tone: 'good', icon: 'check', word: 'Answered', detail: undefined };
		case 'shown':
			return { tone: 'good', icon: 'bell', word: 'Shown', detail: undefined };
		case 'silent':
			return { tone: 'quiet', icon: 'moon', word: 'Nothing to say', detail: outcome.reason || undefined };
		case 'stopped':
			return { tone: 'quiet', icon: 'square', word: 'Stopped', detail: 'You stopped it; what was said is kept.' };
		case 'skipped':
			return { tone: 'warn', icon: 'calendar-x', word: 'Skipped', detail: outcome.reason || undefined };
		case 'refused':
			return { tone: 'warn', icon: 'circle-slash', word: 'Refused', detail: outcome.explanation };
		case 'truncated':
			return { tone: 'warn', icon: 'ellipsis', word: 'Cut short', detail: truncatedBy(outcome.by) };
		case 'failed':
			return { ...failureView(outcome.failure), detail: failureWords(outcome.failure) };
		default:
			return ofLaterVersion(outcome);
	}
}

/** Runs are stored, and a later version may have ended one in a way of its own. */
function ofLaterVersion(_: never): OutcomeView {
	const detail = 'A newer Pocketeer wrote this. Update this app to read it.';
	return { tone: 'quiet', icon: 'ellipsis', word: 'Ended', detail };
}

function unknownTrigger(_: never): { readonly word: string; readonly path: undefined } {
	return { word: 'Something newer', path: undefined };
}

function unknownRunner(_: never): undefined {
	return undefined;
}

/** What the person's own limits held back is no failure of anything. */
function failureView({ type }: Failure): Omit<OutcomeView, 'detail'> {
	if (type === 'DayCap' || type === 'TurnCap') return { tone: 'warn', icon: 'shield-check', word: 'Limit reached' };
	if (type === 'Loop') return { tone: 'warn', icon: 'repeat', word: 'Ended' };
	return { tone: 'bad', icon: 'circle-alert', word: 'Failed' };
}

function failureWords(failure: Failure): string {
	const { sentence, hint } = describeFailure(failure);
	return hint === '' ? sentence : `${sentence} ${hint}`;
}

function truncatedBy(limit: 'max_tokens' | 'context_window'): string {
	return limit === 'max_tokens'
		? 'The answer reached its length limit.'
		: 'The conversation filled the model’s context window.';
}

/** What set a run off, and the file behind it when there is one. */
export function describeTrigger(trigger: RunRecord['trigger']): {
	readonly word: string;
	readonly path: string | undefined;
} {
	switch (trigger.type) {
		case 'message':
			return { word: 'Message', path: undefined };
		case 'task':
			return { word: 'Nudge', path: trigger.path };
		case 'reminder':
			return { word: 'Reminder', path: trigger.path };
		case 'compaction':
			return { word: 'Summary of earlier turns', path: undefined };
		default:
			return unknownTrigger(trigger);
	}
}

/** Who ran: the model's id, the clerk, or undefined when nobody had to think. */
export function describeRunner(run: Pick<RunRecord, 'by' | 'model'>): string | undefined {
	switch (run.by) {
		case 'agent':
			return run.model;
		case 'clerk':
			return 'Clerk';
		case 'none':
			return undefined;
		default:
			return unknownRunner(run.by);
	}
}

/** Tokens of a run that a model was paid for; undefined when none was. Cache writes are input that is kept. */
export function describeTokens(run: RunRecord): string | undefined {
	const { tokens } = spentOnRun(run);
	return run.by === 'agent' ? tokenWords(tokens) : undefined;
}

/** What a run cost, or that nobody knows; undefined when no model was called. */
export function describeRunCost(run: RunRecord): string | undefined {
	return run.by === 'agent' ? describeCost(spentOnRun(run)) : undefined;
}

/** What a day cost and took, for its heading; undefined when no model was called on it. */
export function describeDay(spent: Spent | undefined): string | undefined {
	const cost = spent && describeCost(spent);
	if (cost === undefined) return undefined;
	return [cost, tokenWords(spent?.tokens)].filter((words) => words !== undefined).join(' · ');
}

function tokenWords(tokens: Spent['tokens'] | undefined): string | undefined {
	if (!tokens) return undefined;
	const { input, cacheRead, cacheWrite, output, webSearches } = tokens;
	if (input + cacheRead + cacheWrite + output === 0) return undefined;
	const words = `${formatTokens(input + cacheWrite)} tokens in · ${formatTokens(cacheRead)} cached · ${formatTokens(output)} out`;
	if (webSearches === 0) return words;
	return `${words} · ${webSearches} web ${webSearches === 1 ? 'search' : 'searches'}`;
}
