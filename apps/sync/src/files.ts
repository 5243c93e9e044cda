import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a small JSON file holds; `broken` when it is there but is no JSON. */
export type JsonFile =
	| { readonly type: 'read'; readonly json: unknown }
	| { readonly type: 'missing' }
	| { readonly type: 'broken' };

/** Reads a JSON file of our own data folder. Throws when it is there but cannot be read at all. */
export function readJsonFile(path: string): JsonFile {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { type: 'missing' };
		throw error;
	}
	try {
		return { type: 'read', json: JSON.parse(text) };
	} catch {
		return { type: 'broken' };
	}
}

/** Puts a file in place wholly or not at all, readable by its owner only, on disk when this returns. */
export function writeFileDurably(path: string, text: string): void {
	const fresh = `${path}.new`;
	const file = openSync(fresh, 'w', 0o600);
	try {
		writeSync(file, text);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	renameSync(fresh, path);
	// The rename itself is durable only once its folder is.
	syncFile(dirname(path));
}

/** Waits until a file, or the names in a folder, are on disk. */
export function syncFile(path: string): void {
	const file = openSync(path, 'r');
	try {
		fsyncSync(file);
	} catch {
		// Windows cannot sync a folder, nor what was opened for reading; there renames are journalled.
	} finally {
		closeSync(file);
	}
}
