import { chromium } from '@playwright/test';
import { ensureProgram, findProgram, type Program } from './programs.ts';

/** Browsers the tests drive: where each may be, and the Debian package that brings it. */
const BROWSERS = {
	chromium: {
		name: 'chromium',
		variable: 'CHROMIUM_PATH',
		paths: ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser', chromium.executablePath()],
		package: 'chromium',
	},
	firefox: {
		name: 'firefox',
		variable: 'FIREFOX_PATH',
		paths: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
		package: 'firefox-esr',
	},
} satisfies Readonly<Record<string, Program>>;

export type BrowserName = keyof typeof BROWSERS;

/** Path of a browser: an environment variable's, the system's, or (Chromium only) Playwright's own; else undefined. */
export function findBrowser(name: BrowserName): string | undefined {
	return findProgram(BROWSERS[name]);
}

/** Finds a browser, installing Debian's package when run by root on Debian; otherwise throws a sentence that says what to do. */
export function ensureBrowser(name: BrowserName): string {
	return ensureProgram(BROWSERS[name]);
}

/** Arguments that let Chromium run headless in a container without a network. */
export const CHROMIUM_ARGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];
