import { spawnSync } from 'node:child_process';
import { ensureBrowser } from './browsers.ts';

// Runs the browser tests against the built app, after making sure that there are browsers to run them in.
try {
	const env = { ...process.env, CHROMIUM_PATH: ensureBrowser('chromium'), FIREFOX_PATH: ensureBrowser('firefox') };
	const run = spawnSync('playwright', ['test', ...process.argv.slice(2)], { stdio: 'inherit', env });
	process.exitCode = run.status ?? 1;
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
