import type { BrowserContext, Page } from '@playwright/test';
import { launchFirefox } from './firefox.ts';
import { test as base } from './fixtures.ts';
import { type MozillaPushService, startMozillaPushService } from './mozilla-push-service.ts';
import { startRelayProcess } from './relay-process.ts';

/** Every test has a push service, a relay that may send to it, and a Firefox that listens to it. */
export const test = base.extend<{ push: MozillaPushService; firefox: BrowserContext }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the first argument
	push: async ({}, use) => {
		await using push = await startMozillaPushService();
		await use(push);
	},
	relay: async ({ push }, use) => {
		await using relay = await startRelayProcess({ PUSH_HOSTS: push.origin });
		await use(relay);
	},
	firefox: async ({ push }, use) => {
		await using firefox = await launchFirefox(push);
		await use(firefox.context);
	},
});

/** Text of every notification on display, asked from any page of the origin. */
export function shownNotifications(page: Page): Promise<string[]> {
	return page.evaluate(async () => {
		const registration = await navigator.serviceWorker.getRegistration('/');
		const shown = (await registration?.getNotifications()) ?? [];
		return shown.map(({ title, body }) => `${title} ${body}`);
	});
}
