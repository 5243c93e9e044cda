import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type Bytes, toBase64Url } from '@pocketeer/core/bytes';
import type { DeviceId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { authTranscript } from '@pocketeer/core/protocol/auth';
import { emptyChain } from '@pocketeer/core/protocol/chain';
import { decodeRelayMessage, encodeClientMessage, encodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { encodeDeviceList, spaceIdOf } from '@pocketeer/core/protocol/device-list';
import { PROTOCOL_VERSION, type RelayMessage } from '@pocketeer/core/protocol/messages';
import { dialRaw, type RawSocket } from './raw-socket.ts';

/** A space with keys that sign and nothing sealed in it: the relay cannot tell. */
export interface RawSpace {
	readonly id: SpaceId;
	readonly devices: readonly { readonly id: DeviceId; readonly key: KeyObject }[];
	/** Version 1 of its list of devices. */
	readonly list: Bytes;
	/** The stream that every device of it follows. */
	readonly home: StreamId;
}

/** Makes the keys of a space; the relay hears of it when a device joins and founds it. */
export async function makeRawSpace(deviceCount: number): Promise<RawSpace> {
	const root = generateKeyPairSync('ed25519');
	const listKey = rawKey(root.publicKey);
	const space = await spaceIdOf(listKey);
	const devices = Array.from({ length: deviceCount }, () => {
		const { publicKey, privateKey } = generateKeyPairSync('ed25519');
		return { id: randomId<DeviceId>(), key: privateKey, signKey: rawKey(publicKey) };
	});
	const noKey = toBase64Url(new Uint8Array(32));
	const listed = devices.map(({ id, signKey }) => ({ id, signKey, sealKey: noKey, added: 0 }));
	const form = { v: 1, version: 1, previous: '', recoveryKey: noKey, epoch: 1, boxes: {}, by: null } as const;
	const list = await encodeDeviceList({ ...form, space, listKey, devices: listed }, async (bytes) =>
		sign(null, bytes, root.privateKey),
	);
	return { id: space, devices, list, home: randomId<StreamId>() };
}

/** An id of 16 random bytes. */
export function randomId<Id extends string>(): Id {
	return toBase64Url(new Uint8Array(randomBytes(16))) as Id;
}

function rawKey(key: KeyObject): string {
	const { x } = key.export({ format: 'jwk' });
	if (x === undefined) throw new Error('Ed25519 keys have an x');
	return x;
}

export interface RawDeviceEvents {
	/** The relay let the device in. */
	ready(device: RawSocket): void;
	/** Everything after `ready`; the bytes hold until this returns. */
	received(message: Buffer): void;
	/** The connection ended, or never came to be. */
	closed?(): void;
}

/** Dials and proves to be a device of the space; `isFounding` brings the list along. */
export function joinRaw(
	origin: string,
	who: { readonly space: RawSpace; readonly index: number; readonly isFounding?: boolean },
	events: RawDeviceEvents,
): RawSocket {
	const { space, index } = who;
	const device = space.devices[index];
	if (!device) throw new Error('no such device');
	let isReady = false;
	const socket = dialRaw(origin, {
		received(bytes) {
			if (isReady) return events.received(bytes);
			const message = readMessage(bytes);
			if (message.type === 'ready') {
				isReady = true;
				return events.ready(socket);
			}
			if (message.type !== 'challenge') throw new Error(`the relay said ${JSON.stringify(message)}`);
			const { nonce, timeline } = message;
			const claim = authTranscript({ nonce, timeline, origin, space: space.id, device: device.id });
			socket.send(
				encodeClientMessage({
					type: 'auth',
					version: PROTOCOL_VERSION,
					space: space.id,
					device: device.id,
					signature: new Uint8Array(sign(null, claim, device.key)),
					origin,
					lists: who.isFounding ? [space.list] : [],
					invite: '',
				}),
			);
		},
		...(events.closed && { closed: events.closed }),
	});
	return socket;
}

/** Opens a stream from its beginning. */
export function openFromStart(socket: RawSocket, stream: StreamId): void {
	socket.send(encodeClientMessage({ type: 'open', stream, cursor: 0, chain: emptyChain() }));
}

/** Joins, and resolves with the socket once the device is in; messages after that go to `received`. */
export function joinedRaw(
	origin: string,
	who: { readonly space: RawSpace; readonly index: number; readonly isFounding?: boolean },
	received: (message: Buffer) => void = () => undefined,
): Promise<RawSocket> {
	return new Promise((resolve, reject) => {
		joinRaw(origin, who, { ready: resolve, received, closed: () => reject(new Error('the relay hung up')) });
	});
}

/** The message in a frame's bytes. */
export function readMessage(bytes: Buffer): RelayMessage {
	const message = decodeRelayMessage(bytes);
	if (!message.ok) throw new Error(`the relay sent an unreadable frame: ${message.error.type}`);
	return message.value;
}

/** What the frames of a type begin with: to tell thousands a second apart without reading them. */
export function typeBytesOf(message: RelayMessage): number {
	return encodeRelayMessage(message)
		.subarray(0, 2)
		.reduce((sum, byte) => sum * 256 + byte, 0);
}
