import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { articles, expect, openChat, recoveryWords, say, test } from './support/fixtures.ts';

test('a backup file brings a space into another browser, and a space leaves a device', async ({
	page,
	browser,
	relay,
}) => {
	await openChat(page);
	await say(page, 'The peas are planted');
	const words = await recoveryWords(page);
	await expect(page.getByText('No backup was saved on this device yet.')).toBeVisible();
	const downloading = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Save a backup file' }).click();
	const download = await downloading;
	expect(download.suggestedFilename()).toMatch(/^pocketeer-.{8}-\d{4}-\d\d-\d\d\.pocketeer$/);
	const file = await download.path();
	expect((await readFile(file)).includes('peas')).toBe(false);
	await expect(page.getByText(/^Last saved here/)).toBeVisible();

	const context = await browser.newContext({ baseURL: relay.url, locale: 'en-GB', timezoneId: 'Europe/Athens' });
	const other = await context.newPage();
	await openChat(other);
	await openFile(other, file, 'apple pear');
	await expect(other.getByRole('alert').filter({ hasText: '24 words' })).toBeVisible();
	const ownWords = await recoveryWords(other);
	await openFile(other, file, ownWords);
	await expect(other.getByRole('alert').filter({ hasText: 'another space' })).toBeVisible();

	await openFile(other, file, words);
	await other.getByRole('button', { name: 'Restore this space' }).click();
	await other.waitForURL(`${relay.url}/`);
	await expect(articles(other, 'You').filter({ hasText: 'The peas are planted' })).toBeVisible();

	// It is a device of the space now: what it writes reaches the first one.
	await say(other, 'And the beans');
	await page.getByRole('link', { name: 'Chat', exact: true }).click();
	await expect(articles(page, 'You').filter({ hasText: 'And the beans' })).toBeVisible();

	// The same file where the space is already: refused unless told.
	await openFile(other, file, words);
	await expect(other.getByText('on this device already')).toBeVisible();
	await other.getByRole('button', { name: 'Merge into this space' }).click();
	await expect(other.getByText('The backup is merged into this space.')).toBeVisible();
	await openFile(other, file, words);
	await other.getByRole('button', { name: 'Replace this space' }).click();
	await other.getByRole('dialog').getByRole('button', { name: 'Replace', exact: true }).click();
	await other.waitForURL(`${relay.url}/`);
	await expect(articles(other, 'You').filter({ hasText: 'The peas are planted' })).toBeVisible();
	// What the relay has comes back.
	await expect(articles(other, 'You').filter({ hasText: 'And the beans' })).toBeVisible();

	await other.getByRole('link', { name: 'Settings' }).click();
	await other.getByRole('button', { name: 'Delete this space from this device' }).click();
	const dialog = other.getByRole('dialog');
	await expect(dialog.getByRole('button', { name: 'Delete', exact: true })).toBeDisabled();
	await dialog.getByRole('textbox').fill('delete');
	await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
	await other.waitForURL(`${relay.url}/`);
	await expect(articles(other, 'You')).toHaveCount(0);
	const databases = await other.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
	expect(databases.filter((name) => name?.startsWith('pocketeer-space-'))).toHaveLength(1);
	await context.close();
});

async function openFile(page: Page, file: string, words: string): Promise<void> {
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByLabel('Backup file', { exact: true }).setInputFiles(file);
	await page.getByRole('textbox', { name: 'Recovery words of the backup' }).fill(words);
	await page.getByRole('button', { name: 'Open the backup' }).click();
}
