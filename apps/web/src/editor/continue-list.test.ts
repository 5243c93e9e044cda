import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { continueList } from './continue-list.ts';

test('Enter at the end of an item begins the next with the same mark and indent', () => {
	expect(enter('  - milk|')).toBe('  - milk\n  - |');
	expect(enter('* a|\ntail')).toBe('* a\n* |\ntail');
});

test('Enter inside an item carries its rest over', () => {
	expect(enter('- milk| and eggs')).toBe('- milk\n- | and eggs');
});

test('numbers count on, boxes start empty', () => {
	expect(enter('9. nine|')).toBe('9. nine\n10. |');
	expect(enter('- [x] done|')).toBe('- [x] done\n- [ ] |');
});

test('Enter on an empty item ends the list', () => {
	expect(enter('- one\n- |')).toBe('- one\n|');
	expect(enter('- [ ] |')).toBe('|');
});

test('elsewhere Enter is not its business', () => {
	expect(enter('plain|')).toBeUndefined();
	expect(enter('|- item')).toBeUndefined();
	expect(enter('2026 was|')).toBeUndefined();
});

/** The text after Enter with the cursor as `|`; undefined when the command declined. */
function enter(marked: string): string | undefined {
	const anchor = marked.indexOf('|');
	const state = EditorState.create({ doc: marked.replace('|', ''), selection: { anchor } });
	let after: EditorState | undefined;
	const isTaken = continueList({ state, dispatch: (tr) => (after = tr.state) });
	if (!isTaken || !after) return undefined;
	const { head } = after.selection.main;
	return `${after.doc.sliceString(0, head)}|${after.doc.sliceString(head)}`;
}
