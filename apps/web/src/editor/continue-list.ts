import { EditorSelection, type StateCommand } from '@codemirror/state';

/** Indent, mark, and the box of a task, of a list item. */
const ITEM = /^(\s*)([-*+]|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?/;

/** Enter inside a list item begins the next one; on an empty item it ends the list. */
export const continueList: StateCommand = ({ state, dispatch }) => {
	const range = state.selection.main;
	if (state.selection.ranges.length > 1 || !range.empty || state.readOnly) return false;
	const line = state.doc.lineAt(range.head);
	const item = ITEM.exec(line.text);
	if (!item || range.head < line.from + item[0].length) return false;
	if (item[0].length === line.text.trimEnd().length + trailing(line.text)) {
		dispatch(state.update({ changes: { from: line.from, to: line.to }, userEvent: 'delete' }));
		return true;
	}
	const [, indent = '', mark = '', number, end = '', space = ' ', box] = item;
	const next = number === undefined ? mark : `${Number(number) + 1}${end}`;
	const insert = `\n${indent}${next}${space}${box ? '[ ] ' : ''}`;
	dispatch(
		state.update({
			changes: { from: range.head, insert },
			selection: EditorSelection.cursor(range.head + insert.length),
			scrollIntoView: true,
			userEvent: 'input',
		}),
	);
	return true;
};

function trailing(text: string): number {
	return text.length - text.trimEnd().length;
}
