import type { ModelRequest } from '@pocketeer/core/ports/model';
import type { WebSettings } from '../app.ts';

/** Searches in one model call; each costs a cent, and more are rarely better. */
const MOST_SEARCHES = 5;
/** A page is cut to about so many tokens, so that one long one does not cost a dollar. */
const PAGE_TOKENS = 20_000;

/**
 * The tools that the service runs itself inside a model call, by the settings; always the same bytes for the same settings, as
 * they are part of a frozen prefix. Reading pages needs sites it is allowed on: without any it is not offered.
 */
export function serverToolsOf({ search, fetch, sites, pages }: WebSettings): ModelRequest['tools'] {
	// Called by the model itself, never by code that runs at the service, where nobody sees what is asked.
	const allowed_callers: ['direct'] = ['direct'];
	const tools: ModelRequest['tools'][number][] = [];
	if (search) {
		tools.push({ type: 'web_search_20260318', name: 'web_search', max_uses: MOST_SEARCHES, allowed_callers });
	}
	if (fetch && sites.length > 0) {
		tools.push({
			type: 'web_fetch_20260318',
			name: 'web_fetch',
			max_uses: pages,
			allowed_domains: [...sites].sort(),
			max_content_tokens: PAGE_TOKENS,
			citations: { enabled: true },
			allowed_callers,
			// An address that stands in a file or a tool's result was perhaps put there to be opened.
			url_sources: {
				user_input: { type: 'all' },
				server_tool_results: { type: 'all' },
				client_tool_results: { type: 'none' },
			},
		});
	}
	return tools;
}
