import { articles, expect, openChat, say, test } from './support/fixtures.ts';
import { startStaticApp } from './support/static-app.ts';

test('the app is installable: manifest with icons, maskable icon, shortcuts, colours and screenshots', async ({
	page,
	request,
}) => {
	await openChat(page);
	const href = await page.locator('link[rel=manifest]').getAttribute('href');
	const manifest = await (await request.get(href ?? '')).json();
	expect(manifest).toMatchObject({ name: 'Pocketeer', display: 'standalone', start_url: expect.any(String) });
	expect(manifest.theme_color).toMatch(/^#/);
	expect(manifest.background_color).toMatch(/^#/);
	const sizes = manifest.icons.map((icon: { sizes: string; purpose?: string }) => `${icon.sizes} ${icon.purpose}`);
	expect(sizes).toEqual(expect.arrayContaining([expect.stringMatching(/^192x192/), expect.stringMatching(/^512x512/)]));
	expect(manifest.icons.some((icon: { purpose?: string }) => icon.purpose?.includes('maskable'))).toBe(true);
	expect(manifest.shortcuts.length).toBeGreaterThanOrEqual(2);
	expect(manifest.screenshots.map((shot: { form_factor: string }) => shot.form_factor).sort()).toEqual(
		expect.arrayContaining(['narrow', 'wide']),
	);
	for (const image of [...manifest.icons, ...manifest.screenshots]) {
		const answer = await request.get(new URL(image.src, new URL(href ?? '', page.url())).href);
		expect(answer.headers()['content-type'], image.src).toContain('image/');
	}
	const session = await page.context().newCDPSession(page);
	const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
	// A private profile cannot install at all; nothing else may stand in the way.
	expect(installabilityErrors.map((error) => error.errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
});

test('no script, style or connection breaks the content security policy on any screen', async ({ page }) => {
	const complaints: string[] = [];
	page.on('console', (message) => {
		if (message.type() === 'error') complaints.push(message.text());
	});
	page.on('pageerror', (error) => complaints.push(String(error)));
	await openChat(page);
	for (const name of ['Notes', 'Schedule', 'Activity', 'Settings', 'Chat']) {
		await page.getByRole('navigation').getByRole('link', { name }).first().click();
		await expect(page.getByRole('main')).toBeVisible();
	}
	await page.goto('/notes/SOUL.md');
	await expect(page.getByRole('textbox', { name: 'Text of SOUL.md' })).not.toBeEmpty();
	expect(complaints).toEqual([]);
});

test('a new build is offered, not forced, and taken over at one click', async ({ page }) => {
	await using app = await startStaticApp();
	await page.goto(app.url);
	await say(page, 'remember that builds come and go');
	await page.evaluate(() => navigator.serviceWorker.ready);
	await expect(page.getByRole('button', { name: 'Reload' })).toHaveCount(0);

	app.deployNewBuild();
	await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
	await expect(page.getByText('A new version is ready')).toBeVisible();
	await page.getByRole('button', { name: 'Reload' }).click();
	await expect(page.getByText('A new version is ready')).toHaveCount(0);
	await expect(page.getByRole('log')).toContainText('builds come and go');
});

test('without any relay the app says that it is offline and works on', async ({ page }) => {
	await using app = await startStaticApp();
	await page.goto(app.url);
	await say(page, 'remember that the relay is away');
	await expect(articles(page, 'Clerk').last()).toContainText('.md');
	await expect(page.getByRole('status').filter({ hasText: /offline|cannot be reached/i })).toBeVisible();
});
