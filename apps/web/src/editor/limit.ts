import { EditorState, type Extension } from '@codemirror/state';
import { MAX_TEXT_LENGTH } from '@pocketeer/core/space/workspace';
import { ySyncAnnotation } from 'y-codemirror.next';

/**
 * Refuses a change made here that would make the text longer than `MAX_TEXT_LENGTH`, whole, so that nothing is cut off
 * unseen. What arrives from elsewhere, and anything that shortens the text, always passes.
 */
export function lengthLimit(refused: (length: number) => void): Extension {
	return EditorState.transactionFilter.of((tr) => {
		if (!tr.docChanged || tr.annotation(ySyncAnnotation) !== undefined) return tr;
		const length = tr.newDoc.length;
		if (length <= MAX_TEXT_LENGTH || length <= tr.startState.doc.length) return tr;
		refused(length);
		return [];
	});
}
