import { type Bytes, equalBytes } from '../bytes.ts';
import type { DeviceIdentity } from '../crypto/device-keys.ts';
import { type KeyRing, newestEpoch, sealKeyRing, withNewEpoch } from '../crypto/key-ring.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import type { RandomDep } from '../ports/random.ts';
import { type DeviceList, deviceListHash, encodeDeviceList, RECOVERY_RECIPIENT } from '../protocol/device-list.ts';
import { signAs } from './member-session.ts';
import type { Removal } from './member-store.ts';

/** A version of the device list together with its bytes. */
export interface SignedList {
	readonly list: DeviceList;
	readonly bytes: Bytes;
}

/** Who signs the next version. */
export interface Signer {
	readonly spaceId: SpaceId;
	readonly identity: DeviceIdentity;
}

/**
 * The next version without `devices`, with a new epoch whose key is sealed to those that stay and to the words. What is
 * written from then on is closed to who is out; what was written before is not.
 */
export async function makeRemoval(
	deps: RandomDep,
	by: Signer,
	from: SignedList & { readonly ring: KeyRing; readonly devices: readonly DeviceId[] },
): Promise<Removal> {
	const ring = withNewEpoch(deps, from.ring);
	const staying = from.list.devices.filter(({ id }) => !from.devices.includes(id));
	const boxes: Record<string, string> = {};
	const recipients = staying.map(({ id, sealKey }) => ({ name: String(id), publicKey: sealKey }));
	for (const { name, publicKey } of [...recipients, { name: RECOVERY_RECIPIENT, publicKey: from.list.recoveryKey }]) {
		const box = await trySeal(ring, { space: by.spaceId, publicKey });
		if (box !== undefined) boxes[name] = box;
	}
	const list = await signNext(by, from, { devices: staying, epoch: newestEpoch(ring), boxes });
	return { devices: from.devices, list, ring };
}

/** The box; undefined for a key that nothing can be sealed to: whoever has it must not keep the others from rotating. */
export async function trySeal(
	ring: KeyRing,
	to: { readonly space: SpaceId; readonly publicKey: string },
): Promise<string | undefined> {
	try {
		return await sealKeyRing(ring, to);
	} catch {
		// RFC 7748, 6.1: agreement with a key of small order is refused by the library.
		return undefined;
	}
}

/** The version that follows `from`, with these changes, signed by this device. Fields of later forms stay. */
export async function signNext(
	by: Signer,
	from: SignedList,
	change: Pick<DeviceList, 'devices' | 'epoch' | 'boxes'>,
): Promise<Bytes> {
	const version = from.list.version + 1;
	const next = { ...from.list, ...change, version, previous: await deviceListHash(from.bytes), by: by.identity.id };
	return encodeDeviceList(next, (bytes) => signAs(by.identity, bytes));
}

/** Whether a removal is signed on top of this very version. */
export async function isOnTop(next: DeviceList, of: SignedList): Promise<boolean> {
	return next.version === of.list.version + 1 && next.previous === (await deviceListHash(of.bytes));
}

/** Whether these bytes are among the lists. */
export function includesList(lists: readonly Bytes[], bytes: Bytes): boolean {
	return lists.some((list) => equalBytes(list, bytes));
}
