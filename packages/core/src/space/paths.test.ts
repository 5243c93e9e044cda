import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPath, isJournalPage, MAX_PATH_LENGTH, markPath, pathKey } from './paths.ts';

describe('paths', () => {
	test.each([
		'SOUL.md',
		'people/eleni/profile.md',
		'notes/a b/c d.md',
		'notes/σπίτι.md',
		'notes/🍝.md',
		'scripts/x.js',
		'x.y.md',
	])('%s is a path', (path) => {
		expect(checkPath(path)).toEqual({ ok: true, value: path });
	});

	test.each([
		'',
		'.md',
		'notes',
		'notes/',
		'/notes/a.md',
		'../a.md',
		'notes/../a.md',
		'notes/./a.md',
		'notes//a.md',
		'notes/.hidden.md',
		'.git/config.md',
		'notes\\a.md',
		'notes/a.md ',
		'notes/ a.md',
		'notes /a.md',
		'notes./a.md',
		'notes/a\u0000.md',
		'notes/a\n.md',
		'notes/a\u0085.md',
		'notes/a\u202egpj.md',
		'notes/\u200b.md',
		'notes/\ud800.md',
		'C:/a.md',
		'notes/a?.md',
		'notes/<a>.md',
		'notes/"a".md',
		'notes/a|b.md',
		'notes/a*.md',
		'CON.md',
		'notes/nul.md',
		'notes/lpt1/a.md',
		'a.js',
		'notes/a.js',
		'scripts/a.ts',
		'a.exe',
		'a.MD',
		`notes/${'a'.repeat(200)}.md`,
	])('%j is refused with a sentence', (path) => {
		const checked = checkPath(path);
		expect(checked.ok).toBe(false);
		if (!checked.ok) expect(checked.error.reason).toMatch(/^["A-Z].{10,}\.$/s);
	});

	test('what is accepted is relative, normal and safe in any folder', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (name) => {
				const checked = checkPath(`notes/${name}.md`);
				if (!checked.ok) return;
				expect(checked.value.normalize('NFC')).toBe(checked.value);
				for (const part of checked.value.split('/')) {
					expect(part).not.toMatch(/^\.|^$|[. ]$|[\\<>:"|?*]/);
				}
				expect(checkPath(checked.value)).toEqual(checked);
			}),
			{ numRuns: 500 },
		);
	});

	test('a decomposed name is the composed one', () => {
		expect(checkPath('notes/e\u0301.md')).toEqual({ ok: true, value: 'notes/\u00e9.md' });
		expect(pathKey('Notes/E\u0301.md')).toBe(pathKey('notes/\u00e9.md'));
	});

	test('a mark stands before the extension and keeps the length in bounds', () => {
		expect(markPath('notes/a.md', 2)).toBe('notes/a (2).md');
		const long = markPath(`notes/${'🍝'.repeat(95)}.md`, 12);
		expect(long.length).toBeLessThanOrEqual(MAX_PATH_LENGTH);
		expect(checkPath(long).ok).toBe(true);
	});

	test('only dated pages directly in the journal are journal pages', () => {
		expect(isJournalPage('journal/2026-11-20.md')).toBe(true);
		for (const path of [
			'journal/2026-11-20 (2).md',
			'journal/x/2026-11-20.md',
			'notes/2026-11-20.md',
			'journal/a.md',
		]) {
			expect(isJournalPage(path)).toBe(false);
		}
	});
});
