/** What the service worker tells open pages. */
export type WorkerMessage =
	/** A push came: whatever was due may be looked at now. */
	| { readonly type: 'pushed' }
	/** A notification was clicked: show this path of the app. */
	| { readonly type: 'open'; readonly url: string }
	/** The browser changed the push subscription: tell the relay. */
	| { readonly type: 'subscription-changed' };

/** A message of our worker, or undefined for anything else. Paths only: a message can never lead off the app. */
export function parseWorkerMessage(data: unknown): WorkerMessage | undefined {
	if (typeof data !== 'object' || data === null || !('type' in data)) return undefined;
	if (data.type === 'pushed' || data.type === 'subscription-changed') return { type: data.type };
	if (data.type !== 'open' || !('url' in data) || typeof data.url !== 'string') return undefined;
	return isAppPath(data.url) ? { type: 'open', url: data.url } : undefined;
}

const ORIGIN = 'https://app.invalid';

/** Whether the text is a path on this origin, with nothing in it that a browser would read as another host. */
export function isAppPath(url: string): boolean {
	// Parsed, because parsing drops tabs and line breaks: "/\t/host" is another host.
	return url.startsWith('/') && URL.canParse(url, ORIGIN) && new URL(url, ORIGIN).origin === ORIGIN;
}
