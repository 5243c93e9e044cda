import { EditorView } from '@codemirror/view';

/**
 * Lets CodeMirror's own styles pass `style-src 'self'`. In a document it would write a `<style>` element, which that
 * policy blocks; in a shadow root it adopts a constructed sheet, which no policy touches. So one throw-away editor is
 * made in a shadow root, and the set of styles it leaves there (style-mod keeps it under a symbol on the root) is
 * given to the document. Were that symbol ever renamed, CodeMirror would fall back to its element.
 */
export function adoptEditorStyles(document: Document): void {
	if (findStyleSet(document)) return;
	const root = document.createElement('div').attachShadow({ mode: 'open' });
	new EditorView({ root }).destroy();
	const key = findStyleSet(root);
	if (key) Reflect.set(document, key, Reflect.get(root, key));
}

function findStyleSet(root: Document | ShadowRoot): symbol | undefined {
	return Object.getOwnPropertySymbols(root).find((symbol) => symbol.description === 'styleSet');
}
