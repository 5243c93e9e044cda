import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { launchChromium } from './support/chromium-process.ts';
import { damage } from './support/database.ts';
import { articles, enterKey, expect, messageBox, openChat, say, test } from './support/fixtures.ts';

test('messages, files, tasks and a draft are there after a reload, offline as well', async ({ page, context }) => {
	await openChat(page);
	await say(page, 'remember that the key is under the mat');
	await expect(articles(page, 'Clerk').last()).toContainText('.md');
	await say(page, 'remind me tomorrow at 9 to water the plants');
	await expect(articles(page, 'Clerk').last()).toContainText('Reminder set');
	await messageBox(page).fill('a half-typed thou');
	await page.reload();
	await everythingIsThere(page);

	await context.setOffline(true);
	await page.reload();
	await everythingIsThere(page);
	for (const name of ['Notes', 'Schedule', 'Activity', 'Settings']) {
		await page.getByRole('navigation').getByRole('link', { name }).first().click();
		await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
	}
	await page.getByRole('link', { name: 'Chat', exact: true }).click();
	await messageBox(page).fill('');
	await say(page, 'typed without a network');
	await context.setOffline(false);
	await page.reload();
	await expect(page.getByRole('log')).toContainText('typed without a network');
});

test('a killed browser loses neither the question nor the half of the answer that was there, and the turn goes on', async ({
	relay,
	claude,
}) => {
	const profile = await mkdtemp(join(tmpdir(), 'pocketeer-profile-'));
	try {
		const first = await launchChromium(profile);
		const page = await first.context.newPage();
		await openChat(page, `${relay.url}/`);
		await enterKey(page, claude);
		claude.enqueue({ text: `Once upon a time. ${'And then. '.repeat(500)}`, stallAt: 3_000, chunkBytes: 250 });
		const stalled = claude.stalled();
		await say(page, 'tell me a story');
		await stalled;
		await expect(articles(page, 'Pocketeer').last()).toContainText('Once upon a time.');
		await expect.poll(() => partialIsKept(page)).toBe(true);
		await first.kill();

		claude.enqueue({ text: 'Once upon a time there was an end.' });
		const second = await launchChromium(profile);
		const again = await second.context.newPage();
		await openChat(again, `${relay.url}/`);
		await expect(articles(again, 'You').filter({ hasText: 'tell me a story' })).toHaveCount(1);
		const answer = articles(again, 'Pocketeer').last();
		await expect(answer).toContainText('there was an end.');
		await expect(answer).toContainText('And then.');
		await expect(answer).toContainText(/cut/i);
		await second.kill();
	} finally {
		await rm(profile, { recursive: true, force: true });
	}
});

test('a row damaged on disk is said to be damaged, and nothing is written over it', async ({ page }) => {
	await openChat(page);
	await say(page, 'remember that disks fail');
	await expect(articles(page, 'Clerk').last()).toContainText('.md');
	await damage(page, 'home');
	await page.reload();
	await expect(page.getByText(/damaged|not what was written|cannot be read/i).first()).toBeVisible();

	// The same byte flipped back: all is there again, because the app left the rows alone.
	await damage(page, 'home');
	await page.reload();
	await expect(page.getByRole('log')).toContainText('disks fail');
	await expect(page.getByRole('log')).toContainText('notes/memory.md');
});

async function everythingIsThere(page: Page): Promise<void> {
	await expect(page.getByRole('log')).toContainText('the key is under the mat');
	await expect(page.getByRole('log')).toContainText(/water the plants/i);
	await expect(messageBox(page)).toHaveValue('a half-typed thou');
}

/** Whether a checkpoint of the running turn with some of its text is on disk. */
function partialIsKept(page: Page): Promise<boolean> {
	return page.evaluate(async () => {
		const databases = await indexedDB.databases();
		for (const { name } of databases) {
			if (!name) continue;
			const database = await open(name);
			try {
				if (!database.objectStoreNames.contains('kept')) continue;
				const rows = await all(database.transaction('kept').objectStore('kept'));
				if (JSON.stringify(rows).includes('Once upon a time')) return true;
			} finally {
				database.close();
			}
		}
		return false;

		function open(name: string): Promise<IDBDatabase> {
			return new Promise((resolve, reject) => {
				const request = indexedDB.open(name);
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
		}
		function all(store: IDBObjectStore): Promise<unknown[]> {
			return new Promise((resolve, reject) => {
				const request = store.getAll();
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
		}
	});
}
