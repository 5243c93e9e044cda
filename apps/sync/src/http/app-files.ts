import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { etag } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';

const MINUTES_10 = 'public, max-age=600';
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Kept, but asked about each time: a new build must be seen at once. */
const ALWAYS_ASK = 'no-cache';

/** Serves the built app from `root`: its files under a strict policy, `index.html` for its own routes. */
export function createAppFiles(options: { readonly root: string }): Hono {
	const { root } = options;
	const app = new Hono();
	app.use(appHeaders());
	app.use(compress());
	app.use(etag());
	app.use(async (c, next) => {
		await next();
		if (c.res.ok) c.header('cache-control', cachingOf(c.req.path, c.res));
	});
	const files = lazily(() => serveStatic({ root }));
	const index = lazily(() => serveStatic({ root, path: 'index.html' }));

	app.on(['GET', 'HEAD'], '*', async (c, next) => {
		// Asked each time: the app may be built, or built again, while the relay runs.
		if (!existsSync(join(root, 'index.html'))) return isNavigation(c) ? notBuilt(c) : c.notFound();
		return (await files()(c, next)) ?? c.res;
	});
	app.on(['GET', 'HEAD'], '*', async (c, next) => {
		return isNavigation(c) ? ((await index()(c, next)) ?? c.res) : c.notFound();
	});
	return app;
}

/** A page the person opens, not a file the page asks for: only these get `index.html` in place of what is not there. */
function isNavigation(c: Context): boolean {
	if (/\.[a-z0-9]+$/i.test(c.req.path)) return false;
	const mode = c.req.header('sec-fetch-mode');
	if (mode !== undefined) return mode === 'navigate';
	return c.req.header('accept')?.includes('text/html') ?? false;
}

function cachingOf(path: string, response: Response): string {
	const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
	if (isPage || /sw\.js$|\.webmanifest$/.test(path)) return ALWAYS_ASK;
	// Vite writes a hash of the content into every name under assets/.
	return /^\/assets\/.*-[\w-]{8,}\.\w+$/.test(path) ? FOR_EVER : MINUTES_10;
}

/**
 * No inline script or style, no eval, no frames. `connect-src` is open to https and loopback because the model's base
 * URL and tool servers are the person's choice. (The editor's styles come as constructed sheets, which no policy
 * governs.)
 */
function appHeaders() {
	return secureHeaders({
		contentSecurityPolicy: {
			defaultSrc: ["'self'"],
			scriptSrc: ["'self'"],
			styleSrc: ["'self'"],
			imgSrc: ["'self'", 'blob:', 'data:'],
			fontSrc: ["'self'"],
			mediaSrc: ["'self'", 'blob:'],
			connectSrc: ["'self'", 'https:', 'ws:', 'wss:', 'http://127.0.0.1:*', 'http://localhost:*'],
			workerSrc: ["'self'"],
			manifestSrc: ["'self'"],
			frameSrc: ["'self'"],
			formAction: ["'self'"],
			objectSrc: ["'none'"],
			baseUri: ["'none'"],
			frameAncestors: ["'none'"],
		},
		referrerPolicy: 'no-referrer',
		xFrameOptions: 'DENY',
		// Whether this origin is https for ever is for whoever terminates TLS to say.
		strictTransportSecurity: false,
		xXssProtection: false,
		xDownloadOptions: false,
		xPermittedCrossDomainPolicies: false,
		xDnsPrefetchControl: false,
	});
}

function notBuilt(c: Context): Response {
	c.status(503);
	c.header('cache-control', 'no-store');
	return c.html(
		'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pocketeer</title>' +
			'<p>The relay is running, but the app has not been built yet. Run <code>npm run build</code>, then reload this page.</p></html>',
	);
}

/** Made at the first call: `serveStatic` complains on the console about a folder that is not there yet. */
function lazily<T>(make: () => T): () => T {
	let made: { readonly value: T } | undefined;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}
