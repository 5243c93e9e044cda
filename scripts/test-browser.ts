import { spawnSync } from 'node:child_process';
import { ensureBrowser } from './browsers.ts';
import { ensureProgram, PROXY_PROGRAMS } from './programs.ts';

// Runs the browser tests against the built app, after making sure that there are browsers to run them in, and the
// proxies that an operator puts in front of a relay.
try {
	const env: NodeJS.ProcessEnv = {
		...process.env,
		CHROMIUM_PATH: ensureBrowser('chromium'),
		FIREFOX_PATH: ensureBrowser('firefox'),
	};
	for (const program of Object.values(PROXY_PROGRAMS)) env[program.variable] = ensureProgram(program);
	const run = spawnSync('playwright', ['test', ...process.argv.slice(2)], { stdio: 'inherit', env });
	process.exitCode = run.status ?? 1;
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
