import { syntaxHighlighting, syntaxTree } from '@codemirror/language';
import { type Extension, RangeSetBuilder } from '@codemirror/state';
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { tagHighlighter, tags } from '@lezer/highlight';

/** Classes of a line, by the block it lies in; how they look is in `editor.css`. */
const LINE_CLASSES: Readonly<Record<string, string>> = {
	FrontMatter: 'text-front-line',
	FencedCode: 'text-code-line',
	CodeBlock: 'text-code-line',
	Blockquote: 'text-quote-line',
	Table: 'text-table-line',
	ATXHeading1: 'text-heading-line',
	ATXHeading2: 'text-heading-line',
	ATXHeading3: 'text-heading-line',
	SetextHeading1: 'text-heading-line',
	SetextHeading2: 'text-heading-line',
};

/** Text keeps every mark it was written with and yet looks like what it means. By classes only, no injected styles. */
export function liveLook(): Extension {
	return [syntaxHighlighting(highlighter()), lineLook()];
}

function highlighter() {
	return tagHighlighter([
		{ tag: tags.heading1, class: 'text-h1' },
		{ tag: tags.heading2, class: 'text-h2' },
		{ tag: [tags.heading3, tags.heading4, tags.heading5, tags.heading6], class: 'text-h3' },
		{ tag: tags.emphasis, class: 'text-em' },
		{ tag: tags.strong, class: 'text-strong' },
		{ tag: tags.strikethrough, class: 'text-strike' },
		{ tag: tags.monospace, class: 'text-code' },
		{ tag: tags.link, class: 'text-link' },
		{ tag: tags.url, class: 'text-url' },
		{ tag: tags.quote, class: 'text-quote' },
		{ tag: tags.atom, class: 'text-task' },
		{ tag: [tags.meta, tags.comment], class: 'text-meta' },
		{ tag: [tags.processingInstruction, tags.contentSeparator, tags.labelName], class: 'text-mark' },
	]);
}

function lineLook(): Extension {
	return ViewPlugin.fromClass(
		class {
			decorations: DecorationSet;
			constructor(view: EditorView) {
				this.decorations = lineDecorations(view);
			}
			update(update: ViewUpdate) {
				const isParsedFurther = syntaxTree(update.startState) !== syntaxTree(update.state);
				if (update.docChanged || update.viewportChanged || isParsedFurther) {
					this.decorations = lineDecorations(update.view);
				}
			}
		},
		{ decorations: (plugin) => plugin.decorations },
	);
}

function lineDecorations(view: EditorView): DecorationSet {
	const classByLine = new Map<number, string>();
	for (const { from, to } of view.visibleRanges) {
		syntaxTree(view.state).iterate({
			from,
			to,
			enter(node) {
				const look = LINE_CLASSES[node.name];
				if (!look) return;
				const end = Math.min(node.to, to);
				for (let at = Math.max(node.from, from); at <= end; ) {
					const line = view.state.doc.lineAt(at);
					if (!classByLine.has(line.from)) classByLine.set(line.from, look);
					at = line.to + 1;
				}
			},
		});
	}
	const builder = new RangeSetBuilder<Decoration>();
	for (const [at, look] of [...classByLine].sort(([a], [b]) => a - b))
		builder.add(at, at, Decoration.line({ class: look }));
	return builder.finish();
}
