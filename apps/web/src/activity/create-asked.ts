import type { LineId } from '@pocketeer/core/ids';
import type { RunRecord } from '@pocketeer/core/space/records';
import type { Lines } from '@pocketeer/core/space/space';
import { type Accessor, createEffect, createSignal, onCleanup } from 'solid-js';
import { type Asked, askedId, findAsked } from './asked.ts';

/** Lines read for one screen, those of the newest runs first; the rows of others do without. */
const MOST_LINES = 8;
/** Months read back on a line, beside the newest ones, for a run that began before them. */
const MOST_OLDER = 2;

/** What the runs were asked, filled in line by line after the list is drawn. */
export function createAsked(source: Lines, runs: Accessor<readonly RunRecord[]>): Accessor<Asked> {
	const [asked, setAsked] = createSignal<Asked>(new Map());
	const reader = createAskedReader(source, (found) => setAsked((known) => new Map([...known, ...found])));
	onCleanup(() => reader[Symbol.dispose]());
	createEffect(() => void reader.read(runs()));
	return asked;
}

/** Looks up what runs were asked, each once. */
interface AskedReader extends Disposable {
	/** Resolves when all of these were looked for. */
	read(runs: readonly Pick<RunRecord, 'line' | 'trigger'>[]): Promise<void>;
}

/** Makes a reader that hands over what it finds; what cannot be read is left out. */
export function createAskedReader(source: Lines, onFound: (found: Asked) => void): AskedReader {
	const sought = new Set<string>();
	const linesRead = new Set<LineId>();
	let work = Promise.resolve();
	let isGone = false;
	return {
		read(runs) {
			for (const [line, wanted] of newIds(runs)) work = work.then(() => look(line, wanted));
			return work;
		},
		[Symbol.dispose]() {
			isGone = true;
		},
	};

	function newIds(runs: Parameters<AskedReader['read']>[0]): ReadonlyMap<LineId, ReadonlySet<string>> {
		const idsByLine = new Map<LineId, Set<string>>();
		for (const run of runs) {
			const id = askedId(run);
			if (id === undefined || sought.has(id)) continue;
			if (!linesRead.has(run.line) && linesRead.size >= MOST_LINES) continue;
			linesRead.add(run.line);
			sought.add(id);
			const ids = idsByLine.get(run.line);
			if (ids) ids.add(id);
			else idsByLine.set(run.line, new Set([id]));
		}
		return idsByLine;
	}

	async function look(line: LineId, wanted: ReadonlySet<string>): Promise<void> {
		if (isGone) return;
		const opened = await source.open(line);
		if (!opened.ok) return;
		using open = opened.value;
		for (let older = 0; ; older++) {
			const found = findAsked(open.records(), wanted);
			if (isGone) return;
			if (found.size > 0) onFound(found);
			if (found.size === wanted.size || older === MOST_OLDER || !open.hasOlder) return;
			const brought = await open.older();
			if (!brought.ok || isGone) return;
		}
	}
}
