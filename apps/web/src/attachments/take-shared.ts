import { isSharedId, NAME_HEADER, SHARED_CACHE, sharedUrl } from './shared-kept.ts';

/** What another app shared with this one. */
export interface Shared {
	readonly text: string;
	readonly files: readonly File[];
}

/** Takes what the service worker kept for the address of this page, which then no longer names it. */
export async function takeSharedHere(): Promise<Shared | undefined> {
	const { pathname, search, hash } = location;
	const asked = new URLSearchParams(search);
	const id = asked.get('shared') ?? '';
	asked.delete('shared');
	const rest = asked.toString();
	history.replaceState(history.state, '', `${pathname}${rest === '' ? '' : `?${rest}`}${hash}`);
	if (!isSharedId(id)) return undefined;
	const cache = await caches.open(SHARED_CACHE);
	const words = await cache.match(sharedUrl(id, 'words'));
	if (!words) return undefined;
	const files: File[] = [];
	for (let part = 0; ; part++) {
		const kept = await cache.match(sharedUrl(id, part));
		if (!kept) break;
		files.push(await fileOf(kept));
	}
	const text = await words.text();
	await caches.delete(SHARED_CACHE);
	return { text, files };
}

async function fileOf(kept: Response): Promise<File> {
	const name = decodeURIComponent(kept.headers.get(NAME_HEADER) ?? '');
	return new File([await kept.blob()], name, { type: kept.headers.get('content-type') ?? '' });
}
