import { defineLanguageFacet, foldNodeProp, indentNodeProp, Language, languageDataProp } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';
import { type BlockContext, GFM, type Line, type MarkdownConfig, parser } from '@lezer/markdown';

/** Front matter lines look like YAML; a rule that is not closed yet must not swallow the text below it. */
const YAML_LINE = /^\s*$|^\s*#|^[\w-]+\s*:|^\s+\S|^- /;

/** The `---` block at the very top of a file. */
const frontMatter: MarkdownConfig = {
	defineNodes: [{ name: 'FrontMatter', block: true, style: tags.meta }],
	parseBlock: [{ name: 'FrontMatter', before: 'HorizontalRule', parse: parseFrontMatter }],
};

function parseFrontMatter(cx: BlockContext, line: Line): boolean {
	if (cx.lineStart !== 0 || line.text.trimEnd() !== '---') return false;
	while (cx.nextLine()) {
		if (line.text.trimEnd() === '---') {
			cx.nextLine();
			break;
		}
		if (!YAML_LINE.test(line.text)) break;
	}
	cx.addElement(cx.elt('FrontMatter', 0, cx.prevLineEnd()));
	return true;
}

/** `[[notes/garden]]`, the way files name each other. */
const wikiLink: MarkdownConfig = {
	defineNodes: [{ name: 'WikiLink', style: tags.link }],
	parseInline: [
		{
			name: 'WikiLink',
			before: 'Link',
			parse(cx, next, pos) {
				if (next !== 91 || cx.char(pos + 1) !== 91) return -1;
				const found = /^\[\[[^[\]\n]+\]\]/.exec(cx.slice(pos, cx.end));
				return found ? cx.addElement(cx.elt('WikiLink', pos, pos + found[0].length)) : -1;
			},
		},
	],
};

/**
 * Markdown as Pocketeer's files are written: CommonMark, GFM, front matter and wiki links, straight over the parser
 * (`@codemirror/lang-markdown` would bring HTML, CSS and JavaScript along).
 */
export function markdownLanguage(): Extension {
	const data = defineLanguageFacet({ commentTokens: { block: { open: '<!--', close: '-->' } } });
	const configured = parser.configure([
		GFM,
		frontMatter,
		wikiLink,
		{
			props: [
				languageDataProp.add({ Document: data }),
				indentNodeProp.add({ Document: () => null }),
				foldNodeProp.add({ FrontMatter: (node, state) => ({ from: state.doc.lineAt(node.from).to, to: node.to }) }),
			],
		},
	]);
	return new Language(data, configured, [], 'markdown').extension;
}
