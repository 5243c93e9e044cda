import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('counters begin at zero, and what has kinds is counted by kind', async () => {
	const metrics = createMetrics();
	metrics.count('refusals_total', 2, 'quota');
	metrics.count('refusals_total', 1, 'rate');
	const lines = (await metrics.render()).split('\n');
	expect(lines).toContain('pocketeer_snapshots_total 0');
	expect(lines).toContain('pocketeer_refusals_total{kind="quota"} 2');
	expect(lines).toContain('pocketeer_refusals_total{kind="rate"} 1');
});

test('a duration counts in every bucket that is wide enough, in seconds', async () => {
	const metrics = createMetrics();
	for (const durationMs of [1, 3, 3, 400, 60_000]) metrics.took('commit_seconds', durationMs);
	const lines = (await metrics.render()).split('\n').filter((line) => line.startsWith('pocketeer_commit_seconds'));
	expect(lines).toEqual([
		'pocketeer_commit_seconds_bucket{le="0.001"} 1',
		'pocketeer_commit_seconds_bucket{le="0.002"} 1',
		'pocketeer_commit_seconds_bucket{le="0.005"} 3',
		'pocketeer_commit_seconds_bucket{le="0.01"} 3',
		'pocketeer_commit_seconds_bucket{le="0.025"} 3',
		'pocketeer_commit_seconds_bucket{le="0.05"} 3',
		'pocketeer_commit_seconds_bucket{le="0.1"} 3',
		'pocketeer_commit_seconds_bucket{le="0.25"} 3',
		'pocketeer_commit_seconds_bucket{le="1"} 4',
		'pocketeer_commit_seconds_bucket{le="5"} 4',
		'pocketeer_commit_seconds_bucket{le="+Inf"} 5',
		'pocketeer_commit_seconds_sum 60.407',
		'pocketeer_commit_seconds_count 5',
	]);
});
