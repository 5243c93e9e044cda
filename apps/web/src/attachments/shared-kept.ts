/** Where other apps send what they share; `share_target` of the manifest names it too. */
export const SHARE_PATH = '/share';

/** The worker has no space open: what came is kept here until a page takes it. */
export const SHARED_CACHE = 'pocketeer-shared';

/** The address of one file of what was shared, or of its words; never asked of the network. */
export function sharedUrl(id: string, part: number | 'words'): string {
	return `/shared-with-us/${id}/${part}`;
}

/** Header that holds a file's name, percent-encoded. */
export const NAME_HEADER = 'x-name';

/** An id of ours: 22 characters of base64url. */
export function isSharedId(id: string): boolean {
	return /^[\w-]{22}$/.test(id);
}

/** Title, words and link of what was shared, as one text; apps often put the link into the words as well. */
export function sharedText(fields: { readonly title: string; readonly text: string; readonly url: string }): string {
	const parts = [fields.title, fields.text, fields.url].map((part) => part.trim());
	const distinct = parts.filter(
		(part, index) =>
			part !== '' && !parts.some((other, at) => at !== index && holds({ other, part, isLater: at < index })),
	);
	return distinct.join('\n');
}

function holds({ other, part, isLater }: { other: string; part: string; isLater: boolean }): boolean {
	return other === part ? isLater : other.includes(part);
}
