import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { articles, expect, openChat, openOnAnotherDevice, recoveryWords, say, test } from './support/fixtures.ts';

test('two profiles that open one space see each other’s messages and edits; the relay holds nothing readable', async ({
	browser,
	page,
	relay,
}) => {
	const canary = 'xylophone-canary-7319';
	await openChat(page);
	await say(page, `remember that the code word is ${canary}`);
	await expect(articles(page, 'Clerk').last()).toContainText('.md');
	const words = await recoveryWords(page);

	const laptop = await openOnAnotherDevice(browser, relay.url, words);
	await expect(laptop.getByRole('log')).toContainText(canary);

	await say(laptop, 'remember that the laptop says hello');
	await page.getByRole('link', { name: 'Chat' }).click();
	await expect(page.getByRole('log')).toContainText('the laptop says hello');

	await relay.stop();
	const kept = await readAllFiles(relay.dataDir);
	expect(kept.length).toBeGreaterThan(4096);
	for (const readable of [canary, 'laptop says hello', 'journal/', 'notes/', 'tasks/'])
		expect(kept.includes(readable), readable).toBe(false);
	expect(relay.log()).not.toContain(canary);
});

test('what was typed on both sides while the relay was down is on both sides after it came back', async ({
	browser,
	page,
	relay,
}) => {
	await openChat(page);
	await say(page, 'before the cut');
	const laptop = await openOnAnotherDevice(browser, relay.url, await recoveryWords(page));
	await expect(laptop.getByRole('log')).toContainText('before the cut');
	await page.getByRole('link', { name: 'Chat' }).click();

	await relay.stop('SIGKILL');
	await say(page, 'typed on the phone in a tunnel');
	await say(laptop, 'typed on the laptop in a plane');
	await relay.start();

	await expect(laptop.getByRole('log')).toContainText('typed on the phone in a tunnel', { timeout: 45_000 });
	await expect(page.getByRole('log')).toContainText('typed on the laptop in a plane', { timeout: 45_000 });
});

test('a second device finds, lists and shows as due what the first one was told', async ({ browser, page, relay }) => {
	await openChat(page);
	await say(page, 'remember that the sea is blue');
	await expect(articles(page, 'Clerk')).toContainText('.md');
	const laptop = await openOnAnotherDevice(browser, relay.url, await recoveryWords(page));
	await say(laptop, 'what do you know about the sea?');
	await expect(articles(laptop, 'Clerk').last()).toContainText(/the sea is blue/i);

	await page.getByRole('link', { name: 'Chat' }).click();
	await say(page, 'remind me tomorrow at 9 to call the dentist');
	await laptop.getByRole('link', { name: 'Schedule' }).click();
	await expect(laptop.getByRole('listitem').filter({ hasText: /call the dentist/i })).toContainText('09:00');
	await laptop.getByRole('link', { name: 'Chat' }).click();
	await say(page, 'remind me in 4 seconds to close the window');
	for (const device of [page, laptop]) {
		await expect(articles(device, 'Reminder')).toContainText(/close the window/i);
		await expect(articles(device, 'Reminder')).toHaveCount(1);
	}
});

test('wrong recovery words are answered with a sentence and the present space stays', async ({ page }) => {
	await openChat(page);
	await say(page, 'remember that this space stays');
	await page.getByRole('link', { name: 'Settings' }).click();
	await page
		.getByRole('textbox', { name: 'Open another space with recovery words' })
		.fill('these are surely not the right words');
	await page.getByRole('button', { name: /^Open .*space$/ }).click();
	await expect(page.getByRole('alert').filter({ hasText: /24 words/ })).toBeVisible();
	await page.getByRole('link', { name: 'Chat' }).click();
	await expect(page.getByRole('log')).toContainText('this space stays');
});

async function readAllFiles(folder: string): Promise<string> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile());
	return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n');
}
