import type { ModelSettings } from '../app.ts';

/** Where calls go when the field is empty. */
export const DEFAULT_BASE_URL = 'https://api.anthropic.com';

/** What was typed, without the spaces and line breaks that come with copying. */
export function cleanModel(typed: ModelSettings): ModelSettings {
	return {
		apiKey: typed.apiKey.replace(/\s+/g, ''),
		baseUrl: typed.baseUrl.trim().replace(/\/+$/, ''),
		model: typed.model.trim(),
	};
}

/** Why these settings cannot even be tried, or undefined. */
export function refuseModel(model: ModelSettings): string | undefined {
	if (model.apiKey === '') return 'Enter a key first. Without one the Clerk answers, by rules.';
	// A header carries it, and headers hold visible ASCII only.
	if (!/^[\x21-\x7e]+$/.test(model.apiKey))
		return 'This key has characters no API key has. Copy it again from where it was made.';
	if (model.baseUrl === '') return undefined;
	if (!URL.canParse(model.baseUrl)) return `The API base URL is not an address. It looks like ${DEFAULT_BASE_URL}.`;
	const { protocol, hostname } = new URL(model.baseUrl);
	const isLoopback = hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]';
	if (protocol === 'https:' || (protocol === 'http:' && isLoopback)) return undefined;
	return 'The API base URL must begin with https:// so that nobody on the way reads the key. Plain http:// works for this computer only.';
}

/** Whether two settings say the same. */
export function isSameModel(a: ModelSettings, b: ModelSettings): boolean {
	return a.apiKey === b.apiKey && a.baseUrl === b.baseUrl && a.model === b.model;
}
