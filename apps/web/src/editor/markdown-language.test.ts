import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { markdownLanguage } from './markdown-language.ts';

test('front matter is one block at the top, the body is read as markdown', () => {
	expect(blocks('---\nwhen: tomorrow\nkind: reminder\n---\n# Title\n')).toEqual([
		'FrontMatter 0-37',
		'ATXHeading1 38-45',
	]);
});

test('front matter that is not closed yet does not swallow the text below', () => {
	expect(blocks('---\nwhen: x\nA paragraph.\n')).toEqual(['FrontMatter 0-11', 'Paragraph 12-24']);
});

test('a rule further down is a rule', () => {
	expect(blocks('Text\n\n---\n\nmore: text\n')).toEqual(['Paragraph 0-4', 'HorizontalRule 6-9', 'Paragraph 11-21']);
});

test('knows wiki links, tasks and tables', () => {
	expect(names('see [[notes/garden]] now')).toContain('WikiLink');
	expect(names('a [[]] b [[x] c')).not.toContain('WikiLink');
	expect(names('- [ ] open')).toContain('TaskMarker');
	expect(names('|a|b|\n|-|-|\n|1|2|')).toContain('Table');
});

test('a file that ends inside its front matter is read to its end', () => {
	expect(blocks('---')).toEqual(['FrontMatter 0-3']);
	expect(blocks('---\nwhen: x')).toEqual(['FrontMatter 0-11']);
});

function tree(doc: string) {
	const state = EditorState.create({ doc, extensions: markdownLanguage() });
	const parsed = ensureSyntaxTree(state, doc.length, 5_000);
	if (!parsed) throw new Error('not parsed');
	return parsed;
}

function blocks(doc: string): readonly string[] {
	const found: string[] = [];
	for (let node = tree(doc).topNode.firstChild; node; node = node.nextSibling) {
		found.push(`${node.name} ${node.from}-${node.to}`);
	}
	return found;
}

function names(doc: string): readonly string[] {
	const found: string[] = [];
	tree(doc).iterate({ enter: (node) => void found.push(node.name) });
	return found;
}
