import type { Page } from '@playwright/test';
import { articles, expect, openChat, openOnAnotherDevice, recoveryWords, say, test } from './support/fixtures.ts';

test('two tabs type at once, in two lines and in one file, and neither loses a word', async ({ page, context }) => {
	await openChat(page);
	await page.getByRole('button', { name: 'New line' }).click();
	await page.getByRole('textbox', { name: 'Name of the new line' }).fill('kitchen');
	await page.getByRole('button', { name: 'Create' }).click();
	await expect(page.getByRole('heading', { name: 'kitchen' })).toBeVisible();
	// Two files made on one path at the same moment would both be kept, one of them under another name.
	await say(page, 'remember that there are two tabs');
	await expect(articles(page, 'Clerk')).toContainText('notes/memory.md');
	const beside = await context.newPage();
	await openChat(beside);

	const said = [1, 2, 3].map((number) => `remember number ${number}`);
	const sayAll = async (tab: Page, where: string) => {
		for (const text of said) await say(tab, `${text} of the ${where}`);
		// What is said while an answer is being made is answered together.
		await expect(articles(tab, 'Clerk').last()).toContainText(`"Number 3 of the ${where}"`);
	};
	await Promise.all([sayAll(page, 'kitchen'), sayAll(beside, 'main line')]);
	await expect(page.getByRole('log')).not.toContainText('of the main line');

	const [here, there] = [await openNote(page), await openNote(beside)];
	for (const where of ['kitchen', 'main line'])
		for (const number of [1, 2, 3]) await expect(here).toContainText(`umber ${number} of the ${where}`);
	await here.press('Control+Home');
	await there.press('Control+End');
	await Promise.all([
		here.pressSequentially('First tab at the top. ', { delay: 20 }),
		there.pressSequentially(' Second tab at the end.', { delay: 20 }),
	]);
	for (const editor of [here, there]) {
		await expect(editor).toContainText('First tab at the top. ');
		await expect(editor).toContainText(' Second tab at the end.');
	}
	expect(await here.innerText()).toBe(await there.innerText());
});

test('when the tab that holds the connection closes, another takes over and goes on syncing', async ({
	browser,
	page,
	context,
	relay,
}) => {
	await openChat(page);
	const laptop = await openOnAnotherDevice(browser, relay.url, await recoveryWords(page));
	await expect(page.getByText('Holds the connection', { exact: true })).toBeVisible();
	const beside = await context.newPage();
	await beside.goto('/settings');
	await expect(beside.getByText('Another tab holds the connection')).toBeVisible();

	await page.close();
	await expect(beside.getByText('Holds the connection', { exact: true })).toBeVisible();
	await beside.getByRole('link', { name: 'Chat', exact: true }).click();
	await say(beside, 'the second tab speaks');
	await expect(laptop.getByRole('log')).toContainText('the second tab speaks');
	await say(laptop, 'and is heard');
	await expect(beside.getByRole('log')).toContainText('and is heard');
});

async function openNote(page: Page) {
	await page.goto('/notes/notes/memory.md');
	const editor = page.getByRole('textbox', { name: 'Text of notes/memory.md' });
	await expect(editor).not.toBeEmpty();
	return editor;
}
