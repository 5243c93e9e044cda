import type { DeviceId, FileId, LineId, MessageId, OccurrenceId, PersonId } from '@pocketeer/core/ids';
import type { RunRecord } from '@pocketeer/core/space/records';
import { expect, it } from 'vitest';
import { type Grouping, groupSpending, ownRuns, runsOfPeriod, type SpendingNames, totalOf } from './spending.ts';

const ZONE = 'Europe/Athens';
const HERE = { now: Date.parse('2026-11-20T09:00:00Z'), zone: ZONE };
const SELF = { device: 'here' as DeviceId, person: 'ada' as PersonId };

const NAMES: SpendingNames = {
	line: ({ line }) => `line ${line}`,
	device: (id) => `device ${id}`,
	person: ({ person }) => person ?? 'nobody known',
	day: (day) => day,
};

function run(ended: string, usd: number | undefined, fields: Partial<RunRecord> = {}): RunRecord {
	const at = Date.parse(ended);
	return {
		kind: 'run',
		id: ended,
		line: 'a' as LineId,
		trigger: { type: 'message', message: 'm' as MessageId },
		device: SELF.device,
		person: SELF.person,
		by: 'agent',
		model: 'claude-sonnet-5-5',
		started: at,
		ended: at,
		outcome: { type: 'answered' },
		modelCalls: 1,
		toolCalls: 0,
		tokens: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 },
		files: [],
		...(usd === undefined ? {} : { cost: { usd, unpriced: 0 } }),
		...fields,
	};
}

const groups = (runs: readonly RunRecord[], grouping: Grouping) =>
	groupSpending(runs, { grouping, names: NAMES, zone: ZONE }).map(({ name, spent }) => [name, spent.usd]);

it('a period is of local days, today included, and counts runs by their end', () => {
	const runs = [
		run('2026-11-20T08:00:00Z', 1),
		// 23:30 and 00:30 in Athens.
		run('2026-11-19T21:30:00Z', 2, { started: Date.parse('2026-11-01T00:00:00Z') }),
		run('2026-11-19T22:30:00Z', 4),
		run('2026-11-13T21:59:00Z', 8),
		run('2026-11-13T22:01:00Z', 16),
		run('2026-10-21T23:00:00Z', 32),
		run('2026-10-20T20:00:00Z', 64),
	];
	const usd = (period: 1 | 7 | 30) => totalOf(runsOfPeriod(runs, period, HERE)).usd;
	expect(usd(1)).toBe(5);
	expect(usd(7)).toBe(23);
	expect(usd(30)).toBe(63);
});

it('one’s own are those one’s keys paid for, on any device; others’ and the clerk’s are not', () => {
	const bea = 'bea' as PersonId;
	const { person: _person, ...old } = run('2026-11-20T05:00:00Z', undefined);
	const runs = [
		run('2026-11-20T01:00:00Z', 1),
		run('2026-11-20T02:00:00Z', 1, { device: 'phone' as DeviceId }),
		run('2026-11-20T03:00:00Z', 1, { person: bea }),
		run('2026-11-20T04:00:00Z', 0, { by: 'clerk' }),
		old,
		{ ...old, device: 'other' as DeviceId },
	];
	expect(ownRuns(runs, SELF)).toEqual([runs[0], runs[1], runs[4]]);
});

it('days come newest first and everything else dearest first', () => {
	const runs = [
		run('2026-11-18T09:00:00Z', 1, { line: 'b' as LineId }),
		run('2026-11-20T08:00:00Z', 2, { device: 'phone' as DeviceId }),
		run('2026-11-19T09:00:00Z', 4, { line: 'b' as LineId, agent: 'cook', model: 'claude-opus-5-5' }),
	];
	expect(groups(runs, 'day')).toEqual([
		['2026-11-20', 2],
		['2026-11-19', 4],
		['2026-11-18', 1],
	]);
	expect(groups(runs, 'line')).toEqual([
		['line b', 5],
		['line a', 2],
	]);
	expect(groups(runs, 'agent')).toEqual([
		['cook', 4],
		['general', 3],
	]);
	expect(groups(runs, 'model')).toEqual([
		['claude-opus-5-5', 4],
		['claude-sonnet-5-5', 3],
	]);
	expect(groups(runs, 'device')).toEqual([
		['device here', 5],
		['device phone', 2],
	]);
	expect(groups(runs, 'person')).toEqual([['ada', 7]]);
});

it('each nudge is a group of its own, and summaries are one', () => {
	const nudge = (path: string): RunRecord['trigger'] => ({
		type: 'task',
		task: 'f' as FileId,
		path,
		occurrence: 'o' as OccurrenceId,
		message: 'm' as MessageId,
	});
	const runs = [
		run('2026-11-20T01:00:00Z', 1, { trigger: nudge('tasks/weekly.md') }),
		run('2026-11-20T02:00:00Z', 2, { trigger: nudge('tasks/daily.md') }),
		run('2026-11-20T03:00:00Z', 4, { trigger: nudge('tasks/daily.md') }),
		run('2026-11-20T04:00:00Z', 0.5, { trigger: { type: 'compaction', compaction: 'c' } }),
	];
	expect(groups(runs, 'trigger')).toEqual([
		['Nudge tasks/daily.md', 6],
		['Nudge tasks/weekly.md', 1],
		['Summary of earlier turns', 0.5],
	]);
});

it('a group of unknown cost stands before one that cost nothing, and says how much is unknown', () => {
	const rows = groupSpending(
		[
			run('2026-11-20T01:00:00Z', 0, { line: 'free' as LineId }),
			run('2026-11-20T02:00:00Z', 0, { line: 'own' as LineId, cost: { usd: 0, unpriced: 1 } }),
		],
		{ grouping: 'line', names: NAMES, zone: ZONE },
	);
	expect(rows.map(({ name, spent }) => [name, spent.unpriced])).toEqual([
		['line own', 1],
		['line free', 0],
	]);
});
