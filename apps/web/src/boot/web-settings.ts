import type { WebSettings } from '../app.ts';

/** Search is on with a key, as people expect; opening pages is not, because an address can carry out what was read. */
export const DEFAULT_WEB: WebSettings = { search: true, fetch: false, sites: [], pages: 3 };

/** Pages that may be read for one answer. */
export const PAGES = { from: 1, to: 20 } as const;

/** Web settings of whatever build wrote them. */
export function parseWeb(value: unknown): WebSettings {
	const field = (name: keyof WebSettings): unknown =>
		typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
	const [search, fetch, sites, pages] = [field('search'), field('fetch'), field('sites'), field('pages')];
	return {
		search: typeof search === 'boolean' ? search : DEFAULT_WEB.search,
		fetch: typeof fetch === 'boolean' ? fetch : DEFAULT_WEB.fetch,
		sites: Array.isArray(sites) ? sites.flatMap((site: unknown) => siteOf(site) ?? []) : DEFAULT_WEB.sites,
		pages: isPages(pages) ? pages : DEFAULT_WEB.pages,
	};
}

function isPages(value: unknown): value is number {
	return typeof value === 'number' && Number.isInteger(value) && value >= PAGES.from && value <= PAGES.to;
}

/** The site of an address or a name as it is allowed, such as `example.org`; undefined for what is none. */
export function siteOf(written: unknown): string | undefined {
	if (typeof written !== 'string') return undefined;
	const trimmed = written.trim();
	const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
	if (trimmed === '' || !URL.canParse(address)) return undefined;
	const { protocol, hostname, username, port } = new URL(address);
	const isName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(hostname);
	return /^https?:$/.test(protocol) && isName && username === '' && port === '' ? hostname : undefined;
}

/** The sites of a text with one a line or a comma between, each once, and what of it is no site. */
export function readSites(text: string): { readonly sites: readonly string[]; readonly wrong: readonly string[] } {
	const written = text.split(/[\s,;]+/).filter((part) => part !== '');
	const sites = written.flatMap((part) => siteOf(part) ?? []);
	return { sites: [...new Set(sites)], wrong: written.filter((part) => siteOf(part) === undefined) };
}
