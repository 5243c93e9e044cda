import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import type { MemoryDelivery, MemoryDisk } from './memory-disk.ts';
import type { Delivery, PushStore } from './push-store.ts';

/** Subscriptions and deliveries in memory. */
export function createMemoryPushStore(disk: MemoryDisk): PushStore {
	return {
		async putSubscription(space, device, subscription) {
			const kept = [...(disk.subscriptions.get(space) ?? [])].filter(
				([other, { endpoint }]) => other === device || endpoint !== subscription.endpoint,
			);
			disk.subscriptions.set(space, new Map(kept).set(device, subscription));
		},
		async removeSubscription(space, device) {
			removeDevice(space, device);
		},
		async keepOnly(space, kept) {
			for (const device of disk.subscriptions.get(space)?.keys() ?? []) {
				if (!kept.includes(device)) removeDevice(space, device);
			}
		},
		async subscription(space, device) {
			return disk.subscriptions.get(space)?.get(device);
		},
		async countSubscriptions() {
			return [...disk.subscriptions.values()].reduce((sum, { size }) => sum + size, 0);
		},
		async dueDeliveries(now, limit) {
			const due: Delivery[] = [];
			for (const delivery of disk.deliveries.values()) {
				if (delivery.at > now) continue;
				const whole = readDelivery(delivery);
				if (whole) due.push(whole);
				else disk.deliveries.delete(delivery.id);
			}
			const at = ({ id }: Delivery) => disk.deliveries.get(id)?.at ?? 0;
			return due.sort((a, b) => at(a) - at(b)).slice(0, limit);
		},
		async earliestDelivery() {
			const moments = [...disk.deliveries.values()].map(({ at }) => at);
			return moments.length === 0 ? undefined : Math.min(...moments);
		},
		async retryDelivery(id, at) {
			const delivery = disk.deliveries.get(id);
			if (delivery) disk.deliveries.set(id, { ...delivery, at, attempt: delivery.attempt + 1 });
		},
		async endDelivery(id) {
			disk.deliveries.delete(id);
		},
		async deleteSpace(space) {
			disk.subscriptions.delete(space);
			for (const delivery of disk.deliveries.values()) {
				if (delivery.space === space) disk.deliveries.delete(delivery.id);
			}
		},
	};

	function removeDevice(space: SpaceId, device: DeviceId): void {
		disk.subscriptions.get(space)?.delete(device);
		for (const delivery of disk.deliveries.values()) {
			if (delivery.space === space && delivery.device === device) disk.deliveries.delete(delivery.id);
		}
	}

	/** undefined: its wake was dropped, or its device left. */
	function readDelivery({ id, space, device, wake, due, expires, attempt }: MemoryDelivery): Delivery | undefined {
		const subscription = disk.subscriptions.get(space)?.get(device);
		const payload = disk.wakes.get(space)?.get(wake)?.wake?.payload;
		return subscription && payload && { id, space, device, wake, due, expires, attempt, payload, subscription };
	}
}
