import { registerHooks } from 'node:module';
import type { Mutation } from './mutations.ts';

// A process of `scripts/test-world.ts`: plays the seeds that it is told and says how each ended.

/** What a shard is told, once. */
export interface ShardOrder {
	readonly seeds: readonly number[];
	/** Ends with the first seed of which this is said; plays all when left out. */
	readonly until?: string | undefined;
	readonly mutation?: Mutation | undefined;
}

/** What a shard says: after each schedule, and `over` at the end. */
export type ShardWord =
	| { readonly type: 'playing'; readonly seed: number }
	| {
			readonly type: 'played';
			readonly seed: number;
			readonly wrong: readonly string[];
			readonly happened: readonly string[];
			readonly digest: string;
	  }
	| { readonly type: 'over' };

process.once('message', (order: ShardOrder) => {
	// The parent says when it is enough.
	void carryOut(order).then(() => say({ type: 'over' }));
});
process.once('disconnect', () => process.exit());

async function carryOut({ seeds, until, mutation }: ShardOrder): Promise<void> {
	if (mutation) mutate(mutation);
	const { foundWorld } = await import('./world.ts');
	const { playSchedule } = await import('./play.ts');
	const founded = await foundWorld();
	for (const seed of seeds) {
		say({ type: 'playing', seed });
		const { wrong, tally } = await playSchedule(seed, founded);
		const happened = [...tally.counts].filter(([, times]) => times > 0).map(([what]) => what);
		say({ type: 'played', seed, wrong, happened, digest: tally.digest() });
		if (until !== undefined && wrong.some((line) => line.includes(until))) return;
	}
}

/** Changes files as they are loaded. An edit that fits nowhere, or more than once, is an error. */
function mutate({ name, edits }: Mutation): void {
	registerHooks({
		load(url, context, nextLoad) {
			const loaded = nextLoad(url, context);
			let { source } = loaded;
			for (const { file, snippet, replacement } of edits.filter((edit) => url.endsWith(`/${edit.file}`))) {
				const parts = String(
					typeof source === 'string' ? source : new TextDecoder().decode(source as Uint8Array),
				).split(snippet);
				if (parts.length !== 2) throw new Error(`${name}: its line is ${parts.length - 1} times in ${file}`);
				source = parts.join(replacement);
			}
			return { ...loaded, source };
		},
	});
}

function say(word: ShardWord): void {
	process.send?.(word);
}
