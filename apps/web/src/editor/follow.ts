import { syntaxTree } from '@codemirror/language';
import type { EditorState, Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

/** Ctrl- or Command-click on a link tells where it leads. */
export function followLinks(follow: (target: string) => void): Extension {
	return EditorView.domEventHandlers({
		mousedown(event, view) {
			if (!(event.ctrlKey || event.metaKey) || event.button !== 0) return false;
			const at = view.posAtCoords(event);
			const target = at === null ? undefined : linkAt(view.state, at);
			if (target === undefined) return false;
			event.preventDefault();
			follow(target);
			return true;
		},
	});
}

/** What the link at a place leads to: the address of a markdown link, or the name in `[[…]]`; undefined elsewhere. */
export function linkAt(state: EditorState, at: number): string | undefined {
	for (let node = syntaxTree(state).resolveInner(at, 1); node.parent; node = node.parent) {
		if (node.name === 'WikiLink') return state.sliceDoc(node.from + 2, node.to - 2).trim();
		if (node.name === 'URL') return state.sliceDoc(node.from, node.to);
		const url = node.name === 'Link' ? node.getChild('URL') : null;
		if (url) return state.sliceDoc(url.from, url.to);
	}
	return undefined;
}
