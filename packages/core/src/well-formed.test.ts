import { expect, it } from 'vitest';
import { isWellFormed, wellFormed } from './well-formed.ts';

it('gives back what is whole as it is', () => {
	const value = { text: 'Καλημέρα 🌞', list: [1, null, true] };
	expect(wellFormed(value)).toBe(value);
});

it('puts a mark in the place of half a character, also in names', () => {
	const broken = { texts: ['a \ud83d', { '\udc00': 'b' }], rest: 1 };
	expect(isWellFormed(broken)).toBe(false);
	expect(wellFormed(broken)).toEqual({ texts: ['a \ufffd', { '\ufffd': 'b' }], rest: 1 });
});
