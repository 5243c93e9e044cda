import type { Bytes } from '../bytes.ts';
import { listDevice } from '../crypto/device-keys.ts';
import { type KeyRing, openKeyRing } from '../crypto/key-ring.ts';
import { type JoinError, joinByRoot, type RootJoin, withDevice } from '../members/space-identity.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { RandomDep } from '../ports/random.ts';
import type { DialerDep } from '../ports/socket.ts';
import { RECOVERY_RECIPIENT, readDeviceList } from '../protocol/device-list.ts';
import { err, ok, type Result } from '../result.ts';

/** A device that is in the space again: the whole chain of lists, the newest naming it, and the newest keys. */
export interface Rejoined {
	readonly lists: readonly Bytes[];
	readonly ring: KeyRing;
	/** The relay did not know the space; the lists found it again there when this device connects. */
	readonly isFoundedAgain: boolean;
}

/**
 * Brings a device that was restored from a backup into its space by the root: at the relay where that has the space, else
 * by the next version of the backup's own list, which founds the space again. Doing it twice adds one device.
 */
export async function rejoin(
	deps: ClockDep & RandomDep & DialerDep & LogDep,
	join: RootJoin & { readonly relayUrl: string },
): Promise<Result<Rejoined, JoinError>> {
	const joined = await joinByRoot(deps, join);
	if (joined.ok) return ok({ lists: joined.value.lists, ring: joined.value.keyRing, isFoundedAgain: false });
	return joined.error.type === 'NoSuchSpace' ? foundAgain(deps, join) : joined;
}

async function foundAgain(deps: ClockDep, { keys, identity, lists }: RootJoin): Promise<Result<Rejoined, JoinError>> {
	const bytes = lists.at(-1);
	const newest = bytes && readDeviceList(bytes);
	const box = newest?.ok ? newest.value.boxes[RECOVERY_RECIPIENT] : undefined;
	const ring = box === undefined ? undefined : await openKeyRing(box, { space: keys.id, recipient: keys.recovery });
	if (!bytes || !newest?.ok || !ring?.ok) {
		return err({ type: 'Untrusted', reason: 'The list of devices in the backup cannot be opened with these words.' });
	}
	const isIn = newest.value.devices.some(({ id }) => id === identity.id);
	if (isIn) return ok({ lists, ring: ring.value, isFoundedAgain: true });
	const device = await listDevice(identity, deps.clock.now());
	const next = await withDevice({ list: newest.value, bytes, device, keys, keyRing: ring.value });
	return ok({ lists: [...lists, next], ring: ring.value, isFoundedAgain: true });
}
