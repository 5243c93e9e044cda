import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { readConfig } from './config.ts';
import { createJsonLog } from './json-log.ts';
import { isLoopbackHost } from './loopback.ts';
import { startServer } from './server.ts';

/** The relay as a process: configuration from the environment, one line on stdout, logs on stderr. */

const HELP = `npm start, or: node apps/sync/src/main.ts      runs the relay; settings are environment variables:

PORT (8787), HOST (127.0.0.1), DATA_DIR (./data), PUBLIC_URL, INVITE_TOKEN, VAPID_SUBJECT, PUSH_HOSTS, LOG_LEVEL

Who others can reach takes new spaces by invitation only: "npm run relay:invite" prints one for a single space,
INVITE_TOKEN is one for any number. "npm run relay:backup -- --help" and "relay:restore" tell of backups. README.md
says what each variable means.`;

if (process.argv.includes('--help')) {
	console.log(HELP);
	process.exit(0);
}
const config = readConfig(process.env);
if (!config.ok) quit(config.error);
const { host, inviteToken, publicUrl, logLevel } = config.value;

const clock = createSystemClock();
const log = createJsonLog({ clock, write: (line) => void process.stderr.write(line) }, { level: logLevel });
const server = await startServer({ clock, random: createSystemRandom(), log }, config.value);
if (!server.ok) quit(server.error);

console.log(`Pocketeer is running at ${server.value.httpUrl}`);
if ((!isLoopbackHost(host) || publicUrl !== undefined) && inviteToken === undefined) {
	console.log('Others can reach it, so new spaces need an invitation: "npm run relay:invite" prints one.');
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
