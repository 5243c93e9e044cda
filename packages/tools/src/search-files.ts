import type { Tool } from '@pocketeer/core/agent/tool';
import type { RecallDep } from '@pocketeer/core/recall/recall';
import * as v from 'valibot';
import { defineTool, done } from './define-tool.ts';
import { count, text } from './fields.ts';

/** Searches all files by their words. */
export function searchFiles(deps: RecallDep): Tool {
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
		async run({ query, limit = 8 }) {
			const hits = await deps.recall.search(query, limit);
			const paths = [...new Set(hits.map(({ path }) => path))];
			const receipt = { type: 'found', query, paths } as const;
			const unread = deps.recall.unread();
			const leftOut =
				unread.length > 0 ? [`Not searched, because this device cannot read it now: ${unread.join(', ')}`] : [];
			const found = hits.map(({ path, lineNumber, snippet }) => `${path}:${lineNumber}\n${snippet}`);
			const none = `Nothing was found for "${query}". Other words may find it.`;
			return done([...(found.length > 0 ? found : [none]), ...leftOut].join('\n\n'), [receipt]);
		},
	});
}
