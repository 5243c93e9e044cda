import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type BrowserContext, chromium } from '@playwright/test';
import { CHROMIUM_ARGS, findBrowser } from '../../scripts/browsers.ts';

/** A Chromium of its own process and profile, which can be killed as the system kills one. */
export interface ChromiumProcess {
	readonly context: BrowserContext;
	/** SIGKILL: nothing in the browser gets to say goodbye. Resolves when the process is gone. */
	kill(): Promise<void>;
}

/** Starts Chromium on a profile folder, which survives it. */
export async function launchChromium(profile: string): Promise<ChromiumProcess> {
	const path = findBrowser('chromium');
	if (!path) throw new Error('no Chromium: run the tests through `npm test`, which installs or names it');
	const browserProcess = spawn(
		path,
		[...CHROMIUM_ARGS, '--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
		// A group of its own, so that its renderers die with it.
		{ stdio: ['ignore', 'ignore', 'pipe'], detached: true },
	);
	const exited = new Promise<void>((resolve) => browserProcess.once('exit', () => resolve()));
	const endpoint = await new Promise<string>((resolve, reject) => {
		browserProcess.once('exit', (code) => reject(new Error(`Chromium ended with ${code}`)));
		createInterface({ input: browserProcess.stderr }).on('line', (line) => {
			const address = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
			if (address) resolve(address);
		});
	});
	const browser = await chromium.connectOverCDP(endpoint);
	const [context] = browser.contexts();
	if (!context) throw new Error('Chromium has no default context');
	return {
		context,
		async kill() {
			if (browserProcess.pid !== undefined) process.kill(-browserProcess.pid, 'SIGKILL');
			await exited;
		},
	};
}
