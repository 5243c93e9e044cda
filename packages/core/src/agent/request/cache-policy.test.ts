import { expect, it } from 'vitest';
import type { LineRecord, TurnRecord } from '../../space/records.ts';
import { indexLine } from '../line/line-index.ts';
import { cacheFor } from './cache-policy.ts';

const MINUTE = 60_000;

/** A line whose turns come after these pauses in minutes; each adds 3,000 tokens to 20,000. */
function lineOf(pauses: readonly number[], written: '5m' | '1h' = '1h'): readonly LineRecord[] {
	let at = 0;
	return [0, ...pauses].flatMap((pause, number): readonly LineRecord[] => {
		at += pause * MINUTE;
		return [turnOf(number, at), stepOf(number, at, written)];
	});
}

function turnOf(number: number, at: number): TurnRecord {
	return JSON.parse(JSON.stringify({ kind: 'turn', id: `turn-${number}`, at, by: 'agent', epoch: 'e', context: [] }));
}

function stepOf(number: number, at: number, written: '5m' | '1h'): LineRecord {
	const tokens = 20_000 + number * 3000;
	const hour = written === '1h' ? 3000 : 0;
	const usage = {
		input_tokens: 0,
		cache_read_input_tokens: tokens - 3000,
		cache_creation_input_tokens: 3000,
		cache_creation: { ephemeral_1h_input_tokens: hour, ephemeral_5m_input_tokens: 3000 - hour },
	};
	return JSON.parse(
		JSON.stringify({
			kind: 'model-step',
			id: `step-${number}`,
			turn: `turn-${number}`,
			at,
			content: [],
			stop: 'end_turn',
			usage,
		}),
	);
}

function chosen(pauses: readonly number[], written?: '5m' | '1h') {
	const records = lineOf(pauses, written);
	const newest = records.findLast((record) => record.kind === 'turn');
	if (!newest) throw new Error('no turn');
	return cacheFor(indexLine(records), newest);
}

it('a fresh line is kept for an hour', () => {
	expect(chosen([])).toBe('1h');
});

it('a line with pauses of some minutes is kept for an hour', () => {
	expect(chosen([10, 40, 7, 25])).toBe('1h');
});

it('a line whose turns come hours apart is kept for five minutes', () => {
	expect(chosen([1440, 1440, 1440])).toBe('5m');
});

it('a line where one thing follows another within minutes is kept for five minutes', () => {
	expect(chosen(Array.from({ length: 20 }, () => 1))).toBe('5m');
});

it('a pause now and then makes the hour worth it, because all of the prompt would be written again', () => {
	expect(chosen([1, 1, 1, 20, 1, 1, 1, 1, 20, 1])).toBe('1h');
});

it('all requests of a turn are kept alike', () => {
	const records = lineOf([10, 10]);
	const newest = records.findLast((record) => record.kind === 'turn');
	if (!newest) throw new Error('no turn');
	const before = cacheFor(indexLine(records.slice(0, -1)), newest);
	expect(cacheFor(indexLine(records), newest)).toBe(before);
});
