import { describe, expect, it } from 'vitest';
import { serverToolsOf } from './server-tools.ts';
import { DEFAULT_WEB, parseWeb, readSites, siteOf } from './web-settings.ts';

describe('tools of the service', () => {
	it('are a limited search alone, before anybody chose', () => {
		expect(serverToolsOf(parseWeb(undefined))).toMatchObject([{ type: 'web_search_20260318', max_uses: 5 }]);
		expect(serverToolsOf({ ...DEFAULT_WEB, search: false })).toEqual([]);
	});

	it('hold reading only with sites, limited to them and to the number of pages', () => {
		expect(serverToolsOf({ search: false, fetch: true, sites: [], pages: 3 })).toEqual([]);
		expect(serverToolsOf({ search: false, fetch: true, sites: ['b.org', 'a.org'], pages: 2 })).toMatchObject([
			{ type: 'web_fetch_20260318', allowed_domains: ['a.org', 'b.org'], max_uses: 2, citations: { enabled: true } },
		]);
		expect(serverToolsOf({ search: false, fetch: false, sites: ['a.org'], pages: 2 })).toEqual([]);
	});

	it('are the same bytes for the same settings: they are part of a frozen prefix', () => {
		const bytes = (sites: readonly string[]) => JSON.stringify(serverToolsOf({ ...DEFAULT_WEB, fetch: true, sites }));
		expect(bytes(['a.org', 'b.org'])).toBe(bytes(['b.org', 'a.org']));
	});
});

describe('web settings', () => {
	it('are read from whatever form as what they can still mean', () => {
		expect([undefined, null, 7, 'x', []].map(parseWeb)).toEqual(Array(5).fill(DEFAULT_WEB));
		expect(parseWeb({ search: false, fetch: 'yes', sites: ['A.org', '*', 3], pages: 99 })).toEqual({
			search: false,
			fetch: false,
			sites: ['a.org'],
			pages: DEFAULT_WEB.pages,
		});
	});

	it.each([
		['example.org', 'example.org'],
		['https://Docs.Example.com/a?b#c', 'docs.example.com'],
		[' straße.de ', 'xn--strae-oqa.de'],
		['*.example.org', undefined],
		['localhost', undefined],
		['127.0.0.1', undefined],
		['https://user@example.org', undefined],
		['https://example.org:8443', undefined],
		['ftp://example.org', undefined],
		['', undefined],
	])('takes %j as the site %j', (written, site) => {
		expect(siteOf(written)).toBe(site);
	});

	it('tell what of a list is no site', () => {
		expect(readSites('a.org, b.org\nhttps://a.org/x\nnonsense')).toEqual({
			sites: ['a.org', 'b.org'],
			wrong: ['nonsense'],
		});
	});
});
