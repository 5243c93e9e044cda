import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@pocketeer/core/ports/clock';
import type { Log } from '@pocketeer/core/ports/log';
import { SYNC_PATH } from '@pocketeer/core/protocol/messages';
import { createSystemClock, createSystemRandom } from '@pocketeer/core/system';
import { readConfig } from './config.ts';
import type { PruneRules } from './connection/pruner.ts';
import type { Pace } from './connection/token-bucket.ts';
import type { PushClient } from './push/push-client.ts';
import { type RunningServer, startServer } from './server.ts';

/** A real relay on a free loopback port, for tests. */
export interface TestRelay extends AsyncDisposable {
	/** The WebSocket endpoint: `ws://localhost:…/v1/sync`. */
	readonly url: string;
	/** The origin: `http://localhost:…`. */
	readonly httpUrl: string;
	readonly dataDir: string;
	/** Resolves when everything due has fired and been pushed once. */
	settled(): Promise<void>;
	/** Stops it, and removes the data folder unless it was given. Stopping twice is fine. */
	stop(): Promise<void>;
}

export interface TestRelayOptions {
	/** Environment as an operator would set it: INVITE_TOKEN, PUSH_HOSTS, PORT (0 when left out) … */
	readonly env?: Readonly<Record<string, string>>;
	/** Kept at `stop`, so that a relay can be started again on it. A fresh temporary folder when left out. */
	readonly dataDir?: string;
	/** The system's clock when left out. */
	readonly clock?: Clock;
	/** Silent when left out. */
	readonly log?: Log;
	/** Stands in for the push services; the real HTTP client when left out. */
	readonly pushClient?: PushClient;
	/** Folder of a built app; the real one when left out. */
	readonly webRoot?: string;
	readonly quotaBytes?: number;
	readonly socketsPerSpace?: number;
	readonly pace?: Pace;
	readonly prune?: PruneRules;
}

/** Starts a relay in this process; throws the sentence an operator would read when it cannot. */
export async function startRelay(options: TestRelayOptions = {}): Promise<TestRelay> {
	const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'pocketeer-relay-')));
	const config = readConfig({ PORT: '0', ...options.env, DATA_DIR: dataDir });
	if (!config.ok) throw new Error(config.error);
	const { webRoot, quotaBytes, socketsPerSpace, pace, prune, pushClient } = options;
	const server = await startServer(
		{
			clock: options.clock ?? createSystemClock(),
			random: createSystemRandom(),
			log: options.log ?? { info: () => undefined, warn: () => undefined },
			...(pushClient && { pushClient }),
		},
		config.value,
		{
			...(webRoot !== undefined && { webRoot }),
			...(quotaBytes !== undefined && { quotaBytes }),
			...(socketsPerSpace !== undefined && { socketsPerSpace }),
			...(pace && { pace }),
			...(prune && { prune }),
		},
	);
	if (!server.ok) throw new Error(server.error);

	const { httpUrl, relay } = server.value;
	let stopped: Promise<void> | undefined;
	const stop = () => {
		stopped ??= stopServer(server.value, options.dataDir === undefined ? dataDir : undefined);
		return stopped;
	};
	return {
		url: `${httpUrl.replace(/^http/, 'ws')}${SYNC_PATH}`,
		httpUrl,
		dataDir,
		settled: () => relay.settled(),
		stop,
		[Symbol.asyncDispose]: stop,
	};
}

async function stopServer(server: RunningServer, folder: string | undefined): Promise<void> {
	await server.stop();
	if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
