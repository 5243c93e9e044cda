import { newId, type RandomDep } from '@pocketeer/core/ports/random';
import { readJsonFile, writeFileDurably } from './files.ts';
import { type Database, integer, text } from './store/database.ts';

/**
 * Names the log of this relay. Clients that see another name than before publish again what they have. The name
 * changes when the database turns out to be an older copy than the folder it lies in: every start is counted in both,
 * and a database that counts fewer starts than the file beside it was put back.
 */
export function openTimeline(deps: RandomDep & { readonly database: Database; readonly path: string }): string {
	const { database, path } = deps;
	const beside = readBeside(path);
	const { timeline, starts } = database.transaction(() => {
		const known = readMeta(database);
		const isRestored = known !== undefined && beside !== undefined && known.starts < beside.starts;
		const now = {
			timeline: known === undefined || isRestored ? newId<string>(deps) : known.timeline,
			starts: Math.max(known?.starts ?? 0, beside?.starts ?? 0) + 1,
		};
		writeMeta(database, now);
		return now;
	});
	// After the database: cut in between, the file counts fewer, which is no sign of anything.
	writeFileDurably(path, JSON.stringify({ starts }));
	return timeline;
}

interface Meta {
	readonly timeline: string;
	readonly starts: number;
}

function readMeta(database: Database): Meta | undefined {
	const find = database.prepare('SELECT value, CAST(value AS INTEGER) AS number FROM meta WHERE key = ?');
	const timeline = find.get('timeline');
	return timeline && { timeline: text(timeline, 'value'), starts: integer(find.get('starts'), 'number') };
}

function writeMeta(database: Database, { timeline, starts }: Meta): void {
	const put = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
	put.run('timeline', timeline);
	put.run('starts', String(starts));
}

function readBeside(path: string): { readonly starts: number } | undefined {
	const read = readJsonFile(path);
	if (read.type !== 'read' || typeof read.json !== 'object' || read.json === null) return undefined;
	if (!('starts' in read.json) || !Number.isSafeInteger(read.json.starts)) return undefined;
	return { starts: Number(read.json.starts) };
}
