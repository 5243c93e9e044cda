import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { articles, expect, messageBox, openChat, say, test } from './support/fixtures.ts';
import { openDevices, openFresh } from './support/pairing.ts';

const SIZES = [
	{ width: 390, height: 844 },
	{ width: 1440, height: 900 },
];

test('no screen breaks a rule of WCAG 2.1 AA, light or dark, on a phone or a desktop', async ({ page }) => {
	test.slow();
	await openChat(page);
	await isAccessible(page, 'chat, empty');
	await say(page, 'remember that my sister is allergic to nuts');
	await expect(articles(page, 'Clerk').last()).toContainText('notes/memory.md');
	await say(page, 'remind me tomorrow at 9 to call the dentist');
	await expect(articles(page, 'Clerk').last()).toContainText('Reminder set');
	await page.locator('details.tool').first().locator('summary').click();
	await isAccessible(page, 'chat, with answers and receipts');

	for (const name of ['Notes', 'Schedule', 'Activity', 'Settings']) {
		await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
		await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
		await isAccessible(page, name);
	}
	await page.getByRole('button', { name: /show.*words/i }).click();
	await expect(page.getByRole('list', { name: /recovery words/i })).toBeVisible();
	await isAccessible(page, 'Settings, with recovery words');

	await page.goto('/notes/notes/memory.md');
	await expect(page.getByRole('textbox', { name: 'Text of notes/memory.md' })).toContainText('nuts');
	await isAccessible(page, 'editor');
	await page.getByRole('button', { name: 'History' }).click();
	await isAccessible(page, 'editor, with history');
	await page.goto('/notes');
	await page.getByRole('button', { name: 'New note' }).click();
	await page.getByRole('dialog').getByRole('textbox').fill('../secrets');
	await isAccessible(page, 'dialog, with a bad name');
});

test('the screens of devices, spaces and sync break no rule either, nor does the way in', async ({
	browser,
	page,
	relay,
}) => {
	test.slow();
	await openChat(page);
	await page.goto('/settings/sync');
	await expect(page.getByRole('heading', { level: 1, name: 'Sync' })).toBeVisible();
	await isAccessible(page, 'Sync');
	await page.goto('/settings/ended');
	await isAccessible(page, 'what can be done once a space ended');

	await openDevices(page);
	for (const name of ['New space', 'Invite a person', 'Leave this space']) {
		await page.getByRole('button', { name }).click();
		await isAccessible(page, name);
		await page.keyboard.press('Escape');
		await expect(page.getByRole('dialog')).toHaveCount(0);
	}
	await page.getByRole('button', { name: /^Rename / }).click();
	await isAccessible(page, 'rename a device');
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: 'Add a device' }).click();
	const code = (await page.getByLabel('Code to type').textContent()) ?? '';
	await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
	await isAccessible(page, 'add a device');

	const guest = await openFresh(browser, relay.url);
	await guest.goto('/join');
	await guest.getByText('Use the recovery words').click();
	await isAccessible(guest, 'join');
	await guest.getByRole('textbox', { name: 'Code' }).fill(code);
	await guest.getByRole('button', { name: 'Connect' }).click();
	await guest.getByLabel(/^Short code/).waitFor();
	await isAccessible(guest, 'join, comparing');
	await isAccessible(page, 'add a device, comparing');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await guest.getByRole('alert').filter({ hasText: /./ }).waitFor();
	await isAccessible(guest, 'join, refused');
});

test('by keyboard alone: say something, go to Notes, open a file, type, and come back', async ({ page }) => {
	await openChat(page);
	await tabTo(page, 'Message');
	await page.keyboard.type('remember that the door code is 4711');
	await page.keyboard.press('Enter');
	await expect(articles(page, 'Clerk')).toContainText('notes/memory.md');

	await tabTo(page, 'Notes');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('tree', { name: 'Files' })).toBeVisible();
	await tabTo(page, /^SOUL/);
	await arrowTo(page, /^notes/);
	await page.keyboard.press('ArrowRight');
	await arrowTo(page, /^memory/);
	await page.keyboard.press('Enter');
	const editor = page.getByRole('textbox', { name: 'Text of notes/memory.md' });
	await expect(editor).toContainText('4711');
	await tabTo(page, 'Text of notes/memory.md');
	await page.keyboard.press('Control+End');
	await page.keyboard.type('The cellar has no code.');
	await expect(page.getByText('Saved', { exact: true })).toBeVisible();
	// The editor must not be a trap.
	await tabTo(page, 'Chat', 'Shift+Tab');
	await page.keyboard.press('Enter');
	await expect(messageBox(page)).toBeFocused();
	await page.keyboard.type('what do you know about the cellar?');
	await page.keyboard.press('Enter');
	await expect(articles(page, 'Clerk').last()).toContainText('The cellar has no code.');
});

/** Runs axe over the page in both colours and sizes. */
async function isAccessible(page: Page, screen: string): Promise<void> {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		for (const size of SIZES) {
			await page.setViewportSize(size);
			await page.evaluate(endOfTransitions);
			const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
			const found = violations.map(
				({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
			);
			expect.soft(found, `${screen}, ${colorScheme}, ${size.width} wide`).toEqual([]);
		}
	}
}

/** Presses Tab until what has the focus has this accessible name. */
async function tabTo(page: Page, name: string | RegExp, key = 'Tab'): Promise<void> {
	await pressUntil(page, key, name, 60);
}

async function arrowTo(page: Page, name: RegExp): Promise<void> {
	await pressUntil(page, 'ArrowDown', name, 20);
}

async function pressUntil(page: Page, key: string, name: string | RegExp, most: number): Promise<void> {
	for (let presses = 0; presses <= most; presses++) {
		const focused = await nameOfFocus(page);
		if (typeof name === 'string' ? focused === name : name.test(focused)) return;
		await page.keyboard.press(key);
	}
	throw new Error(`${key} never comes to ${name}`);
}

function nameOfFocus(page: Page): Promise<string> {
	return page.evaluate(() => {
		const element = document.activeElement;
		if (!element || element === document.body) return '';
		const label = 'labels' in element ? (element as HTMLInputElement).labels?.[0]?.innerText : undefined;
		return (element.getAttribute('aria-label') ?? label ?? element.textContent ?? '').trim();
	});
}

/** A colour on its way to another has a contrast that nobody sees. */
async function endOfTransitions(): Promise<void> {
	const passing = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity);
	await Promise.allSettled(passing.map((each) => each.finished));
}
