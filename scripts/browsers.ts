import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

/** Browsers the tests drive: where each may be, and the Debian package that brings it. */
const BROWSERS = {
	chromium: {
		variable: 'CHROMIUM_PATH',
		paths: ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'],
		package: 'chromium',
	},
	firefox: {
		variable: 'FIREFOX_PATH',
		paths: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
		package: 'firefox-esr',
	},
} as const;

export type BrowserName = keyof typeof BROWSERS;

/** Path of a browser: an environment variable's, the system's, or (Chromium only) Playwright's own; else undefined. */
export function findBrowser(name: BrowserName): string | undefined {
	const { variable, paths } = BROWSERS[name];
	const named = process.env[variable];
	if (named) return named;
	const own = name === 'chromium' ? [chromium.executablePath()] : [];
	return [...paths, ...own].find((path) => path && existsSync(path));
}

/** Finds a browser, installing Debian's package when run by root on Debian; otherwise throws a sentence that says what to do. */
export function ensureBrowser(name: BrowserName): string {
	const present = findBrowser(name);
	if (present) return present;
	const { variable, package: debianPackage } = BROWSERS[name];
	if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
		console.log(`Installing ${debianPackage} for the browser tests …`);
		const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
		spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
		execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', debianPackage], {
			stdio: ['ignore', 'ignore', 'inherit'],
			env,
		});
		const installed = findBrowser(name);
		if (installed) return installed;
	}
	throw new Error(
		`The browser tests need ${name}: install it (Debian: apt-get install ${debianPackage}) or set ${variable} to its path.`,
	);
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
