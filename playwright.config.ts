import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, findBrowser } from './scripts/browsers.ts';

const executablePath = findBrowser('chromium');

export default defineConfig({
	testDir: 'e2e',
	timeout: 60_000,
	expect: { timeout: 10_000 },
	workers: 2,
	fullyParallel: true,
	retries: 0,
	forbidOnly: Boolean(process.env.CI),
	reporter: [['list']],
	use: {
		launchOptions: { args: CHROMIUM_ARGS, ...(executablePath ? { executablePath } : {}) },
		locale: 'en-GB',
		timezoneId: 'Europe/Athens',
		screenshot: 'only-on-failure',
	},
	projects: [{ name: 'chromium' }],
});
