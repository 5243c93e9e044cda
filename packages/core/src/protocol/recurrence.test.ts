import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextDue, previousDue, type Recurrence, readRecurrence } from './recurrence.ts';

const at = (iso: string) => Date.parse(iso);
const cron = (pattern: string, zone = 'UTC', until: number | null = null): Recurrence => ({
	type: 'cron',
	cron: pattern,
	zone,
	until,
});
/** The next `count` due moments after `after`, as ISO in UTC. */
function upcoming(recurrence: Recurrence, after: string, count: number): string[] {
	const found: string[] = [];
	let due = nextDue(recurrence, at(after));
	while (due !== undefined && found.length < count) {
		found.push(new Date(due).toISOString().replace(':00.000Z', 'Z'));
		due = nextDue(recurrence, due);
	}
	return found;
}

describe('nextDue', () => {
	test('is strictly after the moment given', () => {
		const nine = cron('0 9 * * *');
		expect(nextDue(nine, at('2026-01-01T08:59:59.999Z'))).toBe(at('2026-01-01T09:00:00Z'));
		expect(nextDue(nine, at('2026-01-01T09:00:00.000Z'))).toBe(at('2026-01-02T09:00:00Z'));
		expect(nextDue(nine, at('2026-01-01T09:00:00.500Z'))).toBe(at('2026-01-02T09:00:00Z'));
		expect(nextDue({ type: 'once', at: 5 }, 4)).toBe(5);
		expect(nextDue({ type: 'once', at: 5 }, 5)).toBeUndefined();
	});

	test('counts an interval from its anchor, not from the moment asked about', () => {
		const every: Recurrence = { type: 'interval', intervalMs: 90_000, anchor: 1_000, until: null };
		expect(nextDue(every, 0)).toBe(1_000);
		expect(nextDue(every, 1_000)).toBe(91_000);
		expect(nextDue(every, 91_001)).toBe(181_000);
	});

	test('until is the last moment that may fire', () => {
		const until = at('2026-01-02T09:00:00Z');
		expect(upcoming(cron('0 9 * * *', 'UTC', until), '2026-01-01T00:00:00Z', 9)).toEqual([
			'2026-01-01T09:00Z',
			'2026-01-02T09:00Z',
		]);
		expect(nextDue({ type: 'interval', intervalMs: 60_000, anchor: 0, until: 60_000 }, 0)).toBe(60_000);
		expect(nextDue({ type: 'interval', intervalMs: 60_000, anchor: 0, until: 59_999 }, 0)).toBeUndefined();
	});

	test('a wall time that the clock skips fires at the first moment after the gap', () => {
		expect(upcoming(cron('30 2 * * *', 'Europe/Berlin'), '2026-03-28T12:00:00Z', 2)).toEqual([
			'2026-03-29T01:00Z',
			'2026-03-30T00:30Z',
		]);
	});

	test('a wall time in a comma list that the clock skips is not lost either', () => {
		expect(upcoming(cron('30 2,14 * * *', 'Europe/Berlin'), '2026-03-28T13:30:00Z', 2)).toEqual([
			'2026-03-29T01:00Z',
			'2026-03-29T12:30Z',
		]);
	});

	test('a wall time that comes twice fires once, the first time', () => {
		expect(upcoming(cron('30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00Z', 2)).toEqual([
			'2026-10-25T00:30Z',
			'2026-10-26T01:30Z',
		]);
		expect(upcoming(cron('0,30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00Z', 3)).toEqual([
			'2026-10-25T00:00Z',
			'2026-10-25T00:30Z',
			'2026-10-26T01:00Z',
		]);
	});

	test('a pattern with a step keeps its pace through gap and overlap', () => {
		expect(upcoming(cron('*/30 * * * *', 'Europe/Berlin'), '2026-03-29T00:30:00Z', 3)).toEqual([
			'2026-03-29T01:00Z',
			'2026-03-29T01:30Z',
			'2026-03-29T02:00Z',
		]);
		expect(upcoming(cron('*/30 * * * *', 'Europe/Berlin'), '2026-10-25T00:00:00Z', 4)).toEqual([
			'2026-10-25T00:30Z',
			'2026-10-25T01:00Z',
			'2026-10-25T01:30Z',
			'2026-10-25T02:00Z',
		]);
	});

	test('a gap at midnight, as in Cairo, moves the run to one o’clock', () => {
		expect(upcoming(cron('0 0 * * *', 'Africa/Cairo'), '2026-04-23T12:00:00Z', 1)).toEqual(['2026-04-23T22:00Z']);
	});

	test('L is the last day of the month, leap years included', () => {
		expect(upcoming(cron('0 9 L * *'), '2027-12-31T09:00:00Z', 3)).toEqual([
			'2028-01-31T09:00Z',
			'2028-02-29T09:00Z',
			'2028-03-31T09:00Z',
		]);
	});

	test('# is the nth weekday of the month, and # with L the last', () => {
		expect(upcoming(cron('0 9 * * 5#2'), '2026-02-01T00:00:00Z', 2)).toEqual([
			'2026-02-13T09:00Z',
			'2026-03-13T09:00Z',
		]);
		expect(upcoming(cron('0 9 * * FRI#L'), '2026-02-01T00:00:00Z', 2)).toEqual([
			'2026-02-27T09:00Z',
			'2026-03-27T09:00Z',
		]);
	});

	test('a day that never comes has no next moment', () => {
		expect(nextDue(cron('0 0 31 2 *'), at('2026-01-01T00:00:00Z'))).toBeUndefined();
	});
});

const someRecurrence: fc.Arbitrary<Recurrence> = fc.oneof(
	fc.record({
		type: fc.constant('interval' as const),
		intervalMs: fc.integer({ min: 60_000, max: 1e9 }),
		anchor: fc.integer({ min: 0, max: 2e12 }),
		until: fc.option(fc.integer({ min: 0, max: 3e12 }), { nil: null }),
	}),
	fc.record({
		type: fc.constant('cron' as const),
		cron: fc.constantFrom('0 9 * * *', '*/15 * * * *', '30 2 * * 1-5', '0 0 L * *', '15 8 * * 2#1', '0,30 2 * * *'),
		zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
		until: fc.option(fc.integer({ min: 1.7e12, max: 1.9e12 }), { nil: null }),
	}),
	fc.record({ type: fc.constant('once' as const), at: fc.integer({ min: 0, max: 3e12 }) }),
);

describe('previousDue', () => {
	test('is the inverse of nextDue', () => {
		fc.assert(
			fc.property(someRecurrence, fc.integer({ min: 1.75e12, max: 1.8e12 }), (recurrence, now) => {
				const due = nextDue(recurrence, now);
				if (due === undefined) return;
				expect(due).toBeGreaterThan(now);
				expect(previousDue(recurrence, due)).toBe(due);
				const before = previousDue(recurrence, due - 1);
				if (before !== undefined) {
					expect(before).toBeLessThanOrEqual(now);
					expect(nextDue(recurrence, before)).toBe(due);
				}
			}),
			{ numRuns: 300 },
		);
	});
});

describe('readRecurrence', () => {
	test('reads what it wrote', () => {
		fc.assert(
			fc.property(someRecurrence, (recurrence) => {
				expect(readRecurrence(JSON.parse(JSON.stringify(recurrence)))).toEqual({ ok: true, value: recurrence });
			}),
		);
	});

	test.each([
		[null, 'object'],
		[[], 'object'],
		[{ type: 'weekly' }, 'once, cron and interval'],
		[{ type: 'once', at: '2026' }, 'milliseconds'],
		[{ type: 'once', at: -1 }, 'milliseconds'],
		[{ type: 'interval', intervalMs: 59_999, anchor: 0, until: null }, 'one minute'],
		[{ type: 'interval', intervalMs: 60_000, anchor: 0.5, until: null }, 'first moment'],
		[{ type: 'interval', intervalMs: 60_000, anchor: 0, until: 'never' }, 'end'],
		[{ type: 'cron', cron: '0 0 9 * * *', zone: 'UTC', until: null }, 'five fields'],
		[{ type: 'cron', cron: '@daily', zone: 'UTC', until: null }, 'five fields'],
		[{ type: 'cron', cron: '61 9 * * *', zone: 'UTC', until: null }, 'cannot be understood'],
		[{ type: 'cron', cron: '? 9 * * *', zone: 'UTC', until: null }, '?'],
		[{ type: 'cron', cron: '0 9 * * *', zone: 'Mars/Olympus', until: null }, 'Mars/Olympus'],
		[{ type: 'cron', cron: '0 9 * * *', zone: '+02:00', until: null }, '+02:00'],
		[{ type: 'cron', cron: '0 9 * * *', zone: 'UTC' }, 'end'],
	])('says in a sentence what is wrong with %j', (json, word) => {
		const read = readRecurrence(json);
		expect(read.ok).toBe(false);
		if (!read.ok) expect(read.error.reason).toContain(word);
	});

	test('never throws, whatever it is given', () => {
		fc.assert(fc.property(fc.anything(), (value) => void readRecurrence(value)));
		const odd = fc.record({
			type: fc.constant('cron'),
			cron: fc.string(),
			zone: fc.string(),
			until: fc.constant(null),
		});
		fc.assert(fc.property(odd, (value) => void readRecurrence(value)));
	});
});
