import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { linkAt } from './follow.ts';
import { markdownLanguage } from './markdown-language.ts';

test('a wiki link leads to the name between its brackets', () => {
	expect(linkUnder('see [[notes/gar|den]] now')).toBe('notes/garden');
});

test('a markdown link leads to its address, wherever in it one points', () => {
	expect(linkUnder('a [gu|ide](https://example.org/a) here')).toBe('https://example.org/a');
	expect(linkUnder('a [guide](https://exam|ple.org/a) here')).toBe('https://example.org/a');
	expect(linkUnder('bare https://exam|ple.org/a here')).toBe('https://example.org/a');
});

test('text beside a link leads nowhere', () => {
	expect(linkUnder('pl|ain [guide](https://example.org)')).toBeUndefined();
	expect(linkUnder('`[[co|de]]`')).toBeUndefined();
});

function linkUnder(marked: string): string | undefined {
	const at = marked.indexOf('|');
	const state = EditorState.create({ doc: marked.replace('|', ''), extensions: markdownLanguage() });
	ensureSyntaxTree(state, state.doc.length, 5_000);
	return linkAt(state, at);
}
