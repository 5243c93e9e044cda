import { toBase64Url, utf8 } from '../bytes.ts';
import { createEmitter } from '../emitter.ts';
import type { FileId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import { sha256 } from './hash.ts';
import { clampToNow } from './hlc.ts';
import type { Home } from './home.ts';
import { checkPath, markPath, pathKey } from './paths.ts';
import type { Stamp } from './register.ts';
import type { FileEntry } from './space.ts';

/**
 * The manifest's files as a tree of unique paths, kept up to date change by change: with 5,000 files a lookup is
 * a map access and only a changed tree sorts its list again.
 */
export interface Tree {
	/** Living files by path. The same array until something changed. */
	list(): readonly FileEntry[];
	/** The living file shown at this path, whatever the case of its letters. */
	find(path: string): FileEntry | undefined;
	get(id: FileId): FileEntry | undefined;
	/** Whether the manifest ever named this id, living or deleted. */
	isKnown(id: FileId): boolean;
	/** The path a deleted file had. */
	deletedPath(id: FileId): string | undefined;
	/** Every deleted file, at the path it had. */
	deleted(): readonly FileEntry[];
	/** Deleted files that were at this path, the last changed one first. */
	deletedAt(path: string): readonly FileId[];
	/** Fires at most once a microtask. */
	subscribe(listener: () => void): Disposable;

	/** Notes that text of a file came in from elsewhere. */
	arrived(id: FileId): void;
	/** Makes or moves a file; a deleted one is brought back. */
	place(id: FileId, path: string, stamp: Stamp): void;
	/** Notes an edit. It brings a file back that was deleted by someone who had not seen the edit. */
	touch(id: FileId, stamp: Stamp): void;
	remove(id: FileId, stamp: Stamp): void;
}

interface Claim {
	readonly id: FileId;
	readonly path: string;
	readonly key: string;
	readonly tick: number;
}

/** Follows the manifest. */
export function createTree(deps: ClockDep, home: Home): Tree {
	const claims = new Map<FileId, Claim>();
	const claimsByKey = new Map<string, Claim[]>();
	const contested = new Set<string>();
	const entries = new Map<FileId, FileEntry>();
	const arrivals = new Map<FileId, number>();
	const changed = createEmitter<void>();
	let marked: Marked | undefined;
	let sorted: readonly FileEntry[] | undefined;
	let isEmitting = false;

	for (const id of home.filePaths.entities()) reclaim(id as FileId);
	for (const registers of [home.filePaths, home.fileTouches, home.fileDeletions]) {
		registers.changed.subscribe((ids) => {
			for (const id of ids) reclaim(id as FileId);
			sorted = undefined;
			emitSoon();
		});
	}

	return {
		list() {
			sorted ??= [...claims.keys()].map(entryOf).filter(isThere).sort(byPath);
			return sorted;
		},
		find(path) {
			const key = pathKey(path);
			const id = claimsByKey.get(key)?.[0]?.id ?? marks().idsByKey.get(key);
			return id && entryOf(id);
		},
		get: entryOf,
		isKnown: (id) => home.filePaths.get(id) !== undefined,
		deletedPath: (id) => (claims.has(id) ? undefined : home.filePaths.get(id)?.value),
		deleted() {
			const gone = [...home.filePaths.entities()].map((id) => id as FileId).filter((id) => !claims.has(id));
			return gone.map((id) => {
				const { tick, at } = latest(id);
				const path = home.filePaths.get(id)?.value ?? '';
				return { id, path, touched: clampToNow(at, deps.clock.now()), revision: tick, arrivals: 0, isDefault: false };
			});
		},
		deletedAt(path) {
			const key = pathKey(path);
			const ids = [...home.filePaths.entities()].map((id) => id as FileId);
			return ids
				.filter((id) => !claims.has(id) && pathKey(home.filePaths.get(id)?.value ?? '') === key)
				.sort((a, b) => latest(b).tick - latest(a).tick);
		},
		subscribe: (listener) => changed.subscribe(listener),

		arrived(id) {
			if (!claims.has(id)) return;
			arrivals.set(id, (arrivals.get(id) ?? 0) + 1);
			entries.delete(id);
			// The order stays: a space of thousands of files arrives without sorting them thousands of times.
			sorted = sorted?.map((entry) => (entry.id === id ? (entryOf(id) ?? entry) : entry));
			emitSoon();
		},
		place(id, path, stamp) {
			home.transact(() => {
				home.filePaths.set(id, path, stamp);
				if (!isLiving(id)) home.fileDeletions.set(id, 0, stamp);
			});
		},
		touch: (id, stamp) => home.fileTouches.set(id, true, stamp),
		remove(id, stamp) {
			const seen = [...home.fileTouches.cells(id)].map((cell) => [cell.writer, cell.tick]);
			home.fileDeletions.set(id, Object.fromEntries(seen), stamp);
		},
	};

	/** Brings one file's claim to a path up to date; of several claims the earliest holds the path itself. */
	function reclaim(id: FileId): void {
		entries.delete(id);
		const cell = home.filePaths.get(id);
		const path = cell && (checkPath(cell.value).ok ? cell.value : `recovered/${id}.md`);
		const next = cell && path && isLiving(id) ? { id, path, key: pathKey(path), tick: cell.tick } : undefined;
		const old = claims.get(id);
		if (old?.path === next?.path && old?.tick === next?.tick) return;
		if (old) unclaim(old);
		if (next) claim(next);
		for (const loser of marked?.pathsById.keys() ?? []) entries.delete(loser);
		marked = undefined;
	}

	function claim(next: Claim): void {
		claims.set(next.id, next);
		const rivals = [...(claimsByKey.get(next.key) ?? []), next].sort(
			(a, b) => a.tick - b.tick || (a.id < b.id ? -1 : 1),
		);
		claimsByKey.set(next.key, rivals);
		if (rivals.length > 1) contested.add(next.key);
		for (const rival of rivals) entries.delete(rival.id);
	}

	function unclaim(old: Claim): void {
		claims.delete(old.id);
		const rivals = (claimsByKey.get(old.key) ?? []).filter((rival) => rival.id !== old.id);
		if (rivals.length === 0) claimsByKey.delete(old.key);
		else claimsByKey.set(old.key, rivals);
		if (rivals.length < 2) contested.delete(old.key);
		for (const rival of rivals) entries.delete(rival.id);
	}

	function marks(): Marked {
		marked ??= markLosers(contested, claimsByKey);
		return marked;
	}

	function entryOf(id: FileId): FileEntry | undefined {
		const known = entries.get(id);
		if (known) return known;
		const own = claims.get(id);
		if (!own) return undefined;
		const path = claimsByKey.get(own.key)?.[0]?.id === id ? own.path : (marks().pathsById.get(id) ?? own.path);
		const { tick, at } = latest(id);
		const touched = clampToNow(at, deps.clock.now());
		const entry = { id, path, touched, revision: tick, arrivals: arrivals.get(id) ?? 0, isDefault: false };
		entries.set(id, entry);
		return entry;
	}

	function isLiving(id: FileId): boolean {
		const seen = home.fileDeletions.get(id)?.value ?? 0;
		if (seen === 0) return true;
		// Per writer, because an edit the deleter had not seen may well be older than one they had.
		for (const cell of home.fileTouches.cells(id)) if (cell.tick > (seen[cell.writer] ?? 0)) return true;
		return false;
	}

	function latest(id: FileId): Stamp {
		const cells = [home.filePaths.get(id), home.fileTouches.get(id), home.fileDeletions.get(id)];
		return cells.reduce<Stamp>((last, cell) => (cell && cell.tick > last.tick ? cell : last), { tick: 0, at: 0 });
	}

	function emitSoon(): void {
		if (isEmitting) return;
		isEmitting = true;
		queueMicrotask(() => {
			isEmitting = false;
			changed.emit();
		});
	}
}

/** Id of a file that every device makes the same while apart; `generation` counts those used up before. */
export function derivedFileId(path: string, generation: number): FileId {
	return toBase64Url(sha256(utf8(`pocketeer/v1/file/${generation}/${path}`)).subarray(0, 12)) as FileId;
}

/** The first derived id of a path that the manifest has not seen: a deleted or moved page is not written over. */
export function freeDerivedId(tree: Tree, path: string): FileId {
	let generation = 1;
	while (tree.isKnown(derivedFileId(path, generation))) generation++;
	return derivedFileId(path, generation);
}

interface Marked {
	readonly pathsById: ReadonlyMap<FileId, string>;
	readonly idsByKey: ReadonlyMap<string, FileId>;
}

/** Names for files whose path an earlier one holds: the same on every device that knows the same claims. */
function markLosers(contested: ReadonlySet<string>, claimsByKey: ReadonlyMap<string, readonly Claim[]>): Marked {
	const pathsById = new Map<FileId, string>();
	const idsByKey = new Map<string, FileId>();
	for (const key of [...contested].sort()) {
		for (const loser of claimsByKey.get(key)?.slice(1) ?? []) {
			let mark = 2;
			let path = markPath(loser.path, mark);
			while (claimsByKey.has(pathKey(path)) || idsByKey.has(pathKey(path))) {
				path = markPath(loser.path, ++mark);
			}
			pathsById.set(loser.id, path);
			idsByKey.set(pathKey(path), loser.id);
		}
	}
	return { pathsById, idsByKey };
}

function byPath(a: FileEntry, b: FileEntry): number {
	return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function isThere(entry: FileEntry | undefined): entry is FileEntry {
	return entry !== undefined;
}
