import type { DeviceId, PersonId } from '@pocketeer/core/ids';
import type { HistoryPatch } from '@pocketeer/core/space/records';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PatchView, textBefore, viewPatches } from './patch-lines.ts';

describe('a change as lines', () => {
	test('a word replaced within a line shows the line before and after, with what stands around it', () => {
		const view = only(
			viewPatches(
				[patch('h0', 'h1', hunk(10, 'tea', 'coffee'))],
				present('one\ntwo\n2 coffee\nfour\nfive\nsix\n', 'h1'),
			),
		);
		expect(drawn(view)).toEqual([' one', ' two', '-2 tea', '+2 coffee', ' four', ' five', '…']);
		expect(view).toMatchObject({ added: 1, removed: 1, hasContext: true });
	});

	test('a line added at the end shows as added, its neighbour as unchanged', () => {
		const view = only(viewPatches([patch('h0', 'h1', hunk(4, '', 'two\n'))], present('one\ntwo\n', 'h1')));
		expect(drawn(view)).toEqual([' one', '+two']);
	});

	test('text added behind a last line without a line break does not call that line removed and added', () => {
		const view = only(viewPatches([patch('h0', 'h1', hunk(0, '', 'zero\n'))], present('zero\none', 'h1')));
		expect(drawn(view)).toEqual(['+zero', ' one']);
	});

	test('changes far apart are joined by a gap', () => {
		const before = Array.from({ length: 12 }, (_, index) => `line ${index}\n`).join('');
		const after = before.replace('line 0\n', 'first\n').replace('line 9\n', 'ninth\n');
		const hunks = [hunk(0, 'line 0', 'first'), hunk(before.indexOf('line 9'), 'line 9', 'ninth')];
		const view = only(viewPatches([patch('h0', 'h1', ...hunks)], present(after, 'h1')));
		expect(drawn(view)).toEqual([
			'-line 0',
			'+first',
			' line 1',
			' line 2',
			'…',
			' line 7',
			' line 8',
			'-line 9',
			'+ninth',
			' line 10',
			' line 11',
		]);
	});

	test('two words of one line are one change', () => {
		const view = only(viewPatches([patch('h0', 'h1', hunk(0, 'a', 'x'), hunk(4, 'c', 'z'))], present('x b z\n', 'h1')));
		expect(drawn(view)).toEqual(['-a b c', '+x b z']);
	});

	test('older patches are shown in their own text, as long as each joins the next', () => {
		const views = viewPatches(
			[patch('h0', 'h1', hunk(0, '', 'one\n')), patch('h1', 'h2', hunk(4, '', 'two\n'))],
			present('one\ntwo\n', 'h2'),
		);
		expect(views.map(drawn)).toEqual([['+one'], [' one', '+two']]);
	});

	test('a patch that does not join shows only its words, and says so', () => {
		const views = viewPatches([patch('h0', 'elsewhere', hunk(40, 'old', 'new'))], present('one\n', 'h9'));
		expect(only(views)).toMatchObject({ hasContext: false, added: 1, removed: 1 });
		expect(drawn(only(views))).toEqual(['-old', '+new']);
	});
});

test('taking a patch back gives the text it was made from', () => {
	const edits = fc.array(
		fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 })),
		{ maxLength: 5 },
	);
	fc.assert(
		fc.property(edits, fc.string(), (parts, tail) => {
			let before = '';
			let after = '';
			const hunks = parts.map(([kept, removed, inserted]) => {
				before += kept;
				after += kept;
				const made = hunk(before.length, removed, inserted);
				before += removed;
				after += inserted;
				return made;
			});
			expect(textBefore(after + tail, hunks)).toBe(before + tail);
		}),
	);
});

test('a patch that does not fit the text is refused', () => {
	expect(textBefore('abc', [hunk(1, 'x', 'q')])).toBeUndefined();
	expect(textBefore('abc', [hunk(9, 'x', 'q')])).toBeUndefined();
});

function only(views: readonly PatchView[]): PatchView {
	const [view] = views;
	if (!view || views.length !== 1) throw new Error('expected one view');
	return view;
}

function drawn(view: PatchView): readonly string[] {
	const marks = { same: ' ', added: '+', removed: '-', gap: '…' } as const;
	return view.lines.map((line) => marks[line.kind] + line.text);
}

function hunk(offset: number, removed: string, inserted: string): HistoryPatch['patch'][number] {
	return { offset, removed, inserted };
}

function present(text: string, hash: string) {
	return { text, hash };
}

function patch(base: string, result: string, ...hunks: HistoryPatch['patch'][number][]): HistoryPatch {
	const actor = { type: 'person', person: 'me' as PersonId, device: 'here' as DeviceId } as const;
	return { kind: 'patch', id: `${base}-${result}`, stamp: '', at: 0, actor, base, result, patch: hunks, items: [] };
}
