import { articles, expect, openChat, say } from './support/fixtures.ts';
import { shownNotifications, test } from './support/push-fixtures.ts';

test('with a tab open the line shows a reminder when it is due, once, however often it is looked at', async ({
	page,
	relay,
}) => {
	await openChat(page);
	await say(page, 'remind me in 4 seconds to close the window');
	await expect(articles(page, 'Clerk').last()).toContainText('Reminder set');
	await expect(articles(page, 'Reminder')).toHaveCount(0);
	const reminder = articles(page, 'Reminder');
	await expect(reminder).toContainText(/close the window/i);
	// Not before its moment; the relay tells of the same moment, which adds nothing.
	await expect.poll(() => relay.metric('wakes_fired_total')).toBe(1);
	await say(page, '/tasks');
	await expect(articles(page, 'Clerk')).toHaveCount(2);
	await expect(reminder).toHaveCount(1);
	await page.reload();
	await expect(reminder).toHaveCount(1);
});

test('with a tab open and a push the person gets one article and one notification', async ({
	push,
	relay,
	firefox,
}) => {
	const page = await firefox.newPage();
	await openChat(page, `${relay.url}/`);
	await say(page, 'remind me tomorrow at 9 to call the dentist');
	await page.getByRole('button', { name: 'Turn on notifications' }).click();
	await expect(page.getByText(/notifications are on/i)).toBeVisible();
	const delivered = push.nextAck();
	await say(page, 'remind me in 3 seconds to close the window');
	await delivered;
	const reminder = articles(page, 'Reminder');
	await expect(reminder).toContainText(/close the window/i);
	await expect.poll(() => shownNotifications(page)).toEqual([expect.stringMatching(/close the window/i)]);
	await say(page, '/tasks');
	await expect(articles(page, 'Clerk')).toHaveCount(3);
	await expect(reminder).toHaveCount(1);
	expect(await shownNotifications(page)).toHaveLength(1);
	expect(push.pushes).toHaveLength(1);
});
