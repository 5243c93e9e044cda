import { toBase64Url } from '@pocketeer/core/bytes';
import { NAME_HEADER, SHARED_CACHE, sharedText, sharedUrl } from '../attachments/shared-kept.ts';

/** More than a message takes is not worth the room; which of them are refused, the composer says. */
const MOST_FILES = 30;

/** Keeps what another app shared, and answers where in the app it is shown. What was shared before and not taken goes. */
export async function keepShared(request: Request): Promise<string> {
	try {
		const form = await request.formData();
		const id = toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
		await caches.delete(SHARED_CACHE);
		const cache = await caches.open(SHARED_CACHE);
		const files = form.getAll('files').filter((entry) => entry instanceof File);
		for (const [part, file] of files.slice(0, MOST_FILES).entries()) {
			const headers = { 'content-type': file.type, [NAME_HEADER]: encodeURIComponent(file.name) };
			await cache.put(sharedUrl(id, part), new Response(file, { headers }));
		}
		const words = sharedText({ title: wordOf(form, 'title'), text: wordOf(form, 'text'), url: wordOf(form, 'url') });
		await cache.put(sharedUrl(id, 'words'), new Response(words));
		return `/?shared=${id}`;
	} catch {
		// No room for it, or a form that is none: the app opens and says that nothing came.
		return '/?shared=none';
	}
}

function wordOf(form: FormData, name: string): string {
	const value = form.get(name);
	return typeof value === 'string' ? value : '';
}
