import { expect, test } from 'vitest';
import { firstText, pathOfName } from './names.ts';

test('a plain name becomes a markdown file in the folder at hand', () => {
	expect(pathOfName(' Shopping list ', 'notes')).toEqual({ type: 'path', path: 'notes/Shopping list.md' });
	expect(pathOfName('top', '')).toEqual({ type: 'path', path: 'top.md' });
});

test('a name with a folder or an ending is taken as it is', () => {
	expect(pathOfName('people/maria/profile.md', 'notes')).toEqual({ type: 'path', path: 'people/maria/profile.md' });
	expect(pathOfName('scripts/check.js', 'notes')).toEqual({ type: 'path', path: 'scripts/check.js' });
});

test('a bad name comes back as a sentence, an empty one as nothing yet', () => {
	expect(pathOfName('../secret', 'notes')).toMatchObject({ type: 'bad', reason: expect.stringContaining('..') });
	expect(pathOfName('notes/', '')).toMatchObject({ type: 'bad' });
	expect(pathOfName('a\u0007b', '')).toMatchObject({ type: 'bad', reason: expect.stringContaining('control') });
	expect(pathOfName('   ', 'notes')).toEqual({ type: 'empty' });
});

test('a new file begins in the form of its folder', () => {
	expect(firstText('notes/garden-plans.md', '2026-11-21')).toBe('# Garden plans\n\n');
	expect(firstText('tasks/call-mum.md', '2026-11-21')).toBe(
		'---\nwhen: 2026-11-21T09:00\nkind: reminder\n---\nCall mum\n',
	);
	expect(firstText('journal/2026-11-20.md', '2026-11-21')).toBe('');
});
