import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { createRoutes } from './routes.ts';

let folder = '';
let isHealthy = true;
beforeEach(() => {
	isHealthy = true;
	folder = mkdtempSync(join(tmpdir(), 'pocketeer-web-'));
	writeFileSync(join(folder, 'secret.txt'), 'secret');
	mkdirSync(join(folder, 'dist/assets'), { recursive: true });
	writeFileSync(join(folder, 'dist/index.html'), `<!doctype html><title>Pocketeer</title>${' '.repeat(2_000)}`);
	writeFileSync(join(folder, 'dist/sw.js'), 'self;');
	writeFileSync(join(folder, 'dist/manifest.webmanifest'), '{}');
	writeFileSync(join(folder, 'dist/assets/main-B1a2C3d4.js'), `export {};${'/'.repeat(2_000)}`);
	writeFileSync(join(folder, 'dist/icon.png'), 'png');
});
afterEach(() => rmSync(folder, { recursive: true }));

const routes = (webRoot = join(folder, 'dist')) =>
	createRoutes({ metrics: createMetrics(), isHealthy: () => isHealthy }, { version: '1.2.3', webRoot });
const NAVIGATION = { headers: { accept: 'text/html,*/*', 'sec-fetch-mode': 'navigate' } };

describe('health and metrics', () => {
	test('health is JSON, and 503 when the database does not answer', async () => {
		const well = await routes().request('/healthz');
		expect([well.status, await well.json()]).toEqual([200, { status: 'ok', version: '1.2.3' }]);
		isHealthy = false;
		expect((await routes().request('/healthz')).status).toBe(503);
	});

	test('metrics are in the Prometheus text format', async () => {
		const answer = await routes().request('/metrics');
		expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
		const lines = (await answer.text()).trimEnd().split('\n');
		for (const line of lines)
			expect(line).toMatch(
				/^(# (HELP|TYPE) pocketeer_\w+ .+|pocketeer_\w+(\{(kind="[\w-]+"|le="(\d+(\.\d+)?|\+Inf)")\})? \d+(\.\d+)?)$/,
			);
		expect(lines).toContain('pocketeer_appends_total 0');
	});
});

describe('the app', () => {
	test('its page comes at the root and for each of its own addresses', async () => {
		for (const path of ['/', '/notes/journal', '/lines/kitchen']) {
			const answer = await routes().request(path, NAVIGATION);
			expect(answer.status).toBe(200);
			expect(await answer.text()).toContain('<title>Pocketeer</title>');
			expect(answer.headers.get('cache-control')).toBe('no-cache');
		}
	});

	test('a missing file is missing, not the page', async () => {
		const script = await routes().request('/assets/gone-12345678.js', { headers: { 'sec-fetch-mode': 'cors' } });
		expect(script.status).toBe(404);
		expect((await routes().request('/icon-gone.png', NAVIGATION)).status).toBe(404);
		expect((await routes().request('/anything', { headers: { accept: '*/*' } })).status).toBe(404);
		expect((await routes().request('/', { method: 'POST' })).status).toBe(404);
	});

	test.each([
		['/assets/main-B1a2C3d4.js', 'public, max-age=31536000, immutable', 'text/javascript'],
		['/sw.js', 'no-cache', 'text/javascript'],
		['/manifest.webmanifest', 'no-cache', 'application/manifest+json'],
		['/index.html', 'no-cache', 'text/html'],
		['/icon.png', 'public, max-age=600', 'image/png'],
	])('%s is cached as "%s"', async (path, caching, type) => {
		const answer = await routes().request(path);
		expect(answer.status).toBe(200);
		expect(answer.headers.get('cache-control')).toBe(caching);
		expect(answer.headers.get('content-type')).toContain(type);
	});

	test('every file of it comes under a policy without inline code or eval', async () => {
		for (const path of ['/', '/assets/main-B1a2C3d4.js', '/sw.js', '/nowhere']) {
			const { headers } = await routes().request(path, NAVIGATION);
			const policy = headers.get('content-security-policy') ?? '';
			const directives = new Map(
				policy.split('; ').map((each) => [each.split(' ')[0], each.split(' ').slice(1).join(' ')]),
			);
			expect(policy).not.toMatch(/unsafe|\*(?!( |;|$))/);
			expect(directives.get('script-src')).toBe("'self'");
			expect(directives.get('style-src')).toBe("'self'");
			expect(directives.get('worker-src')).toBe("'self'");
			expect(directives.get('img-src')).toBe("'self' blob: data:");
			expect(directives.get('connect-src')).toBe("'self' https: ws: wss: http://127.0.0.1:* http://localhost:*");
			for (const name of ['frame-ancestors', 'base-uri', 'object-src']) expect(directives.get(name)).toBe("'none'");
			expect(headers.get('x-content-type-options')).toBe('nosniff');
			expect(headers.get('referrer-policy')).toBe('no-referrer');
		}
	});

	test.each([
		'/../secret.txt',
		'/..%2fsecret.txt',
		'/%2e%2e/secret.txt',
		'/%2e%2e%2fsecret.txt',
		'/assets/../../secret.txt',
		'/..%5csecret.txt',
		'//etc/passwd',
		'/assets/..%00/secret.txt',
		'/%',
	])('%s leads nowhere outside of it', async (path) => {
		const answer = await routes().request(`http://localhost${path}`);
		expect(answer.status).toBe(404);
		expect(await answer.text()).not.toContain('secret');
	});

	test('text is compressed for who can read it, images are not', async () => {
		const headers = { 'accept-encoding': 'gzip' };
		const script = await routes().request('/assets/main-B1a2C3d4.js', { headers });
		expect(script.headers.get('content-encoding')).toBe('gzip');
		expect(script.headers.get('vary')).toContain('Accept-Encoding');
		const plain = await routes().request('/assets/main-B1a2C3d4.js');
		expect(plain.headers.get('content-encoding')).toBeNull();
		expect((await routes().request('/icon.png', { headers })).headers.get('content-encoding')).toBeNull();
	});

	test('who has the newest page is told so in a few bytes', async () => {
		const first = await routes().request('/', NAVIGATION);
		const etag = first.headers.get('etag') ?? '';
		const again = await routes().request('/', { headers: { ...NAVIGATION.headers, 'if-none-match': etag } });
		expect([again.status, await again.text()]).toEqual([304, '']);
	});

	test('until it is built a page says how to build it, and once it is built it is served', async () => {
		const app = routes(join(folder, 'later'));
		const before = await app.request('/', NAVIGATION);
		expect(before.status).toBe(503);
		expect(await before.text()).toContain('npm run build');
		expect((await app.request('/sw.js')).status).toBe(404);
		symlinkSync(join(folder, 'dist'), join(folder, 'later'));
		expect((await app.request('/', NAVIGATION)).status).toBe(200);
	});
});
