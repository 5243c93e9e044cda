import type { Tool } from '@pocketeer/core/agent/tool';
import type { RecallDep, RecallHit } from '@pocketeer/core/recall/recall';
import type { FilesDep } from '@pocketeer/core/space/space';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { count, text } from './fields.ts';
import { linesOf, markedBy, sourcesIn } from './untrusted.ts';

/** Searches all files by their words. */
export function searchFiles(deps: RecallDep & FilesDep): Tool {
	return defineTool({
		name: 'search_files',
		description:
			'Searches everything that is remembered: notes, journal, people, tasks. Finds passages by their words (not by meaning), any of them, best first, in any inflection. Use it before you answer anything about the person, their people, plans or past. If nothing fits, try other words for the same thing before you say that nothing is known.',
		input: v.strictObject({
			query: text('A few words that the passage would contain, such as "sister allergy nuts".'),
			limit: v.optional(count('Most passages. Default 8.', { from: 1, to: 30 })),
		}),
		example: { query: 'sister allergy' },
		isReadOnly: true,
		isIdempotent: true,
		// The first search reads every file there is.
		timeLimitMs: 180_000,
		async run({ query, limit = 8 }) {
			const hits = await deps.recall.search(query, limit);
			const paths = [...new Set(hits.map(({ path }) => path))];
			const receipt = { type: 'found', query, paths } as const;
			const unread = deps.recall.unread();
			const leftOut =
				unread.length > 0 ? [`Not searched, because this device cannot read it now: ${unread.join(', ')}`] : [];
			const found = hits.map(({ path, lineNumber, snippet }) => `${path}:${lineNumber}\n${snippet}`);
			const none = `Nothing was found for "${query}". Other words may find it.`;
			const result = [...(found.length > 0 ? found : [none]), ...leftOut].join('\n\n');
			return { ...done(result, [receipt]), ...markedBy(await sourcesOf(deps, hits)) };
		},
	});
}

/** Where what the snippets show of text from outside is from. */
async function sourcesOf({ files }: FilesDep, hits: readonly RecallHit[]): Promise<readonly string[]> {
	const sources: string[] = [];
	for (const path of new Set(hits.map((hit) => hit.path))) {
		const read = await files.readMarked(path);
		// It was read for the index a moment ago; what cannot be looked at now is not vouched for.
		if (!read.ok) sources.push(path);
		if (!read.ok || read.value.untrusted.length === 0) continue;
		const snippets = hits.filter((hit) => hit.path === path).map(({ snippet }) => snippet);
		for (const { line, from, to } of linesOf(read.value.text)) {
			const beginning = line.trim().slice(0, KNOWN_BY);
			if (beginning === '' || !snippets.some((snippet) => snippet.includes(beginning))) continue;
			sources.push(...sourcesIn(read.value, from, to));
		}
	}
	return sources;
}

/** Characters of a line by which it is found in a snippet, whose last line may be cut. */
const KNOWN_BY = 24;
