import { type Browser, chromium } from '@playwright/test';
import { CHROMIUM_ARGS, findBrowser } from '../scripts/browsers.ts';
import { test as base, expect } from './support/fixtures.ts';

/** A Chromium for which these are other machines of the network. */
const NAME = 'pocketeer.lan';
const ADDRESS = '192.168.7.7';

const test = base.extend<{ abroad: Browser }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the first argument
	abroad: async ({}, use) => {
		const executablePath = findBrowser('chromium');
		const rules = `--host-resolver-rules=MAP ${NAME} 127.0.0.1, MAP ${ADDRESS} 127.0.0.1`;
		const browser = await chromium.launch({
			args: [...CHROMIUM_ARGS, rules],
			...(executablePath ? { executablePath } : {}),
		});
		await use(browser);
		await browser.close();
	},
});

test('over plain http the app says what does not work, why, and where it does', async ({ abroad, relay }) => {
	const { port } = new URL(relay.url);
	const page = await abroad.newPage({ viewport: { width: 390, height: 844 } });
	const errors: Error[] = [];
	page.on('pageerror', (error) => errors.push(error));

	await page.goto(`http://${NAME}:${port}/notes#invite=token`);
	await expect(page.getByRole('heading', { name: 'This address is not secure' })).toBeVisible();
	const main = page.getByRole('main');
	for (const words of ['no encryption', 'no offline use', 'no notifications', 'Nothing was stored']) {
		await expect(main).toContainText(words);
	}
	await expect(main).toContainText(`open http://localhost:${port} instead`);
	await expect(main).toContainText('needs an https address');
	expect(await page.evaluate(() => [isSecureContext, 'serviceWorker' in navigator, localStorage.length])).toEqual([
		false,
		false,
		0,
	]);
	expect(errors).toEqual([]);

	// The way over https keeps the invitation.
	await page.route(`https://${NAME}/**`, (route) => route.fulfill({ body: 'secure' }));
	await page.getByRole('button', { name: `Try https://${NAME}` }).click();
	await page.waitForURL(`https://${NAME}/notes#invite=token`);
});

test('an address of numbers is not offered over https, where no certificate would fit', async ({ abroad, relay }) => {
	const page = await abroad.newPage();
	await page.goto(`http://${ADDRESS}:${new URL(relay.url).port}/`);
	await expect(page.getByRole('heading', { name: 'This address is not secure' })).toBeVisible();
	await expect(page.getByRole('button')).toHaveCount(0);
});
