import type { Bytes } from '@pocketeer/core/bytes';
import { openWake } from '@pocketeer/core/crypto/wake-payload';
import type { SpaceId, WakeId } from '@pocketeer/core/ids';
import { openDeviceDb } from '../platform/device-db.ts';
import { isAppPath } from '../platform/worker-messages.ts';
import type { WakeText } from './show-push.ts';

/** Opens a wake with the key ring that this device's database holds for its space; undefined when there is none. */
export async function openWakeHere(wake: {
	readonly space: SpaceId;
	readonly wake: WakeId;
	readonly sealed: Bytes;
}): Promise<WakeText | undefined> {
	const device = await openDeviceDb();
	if (!device.ok) return undefined;
	// Closed at once: an open connection of a sleeping worker would block an upgrade by the app.
	using db = device.value;
	const space = await db.space(wake.space);
	if (!space.ok || !space.value) return undefined;
	const payload = await openWake(wake.sealed, {
		place: { space: wake.space, wake: wake.wake },
		ring: space.value.ring,
	});
	if (!payload) return undefined;
	const { title, body, url } = payload;
	return { title, body, url: url !== undefined && isAppPath(url) ? url : '/' };
}
