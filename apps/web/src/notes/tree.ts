import type { FileEntry } from '@pocketeer/core/space/space';

/** A folder of the workspace; it exists because files lie in it. */
export interface Folder {
	readonly path: string;
	readonly name: string;
	readonly folders: readonly Folder[];
	readonly files: readonly FileEntry[];
	/** Files in it and below. */
	readonly count: number;
}

/** One line of the tree as it is shown. */
export type Row =
	| {
			readonly kind: 'folder';
			readonly path: string;
			readonly name: string;
			readonly depth: number;
			readonly isExpanded: boolean;
			readonly count: number;
			readonly position: number;
			readonly setSize: number;
	  }
	| {
			readonly kind: 'file';
			readonly path: string;
			readonly name: string;
			/** Where it lies, when rows of several folders stand together. */
			readonly folder: string | undefined;
			readonly depth: number;
			readonly isDefault: boolean;
			readonly about: string | undefined;
			readonly position: number;
			readonly setSize: number;
	  }
	| { readonly kind: 'more'; readonly path: string; readonly depth: number; readonly hidden: number };

/** What decides which rows are visible. */
export interface TreeView {
	readonly expanded: ReadonlySet<string>;
	/** How many files of a folder are shown, by folder path; `PAGE` when not named. */
	readonly shown: ReadonlyMap<string, number>;
	readonly filter: string;
}

/** Rows a folder shows before "show more": what a phone scrolls through without jank and a person without despair. */
export const PAGE = 200;

/** The key under which `TreeView.shown` counts the rows of a filtered list. */
export const FILTERED = '?';

const ABOUT: Readonly<Record<string, string>> = {
	'SOUL.md': 'Who the assistant is',
	'PRACTICE.md': 'How it works',
};
const PINNED = Object.keys(ABOUT);

/** What a file of that path is for, when the workspace gives it a role of its own. */
export function aboutFile(path: string): string | undefined {
	return ABOUT[path];
}

/** The folder a path lies in; '' for the top. */
export function folderOf(path: string): string {
	return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last part of a path. */
export function nameOf(path: string): string {
	return path.slice(path.lastIndexOf('/') + 1);
}

/** Every folder above a path, outermost first. */
export function foldersAbove(path: string): readonly string[] {
	const parts = path.split('/').slice(0, -1);
	return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Whether two lists would draw the same tree; `touched` and `revision` do not show in it. */
export function isSameTree(a: readonly FileEntry[], b: readonly FileEntry[]): boolean {
	return (
		a.length === b.length &&
		a.every((entry, index) => {
			const other = b[index];
			return entry.id === other?.id && entry.path === other.path && entry.isDefault === other.isDefault;
		})
	);
}

/** Sorts files into folders: standing files first, journal pages newest first, all else by name. */
export function buildTree(entries: readonly FileEntry[]): Folder {
	const filesByFolder = new Map<string, FileEntry[]>([['', []]]);
	for (const entry of entries) {
		const folder = folderOf(entry.path);
		for (const above of foldersAbove(entry.path)) if (!filesByFolder.has(above)) filesByFolder.set(above, []);
		filesByFolder.get(folder)?.push(entry);
	}
	const childrenByFolder = new Map<string, string[]>();
	for (const path of filesByFolder.keys()) {
		if (path === '') continue;
		const parent = folderOf(path);
		childrenByFolder.set(parent, [...(childrenByFolder.get(parent) ?? []), path]);
	}
	const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
	return folderAt('');

	function folderAt(path: string): Folder {
		const folders = (childrenByFolder.get(path) ?? [])
			.sort((a, b) => collator.compare(a, b))
			.map((child) => folderAt(child));
		const files = [...(filesByFolder.get(path) ?? [])].sort((a, b) => compareFiles(a, b, collator));
		const count = folders.reduce((sum, folder) => sum + folder.count, files.length);
		return { path, name: nameOf(path), folders, files, count };
	}
}

function compareFiles(a: FileEntry, b: FileEntry, collator: Intl.Collator): number {
	const rank = pinRank(a) - pinRank(b);
	if (rank !== 0) return rank;
	const order = collator.compare(a.path, b.path);
	return a.path.startsWith('journal/') ? -order : order;
}

function pinRank(entry: FileEntry): number {
	const rank = PINNED.indexOf(entry.path);
	return rank < 0 ? PINNED.length : rank;
}

/** The rows of expanded folders only, so that a collapsed folder of thousands costs one row. */
export function visibleRows(tree: Folder, view: TreeView): readonly Row[] {
	const words = view.filter.toLowerCase().split(/\s+/).filter(Boolean);
	return words.length > 0 ? filteredRows(tree, words, view) : folderRows(tree, view, 0);
}

function folderRows(folder: Folder, view: TreeView, depth: number): Row[] {
	const pinned = folder.files.filter((file) => PINNED.includes(file.path));
	const others = folder.files.filter((file) => !PINNED.includes(file.path));
	const setSize = folder.files.length + folder.folders.length;
	const rows: Row[] = pinned.map((file, index) => fileRow(file, { depth, position: index + 1, setSize }));
	folder.folders.forEach((child, index) => {
		const isExpanded = view.expanded.has(child.path);
		const position = pinned.length + index + 1;
		const { path, name, count } = child;
		rows.push({ kind: 'folder', path, name, depth, isExpanded, count, position, setSize });
		if (isExpanded) rows.push(...folderRows(child, view, depth + 1));
	});
	const limit = view.shown.get(folder.path) ?? PAGE;
	const before = pinned.length + folder.folders.length;
	others.slice(0, limit).forEach((file, index) => {
		rows.push(fileRow(file, { depth, position: before + index + 1, setSize }));
	});
	if (others.length > limit) rows.push({ kind: 'more', path: folder.path, depth, hidden: others.length - limit });
	return rows;
}

function filteredRows(tree: Folder, words: readonly string[], view: TreeView): Row[] {
	const matches = allFiles(tree).filter((file) => {
		const path = file.path.toLowerCase();
		return words.every((word) => path.includes(word));
	});
	const limit = view.shown.get(FILTERED) ?? PAGE;
	const rows: Row[] = matches.slice(0, limit).map((file, index) => ({
		...fileRow(file, { depth: 0, position: index + 1, setSize: matches.length }),
		folder: folderOf(file.path) || undefined,
	}));
	if (matches.length > limit) rows.push({ kind: 'more', path: FILTERED, depth: 0, hidden: matches.length - limit });
	return rows;
}

function allFiles(folder: Folder): readonly FileEntry[] {
	return [...folder.files, ...folder.folders.flatMap(allFiles)];
}

function fileRow(
	file: FileEntry,
	place: { readonly depth: number; readonly position: number; readonly setSize: number },
): Row & { kind: 'file' } {
	return {
		kind: 'file',
		path: file.path,
		name: nameOf(file.path),
		folder: undefined,
		isDefault: file.isDefault,
		about: aboutFile(file.path),
		...place,
	};
}

/** Takes over every old row that looks the same, so that the screen redraws, and loses focus in, only what changed. */
export function keepRows(previous: readonly Row[], next: readonly Row[]): readonly Row[] {
	const oldByKey = new Map(previous.map((row) => [rowKey(row), row]));
	return next.map((row) => {
		const old = oldByKey.get(rowKey(row));
		return old && JSON.stringify(old) === JSON.stringify(row) ? old : row;
	});
}

/** Names a row among those shown together. */
export function rowKey(row: Row): string {
	return `${row.kind}:${row.path}`;
}
