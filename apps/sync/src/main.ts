import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { readConfig } from './config.ts';
import { createJsonLog } from './json-log.ts';
import { isLoopbackHost } from './loopback.ts';
import { startServer } from './server.ts';

/** The relay as a process: configuration from the environment, one line on stdout, logs on stderr. */

const config = readConfig(process.env);
if (!config.ok) quit(config.error);
const { host, inviteToken, logLevel } = config.value;

const clock = createSystemClock();
const log = createJsonLog({ clock, write: (line) => void process.stderr.write(line) }, { level: logLevel });
const server = await startServer({ clock, random: createSystemRandom(), log }, config.value);
if (!server.ok) quit(server.error);

console.log(`Pocketeer is running at ${server.value.httpUrl}`);
if (!isLoopbackHost(host) && inviteToken === undefined) {
	console.log('Others can reach it, so new spaces need an invitation: set INVITE_TOKEN to let somebody in.');
}

/** Ctrl-C under npm can arrive twice at once; later than this, a second one means now. */
const IMPATIENCE_MS = 1_000;
let stoppingSince: number | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.on(signal, () => {
		if (stoppingSince !== undefined) {
			if (performance.now() - stoppingSince > IMPATIENCE_MS) process.exit(1);
			return;
		}
		stoppingSince = performance.now();
		void server.value.stop().then(() => process.exit(0));
	});
}

function quit(sentence: string): never {
	console.error(sentence);
	process.exit(1);
}
