import { spentOnRun } from '@pocketeer/core/agent/spend/usage';
import type { DeviceId, FileId, LineId, MessageId, OccurrenceId } from '@pocketeer/core/ids';
import type { RunRecord } from '@pocketeer/core/space/records';
import { expect, test } from 'vitest';
import {
	describeDay,
	describeOutcome,
	describeRunCost,
	describeRunner,
	describeTokens,
	describeTrigger,
	groupRuns,
} from './view.ts';

test('runs are grouped by the local day they began and keep their order', () => {
	const days = groupRuns(
		[run('c', '2026-11-20T22:30:00Z'), run('b', '2026-11-20T12:00:00Z'), run('a', '2026-11-19T12:00:00Z')],
		'Europe/Athens',
	);
	expect(days.map(({ day, runs }) => `${day}: ${runs.map(({ id }) => id).join(' ')}`)).toEqual([
		'2026-11-21: c',
		'2026-11-20: b',
		'2026-11-19: a',
	]);
});

test('no two outcomes look alike, and each says its reason', () => {
	const views = [
		describeOutcome({ type: 'answered' }),
		describeOutcome({ type: 'shown' }),
		describeOutcome({ type: 'silent', reason: 'nothing new' }),
		describeOutcome({ type: 'stopped' }),
		describeOutcome({ type: 'skipped', reason: 'two hours late' }),
		describeOutcome({ type: 'refused', explanation: 'not this' }),
		describeOutcome({ type: 'truncated', by: 'max_tokens' }),
		describeOutcome({ type: 'failed', failure: { type: 'NoNetwork' } }),
	];
	expect(new Set(views.map((view) => view.word)).size).toBe(views.length);
	expect(new Set(views.map((view) => view.icon)).size).toBe(views.length);
	expect(views.map((view) => view.detail).slice(2, 6)).toEqual([
		'nothing new',
		expect.any(String),
		'two hours late',
		'not this',
	]);
});

test('only a failure is drawn as one, and it says what failed', () => {
	const failed = describeOutcome({ type: 'failed', failure: { type: 'WrongKey' } });
	expect(failed.tone).toBe('bad');
	expect(failed.detail).toMatch(/key/i);
	expect(describeOutcome({ type: 'skipped', reason: '' })).toMatchObject({ tone: 'warn', detail: undefined });
});

test('a limit that was reached is no failure, and neither is a turn that was ended because it went in circles', () => {
	const cap = describeOutcome({ type: 'failed', failure: { type: 'DayCap', capUsd: 2, spentUsd: 1.99 } });
	expect(cap).toMatchObject({ tone: 'warn', word: 'Limit reached' });
	expect(cap.detail).toContain('$2.00');
	const loop = describeOutcome({ type: 'failed', failure: { type: 'Loop', tool: 'find', times: 4 } });
	expect(loop).toMatchObject({ tone: 'warn', word: 'Ended' });
	expect(loop.detail).toContain('round in circles');
});

test('a trigger names the file behind it', () => {
	const task = 'x' as FileId;
	const occurrence = 'y' as OccurrenceId;
	expect(describeTrigger({ type: 'reminder', task, path: 'tasks/pasta.md', occurrence })).toEqual({
		word: 'Reminder',
		path: 'tasks/pasta.md',
	});
	expect(describeTrigger({ type: 'message', message: 'm' as MessageId })).toEqual({ word: 'Message', path: undefined });
});

test('who ran is a model, the clerk, or nobody', () => {
	expect(describeRunner({ by: 'agent', model: 'claude-sonnet-5-5' })).toBe('claude-sonnet-5-5');
	expect(describeRunner({ by: 'clerk', model: 'clerk' })).toBe('Clerk');
	expect(describeRunner({ by: 'none', model: '' })).toBeUndefined();
});

test('tokens are told only when a model was paid, written cache as input, and searches when there were some', () => {
	const tokens = { input: 940, cacheRead: 12_400, cacheWrite: 60, output: 1_250_000 };
	expect(describeTokens(told({ tokens }))).toBe('1.0k tokens in · 12.4k cached · 1.3M out');
	expect(describeTokens(told({ tokens, webSearches: 1 }))).toMatch(/ · 1 web search$/);
	expect(describeTokens(told({ by: 'clerk', tokens }))).toBeUndefined();
	expect(describeTokens(told({ tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 } }))).toBeUndefined();
});

test('a run tells its cost, or that it is unknown, and one that called no model neither', () => {
	expect(describeRunCost(told({ cost: { usd: 0.0123, unpriced: 0 } }))).toBe('$0.01');
	expect(describeRunCost(told({ cost: { usd: 0, unpriced: 1 } }))).toBe('cost unknown');
	expect(describeRunCost(told({ modelCalls: 3, cost: { usd: 0.5, unpriced: 1 } }))).toBe(
		'$0.50 and 1 call of unknown cost',
	);
	// A row of an older version.
	expect(describeRunCost(told({}))).toBe('cost unknown');
	expect(describeRunCost(told({ by: 'clerk' }))).toBeUndefined();
	expect(describeRunCost(told({ by: 'none', modelCalls: 0 }))).toBeUndefined();
});

test('a day tells its sum, and a day without a model none', () => {
	expect(describeDay(undefined)).toBeUndefined();
	expect(describeDay(spentOnRun(told({ cost: { usd: 1.5, unpriced: 0 } })))).toBe(
		'$1.50 · 1 tokens in · 0 cached · 1 out',
	);
});

function told(fields: Partial<RunRecord>): RunRecord {
	return { ...run('r', '2026-11-20T12:00:00Z'), ...fields };
}

function run(id: string, started: string): RunRecord {
	return {
		kind: 'run',
		id,
		line: 'main' as LineId,
		trigger: { type: 'message', message: 'm' as MessageId },
		device: 'here' as DeviceId,
		by: 'agent',
		model: 'claude-sonnet-5-5',
		started: Date.parse(started),
		ended: Date.parse(started) + 1_000,
		outcome: { type: 'answered' },
		modelCalls: 1,
		toolCalls: 0,
		tokens: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 },
		files: [],
	};
}

test('a run that a later version ended in its own way is told of, not thrown over', () => {
	const outcome: RunRecord['outcome'] = JSON.parse('{"type":"from-the-future"}');
	const trigger: RunRecord['trigger'] = JSON.parse('{"type":"from-the-future"}');
	expect(describeOutcome(outcome).detail).toContain('Update this app');
	expect(describeTrigger(trigger)).toEqual({ word: 'Something newer', path: undefined });
});
