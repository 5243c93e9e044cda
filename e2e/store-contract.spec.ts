import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build } from 'vite';
import { launchFirefox } from './support/firefox.ts';
import { startMozillaPushService } from './support/mozilla-push-service.ts';
import { type StaticApp, startStaticApp } from './support/static-app.ts';

/** The contract's own page, built with this test and served on an origin of its own. */
async function startContractPage(): Promise<StaticApp> {
	const outDir = await mkdtemp(join(tmpdir(), 'pocketeer-contract-'));
	const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
	await build({
		root: path('./store-contract'),
		configFile: false,
		logLevel: 'error',
		resolve: { alias: { vitest: path('./store-contract/vitest-in-page.ts') } },
		build: { outDir, emptyOutDir: true, minify: false, target: 'esnext' },
	});
	const app = await startStaticApp(outDir);
	return {
		...app,
		async [Symbol.asyncDispose]() {
			await app[Symbol.asyncDispose]();
			await rm(outDir, { recursive: true, force: true });
		},
	};
}

test('the store keeps the contract in the real databases of Chromium and Firefox', async ({ page }) => {
	await using contract = await startContractPage();
	await using push = await startMozillaPushService();
	await using firefox = await launchFirefox(push);
	for (const browserPage of [page, await firefox.context.newPage()]) {
		await browserPage.goto(contract.url);
		await browserPage.waitForFunction(() => 'runContract' in globalThis);
		const { titles, failures } = await browserPage.evaluate(() => {
			const run: unknown = Reflect.get(globalThis, 'runContract');
			return typeof run === 'function' ? run() : undefined;
		});
		expect(failures).toEqual([]);
		expect(titles.length).toBeGreaterThanOrEqual(25);
		expect(new Set(titles).size).toBe(titles.length);
	}
});
