import { expect, test } from 'vitest';
import { noteHref, pathOfRoute } from './routes.ts';

test('every path survives its address', () => {
	for (const path of ['SOUL.md', 'notes/a b/100% #1.md', 'people/Ελένη/profile.md']) {
		expect(pathOfRoute(noteHref(path).slice('/notes/'.length))).toBe(path);
	}
});

test('an address of no file names none, a broken one names what it says', () => {
	expect(pathOfRoute(undefined)).toBe('');
	expect(pathOfRoute('notes/100%.md')).toBe('notes/100%.md');
});
