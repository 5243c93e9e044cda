import type { Bytes } from '@pocketeer/core/bytes';
import type { DeviceId, SpaceId, WakeId } from '@pocketeer/core/ids';
import type { PushSubscriptionFields } from '@pocketeer/core/protocol/messages';
import { blob, type Database, integer, type Row, text } from './database.ts';

/** Where to push, and what is still to be pushed. A delivery outlives a restart: what fired is not forgotten. */
export interface PushStore {
	/** One subscription per device and space; the same endpoint under another device of the space is replaced. */
	putSubscription(space: SpaceId, device: DeviceId, subscription: PushSubscriptionFields): Promise<void>;
	/** Also drops what was to be pushed there. */
	removeSubscription(space: SpaceId, device: DeviceId): Promise<void>;
	/** Removes those of devices that are not in `devices`. */
	keepOnly(space: SpaceId, devices: readonly DeviceId[]): Promise<void>;
	subscription(space: SpaceId, device: DeviceId): Promise<PushSubscriptionFields | undefined>;
	countSubscriptions(): Promise<number>;

	/** Deliveries to try at or before `now`, of wakes not dropped since, earliest first. */
	dueDeliveries(now: number, limit: number): Promise<readonly Delivery[]>;
	/** The earliest moment a delivery waits for. */
	earliestDelivery(): Promise<number | undefined>;
	retryDelivery(id: number, at: number): Promise<void>;
	endDelivery(id: number): Promise<void>;
	/** Drops subscriptions and deliveries of a space. */
	deleteSpace(space: SpaceId): Promise<void>;
}
export interface PushStoreDep {
	readonly pushStore: PushStore;
}

export interface Delivery {
	readonly id: number;
	readonly space: SpaceId;
	readonly device: DeviceId;
	readonly wake: WakeId;
	readonly due: number;
	readonly expires: number;
	/** Attempts made so far. */
	readonly attempt: number;
	/** The wake's payload as it is now: sealed again since, perhaps. */
	readonly payload: Bytes;
	readonly subscription: PushSubscriptionFields;
}

/** Subscriptions and deliveries in SQLite. */
export function createSqlitePushStore(deps: { readonly database: Database }): PushStore {
	const { database } = deps;
	const put = database.prepare(
		`INSERT OR REPLACE INTO subscriptions (space, device, endpoint, p256dh, auth, app_url) VALUES (?, ?, ?, ?, ?, ?)`,
	);
	const removeTwins = database.prepare('DELETE FROM subscriptions WHERE space = ? AND endpoint = ? AND device <> ?');
	const remove = database.prepare('DELETE FROM subscriptions WHERE space = ? AND device = ?');
	const removeDeliveries = database.prepare('DELETE FROM deliveries WHERE space = ? AND device = ?');
	const devices = database.prepare('SELECT device FROM subscriptions WHERE space = ?');
	const find = database.prepare('SELECT * FROM subscriptions WHERE space = ? AND device = ?');
	const count = database.prepare('SELECT count(*) AS subscriptions FROM subscriptions');
	const dueDeliveries = database.prepare(
		`SELECT d.*, w.payload, s.endpoint, s.p256dh, s.auth, s.app_url FROM deliveries d
		 JOIN wakes w ON w.space = d.space AND w.id = d.wake AND w.dropped = 0
		 JOIN subscriptions s ON s.space = d.space AND s.device = d.device
		 WHERE d.at <= ? ORDER BY d.at LIMIT ?`,
	);
	// A delivery whose wake was dropped, or whose device left, waits for nothing.
	const removeOrphans = database.prepare(
		`DELETE FROM deliveries AS d WHERE at <= ? AND (
			NOT EXISTS (SELECT 1 FROM wakes w WHERE w.space = d.space AND w.id = d.wake AND w.dropped = 0) OR
			NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.space = d.space AND s.device = d.device))`,
	);
	const earliest = database.prepare('SELECT min(at) AS at FROM deliveries');
	const retry = database.prepare('UPDATE deliveries SET at = ?, attempt = attempt + 1 WHERE id = ?');
	const removeSubscriptions = database.prepare('DELETE FROM subscriptions WHERE space = ?');
	const removeAllDeliveries = database.prepare('DELETE FROM deliveries WHERE space = ?');
	const end = database.prepare('DELETE FROM deliveries WHERE id = ?');

	function removeDevice(space: SpaceId, device: string): void {
		remove.run(space, device);
		removeDeliveries.run(space, device);
	}

	return {
		async putSubscription(space, device, { endpoint, p256dh, auth, appUrl }) {
			database.transaction(() => {
				removeTwins.run(space, endpoint, device);
				put.run(space, device, endpoint, p256dh, auth, appUrl);
			});
		},
		async removeSubscription(space, device) {
			database.transaction(() => removeDevice(space, device));
		},
		async keepOnly(space, kept) {
			database.transaction(() => {
				const staying = new Set<string>(kept);
				for (const row of devices.all(space)) {
					const device = text(row, 'device');
					if (!staying.has(device)) removeDevice(space, device);
				}
			});
		},
		async subscription(space, device) {
			const row = find.get(space, device);
			return row && readSubscription(row);
		},
		async countSubscriptions() {
			return integer(count.get(), 'subscriptions');
		},
		async dueDeliveries(now, limit) {
			removeOrphans.run(now);
			return dueDeliveries.all(now, limit).map(readDelivery);
		},
		async earliestDelivery() {
			const row = earliest.get();
			return row?.at === null ? undefined : integer(row, 'at');
		},
		async retryDelivery(id, at) {
			retry.run(at, id);
		},
		async endDelivery(id) {
			end.run(id);
		},
		async deleteSpace(space) {
			database.transaction(() => {
				removeSubscriptions.run(space);
				removeAllDeliveries.run(space);
			});
		},
	};
}

function readSubscription(row: Row): PushSubscriptionFields {
	return {
		endpoint: text(row, 'endpoint'),
		p256dh: text(row, 'p256dh'),
		auth: text(row, 'auth'),
		appUrl: text(row, 'app_url'),
	};
}

function readDelivery(row: Row): Delivery {
	return {
		id: integer(row, 'id'),
		space: text<SpaceId>(row, 'space'),
		device: text<DeviceId>(row, 'device'),
		wake: text<WakeId>(row, 'wake'),
		due: integer(row, 'due'),
		expires: integer(row, 'expires'),
		attempt: integer(row, 'attempt'),
		payload: blob(row, 'payload'),
		subscription: readSubscription(row),
	};
}
