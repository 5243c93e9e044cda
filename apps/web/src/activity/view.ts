import { describeFailure, type Failure } from '@pocketeer/core/agent/failures';
import type { RunRecord } from '@pocketeer/core/space/records';
import { makeDayOf } from '../chat/format.ts';
import type { IconName } from '../icons/names.ts';

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
			return { tone: 'bad', icon: 'circle-alert', word: 'Failed', detail: failureWords(outcome.failure) };
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
export function describeTokens(run: Pick<RunRecord, 'by' | 'tokens'>): string | undefined {
	const { input, cacheRead, cacheWrite, output } = run.tokens;
	if (run.by !== 'agent' || input + cacheRead + cacheWrite + output === 0) return undefined;
	return `${tokens(input + cacheWrite)} tokens in · ${tokens(cacheRead)} cached · ${tokens(output)} out`;
}

/** A count of tokens, short: 940, 12.4k, 1.2M. */
function tokens(count: number): string {
	if (count < 1_000) return String(count);
	if (count < 99_950) return `${(count / 1_000).toFixed(1)}k`;
	if (count < 999_500) return `${Math.round(count / 1_000)}k`;
	return `${(count / 1_000_000).toFixed(1)}M`;
}
