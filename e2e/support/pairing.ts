import { type Browser, expect, type Page } from '@playwright/test';
import { messageBox } from './fixtures.ts';

/** A fresh profile that has never seen the relay. */
export async function openFresh(browser: Browser, url: string): Promise<Page> {
	const context = await browser.newContext({ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Athens' });
	return context.newPage();
}

/** Opens Settings with the list of devices there. */
export async function openDevices(page: Page): Promise<void> {
	await page.goto('/settings');
	await expect(page.getByRole('button', { name: 'Add a device' })).toBeVisible();
}

/** The devices of the space, as the page lists them. */
export function devices(page: Page) {
	return page.getByRole('list', { name: 'Devices of this space' }).getByRole('listitem');
}

/** The six digits a screen shows. */
export async function shortCode(page: Page): Promise<string> {
	return (await page.getByLabel(/^Short code/).textContent()) ?? '';
}

/**
 * Brings the guest into the host's space by the code that the host's open dialog shows: typed, compared, confirmed.
 * Resolves when the guest can write, and works offline.
 */
export async function pairByCode(
	host: Page,
	guest: Page,
	names: { readonly device?: string; readonly person?: string } = {},
): Promise<void> {
	const code = (await host.getByLabel('Code to type').textContent()) ?? '';
	await guest.goto('/join');
	await guest.getByRole('textbox', { name: 'Code' }).fill(code.toLowerCase());
	if (names.device) await guest.getByRole('textbox', { name: 'Name of this device' }).fill(names.device);
	if (names.person) await guest.getByRole('textbox', { name: 'Your name' }).fill(names.person);
	await guest.getByRole('button', { name: 'Connect' }).click();
	await expect(guest.getByLabel(/^Short code/)).toHaveText(/^\d{3}\s?\d{3}$/);
	await expect(host.getByLabel(/^Short code/)).toHaveText(await shortCode(guest));
	await guest.getByRole('button', { name: 'They match, join' }).click();
	await host.getByRole('button', { name: 'They match, add it' }).click();
	await expect(host.getByRole('dialog')).toContainText('is in.');
	await host.getByRole('button', { name: 'Done' }).click();
	await expect(messageBox(guest)).toBeEnabled({ timeout: 20_000 });
	await guest.evaluate(() => navigator.serviceWorker.ready);
}
