import { describe, expect, it } from 'vitest';
import { drawnIds, grown, hasMoreAbove, held, MOST, PAGE, trimmed } from './window.ts';

const ids = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

describe('the drawn part of a transcript', () => {
	it('is its last page at first', () => {
		const drawn = drawnIds(ids(2000), { first: undefined });
		expect(drawn).toHaveLength(PAGE);
		expect(drawn.at(-1)).toBe('m1999');
		expect(hasMoreAbove(ids(2000), { first: undefined })).toBe(true);
	});

	it('grows upward by pages down to the first message', () => {
		const order = ids(PAGE + 10);
		const window = grown(order, { first: undefined });
		expect(drawnIds(order, window)).toHaveLength(PAGE + 10);
		expect(hasMoreAbove(order, window)).toBe(false);
		expect(grown(order, window)).toEqual(window);
	});

	it('keeps its upper end when messages arrive and when older months are put before it', () => {
		const order = ids(500);
		const window = held(order, { first: undefined });
		expect(drawnIds([...order, 'new'], window)).toHaveLength(PAGE + 1);
		expect(drawnIds([...ids(100).map((id) => `older-${id}`), ...order], window)).toHaveLength(PAGE);
	});

	it('drops what lies far above only when it has become much', () => {
		const order = ids(2000);
		const much = { first: order[2000 - MOST - 1] };
		expect(drawnIds(order, trimmed(order, much))).toHaveLength(PAGE);
		const little = { first: order[2000 - MOST] };
		expect(trimmed(order, little)).toBe(little);
	});
});
