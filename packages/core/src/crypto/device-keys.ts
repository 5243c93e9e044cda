import { toBase64Url } from '../bytes.ts';
import type { DeviceId } from '../ids.ts';
import { newId, type RandomDep } from '../ports/random.ts';
import type { ListedDevice } from '../protocol/device-list.ts';

/**
 * Who a device is in one space. Plain data that IndexedDB clones; the private keys cannot be taken out of it.
 */
export interface DeviceIdentity {
	readonly id: DeviceId;
	/** Ed25519: proves to the relay who connects. */
	readonly signing: CryptoKeyPair;
	/** X25519: key rings are sealed to it. */
	readonly sealing: CryptoKeyPair;
}

/** A new identity with fresh keys. */
export async function createDeviceIdentity(deps: RandomDep): Promise<DeviceIdentity> {
	const [signing, sealing] = await Promise.all([
		crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']),
		crypto.subtle.generateKey('X25519', false, ['deriveBits']),
	]);
	if (!('privateKey' in signing) || !('privateKey' in sealing)) throw new Error('expected key pairs');
	return { id: newId<DeviceId>(deps), signing, sealing };
}

/** What the device list says of a device. `added` is the wall clock of who adds it. */
export async function listDevice(identity: DeviceIdentity, added: number): Promise<ListedDevice> {
	const [signKey, sealKey] = await Promise.all([
		crypto.subtle.exportKey('raw', identity.signing.publicKey),
		crypto.subtle.exportKey('raw', identity.sealing.publicKey),
	]);
	return {
		id: identity.id,
		signKey: toBase64Url(new Uint8Array(signKey)),
		sealKey: toBase64Url(new Uint8Array(sealKey)),
		added,
	};
}
