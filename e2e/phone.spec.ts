import type { Page } from '@playwright/test';
import { articles, expect, messageBox, openChat, test } from './support/fixtures.ts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

test('on a phone, with one thumb: say, be reminded, read and edit what is remembered', async ({ page }) => {
	await openChat(page);
	await fits(page);
	await page.getByRole('button', { name: 'remember that my sister is allergic to nuts' }).tap();
	await page.getByRole('button', { name: 'Send' }).tap();
	await expect(articles(page, 'Clerk')).toContainText('notes/memory.md');
	await messageBox(page).tap();
	await messageBox(page).fill('remind me tomorrow at 9 to call the dentist');
	await page.getByRole('button', { name: 'Send' }).tap();
	await expect(articles(page, 'Clerk').last()).toContainText('Reminder set');
	await expect(messageBox(page)).toBeInViewport({ ratio: 1 });
	await expect(page.getByRole('button', { name: 'Turn on notifications' })).toBeVisible();
	await fits(page);

	await page.getByRole('button', { name: 'Lines' }).tap();
	const drawer = page.getByRole('dialog', { name: 'Lines' });
	await drawer.getByRole('button', { name: 'New line' }).tap();
	await drawer.getByRole('textbox').fill('kitchen');
	await drawer.getByRole('button', { name: 'Create' }).tap();
	await expect(page.getByRole('heading', { level: 1, name: 'kitchen' })).toBeVisible();
	await expect(drawer).toBeHidden();

	await goTo(page, 'Notes');
	await fits(page);
	await page.getByRole('treeitem', { name: /^notes/ }).tap();
	await page.getByRole('treeitem', { name: /memory/ }).tap();
	const editor = page.getByRole('textbox', { name: 'Text of notes/memory.md' });
	await expect(editor).toContainText('allergic to nuts');
	await editor.tap();
	await editor.press('Control+End');
	await editor.pressSequentially(' and to kiwis');
	await expect(page.getByText('Saved', { exact: true })).toBeVisible();
	await fits(page);
	await page.getByRole('button', { name: /back/i }).tap();
	await expect(page.getByRole('tree', { name: 'Files' })).toBeVisible();

	await goTo(page, 'Schedule');
	await expect(page.getByText('call the dentist').first()).toBeVisible();
	await fits(page);
	for (const name of ['Activity', 'Settings']) {
		await goTo(page, name);
		await fits(page);
	}
});

async function goTo(page: Page, name: string): Promise<void> {
	await page.getByRole('navigation').getByRole('link', { name, exact: true }).tap();
	await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** Nothing is wider than the screen, and the places of the app are within reach. */
async function fits(page: Page): Promise<void> {
	const { scrolled, shown } = await page.evaluate(() => ({
		scrolled: document.documentElement.scrollWidth,
		shown: innerWidth,
	}));
	expect(scrolled, page.url()).toBeLessThanOrEqual(shown);
	await expect(page.getByRole('navigation').getByRole('link', { name: 'Chat', exact: true })).toBeInViewport();
}
