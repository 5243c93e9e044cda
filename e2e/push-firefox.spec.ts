import { articles, expect, openChat, say } from './support/fixtures.ts';
import { shownNotifications, test } from './support/push-fixtures.ts';

test('at the due second a real push shows the reminder’s text with every tab of the app closed', async ({
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
	const asked = Date.now();
	await say(page, 'remind me in 8 seconds to take the pasta off');
	await expect(articles(page, 'Clerk').last()).toContainText('Reminder set');
	const answered = Date.now();
	await expect.poll(() => relay.metric('wakes_pending')).toBe(2);
	await page.close();
	expect(push.pushes).toHaveLength(0);

	await delivered;
	expect(push.pushes).toHaveLength(1);
	// The moment counts from when the clerk understood, in whole seconds.
	expect(push.pushes[0]?.at).toBeGreaterThanOrEqual(asked + 7_000);
	expect(push.pushes[0]?.at).toBeLessThanOrEqual(answered + 10_000);
	expect(push.pushes[0]?.body.includes('pasta')).toBe(false);
	expect(push.pushes[0]?.headers).toMatchObject({ urgency: 'high' });
	// A page of the origin that is not the app.
	const beside = await firefox.newPage();
	await beside.goto(`${relay.url}/healthz`);
	await expect.poll(() => shownNotifications(beside)).toEqual([expect.stringMatching(/take the pasta off/i)]);
	expect(relay.log()).not.toContain('pasta');

	const later = await firefox.newPage();
	await openChat(later, `${relay.url}/`);
	await expect(articles(later, 'Reminder')).toContainText(/take the pasta off/i);
	await expect(articles(later, 'Reminder')).toHaveCount(1);
});

test('a test notification arrives; once the push service says that the subscription is gone, the relay forgets it', async ({
	push,
	relay,
	firefox,
}) => {
	const page = await firefox.newPage();
	await openChat(page, `${relay.url}/`);
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('button', { name: 'Turn on notifications' }).click();
	const sendTest = page.getByRole('button', { name: 'Send a test notification' });
	await sendTest.click();
	await expect(page.getByText('Sent. It should appear within a few seconds.')).toBeVisible();
	await expect.poll(() => shownNotifications(page)).toEqual([expect.stringContaining('Notifications work.')]);
	expect(await relay.metric('push_subscriptions')).toBe(1);

	push.answerNext(410);
	await sendTest.click();
	await expect(page.getByText(/The test could not be sent/)).toBeVisible();
	expect(await relay.metric('push_subscriptions')).toBe(0);
	expect(await relay.metric('pushes_total{kind="gone"}')).toBe(1);
	expect(push.pushes).toHaveLength(1);
});
