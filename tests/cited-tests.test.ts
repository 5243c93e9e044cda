import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readTests } from './read-tests.ts';

/** Documents whose claims rest on tests, cited by title in italics; `…` stands for whatever a table fills in. */
const DOCUMENTS = ['docs/threat-model.md', 'ARCHITECTURE.md'];

test.each(DOCUMENTS)('every test that %s cites is there', async (path) => {
	const tests = await readTests();
	const missing = citedIn(await readFile(path, 'utf8')).filter((title) => !patternOf(title).test(tests));
	expect(missing).toEqual([]);
});

/** The texts in italics. Underscores inside of words or code are none. */
function citedIn(markdown: string): readonly string[] {
	const prose = markdown.replace(/`[^`]*`/g, '').replace(/\s+/g, ' ');
	return [...prose.matchAll(/(?<!\w)_([^_]+)_(?!\w)/g)]
		.map(([, title = '']) => title)
		.filter((title) => title.length > 12);
}

/** A title as it may stand in a file: without regard to the first letter's case, or to what introduces it. */
function patternOf(title: string): RegExp {
	const parts = title.split(/\s*…\s*/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	return new RegExp(parts.join('[\\s\\S]{0,200}'), 'iu');
}
