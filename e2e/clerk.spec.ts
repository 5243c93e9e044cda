import { articles, expect, openChat, say, test } from './support/fixtures.ts';

test('without a key the clerk sets a reminder and shows a receipt with weekday, time and zone', async ({ page }) => {
	await openChat(page);
	await say(page, 'remind me in 20 minutes to take the pasta off');
	const answer = articles(page, 'Clerk').last();
	await expect(answer).toContainText(/take the pasta off/i);
	await expect(answer).toContainText('Reminder set');
	await expect(answer).toContainText(/(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day/);
	await expect(answer).toContainText(/\d{2}:\d{2}/);
	await expect(answer).toContainText('Europe/Athens');

	await say(page, '/tasks');
	await expect(articles(page, 'Clerk').last()).toContainText(/take the pasta off/i);

	await page.getByRole('link', { name: 'Schedule' }).click();
	await expect(page.getByText('take the pasta off')).toBeVisible();
});

test('what it was told to remember is found again by a question and stands in a file', async ({ page }) => {
	await openChat(page);
	await say(page, 'remember that my sister is allergic to nuts');
	await expect(articles(page, 'Clerk').last()).toContainText(/\.md/);
	await say(page, 'what do you know about my sister?');
	await expect(articles(page, 'Clerk').last()).toContainText('allergic to nuts');
});

test('the clerk says what it is when asked for more than its rules', async ({ page }) => {
	await openChat(page);
	await say(page, 'write me a poem about the sea');
	const answer = articles(page, 'Clerk').last();
	await expect(answer).toContainText(/clerk/i);
	await expect(answer).toContainText(/rules/i);
});

test('a time that lies in the past or cannot be understood is answered with a question and schedules nothing', async ({
	page,
}) => {
	await openChat(page);
	await say(page, 'remind me yesterday at 9 to call the dentist');
	await expect(articles(page, 'Clerk').last()).toContainText('?');
	await say(page, 'remind me at blurgh o’clock to call the dentist');
	await expect(articles(page, 'Clerk').last()).toContainText('?');
	await page.getByRole('link', { name: 'Schedule' }).click();
	await expect(page.getByRole('heading', { name: 'Schedule', exact: true })).toBeVisible();
	await expect(page.getByRole('listitem').filter({ hasText: 'call the dentist' })).toHaveCount(0);
});
