import { expect, it } from 'vitest';
import { planImage } from './image-plan.ts';

const plan = (mediaType: string | undefined, width: number, height: number, sizeBytes = 1_000) =>
	planImage({ mediaType, width, height, sizeBytes });

it('leaves a small PNG or GIF as it is', () => {
	expect(plan('image/png', 1568, 900)).toEqual({ type: 'keep' });
	expect(plan('image/gif', 20, 20)).toEqual({ type: 'keep' });
});

it('draws photos anew though they are small, so that what the camera wrote beside them stays behind', () => {
	expect(plan('image/jpeg', 800, 600)).toMatchObject({ type: 'draw', width: 800, height: 600 });
	expect(plan('image/webp', 800, 600)).toMatchObject({ type: 'draw', width: 800, height: 600 });
});

it('draws what is too large down to the longest edge a model sees, in its own shape', () => {
	expect(plan('image/png', 4000, 3000)).toMatchObject({ width: 1568, height: 1176 });
	expect(plan('image/jpeg', 3000, 4000)).toMatchObject({ width: 1176, height: 1568 });
	expect(plan('image/png', 10_000, 2)).toMatchObject({ width: 1568, height: 1 });
});

it('draws what is small to look at and heavy, and what is of a format that only the browser knows', () => {
	expect(plan('image/png', 1500, 1500, 4_000_000)).toMatchObject({ type: 'draw', width: 1500, height: 1500 });
	expect(plan(undefined, 10, 10)).toMatchObject({ type: 'draw', width: 10, height: 10 });
});
