import { type Browser, type BrowserContext, firefox } from '@playwright/test';
import { findBrowser } from '../../scripts/browsers.ts';
import type { MozillaPushService } from './mozilla-push-service.ts';

/**
 * Firefox with real push through the given service, and a page kept open so that closing the app's ends no session.
 * A trusted host is this machine, whatever its certificate.
 */
export async function launchFirefox(
	service: MozillaPushService,
	options: { readonly trustedHost?: string } = {},
): Promise<{ readonly browser: Browser; readonly context: BrowserContext } & AsyncDisposable> {
	const executablePath = findBrowser('firefox');
	if (!executablePath) throw new Error('no Firefox: run the tests through `npm test`, which installs or names it');
	const browser = await firefox.launch({
		channel: 'moz-firefox',
		executablePath,
		firefoxUserPrefs: {
			'dom.push.serverURL': service.url,
			'dom.push.testing.allowInsecureServerURL': true,
			// WebDriver switches push off otherwise.
			'dom.push.connection.enabled': true,
			'permissions.default.desktop-notification': 1,
			// Without D-Bus there is no system backend to show a notification.
			'alerts.useSystemBackend': false,
			...(options.trustedHost && { 'network.dns.localDomains': options.trustedHost }),
		},
	});
	const context = await browser.newContext({
		locale: 'en-GB',
		timezoneId: 'Europe/Athens',
		ignoreHTTPSErrors: options.trustedHost !== undefined,
	});
	await context.newPage();
	return { browser, context, [Symbol.asyncDispose]: () => browser.close() };
}
