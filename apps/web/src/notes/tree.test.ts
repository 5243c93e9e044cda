import type { FileId } from '@pocketeer/core/ids';
import type { FileEntry } from '@pocketeer/core/space/space';
import { describe, expect, test } from 'vitest';
import { buildTree, FILTERED, foldersAbove, isSameTree, keepRows, PAGE, type TreeView, visibleRows } from './tree.ts';

const closed: TreeView = { expanded: new Set(), shown: new Map(), filter: '' };

describe('the tree of files', () => {
	test('shows standing files first, then folders, then other files by name', () => {
		const tree = buildTree(
			entries('zebra.md', 'notes/a.md', 'PRACTICE.md', 'SOUL.md', 'apple.md', 'journal/2026-01-01.md'),
		);
		expect(names(visibleRows(tree, closed))).toEqual([
			'SOUL.md',
			'PRACTICE.md',
			'journal',
			'notes',
			'apple.md',
			'zebra.md',
		]);
	});

	test('shows the files of expanded folders only, each level deeper', () => {
		const tree = buildTree(entries('notes/a.md', 'notes/deep/b.md', 'people/maria/profile.md'));
		const rows = visibleRows(tree, { ...closed, expanded: new Set(['notes', 'notes/deep']) });
		expect(rows.map((row) => `${row.depth} ${row.path}`)).toEqual([
			'0 notes',
			'1 notes/deep',
			'2 notes/deep/b.md',
			'1 notes/a.md',
			'0 people',
		]);
	});

	test('counts every file below a folder', () => {
		const [row] = visibleRows(buildTree(entries('notes/a.md', 'notes/deep/b.md')), closed);
		expect(row).toMatchObject({ kind: 'folder', count: 2 });
	});

	test('sorts numbers in names by value and journal pages newest first', () => {
		const tree = buildTree(entries('notes/10.md', 'notes/9.md', 'journal/2026-01-09.md', 'journal/2026-01-10.md'));
		const rows = visibleRows(tree, { ...closed, expanded: new Set(['notes', 'journal']) });
		expect(names(rows)).toEqual(['journal', '2026-01-10.md', '2026-01-09.md', 'notes', '9.md', '10.md']);
	});

	test('tells assistive technology the place of a row in its own folder', () => {
		const rows = visibleRows(buildTree(entries('SOUL.md', 'notes/a.md', 'z.md')), {
			...closed,
			expanded: new Set(['notes']),
		});
		expect(rows.map((row) => (row.kind === 'more' ? '' : `${row.position}/${row.setSize}`))).toEqual([
			'1/3',
			'2/3',
			'1/1',
			'3/3',
		]);
	});

	test('shows a page of a large folder and says how many more there are', () => {
		const many = Array.from({ length: PAGE + 30 }, (_, index) => `notes/${index}.md`);
		const tree = buildTree(entries(...many));
		const view = { ...closed, expanded: new Set(['notes']) };
		const rows = visibleRows(tree, view);
		expect(rows).toHaveLength(1 + PAGE + 1);
		expect(rows.at(-1)).toEqual({ kind: 'more', path: 'notes', depth: 1, hidden: 30 });
		expect(visibleRows(tree, { ...view, shown: new Map([['notes', 2 * PAGE]]) })).toHaveLength(1 + PAGE + 30);
	});

	test('filters by every word anywhere in the path, whatever is collapsed', () => {
		const tree = buildTree(entries('notes/Garden/roses.md', 'notes/garden.md', 'people/rose/profile.md'));
		const rows = visibleRows(tree, { ...closed, filter: ' ROSE gard' });
		expect(rows.map((row) => row.path)).toEqual(['notes/Garden/roses.md']);
		expect(rows[0]).toMatchObject({ folder: 'notes/Garden', depth: 0 });
	});

	test('a filter that matches thousands is cut too', () => {
		const tree = buildTree(entries(...Array.from({ length: 5_000 }, (_, index) => `notes/${index}.md`)));
		const rows = visibleRows(tree, { ...closed, filter: 'notes' });
		expect(rows.at(-1)).toMatchObject({ kind: 'more', path: FILTERED, hidden: 5_000 - PAGE });
	});

	test('a file and a folder of one name are both shown', () => {
		const rows = visibleRows(buildTree(entries('notes.md', 'notes/a.md')), closed);
		expect(names(rows)).toEqual(['notes', 'notes.md']);
	});
});

test('rows that look the same are the same objects after a change', () => {
	const before = visibleRows(buildTree(entries('SOUL.md', 'a.md')), closed);
	const after = visibleRows(buildTree(entries('SOUL.md', 'a.md', 'b.md')), closed);
	const kept = keepRows(before, after);
	expect(names(kept)).toEqual(['SOUL.md', 'a.md', 'b.md']);
	const same = keepRows(kept, visibleRows(buildTree(entries('SOUL.md', 'a.md', 'b.md')), closed));
	expect(same.every((row, index) => row === kept[index])).toBe(true);
});

test('typing in a file does not make another tree, renaming one does', () => {
	const [a] = entries('a.md');
	if (!a) throw new Error('no entry');
	expect(isSameTree([a], [{ ...a, touched: 9, revision: 9 }])).toBe(true);
	expect(isSameTree([a], [{ ...a, path: 'b.md' }])).toBe(false);
	expect(isSameTree([a], [{ ...a, isDefault: true }])).toBe(false);
	expect(isSameTree([a], [])).toBe(false);
});

test('the folders above a path come outermost first', () => {
	expect(foldersAbove('a/b/c.md')).toEqual(['a', 'a/b']);
	expect(foldersAbove('c.md')).toEqual([]);
});

function names(rows: ReturnType<typeof visibleRows>): readonly string[] {
	return rows.map((row) => (row.kind === 'more' ? '…' : row.name));
}

function entries(...paths: readonly string[]): readonly FileEntry[] {
	return paths.map((path) => ({
		id: `id of ${path}` as FileId,
		path,
		touched: 1,
		revision: 1,
		arrivals: 0,
		isDefault: false,
	}));
}
