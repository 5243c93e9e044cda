import { folderOf, nameOf } from './tree.ts';

/** Where a link inside a file leads. */
export type LinkTarget =
	| { readonly type: 'file'; readonly path: string }
	| { readonly type: 'web'; readonly url: string }
	| { readonly type: 'nowhere' };

/** Schemes a link may open; anything else (javascript:, data:) leads nowhere. */
const SCHEMES = ['http:', 'https:', 'mailto:', 'tel:'];

/**
 * Finds what a link in the file at `from` means: a web address, a path from the top or from the file's own folder
 * (`.md` may be left out), or a name that some file has, in that order.
 */
export function findTarget(link: string, from: string, paths: readonly string[]): LinkTarget {
	const [bare = ''] = link.split('#', 1);
	if (/^[a-z][a-z0-9+.-]*:/i.test(link)) {
		const url = URL.parse(link);
		return url && SCHEMES.includes(url.protocol) ? { type: 'web', url: url.href } : { type: 'nowhere' };
	}
	const wanted = bare.replace(/^\.?\//, '').toLowerCase();
	if (wanted === '') return { type: 'nowhere' };
	const folder = folderOf(from).toLowerCase();
	const candidates = [wanted, folder === '' ? wanted : `${folder}/${wanted}`].flatMap((path) => [path, `${path}.md`]);
	const path =
		candidates
			.map((candidate) => paths.find((known) => known.toLowerCase() === candidate))
			.find((found) => found !== undefined) ??
		paths.find((known) => [wanted, `${wanted}.md`].includes(nameOf(known).toLowerCase())) ??
		paths.find((known) => known.toLowerCase() === `people/${wanted}/profile.md`);
	return path === undefined ? { type: 'nowhere' } : { type: 'file', path };
}
