import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { articles, expect, messageBox, openChat, say, test } from './support/fixtures.ts';
import { openFresh, pairByCode } from './support/pairing.ts';

test('two people share a space: each message says whose it is, and a private space stays on its device', async ({
	browser,
	page,
	relay,
}) => {
	test.slow();
	const canary = 'quince-canary-4471';
	await openChat(page);
	await say(page, `remember that my diary says ${canary}`);
	await expect(articles(page, 'Clerk').last()).toContainText('.md');

	await page.goto('/settings');
	await page.getByRole('button', { name: 'New space' }).click();
	await page.getByRole('textbox', { name: 'Name of the new space' }).fill('Our flat');
	await page.getByRole('button', { name: 'Make the space' }).click();
	await expect(messageBox(page)).toBeEnabled();
	await say(page, 'the rent is due on the third');
	await expect(articles(page, 'Clerk')).toHaveAttribute('aria-busy', 'false');

	await page.goto('/settings');
	await page.getByRole('button', { name: 'Invite a person' }).click();
	await page.getByRole('textbox', { name: 'Their name' }).fill('Eleni');
	await page.getByRole('textbox', { name: 'Your name, as they will see it' }).fill('Anna');
	await page.getByRole('button', { name: 'Make an invitation' }).click();
	const eleni = await openFresh(browser, relay.url);
	await pairByCode(page, eleni, { person: 'Eleni' });

	await expect(articles(eleni, 'Anna').filter({ hasText: 'the rent is due' })).toBeVisible();
	await say(eleni, 'I pay it this month');
	await expect(articles(eleni, 'You').filter({ hasText: 'I pay it' })).toBeVisible();
	await page.getByRole('link', { name: 'Chat' }).click();
	await expect(articles(page, 'Eleni').filter({ hasText: 'I pay it this month' })).toBeVisible();
	await expect(articles(page, 'Clerk').filter({ hasText: 'for Eleni' })).toBeVisible();

	await eleni.goto('/notes/people/eleni/profile.md');
	await expect(eleni.getByRole('textbox', { name: 'Text of people/eleni/profile.md' })).toContainText('# Eleni');
	await eleni.goto('/settings');
	await expect(eleni.getByRole('list', { name: 'Spaces on this device' })).toContainText('Our flat');
	await expect(eleni.getByRole('textbox', { name: 'Your name' })).toHaveValue('Eleni');

	expect(await everythingKept(eleni)).toContain('the rent is due');
	expect(await everythingKept(eleni)).not.toContain(canary);
	expect(await everythingKept(page)).toContain(canary);
	await relay.stop();
	const atRelay = await readAllFiles(relay.dataDir);
	expect(atRelay.length).toBeGreaterThan(4096);
	for (const readable of [canary, 'the rent is due', 'Our flat', 'Eleni']) expect(atRelay).not.toContain(readable);
});

/** All text and bytes of all databases of a profile, as one string. */
function everythingKept(page: Page): Promise<string> {
	return page.evaluate(async () => {
		const parts: string[] = [];
		const decoder = new TextDecoder('latin1');
		const add = (value: unknown): void => {
			if (typeof value === 'string') parts.push(value);
			else if (value instanceof Uint8Array) parts.push(decoder.decode(value));
			else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) add(part);
		};
		for (const { name = '' } of await indexedDB.databases()) {
			const database = await new Promise<IDBDatabase>((resolve, reject) => {
				const request = indexedDB.open(name);
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
			for (const table of database.objectStoreNames) {
				const rows = await new Promise<unknown[]>((resolve, reject) => {
					const request = database.transaction(table).objectStore(table).getAll();
					request.onsuccess = () => resolve(request.result);
					request.onerror = () => reject(request.error);
				});
				for (const row of rows) add(row);
			}
			database.close();
		}
		return parts.join('\n');
	});
}

async function readAllFiles(folder: string): Promise<string> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile());
	return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n');
}
