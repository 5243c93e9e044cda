import type { Page } from '@playwright/test';
import { articles, expect, messageBox, openChat, say, test } from './support/fixtures.ts';

test('the person edits what the assistant remembered, and it stays over a reload', async ({ page }) => {
	await openChat(page);
	await say(page, 'remember that my sister is allergic to nuts');
	await expect(articles(page, 'Clerk').last()).toContainText('.md');
	const path = await rememberedPath(page);

	await openNote(page, path);
	const editor = page.getByRole('textbox', { name: `Text of ${path}` });
	await expect(editor).toContainText('allergic to nuts');
	await editor.press('Control+End');
	await editor.pressSequentially(' and to kiwis');
	await expect(page.getByText('Saved', { exact: true })).toBeVisible();

	await page.reload();
	await expect(page.getByRole('textbox', { name: `Text of ${path}` })).toContainText('and to kiwis');
});

test('person and assistant edit one file at once and neither loses a word', async ({ context, page }) => {
	await openChat(page);
	await say(page, 'remember that the sea is blue');
	await expect(articles(page, 'Clerk').last()).toContainText('.md');
	const path = await rememberedPath(page);
	const beside = await context.newPage();
	await openNote(beside, path);
	const editor = beside.getByRole('textbox', { name: `Text of ${path}` });
	await expect(editor).toContainText(/the sea is blue/i);

	await editor.press('Control+Home');
	const typing = editor.pressSequentially('The person was here first. ', { delay: 30 });
	await say(page, 'remember that the grass is green');
	await expect(articles(page, 'Clerk').last()).toContainText('.md');
	await typing;

	for (const part of [/The person was here first\. /, /the sea is blue/i, /the grass is green/i])
		await expect(editor).toContainText(part);
	await beside.reload();
	for (const part of [/The person was here first\. /, /the sea is blue/i, /the grass is green/i])
		await expect(beside.getByRole('textbox', { name: `Text of ${path}` })).toContainText(part);
});

test('SOUL and PRACTICE ship as defaults that can be read and edited', async ({ page }) => {
	await openChat(page);
	for (const path of ['SOUL.md', 'PRACTICE.md']) {
		await openNote(page, path);
		const editor = page.getByRole('textbox', { name: `Text of ${path}` });
		await expect(editor).not.toBeEmpty();
		await editor.press('Control+Home');
		await editor.pressSequentially('Changed by hand. ');
		await expect(page.getByText('Saved', { exact: true })).toBeVisible();
		await page.reload();
		await expect(editor).toContainText('Changed by hand.');
	}
});

test('a file name with .. or control characters is refused with a sentence', async ({ page }) => {
	await openChat(page);
	await page.getByRole('link', { name: 'Notes' }).click();
	await page.getByRole('button', { name: 'New note' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('textbox').fill('../secrets');
	await expect(dialog).toContainText(/\.\./);
	await expect(dialog.getByRole('button', { name: 'Create' })).toBeDisabled();
	await dialog.getByRole('textbox').fill('notes/bell\u0007');
	await expect(dialog).toContainText(/control character/i);
	await expect(dialog.getByRole('button', { name: 'Create' })).toBeDisabled();
});

test('a 10 MB paste is refused with a sentence and what was typed before stays', async ({ page }) => {
	await openChat(page);
	await messageBox(page).fill('typed before the paste');
	await page.evaluate(() => {
		const data = new DataTransfer();
		data.setData('text/plain', 'x'.repeat(10 * 1024 * 1024));
		document.activeElement?.dispatchEvent(
			new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
		);
	});
	await expect(page.getByText('Pasted text, 10,485,760 characters')).toBeVisible();
	await expect(page.getByRole('alert').filter({ hasText: /at most 100,000/ })).toBeVisible();
	await expect(messageBox(page)).toHaveValue('typed before the paste');
});

async function rememberedPath(page: Page): Promise<string> {
	const text = await articles(page, 'Clerk').last().innerText();
	const path = /[\w/-]+\.md/.exec(text)?.[0];
	expect(path).toBeDefined();
	return path ?? '';
}

async function openNote(page: Page, path: string): Promise<void> {
	await page.goto(`/notes/${path}`);
}
