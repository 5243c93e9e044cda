import { describe, expect, it } from 'vitest';
import type { StreamName } from '../ids.ts';
import { isWorthSnapshot } from './snapshot-policy.ts';

const KB = 1024;
/** 2026-11-30T23:30:00Z: December already in Athens, November still by UTC. */
const LAST_NIGHT = Date.UTC(2026, 10, 30, 23, 30);
const AN_HOUR = 3_600_000;

describe('[SY12] a log is worth a snapshot', () => {
	it.each([
		['a small document, once its tail outgrows 8 kB', 'file/a', 0, 8, 9],
		['a small document, once its tail outgrows it', 'home', 20, 20, 21],
		['a document of 64 kB, once its tail does', 'file/a', 64, 64, 65],
		['a large document, once its tail outgrows it', 'file/a', 500, 500, 501],
		['a history, once its tail outgrows 256 kB', 'history/a', 0, 256, 257],
		['a long history, once its tail outgrows it', 'history/a', 300, 300, 301],
		['a month that is over, by the same rule', 'line/kitchen/2026-10', 0, 8, 9],
		['runs of a month that is over', 'runs/2026-10', 0, 8, 9],
	])('%s', (_, name, snapshotKb, enoughNot, enough) => {
		const at = (kilobytes: number) => worth(name, snapshotKb, kilobytes, LAST_NIGHT);
		expect(at(enoughNot)).toBe(false);
		expect(at(enough)).toBe(true);
	});

	it.each(['line/kitchen/2026-11', 'runs/2026-11', 'line/kitchen/2026-12'])(
		'never while the month grows: %s',
		(name) => {
			expect(worth(name, 0, 100_000, LAST_NIGHT)).toBe(false);
		},
	);

	it('never of a blob, which is written once', () => {
		expect(worth('blob/a', 0, 100_000, LAST_NIGHT)).toBe(false);
	});

	it('as soon as the month is over by UTC', () => {
		expect(worth('line/kitchen/2026-11', 0, 100, LAST_NIGHT + AN_HOUR)).toBe(true);
		expect(worth('runs/2026-11', 0, 100, LAST_NIGHT + AN_HOUR)).toBe(true);
	});
});

function worth(name: string, snapshotKb: number, tailKb: number, now: number): boolean {
	const sizes = { covered: snapshotKb && 1, snapshotBytes: snapshotKb * KB, tailBytes: tailKb * KB };
	return isWorthSnapshot(name as StreamName, sizes, now);
}
