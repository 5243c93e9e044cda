import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** The built app on a plain static origin of its own, without any relay. */
export interface StaticApp extends AsyncDisposable {
	readonly url: string;
	/** From now on the service worker differs by a comment, as after a deployment. */
	deployNewBuild(): void;
}

const TYPES: Readonly<Record<string, string>> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.css': 'text/css',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.webmanifest': 'application/manifest+json',
};

/** Serves `apps/web/dist` on a free port, unknown paths as the app's page. */
export async function startStaticApp(root = 'apps/web/dist'): Promise<StaticApp> {
	let build = 0;
	const server = createServer(async (request, response) => {
		const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
		const name = extname(path) ? path : '/index.html';
		try {
			const file = await readFile(join(root, name));
			response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' });
			response.end(name === '/sw.js' && build > 0 ? `${file}\n// build ${build}` : file);
		} catch {
			response.writeHead(404).end();
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://localhost:${port}`,
		deployNewBuild: () => void build++,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
