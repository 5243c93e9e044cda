import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { Hono } from 'hono';
import { createAppender } from './connection/appender.ts';
import { type Connection, type ConnectionDeps, createConnection } from './connection/connection.ts';
import { createDeletions } from './connection/deletions.ts';
import { createHub } from './connection/hub.ts';
import { createKnownLists } from './connection/known-lists.ts';
import { createMailboxes } from './connection/mailboxes.ts';
import { createPruner, type PruneRules } from './connection/pruner.ts';
import { createSightings } from './connection/sightings.ts';
import type { Pace } from './connection/token-bucket.ts';
import { createRoutes } from './http/routes.ts';
import { createSockets, type Opening, type Sockets } from './http/sockets.ts';
import { isLoopbackHost } from './loopback.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { EndpointRules } from './push/endpoint-rules.ts';
import type { PushClientDep } from './push/push-client.ts';
import { createPusher } from './push/pusher.ts';
import type { VapidKeys } from './push/vapid.ts';
import { CLAIM_MEMORY_MS } from './store/claim-store.ts';
import type { Database } from './store/database.ts';
import type { RelayStores } from './store/stores.ts';
import { createWakeClock } from './wakes/wake-clock.ts';

/** The relay without its port: HTTP as a Hono app, WebSockets as an upgrade handler. */
export interface Relay {
	readonly app: Hono;
	readonly upgrade: Sockets['upgrade'];
	/** One connection over whatever carries frames: what sockets use, and a test without a network. */
	connect(opening: Opening): Connection;
	/** Resolves when everything due has fired and been pushed once; for tests that move the clock. */
	settled(): Promise<void>;
	/** Says goodbye to every connection and finishes what was begun. The stores stay open, and their owner's. */
	close(): Promise<void>;
}

export type RelayDeps = ClockDep &
	RandomDep &
	LogDep &
	PushClientDep & {
		readonly stores: RelayStores;
		/** What the stores lie in, as a whole. */
		readonly database: Pick<Database, 'isHealthy' | 'checkpoint'> & Partial<Pick<Database, 'sizeBytes'>>;
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
	/** Origin at which people reach the relay; undefined: whatever they say. */
	readonly publicUrl?: string | undefined;
	readonly inviteToken: string | undefined;
	readonly vapidSubject: string;
	readonly socketsPerSpace?: number;
	/** Messages one connection may send. */
	readonly pace?: Pace;
	/** When bodies of entries are dropped (SY17). */
	readonly prune?: PruneRules;
}

const SOCKETS_PER_SPACE = 64;
const GOODBYE_MS = 400;

/** Puts the relay together and starts its clocks. */
export function createRelay(deps: RelayDeps, options: RelayOptions): Relay {
	const { clock, stores } = deps;
	const metrics = createMetrics();
	const hub = createHub();
	void stores.claimStore.prune(clock.now() - CLAIM_MEMORY_MS);

	const base = { ...deps, ...stores, metrics, hub };
	const pusher = createPusher(base, options);
	const wakeClock = createWakeClock({
		...base,
		fired({ space, id, due }) {
			for (const member of hub.members(space)) if (member.device !== null) member.send({ type: 'fired', id, due });
			pusher.look();
		},
	});
	const appender = createAppender({
		...base,
		committed(run) {
			for (const member of hub.members(run.space)) member.committed(run);
		},
	});
	const knownLists = createKnownLists(base);
	const sightings = createSightings(base);
	const mailboxes = createMailboxes(base);
	const deletions = createDeletions({ ...base, checkpoint: (how) => deps.database.checkpoint(how) });
	const pruner = createPruner(base, options.prune);

	const services = { ...base, knownLists, sightings, mailboxes, deletions, pusher, wakeClock, appender };
	const connect = createDoor(services, options);
	const sockets = createSockets({ clock, connect });
	metrics.gauge('connections', () => sockets.count());
	metrics.gauge('mailboxes', () => mailboxes.count());
	registerGauges(metrics, deps);

	return {
		app: createRoutes({ metrics, isHealthy: () => deps.database.isHealthy() }, options),
		upgrade: sockets.upgrade,
		connect,
		async settled() {
			await wakeClock.settled();
			await pusher.settled();
			await appender.settled();
			await deletions.settled();
			await pruner.settled();
		},
		async close() {
			for (const part of [wakeClock, pusher, pruner, deletions]) part[Symbol.dispose]();
			await sockets.close(GOODBYE_MS);
			await appender.settled();
			await pruner.settled();
			await sightings.flush();
			sightings[Symbol.dispose]();
			deps.log.info('stopped');
		},
	};
}

/** Everything a connection asks for, on its own line. */
function createDoor(
	services: ConnectionDeps & { readonly vapidKeys: VapidKeys },
	options: RelayOptions,
): (opening: Opening) => Connection {
	const { timeline, publicUrl, inviteToken, pace, socketsPerSpace = SOCKETS_PER_SPACE } = options;
	const vapidKey = services.vapidKeys.publicKey;
	const isHere = isLoopbackHost(options.host) && isLocalOrigin(publicUrl);
	return ({ peer, origin, trusted }) => {
		services.metrics.count('connections_total');
		const founding = { inviteToken, isLocal: isHere && isLocalOrigin(origin) };
		const own = { peer, founding, onReady: trusted };
		return createConnection(services, { ...own, timeline, publicUrl, vapidKey, socketsPerSpace, pace });
	};
}

function registerGauges(
	metrics: Metrics,
	{ clock, stores, database }: Pick<RelayDeps, 'clock' | 'stores' | 'database'>,
): void {
	const startedAt = clock.now();
	metrics.gauge('spaces', () => stores.spaceStore.count());
	metrics.gauge('stored_bytes', () => database.sizeBytes?.() ?? 0);
	metrics.gauge('wakes_pending', () => stores.wakeStore.countPending());
	metrics.gauge('push_subscriptions', () => stores.pushStore.countSubscriptions());
	metrics.gauge('uptime_seconds', () => Math.round((clock.now() - startedAt) / 1000));
}

/**
 * A page of another site can reach loopback, too, and so can everybody through a proxy on this machine, which PUBLIC_URL
 * tells of; neither must fill this machine's disk with spaces.
 */
function isLocalOrigin(origin: string | undefined): boolean {
	if (origin === undefined) return true;
	return URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname);
}
