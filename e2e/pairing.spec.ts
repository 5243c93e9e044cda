import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, findBrowser } from '../scripts/browsers.ts';
import { articles, expect, messageBox, openChat, recoveryWords, say, test } from './support/fixtures.ts';
import { devices, openDevices, openFresh, pairByCode, shortCode } from './support/pairing.ts';
import { writeQrVideo } from './support/qr-video.ts';

test('a code typed on the second device, and six equal digits confirmed on the first, open the space there', async ({
	browser,
	page,
	relay,
}) => {
	await openChat(page);
	await say(page, 'remember that the key is under the pot');
	await expect(articles(page, 'Clerk').last()).toContainText('notes/memory.md');
	await openDevices(page);
	await page.getByRole('button', { name: 'Add a device' }).click();
	await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();

	const phone = await openFresh(browser, relay.url);
	await pairByCode(page, phone, { device: 'Blue phone' });
	await expect(phone.getByRole('log')).toContainText('the key is under the pot');
	await expect(devices(page)).toHaveCount(2);
	await expect(devices(page).last()).toContainText('Blue phone');

	await phone.goto('/notes/notes/memory.md');
	await expect(phone.getByRole('textbox', { name: 'Text of notes/memory.md' })).toContainText('under the pot');
	await phone.goto('/');
	await say(phone, 'typed on the phone');
	await page.getByRole('link', { name: 'Chat' }).click();
	await expect(articles(page, 'You').filter({ hasText: 'typed on the phone' })).toBeVisible();
});

test('a link leaves the address at once, and a browser with a space keeps it beside the new one', async ({
	browser,
	page,
	relay,
}) => {
	await openChat(page);
	await page.goto('/settings');
	await page.getByRole('textbox', { name: 'Name of this space' }).fill('Our flat');
	await page.getByRole('button', { name: 'Save: Name of this space' }).click();
	await openDevices(page);
	await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
	await page.getByRole('button', { name: 'Add a device' }).click();
	await page.getByRole('button', { name: 'Copy link' }).click();
	const link = await page.evaluate(() => navigator.clipboard.readText());
	expect(link).toContain('#pair=');

	const laptop = await openFresh(browser, relay.url);
	await openChat(laptop);
	await say(laptop, 'this stays mine');
	await expect(articles(laptop, 'Clerk')).toHaveAttribute('aria-busy', 'false');
	// In the tab that is open: the address changes, and nothing loads by itself.
	await laptop.evaluate((address) => location.assign(address), link);
	await expect(laptop.getByRole('heading', { name: 'Add a space to this browser' })).toBeVisible();
	expect(laptop.url()).toBe(`${relay.url}/join`);
	await laptop.getByRole('button', { name: 'Connect' }).click();
	await expect(page.getByLabel(/^Short code/)).toHaveText(await shortCode(laptop));
	await page.getByRole('button', { name: 'They match, add it' }).click();
	await expect(messageBox(laptop)).toBeEnabled({ timeout: 20_000 });

	await laptop.goto('/settings');
	const spaces = laptop.getByRole('list', { name: 'Spaces on this device' }).getByRole('listitem');
	await expect(spaces).toHaveCount(2);
	await expect(spaces.first()).toContainText('Our flat');
	await spaces
		.last()
		.getByRole('button', { name: /^Open / })
		.click();
	await expect(laptop.getByRole('log')).toContainText('this stays mine');

	await laptop.goto('/settings');
	await laptop.getByRole('button', { name: 'Open Our flat' }).click();
	await expect(messageBox(laptop)).toBeEnabled();
	await openDevices(laptop);
	await laptop.getByRole('button', { name: 'Leave this space' }).click();
	await laptop.getByRole('button', { name: 'Leave and delete here' }).click();
	await expect(laptop.getByRole('log')).toContainText('this stays mine', { timeout: 20_000 });
	await laptop.goto('/settings');
	await expect(spaces).toHaveCount(1);
	await openDevices(page);
	await expect(devices(page)).toHaveCount(1);
});

