import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '@pocketeer/core/ports/clock';
import type { Log } from '@pocketeer/core/ports/log';
import type { Random } from '@pocketeer/core/ports/random';
import { err, ok, type Result } from '@pocketeer/core/result';
import type { Config } from './config.ts';
import { httpUrlOf, isLoopbackHost } from './loopback.ts';
import { createPushClient, type PushClient } from './push/push-client.ts';
import { openVapidKeys, type VapidKeys } from './push/vapid.ts';
import { createRelay, type Relay, type RelayOptions } from './relay.ts';
import { type Database, openDatabase } from './store/database.ts';
import { createSqliteStores, type StoresOptions } from './store/stores.ts';
import { openTimeline } from './timeline.ts';
import { VERSION } from './version.ts';

/** A relay that listens. */
export interface RunningServer {
	/** Such as `http://localhost:8787`. */
	readonly httpUrl: string;
	readonly relay: Relay;
	/** Stops accepting, says goodbye, and leaves one complete database file behind; takes less than a second. */
	stop(): Promise<void>;
}

/** The outside world of a server. `pushClient` is the real one when left out. */
export interface ServerDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
	readonly pushClient?: PushClient;
}

const WEB_ROOT = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Opens the data folder and listens; the error is a sentence for the operator. */
export async function startServer(
	deps: ServerDeps,
	config: Config,
	overrides: StoresOptions & Partial<Pick<RelayOptions, 'webRoot' | 'socketsPerSpace' | 'pace' | 'prune'>> = {},
): Promise<Result<RunningServer, string>> {
	const { dataDir, host } = config;
	try {
		mkdirSync(dataDir, { recursive: true, mode: 0o700 });
	} catch (error) {
		return err(
			`The data folder ${dataDir} cannot be made (${codeOf(error)}). Set DATA_DIR to one that can be written.`,
		);
	}
	const path = join(dataDir, 'relay.sqlite');
	const database = openDatabase(path);
	if (!database.ok) return err(`The database ${path} cannot be opened: ${database.error.reason}.`);
	const own = openOwnFiles(deps, database.value, dataDir);
	if (!own.ok) {
		database.value[Symbol.dispose]();
		return own;
	}
	const { vapidKeys, timeline } = own.value;

	const relay = createRelay(
		{
			pushClient: createPushClient(config),
			...deps,
			stores: createSqliteStores({ database: database.value, defer: setImmediate }, overrides),
			database: database.value,
			rules: config.rules,
			vapidKeys,
			defer: setImmediate,
		},
		{
			version: VERSION,
			timeline,
			webRoot: WEB_ROOT,
			host,
			publicUrl: config.publicUrl,
			inviteToken: config.inviteToken,
			vapidSubject: config.vapidSubject,
			...overrides,
		},
	);
	const close = async () => {
		await relay.close();
		database.value[Symbol.dispose]();
	};

	const server = createServer(getRequestListener(relay.app.fetch, { overrideGlobalObjects: false }));
	server.on('upgrade', relay.upgrade);
	const port = await listen(server, config);
	if (!port.ok) {
		await close();
		return port;
	}
	deps.log.info('started', { port: port.value, isLoopback: isLoopbackHost(host) });
	return ok({
		httpUrl: httpUrlOf(host, port.value),
		relay,
		async stop() {
			server.close();
			server.closeIdleConnections();
			await close();
			server.closeAllConnections();
		},
	});
}

/** What lies beside the database; on a disk that is full or protected a sentence, and nothing is replaced. */
function openOwnFiles(
	deps: ServerDeps,
	database: Database,
	dataDir: string,
): Result<{ readonly vapidKeys: VapidKeys; readonly timeline: string }, string> {
	try {
		const vapidKeys = openVapidKeys(join(dataDir, 'vapid.json'));
		if (!vapidKeys.ok) return vapidKeys;
		const timeline = openTimeline({ ...deps, database, path: join(dataDir, 'starts.json') });
		return ok({ vapidKeys: vapidKeys.value, timeline });
	} catch (error) {
		return err(
			`The data folder ${dataDir} cannot be written (${codeOf(error)}). Make room on its disk and check who owns it.`,
		);
	}
}

function listen(server: Server, { port, host }: Config): Promise<Result<number, string>> {
	return new Promise((resolve) => {
		server.once('error', (error) => {
			const code = codeOf(error);
			if (code === 'EADDRINUSE') {
				resolve(err(`Port ${port} is in use already. Stop what uses it, or set PORT to another number.`));
			} else if (code === 'EACCES') {
				resolve(err(`Port ${port} may not be used without more rights. Set PORT to a number above 1023.`));
			} else {
				resolve(err(`The relay cannot listen on ${host}, port ${port} (${code}). Check HOST and PORT.`));
			}
		});
		server.listen(port, host, () => {
			const address = server.address();
			resolve(ok(typeof address === 'object' && address !== null ? address.port : port));
		});
	});
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
