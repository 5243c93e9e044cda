import { expect, it } from 'vitest';
import { thumbSize } from './fit.ts';

it('shows pictures in their own shape, neither larger than the transcript bears nor than they are', () => {
	expect(thumbSize({ width: 1568, height: 1176 })).toEqual({ width: 320, height: 240 });
	expect(thumbSize({ width: 1176, height: 1568 })).toEqual({ width: 195, height: 260 });
	expect(thumbSize({ width: 100, height: 80 })).toEqual({ width: 100, height: 80 });
});

it('keeps a place large enough to tap for a sliver, and for one of unknown size', () => {
	expect(thumbSize({ width: 1568, height: 2 })).toEqual({ width: 320, height: 44 });
	expect(thumbSize({})).toEqual({ width: 200, height: 150 });
});
