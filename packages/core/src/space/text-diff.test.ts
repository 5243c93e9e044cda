import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdits, countLines, diffText, invertEdits } from './text-diff.ts';

const word = fc.constantFrom('a', 'b', 'word', ' ', '\n', '\n\n', '- ', '🍝', '🍜', 'é', '\ud83c');
const anyText = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));

describe('the edit between two texts', () => {
	test('leads from one to the other, and its inverse leads back', () => {
		fc.assert(
			fc.property(anyText, anyText, (base, result) => {
				const edits = diffText(base, result);
				expect(applyEdits(base, edits)).toBe(result);
				expect(applyEdits(result, invertEdits(edits))).toBe(base);
				let end = -1;
				for (const edit of edits) {
					expect(edit.offset).toBeGreaterThan(end);
					expect(base.slice(edit.offset, edit.offset + edit.removed.length)).toBe(edit.removed);
					end = edit.offset + edit.removed.length;
				}
			}),
			{ numRuns: 500 },
		);
	});

	test('never splits a surrogate pair', () => {
		const emoji = fc
			.array(fc.constantFrom('🍝', '🍜', '🍛', '👩‍🍳', 'x'), { maxLength: 12 })
			.map((all) => all.join(''));
		fc.assert(
			fc.property(emoji, emoji, (base, result) => {
				for (const { removed, inserted } of diffText(base, result)) {
					expect(removed.isWellFormed()).toBe(true);
					expect(inserted.isWellFormed()).toBe(true);
				}
			}),
			{ numRuns: 500 },
		);
	});

	test('touches only the words that differ', () => {
		expect(diffText('# List\n- milk\n- eggs\n', '# List\n- milk\n- eight eggs\n- tea\n')).toEqual([
			{ offset: 16, removed: '', inserted: 'eight ' },
			{ offset: 21, removed: '', inserted: '- tea\n' },
		]);
		expect(diffText('the old house', 'the cold house')).toEqual([{ offset: 4, removed: '', inserted: 'c' }]);
		expect(diffText('same', 'same')).toEqual([]);
	});

	test('a million characters, all different, are compared in a moment', () => {
		const start = performance.now();
		const base = 'abcd '.repeat(200_000);
		const result = 'efgh\n'.repeat(200_000);
		expect(applyEdits(base, diffText(base, result))).toBe(result);
		countLines(base, result);
		expect(performance.now() - start).toBeLessThan(5_000);
	});

	test('lines that came and went are counted', () => {
		expect(countLines('', 'a\nb\n')).toEqual({ linesAdded: 2, linesRemoved: 0 });
		expect(countLines('a\nb\nc', 'a\nx\nc')).toEqual({ linesAdded: 1, linesRemoved: 1 });
		expect(countLines('a\nb\n', '')).toEqual({ linesAdded: 0, linesRemoved: 2 });
		expect(countLines('a', 'a')).toEqual({ linesAdded: 0, linesRemoved: 0 });
	});
});