test('digits that were not confirmed add nothing, and both sides say so', async ({ browser, page, relay }) => {
	await openChat(page);
	await openDevices(page);
	await page.getByRole('button', { name: 'Add a device' }).click();
	const code = (await page.getByLabel('Code to type').textContent()) ?? '';
	const stranger = await openFresh(browser, relay.url);
	await stranger.goto('/join');
	await stranger.getByRole('textbox', { name: 'Code' }).fill(code);
	await stranger.getByRole('button', { name: 'Connect' }).click();
	await page.getByLabel(/^Short code/).waitFor();
	await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

	await expect(stranger.getByRole('alert')).toContainText(/refused/i);
	await expect(page.getByRole('dialog').getByRole('alert')).toContainText('Nothing was added');
	await page.getByRole('button', { name: 'Close' }).click();
	await expect(devices(page)).toHaveCount(1);
	await stranger.getByRole('button', { name: 'Try again' }).click();
	await stranger.getByRole('textbox', { name: 'Code' }).fill('not a code at all');
	await stranger.getByRole('button', { name: 'Connect' }).click();
	await expect(stranger.getByRole('alert')).toContainText('eight letters and digits');
	await stranger.getByRole('button', { name: 'Start a new space instead' }).click();
	await expect(messageBox(stranger)).toBeEnabled();
});

test('a removed device is told and gets nothing new; a third one joins later by the words', async ({
	browser,
	page,
	relay,
}) => {
	test.slow();
	await openChat(page);
	await say(page, 'said to both');
	await expect(articles(page, 'Clerk')).toHaveAttribute('aria-busy', 'false');
	await openDevices(page);
	await page.getByRole('button', { name: 'Add a device' }).click();
	const phone = await openFresh(browser, relay.url);
	await pairByCode(page, phone, { device: 'Lost phone' });
	await expect(phone.getByRole('log')).toContainText('said to both');

	await page.getByRole('button', { name: 'Remove Lost phone' }).click();
	await expect(page.getByRole('dialog')).toContainText('What it has already, it keeps');
	await page.getByRole('button', { name: 'Remove device' }).click();
	await expect(devices(page)).toHaveCount(1, { timeout: 20_000 });
	await expect(phone.getByRole('alert')).toContainText('This device was removed from the space', { timeout: 20_000 });

	await page.getByRole('link', { name: 'Chat' }).click();
	await say(page, 'said after the phone was lost');
	await expect(page.getByRole('status', { name: 'Sync status' })).toHaveText('Synced');
	await phone.reload();
	await expect(phone.getByRole('log')).toContainText('said to both');
	await expect(phone.getByRole('alert')).toContainText('This device was removed from the space');
	await expect(phone.getByRole('log')).not.toContainText('said after the phone was lost');
	await phone.getByRole('link', { name: 'What you can do' }).click();
	await expect(phone.getByRole('link', { name: 'Join again' })).toBeVisible();

	const words = await recoveryWords(page);
	const tablet = await openFresh(browser, relay.url);
	await tablet.goto('/join');
	await tablet.getByText('Use the recovery words').click();
	await tablet.getByRole('textbox', { name: 'Recovery words' }).fill(words);
	await tablet.getByRole('button', { name: 'Open with these words' }).click();
	await expect(tablet.getByRole('log')).toContainText('said after the phone was lost', { timeout: 20_000 });
});

test('a removed device that is let in again brings along what was written there meanwhile', async ({
	browser,
	page,
	relay,
}) => {
	test.slow();
	await openChat(page);
	await openDevices(page);
	await page.getByRole('button', { name: 'Add a device' }).click();
	const phone = await openFresh(browser, relay.url);
	await pairByCode(page, phone, { device: 'Phone' });
	await page.getByRole('button', { name: 'Remove Phone' }).click();
	await page.getByRole('button', { name: 'Remove device' }).click();
	await expect(phone.getByRole('alert')).toContainText('This device was removed', { timeout: 20_000 });
	await say(phone, 'written while I was out');

	await page.getByRole('button', { name: 'Add a device' }).click();
	await pairByCode(page, phone, { device: 'Phone again' });
	await expect(phone.getByRole('log')).toContainText('written while I was out');
	await expect(devices(page)).toHaveCount(2);
	await page.getByRole('link', { name: 'Chat' }).click();
	await expect(page.getByRole('log')).toContainText('written while I was out', { timeout: 20_000 });
});

