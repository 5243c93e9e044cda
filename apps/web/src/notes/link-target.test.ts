import { expect, test } from 'vitest';
import { findTarget } from './link-target.ts';

const paths = ['notes/garden.md', 'notes/trips/rome.md', 'people/maria/profile.md', 'journal/2026-11-20.md'];

test('a link may be a path, with or without its ending, from the top or from its own folder', () => {
	expect(findTarget('notes/garden.md', 'SOUL.md', paths)).toEqual({ type: 'file', path: 'notes/garden.md' });
	expect(findTarget('Notes/Garden', 'SOUL.md', paths)).toEqual({ type: 'file', path: 'notes/garden.md' });
	expect(findTarget('trips/rome#Food', 'notes/garden.md', paths)).toEqual({
		type: 'file',
		path: 'notes/trips/rome.md',
	});
});

test('a link may be just a name of a file or a person', () => {
	expect(findTarget('2026-11-20', 'notes/garden.md', paths)).toEqual({ type: 'file', path: 'journal/2026-11-20.md' });
	expect(findTarget('Maria', 'notes/garden.md', paths)).toEqual({ type: 'file', path: 'people/maria/profile.md' });
});

test('web addresses open, scripts and data lead nowhere', () => {
	expect(findTarget('https://example.org/a', 'x.md', paths)).toEqual({ type: 'web', url: 'https://example.org/a' });
	expect(findTarget('javascript:alert(1)', 'x.md', paths)).toEqual({ type: 'nowhere' });
	expect(findTarget('data:text/html,x', 'x.md', paths)).toEqual({ type: 'nowhere' });
});

test('an unknown name leads nowhere', () => {
	expect(findTarget('unwritten', 'x.md', paths)).toEqual({ type: 'nowhere' });
	expect(findTarget('#top', 'x.md', paths)).toEqual({ type: 'nowhere' });
});
