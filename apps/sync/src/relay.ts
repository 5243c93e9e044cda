import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { Hono } from 'hono';
import { createAppender } from './connection/appender.ts';
import { createConnection } from './connection/connection.ts';
import { createHub } from './connection/hub.ts';
import type { Pace } from './connection/token-bucket.ts';
import { createRoutes } from './http/routes.ts';
import { createSockets, type Sockets } from './http/sockets.ts';
import { isLoopbackHost } from './loopback.ts';
import { createMetrics } from './metrics.ts';
import type { EndpointRules } from './push/endpoint-rules.ts';
import type { PushClientDep } from './push/push-client.ts';
import { createPusher } from './push/pusher.ts';
import type { VapidKeys } from './push/vapid.ts';
import { createSqliteClaimStore } from './store/claim-store.ts';
import type { Database } from './store/database.ts';
import { createSqlitePushStore } from './store/push-store.ts';
import { createSqliteSpaceStore } from './store/space-store.ts';
import { createSqliteLogStore } from './store/sqlite-log-store.ts';
import { createSqliteWakeStore } from './store/wake-store.ts';
import { createWakeClock } from './wakes/wake-clock.ts';

/** The relay without its port: HTTP as a Hono app, WebSockets as an upgrade handler. */
export interface Relay {
	readonly app: Hono;
	readonly upgrade: Sockets['upgrade'];
	/** Resolves when everything due has fired and been pushed once; for tests that move the clock. */
	settled(): Promise<void>;
	/** Says goodbye to every connection and finishes what was begun. The database stays open, and its owner's. */
	close(): Promise<void>;
}

export type RelayDeps = ClockDep &
	RandomDep &
	LogDep &
	PushClientDep & {
		readonly database: Database;
		readonly rules: EndpointRules;
		readonly vapidKeys: VapidKeys;
		/** Runs a function after the frames at hand were read: `setImmediate`. */
		readonly defer: (run: () => void) => void;
	};

export interface RelayOptions {
	readonly version: string;
	/** Names this log; see `openTimeline`. */
	readonly timeline: string;
	/** Where the built app lies. */
	readonly webRoot: string;
	/** The address listened on; founding spaces is open on loopback. */
	readonly host: string;
	readonly inviteToken: string | undefined;
	readonly vapidSubject: string;
	/** Bytes one space may keep; default LIMITS.spaceBytes. */
	readonly quotaBytes?: number;
	readonly socketsPerSpace?: number;
	/** Messages one connection may send. */
	readonly pace?: Pace;
}

const SOCKETS_PER_SPACE = 64;
const GOODBYE_MS = 400;
/** A claim is asked about within days; after this it is history. */
const CLAIM_MEMORY_MS = 90 * 24 * 60 * 60_000;

/** Puts the relay together and starts its clocks. */
export function createRelay(deps: RelayDeps, options: RelayOptions): Relay {
	const { clock, log, database } = deps;
	const startedAt = clock.now();
	const metrics = createMetrics();
	const hub = createHub();
	const logStore = createSqliteLogStore(
		{ database },
		options.quotaBytes === undefined ? {} : { quotaBytes: options.quotaBytes },
	);
	const spaceStore = createSqliteSpaceStore({ database });
	const wakeStore = createSqliteWakeStore({ database });
	const pushStore = createSqlitePushStore({ database });
	const claimStore = createSqliteClaimStore({ database });
	void claimStore.prune(startedAt - CLAIM_MEMORY_MS);

	const pusher = createPusher({ ...deps, metrics, pushStore }, options);
	const wakeClock = createWakeClock({
		...deps,
		metrics,
		wakeStore,
		fired({ space, id, due }) {
			for (const member of hub.members(space)) if (member.device !== null) member.send({ type: 'fired', id, due });
			pusher.look();
		},
	});
	const appender = createAppender({
		...deps,
		metrics,
		logStore,
		committed(run) {
			for (const member of hub.members(run.space)) member.committed(run);
		},
	});

	const stores = { logStore, spaceStore, wakeStore, pushStore, claimStore };
	const services = { ...deps, ...stores, metrics, hub, pusher, wakeClock, appender };
	const sockets = createSockets({
		clock,
		connect({ peer, origin, trusted }) {
			metrics.count('connections_total');
			return createConnection(
				{
					...services,
					peer,
				},
				{
					timeline: options.timeline,
					vapidKey: deps.vapidKeys.publicKey,
					founding: {
						inviteToken: options.inviteToken,
						isLocal: isLoopbackHost(options.host) && isLocalOrigin(origin),
					},
					socketsPerSpace: options.socketsPerSpace ?? SOCKETS_PER_SPACE,
					pace: options.pace,
					onReady: trusted,
				},
			);
		},
	});

	metrics.gauge('connections', () => sockets.count());
	metrics.gauge('spaces', () => spaceStore.count());
	metrics.gauge('wakes_pending', () => wakeStore.countPending());
	metrics.gauge('push_subscriptions', () => pushStore.countSubscriptions());
	metrics.gauge('uptime_seconds', () => Math.round((clock.now() - startedAt) / 1000));

	return {
		app: createRoutes({ metrics, isHealthy: () => database.isHealthy() }, options),
		upgrade: sockets.upgrade,
		async settled() {
			await wakeClock.settled();
			await pusher.settled();
			await appender.settled();
		},
		async close() {
			wakeClock[Symbol.dispose]();
			pusher[Symbol.dispose]();
			await sockets.close(GOODBYE_MS);
			await appender.settled();
			log.info('stopped');
		},
	};
}

/** A page of another site can reach loopback, too; it must not fill this machine's disk with spaces. */
function isLocalOrigin(origin: string | undefined): boolean {
	if (origin === undefined) return true;
	return URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname);
}