test('a space that was deleted everywhere is calmly said to be gone on the other device, which keeps its copy', async ({
	browser,
	page,
	relay,
}) => {
	await openChat(page);
	await say(page, 'still readable later');
	await expect(articles(page, 'Clerk')).toHaveAttribute('aria-busy', 'false');
	await openDevices(page);
	await page.getByRole('button', { name: 'Add a device' }).click();
	const phone = await openFresh(browser, relay.url);
	await pairByCode(page, phone);
	await expect(phone.getByRole('log')).toContainText('still readable later');

	await page.getByRole('button', { name: 'Delete everywhere' }).click();
	await page.getByRole('textbox', { name: /confirm/ }).fill('delete');
	await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
	await expect(messageBox(page)).toBeEnabled({ timeout: 20_000 });
	await expect(page.getByRole('log')).not.toContainText('still readable later');

	await expect(phone.getByRole('alert')).toContainText('This space was deleted by one of its devices', {
		timeout: 20_000,
	});
	await expect(phone.getByRole('log')).toContainText('still readable later');
	await phone.getByRole('link', { name: 'What you can do' }).click();
	await phone.getByRole('button', { name: 'Delete it from this device' }).click();
	await phone.getByRole('button', { name: 'Delete here' }).click();
	await expect(messageBox(phone)).toBeEnabled({ timeout: 20_000 });
	await expect(phone.getByRole('log')).not.toContainText('still readable later');
});

test('a code held in front of the camera brings a fresh browser in, which never had a space of its own', async ({
	page,
	relay,
}) => {
	await openChat(page);
	await say(page, 'seen through a camera');
	await expect(articles(page, 'Clerk')).toHaveAttribute('aria-busy', 'false');
	await openDevices(page);
	await page.getByRole('button', { name: 'Add a device' }).click();
	const code = page.getByRole('img', { name: /QR code/ });
	await expect(code).toBeVisible();

	const folder = await mkdtemp(join(tmpdir(), 'pocketeer-camera-'));
	const film = join(folder, 'code.y4m');
	await writeQrVideo(film, code);
	const executablePath = findBrowser('chromium');
	const camera = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
	const withCamera = await chromium.launch({
		args: [...CHROMIUM_ARGS, ...camera, `--use-file-for-fake-video-capture=${film}`],
		...(executablePath && { executablePath }),
	});
	try {
		const phone = await openFresh(withCamera, relay.url);
		await phone.goto('/join');
		await phone.getByRole('button', { name: 'Scan a code' }).click();
		await expect(phone.getByText('The link from the other device is here')).toBeVisible({ timeout: 20_000 });
		await phone.getByRole('button', { name: 'Connect' }).click();
		await expect(page.getByLabel(/^Short code/)).toHaveText(await shortCode(phone));
		await page.getByRole('button', { name: 'They match, add it' }).click();
		await expect(phone.getByRole('log')).toContainText('seen through a camera', { timeout: 20_000 });
		await phone.goto('/settings');
		await expect(phone.getByRole('list', { name: 'Spaces on this device' }).getByRole('listitem')).toHaveCount(1);
	} finally {
		await withCamera.close();
		await rm(folder, { recursive: true, force: true });
	}
});

test('without a camera the scanner says what to do instead', async ({ browser, relay }) => {
	const phone = await openFresh(browser, relay.url);
	await phone.goto('/join');
	await phone.getByRole('button', { name: 'Scan a code' }).click();
	await expect(phone.getByRole('alert')).toContainText('ype the code instead');
	await phone.getByRole('button', { name: 'Type the code instead' }).click();
	await expect(phone.getByRole('textbox', { name: 'Code' })).toBeVisible();
});
