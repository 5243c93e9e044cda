import { type Browser, test as base, expect, type Locator, type Page } from '@playwright/test';
import { type MessagesServer, startMessagesServer } from '@pocketeer/core/testing/node/messages-server';
import { type RelayProcess, startRelayProcess } from './relay-process.ts';

/** Every test has a relay, data folder and space of its own. */
export const test = base.extend<{ relay: RelayProcess; claude: MessagesServer; baseURL: string }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the first argument
	relay: async ({}, use) => {
		await using relay = await startRelayProcess();
		await use(relay);
	},
	/** The strict local Messages API; its queue of answers is empty at first. */
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the first argument
	claude: async ({}, use) => {
		await using claude = await startMessagesServer();
		await use(claude);
	},
	baseURL: async ({ relay }, use) => use(relay.url),
});
export { expect };

/** Opens the app on its chat and waits until it can be typed in and works offline. */
export async function openChat(page: Page, path = '/'): Promise<void> {
	await page.goto(path);
	await expect(messageBox(page)).toBeEnabled();
	await page.evaluate(() => navigator.serviceWorker.ready);
}

/** The composer. */
export function messageBox(page: Page): Locator {
	return page.getByRole('textbox', { name: 'Message' });
}

/** Types a message and sends it by keyboard; resolves once it stands in the transcript. */
export async function say(page: Page, text: string): Promise<void> {
	await messageBox(page).fill(text);
	await messageBox(page).press('Enter');
	await expect(articles(page, 'You').filter({ hasText: text }).last()).toBeVisible();
}

/** Articles of the transcript by their author. */
export function articles(page: Page, author: string | RegExp): Locator {
	return page.getByRole('log').getByRole('article', { name: author });
}

/** The 24 recovery words of the page's space, as the Settings screen shows them. */
export async function recoveryWords(page: Page): Promise<string> {
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('button', { name: /show.*words/i }).click();
	const words = page.getByRole('list', { name: /recovery words/i }).getByRole('listitem');
	await expect(words).toHaveCount(24);
	return (await words.allInnerTexts()).map((word) => word.replace(/[^a-z]/g, '')).join(' ');
}

/** Enters a key for the given server in Settings, waits for its check, and goes back to the chat. */
export async function enterKey(page: Page, server: MessagesServer, key = 'sk-ant-test'): Promise<void> {
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('textbox', { name: 'Anthropic API key' }).fill(key);
	await page.getByRole('textbox', { name: 'API base URL' }).fill(server.url);
	await page.getByRole('button', { name: 'Check and save' }).click();
	await expect(page.getByRole('button', { name: 'Remove key' })).toBeVisible();
	await page.getByRole('link', { name: 'Chat', exact: true }).click();
	await expect(messageBox(page)).toBeEnabled();
}

/** A second device: a fresh profile that opens the space of these words. */
export async function openOnAnotherDevice(browser: Browser, url: string, words: string): Promise<Page> {
	const context = await browser.newContext({ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Athens' });
	const page = await context.newPage();
	await openChat(page);
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('textbox', { name: 'Open another space with recovery words' }).fill(words);
	await page.getByRole('button', { name: /^Open .*space$/ }).click();
	await page.waitForURL(`${url}/`);
	return page;
}
