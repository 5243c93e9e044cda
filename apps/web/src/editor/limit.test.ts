import { EditorState } from '@codemirror/state';
import { MAX_TEXT_LENGTH } from '@pocketeer/core/space/workspace';
import { expect, test } from 'vitest';
import { YSyncConfig, ySyncAnnotation } from 'y-codemirror.next';
import * as Y from 'yjs';
import { lengthLimit } from './limit.ts';

test('a paste that would pass the limit is refused whole and told with its length', () => {
	const refused: number[] = [];
	const state = stateOf('kept', refused);
	const next = state.update({ changes: { from: 4, insert: 'x'.repeat(MAX_TEXT_LENGTH) } }).state;
	expect(next.doc.toString()).toBe('kept');
	expect(refused).toEqual([MAX_TEXT_LENGTH + 4]);
});

test('exactly the limit fits', () => {
	const refused: number[] = [];
	const next = stateOf('', refused).update({ changes: { from: 0, insert: 'x'.repeat(MAX_TEXT_LENGTH) } }).state;
	expect(next.doc.length).toBe(MAX_TEXT_LENGTH);
	expect(refused).toEqual([]);
});

test('a text that grew too long elsewhere can still be shortened here', () => {
	const refused: number[] = [];
	const next = stateOf('x'.repeat(MAX_TEXT_LENGTH + 50), refused).update({ changes: { from: 0, to: 10 } }).state;
	expect(next.doc.length).toBe(MAX_TEXT_LENGTH + 40);
	expect(refused).toEqual([]);
});

test('what others wrote always arrives', () => {
	const text = new Y.Doc().getText();
	const next = stateOf('kept', []).update({
		changes: { from: 0, insert: 'x'.repeat(MAX_TEXT_LENGTH) },
		annotations: ySyncAnnotation.of(new YSyncConfig(text, null)),
	}).state;
	expect(next.doc.length).toBe(MAX_TEXT_LENGTH + 4);
});

function stateOf(doc: string, refused: number[]): EditorState {
	return EditorState.create({ doc, extensions: lengthLimit((length) => refused.push(length)) });
}
