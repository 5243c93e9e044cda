import type { Page } from '@playwright/test';
import { launchFirefox } from './support/firefox.ts';
import { articles, test as base, expect, openChat, say } from './support/fixtures.ts';
import { type MozillaPushService, startMozillaPushService } from './support/mozilla-push-service.ts';
import { startRelayProcess } from './support/relay-process.ts';

const test = base.extend<{ push: MozillaPushService }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the first argument
	push: async ({}, use) => {
		await using push = await startMozillaPushService();
		await use(push);
	},
	relay: async ({ push }, use) => {
		await using relay = await startRelayProcess({ PUSH_HOSTS: push.origin });
		await use(relay);
	},
});

test('at the due second a real push shows the reminder’s text with every tab of the app closed', async ({
	push,
	relay,
}) => {
	await using firefox = await launchFirefox(push);
	const page = await firefox.context.newPage();
	await openChat(page, `${relay.url}/`);
	await say(page, 'remind me in 8 seconds to take the pasta off');
	await expect(articles(page, 'Clerk').last()).toContainText('Reminder set');
	await page.getByRole('button', { name: 'Turn on notifications' }).click();
	await expect(page.getByText(/notifications are on/i)).toBeVisible();
	const delivered = push.nextAck();
	await page.close();

	await delivered;
	expect(push.pushes).toHaveLength(1);
	expect(push.pushes[0]?.body.includes('pasta')).toBe(false);
	expect(push.pushes[0]?.headers).toMatchObject({ urgency: 'high' });
	const shown = await shownNotifications(await firefox.context.newPage(), relay.url);
	expect(shown).toEqual([expect.objectContaining({ text: expect.stringMatching(/take the pasta off/i) })]);
	expect(relay.log()).not.toContain('pasta');

	const later = await firefox.context.newPage();
	await openChat(later, `${relay.url}/`);
	await expect(articles(later, 'Reminder')).toContainText(/take the pasta off/i);
	await expect(articles(later, 'Reminder')).toHaveCount(1);
});

/** What the worker has on display, asked from a page of the origin that is not the app. */
async function shownNotifications(page: Page, url: string): Promise<{ text: string }[]> {
	await page.goto(`${url}/healthz`);
	return page.evaluate(async () => {
		const registration = await navigator.serviceWorker.getRegistration('/');
		const deadline = Date.now() + 10_000;
		while (registration && Date.now() < deadline) {
			const shown = await registration.getNotifications();
			if (shown.length > 0) return shown.map(({ title, body }) => ({ text: `${title} ${body}` }));
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		return [];
	});
}
