import type { LineId } from '../../ids.ts';
import type { LogDep } from '../../ports/log.ts';
import type { LinesDep, OpenLine } from '../../space/space.ts';
import type { LineIndex, LineIndexDep } from './line-index.ts';

/** Lines kept open until something stands on them: a decision, the end of a turn that runs elsewhere. */
export interface LineWatches extends Disposable {
	/** Calls `then` once when the line is as asked, also when it is so already; a watch of the same name is replaced. */
	until(watch: { readonly name: string; readonly line: LineId; is(index: LineIndex): boolean }, then: () => void): void;
	/** Ends a watch. */
	drop(name: string): void;
}

/** Makes the watches of one agent. */
export function createLineWatches(deps: LinesDep & LineIndexDep & LogDep): LineWatches {
	const watches = new Map<string, DisposableStack>();

	return {
		until(watch, then) {
			drop(watch.name);
			const owned = new DisposableStack();
			watches.set(watch.name, owned);
			void follow(watch, owned, then);
		},
		drop,
		[Symbol.dispose]() {
			for (const name of [...watches.keys()]) drop(name);
		},
	};

	async function follow(
		watch: Parameters<LineWatches['until']>[0],
		owned: DisposableStack,
		then: () => void,
	): Promise<void> {
		const opened = await deps.lines.open(watch.line);
		if (!opened.ok) return deps.log.warn('line-unreadable', { error: opened.error.type });
		const line: OpenLine = opened.value;
		if (owned.disposed) return line[Symbol.dispose]();
		owned.use(line);
		const look = () => {
			if (owned.disposed || !watch.is(deps.indexOf(line.records()))) return;
			if (watches.get(watch.name) === owned) watches.delete(watch.name);
			owned.dispose();
			then();
		};
		owned.use(line.subscribe(look));
		look();
	}

	function drop(name: string): void {
		watches.get(name)?.dispose();
		watches.delete(name);
	}
}
