import type { Page } from '@playwright/test';
import { startMessagesServer } from '@pocketeer/core/testing/node/messages-server';
import { articles, enterKey, expect, openChat, say, test } from './support/fixtures.ts';

/** Sets the limit of a day in Settings, and goes back to the chat. */
async function limitDay(page: Page, usd: string): Promise<void> {
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('textbox', { name: 'Limit per day, in US dollars' }).fill(usd);
	await page.getByRole('textbox', { name: 'Limit per day, in US dollars' }).press('Enter');
	await expect(page.getByText(/^Saved\. A day may cost/)).toBeVisible();
	await page.getByRole('link', { name: 'Chat', exact: true }).click();
}

test('a call over the day’s limit is not sent, the chat says so, and one tap raises it and brings the answer', async ({
	page,
	claude,
}) => {
	await openChat(page);
	await enterKey(page, claude);
	await limitDay(page, '0.01');
	claude.enqueue({ text: 'The piano was tuned in May.' });
	await say(page, 'when was the piano tuned?');
	const answer = articles(page, 'Pocketeer').last();
	await expect(answer).toContainText('Today’s limit of $0.01 leaves no room for the next call: $0.00 is spent.');
	await expect(answer).toContainText('was not sent');
	expect(claude.requests).toHaveLength(0);
	expect(claude.remaining).toBe(1);

	await answer.getByRole('button', { name: /^Raise to \$\d+\.\d\d for today$/ }).click();
	await expect(articles(page, 'Pocketeer').last()).toContainText('The piano was tuned in May.');
	expect(claude.requests).toHaveLength(1);
	await expect(page.getByRole('button', { name: /^Raise to/ })).toHaveCount(0);

	// For today only, and to be taken back.
	await page.getByRole('link', { name: 'Settings' }).click();
	await expect(page.getByText(/^Raised to \$\d+\.\d\d for today\.$/)).toBeVisible();
	await page.getByRole('button', { name: 'Take back' }).click();
	await expect(page.getByText(/^Raised to/)).toHaveCount(0);
	await expect(page.getByRole('textbox', { name: 'Limit per day, in US dollars' })).toHaveValue('0.01');
});

test('two dollars a day hold before anybody chose; without a limit the screen warns', async ({ page, claude }) => {
	await openChat(page);
	await enterKey(page, claude);
	await page.getByRole('link', { name: 'Settings' }).click();
	const amount = page.getByRole('textbox', { name: 'Limit per day, in US dollars' });
	await expect(amount).toHaveValue('2');
	await amount.fill('lots');
	await amount.press('Enter');
	await expect(page.getByText('“lots” is no amount of dollars.')).toBeVisible();
	await expect(amount).toHaveValue('2');
	// Leaving one field for the other saves the first and takes nothing from what is typed in the second.
	await page.getByRole('textbox', { name: 'Limit per answer, in US dollars' }).fill('0,5');
	await amount.fill('3');
	await amount.press('Enter');
	await expect(page.getByText('Saved. A day may cost $3.00.')).toBeVisible();
	await page.reload();
	await expect(amount).toHaveValue('3');
	await expect(page.getByRole('textbox', { name: 'Limit per answer, in US dollars' })).toHaveValue('0.5');
	await page.getByRole('checkbox', { name: 'Limit per day' }).uncheck();
	await expect(page.getByText('Nothing holds a day’s spending back.')).toBeVisible();
	await expect(amount).toHaveCount(0);
	await page.reload();
	await expect(page.getByText('Nothing holds a day’s spending back.')).toBeVisible();
	await page.getByRole('checkbox', { name: 'Limit per day' }).check();
	await expect(amount).toHaveValue('2');
});

test('what was spent is told beside the answer, on each run and in sums by what it was for', async ({
	page,
	claude,
}) => {
	await openChat(page);
	await enterKey(page, claude);
	claude.enqueue(
		{ tools: [{ name: 'remember', input: { text: 'The piano is tuned in May' } }] },
		{ text: 'Noted.' },
		{ text: 'You are welcome.' },
	);
	await say(page, 'the piano is tuned in May, keep that');
	await expect(articles(page, 'Pocketeer').last()).toContainText('Noted.');
	await say(page, 'thanks');
	await expect(articles(page, 'Pocketeer').last()).toContainText('You are welcome.');

	const first = articles(page, 'Pocketeer').first();
	await first.getByRole('button', { name: 'What this answer took' }).click();
	await expect(first.getByText('2 calls')).toBeVisible();
	await expect(first.getByText(/^\$0\.\d+$/)).toBeVisible();

	await page.getByRole('link', { name: 'Activity' }).click();
	const today = page.getByRole('region', { name: 'Today' });
	await expect(today.getByRole('listitem').filter({ hasText: 'Answered' })).toHaveCount(2);
	for (const run of await today.getByRole('listitem').filter({ hasText: 'Answered' }).all())
		await expect(run).toContainText(/\$0\.\d+.* tokens in · .* cached · .* out/);
	const spending = page.getByRole('region', { name: 'Spending', exact: true });
	await expect(spending).toContainText('of $2.00');
	await spending.getByText('Look closer').click();
	await spending.getByRole('combobox', { name: 'Group by' }).selectOption('By what set it off');
	const row = spending.getByRole('row', { name: /^Message/ });
	await expect(row.getByRole('cell').nth(0)).toHaveText(/^\$0\.\d+$/);
	await expect(row.getByRole('cell').nth(1)).toHaveText('3');
	await spending.getByRole('combobox', { name: 'Group by' }).selectOption('By model');
	await expect(spending.getByRole('rowheader', { name: /^claude-/ })).toHaveCount(1);
});

test('a model of unknown price answers, and its cost is said to be unknown, never nothing', async ({ page }) => {
	await using server = await startMessagesServer({ models: ['my-own-model'] });
	await openChat(page);
	await enterKey(page, server);
	server.enqueue({ text: 'Here I am.' });
	await say(page, 'are you there?');
	await expect(articles(page, 'Pocketeer').last()).toContainText('Here I am.');
	await page.getByRole('link', { name: 'Activity' }).click();
	await expect(page.getByRole('region', { name: 'Today' }).getByRole('listitem').first()).toContainText('cost unknown');
	await expect(page.getByRole('region', { name: 'Spending', exact: true })).toContainText('and 1 call of unknown cost');
});
