import { describe, expect, test } from 'vitest';
import { judgeAnswer } from './retry.ts';

const now = Date.parse('2026-11-20T09:00:00Z');
const judge = (status: number, retryAfter?: string, attempt = 0) =>
	judgeAnswer({ status, retryAfter }, { attempt, now, fraction: 0.5 });

describe('what a push service answered', () => {
	test.each([
		[200, 'sent'],
		[201, 'sent'],
		[204, 'sent'],
		[404, 'gone'],
		[410, 'gone'],
		[429, 'retry'],
		[500, 'retry'],
		[503, 'retry'],
		[0, 'retry'],
		[301, 'rejected'],
		[400, 'rejected'],
		[401, 'rejected'],
		[403, 'rejected'],
		[413, 'rejected'],
	])('%d means %s', (status, type) => {
		expect(judge(status).type).toBe(type);
	});

	test('waits twice as long each time, up to ten minutes', () => {
		const waits = [0, 1, 2, 3, 20, 1000].map((attempt) => judge(503, undefined, attempt));
		expect(waits.map((verdict) => verdict.type === 'retry' && verdict.afterMs)).toEqual([
			2_000, 4_000, 8_000, 16_000, 600_000, 600_000,
		]);
	});

	test('waits as long as the service asks, in seconds or until a date', () => {
		expect(judge(429, '120')).toEqual({ type: 'retry', afterMs: 120_000 });
		expect(judge(429, 'Fri, 20 Nov 2026 09:05:00 GMT')).toEqual({ type: 'retry', afterMs: 300_000 });
		expect(judge(429, 'soon')).toEqual({ type: 'retry', afterMs: 2_000 });
		expect(judge(429, 'Fri, 20 Nov 2026 08:00:00 GMT')).toEqual({ type: 'retry', afterMs: 2_000 });
	});
});
