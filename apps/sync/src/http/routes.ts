import { Hono } from 'hono';
import type { Metrics } from '../metrics.ts';
import { createAppFiles } from './app-files.ts';

/** Everything the relay answers over plain HTTP: health, metrics, and the app itself. */
export function createRoutes(
	deps: { readonly metrics: Metrics; readonly isHealthy: () => boolean },
	options: { readonly version: string; readonly webRoot: string },
): Hono {
	const app = new Hono();
	app.get('/healthz', (c) => {
		const isHealthy = deps.isHealthy();
		c.header('cache-control', 'no-store');
		return c.json({ status: isHealthy ? 'ok' : 'failing', version: options.version }, isHealthy ? 200 : 503);
	});
	app.get('/metrics', async (c) => {
		c.header('cache-control', 'no-store');
		return c.body(await deps.metrics.render(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
	});
	app.get('/v1/*', (c) => c.text('This address speaks the WebSocket protocol of Pocketeer only.\n', 426));
	app.route('/', createAppFiles({ root: options.webRoot }));
	app.onError((error, c) => {
		// Of the app's files only reading can fail; a sentence, never a stack.
		return c.text(`The relay could not answer (${error.name}).\n`, 500);
	});
	return app;
}
