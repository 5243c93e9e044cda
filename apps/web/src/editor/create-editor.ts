import { defaultKeymap } from '@codemirror/commands';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import * as Y from 'yjs';
import { adoptEditorStyles } from './adopt-styles.ts';
import { continueList } from './continue-list.ts';
import { followLinks } from './follow.ts';
import { lengthLimit } from './limit.ts';
import { liveLook } from './live-look.ts';
import { markdownLanguage } from './markdown-language.ts';

/** What an editor is made of and whom it tells. */
export interface EditorOptions {
	readonly parent: HTMLElement;
	/** The living text: what is typed goes in, what others write appears. */
	readonly text: Y.Text;
	/** Accessible name of the textbox. */
	readonly label: string;
	/** Markdown is styled as it is read; anything else is plain monospace. */
	readonly isMarkdown: boolean;
	/** The text would have become `length` units long and stayed as it was. */
	readonly refused: (length: number) => void;
	/** A link was followed. */
	readonly follow: (target: string) => void;
}

/** An editor on screen. Its undo takes back what was typed in it and nothing anyone else wrote. */
export interface TextEditor extends Disposable {
	/** Takes the keyboard, behind the last character. */
	focusEnd(): void;
}

/** Makes an editor bound to a Y.Text. */
export function createEditor(options: EditorOptions): TextEditor {
	adoptEditorStyles(options.parent.ownerDocument);
	const undoManager = new Y.UndoManager(options.text);
	const view = new EditorView({
		parent: options.parent,
		state: EditorState.create({ doc: options.text.toString(), extensions: extensions(options, undoManager) }),
	});
	return {
		focusEnd() {
			view.dispatch({ selection: { anchor: view.state.doc.length }, scrollIntoView: true });
			view.focus();
		},
		[Symbol.dispose]() {
			view.destroy();
			undoManager.destroy();
		},
	};
}

function extensions(options: EditorOptions, undoManager: Y.UndoManager): Extension {
	return [
		// Only \n ends a line: were \r\n one unit here and two in the Y.Text, every later edit would land beside its place.
		EditorState.lineSeparator.of('\n'),
		EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n')),
		EditorView.lineWrapping,
		search({ top: true }),
		keymap.of([{ key: 'Enter', run: continueList }, ...yUndoManagerKeymap, ...searchKeymap, ...defaultKeymap]),
		EditorView.contentAttributes.of({
			'aria-label': options.label,
			// Editable content has the keyboard anyway; said aloud for tools that look for it.
			tabindex: '0',
			spellcheck: options.isMarkdown ? 'true' : 'false',
			autocapitalize: options.isMarkdown ? 'sentences' : 'off',
			autocorrect: options.isMarkdown ? 'on' : 'off',
		}),
		lengthLimit(options.refused),
		options.isMarkdown ? [markdownLanguage(), liveLook(), followLinks(options.follow), placeholder('Write here…')] : [],
		yCollab(options.text, null, { undoManager }),
	];
}
