import { type Bytes, toBase64Url } from '@pocketeer/core/bytes';
import type { DeviceId, EntryId, SpaceId, StreamId, WakeId } from '@pocketeer/core/ids';
import { authTranscript } from '@pocketeer/core/protocol/auth';
import { emptyChain } from '@pocketeer/core/protocol/chain';
import { decodeRelayMessage, encodeClientMessage } from '@pocketeer/core/protocol/codec';
import { type DeviceList, deviceListHash, encodeDeviceList, spaceIdOf } from '@pocketeer/core/protocol/device-list';
import { type ClientMessage, PROTOCOL_VERSION, type RelayMessage } from '@pocketeer/core/protocol/messages';
import { WebSocket } from 'ws';

/** What tests of the relay say to it: real signatures, real frames, a real socket. */

/** A 16-byte id of the given byte. */
export function idOf<Id extends string>(byte: number): Id {
	return toBase64Url(new Uint8Array(16).fill(byte)) as Id;
}
export const streamId = (byte: number) => idOf<StreamId>(byte);
export const entryId = (byte: number) => idOf<EntryId>(byte);
export const wakeId = (byte: number) => idOf<WakeId>(byte);

/** An Ed25519 key pair. */
export interface Signer {
	readonly publicKey: string;
	sign(bytes: Bytes): Promise<Bytes>;
}

export async function newSigner(): Promise<Signer> {
	const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
	if (!('privateKey' in pair)) throw new Error('Ed25519 makes pairs');
	const { privateKey, publicKey } = pair;
	return {
		publicKey: toBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))),
		sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)),
	};
}

/** A space with some devices, and the keys of all of them. */
export interface TestSpace {
	readonly id: SpaceId;
	readonly root: Signer;
	readonly devices: readonly { readonly id: DeviceId; readonly signer: Signer }[];
	readonly list: DeviceList;
	readonly bytes: Bytes;
	/** The next version of the list with these devices only, signed by the root. */
	next(staying: readonly DeviceId[]): Promise<Bytes>;
}

export async function newSpace(deviceCount = 1): Promise<TestSpace> {
	const root = await newSigner();
	const devices = await Promise.all(
		Array.from({ length: deviceCount }, async (_, index) => ({
			id: idOf<DeviceId>(index + 1),
			signer: await newSigner(),
		})),
	);
	const list: DeviceList = {
		v: 1,
		space: await spaceIdOf(root.publicKey),
		version: 1,
		previous: '',
		listKey: root.publicKey,
		recoveryKey: toBase64Url(new Uint8Array(32)),
		devices: devices.map(({ id, signer }) => ({
			id,
			signKey: signer.publicKey,
			sealKey: toBase64Url(new Uint8Array(32)),
			added: 0,
		})),
		epoch: 1,
		boxes: {},
		by: null,
	};
	const bytes = await encodeDeviceList(list, root.sign);
	return {
		id: list.space,
		root,
		devices,
		list,
		bytes,
		async next(staying) {
			const kept = list.devices.filter(({ id }) => staying.includes(id));
			const previous = await deviceListHash(bytes);
			return encodeDeviceList({ ...list, version: 2, previous, devices: kept }, root.sign);
		},
	};
}

/** Version 1 of a space's list and one more for each of `later`, which names devices by their index; signed by the root. */
export async function listsOf(space: TestSpace, later: readonly (readonly number[])[]): Promise<readonly Bytes[]> {
	const lists = [space.bytes];
	for (const [index, staying] of later.entries()) {
		const devices = staying.flatMap((each) => space.list.devices[each] ?? []);
		const previous = await deviceListHash(lists.at(-1) ?? space.bytes);
		lists.push(await encodeDeviceList({ ...space.list, version: index + 2, previous, devices }, space.root.sign));
	}
	return lists;
}

type Of<Type extends RelayMessage['type']> = Extract<RelayMessage, { readonly type: Type }>;

/** One connection that keeps what it received until a test asks for it. */
export interface TestClient {
	send(message: ClientMessage): void;
	sendRaw(frame: Uint8Array): void;
	/** The next message of this type; those before it are dropped. Rejects when the connection closes first. */
	next<Type extends RelayMessage['type']>(type: Type): Promise<Of<Type>>;
	/** Everything received up to the `pong` of a ping sent now. */
	drain(): Promise<readonly RelayMessage[]>;
	/** The code the connection closes with. */
	readonly closed: Promise<number>;
	close(): void;
	pause(): void;
	resume(): void;
}

/** Connects without saying anything. */
export async function connect(url: string, origin?: string): Promise<TestClient> {
	const ws = new WebSocket(url, origin === undefined ? {} : { origin });
	const received: RelayMessage[] = [];
	let wake: () => void = () => undefined;
	let isClosed = false;
	ws.on('message', (data: Buffer) => {
		const message = decodeRelayMessage(data);
		if (!message.ok) throw new Error(`the relay sent an unreadable frame: ${JSON.stringify(message.error)}`);
		received.push(message.value);
		wake();
	});
	const closed = new Promise<number>((resolve) => {
		ws.on('close', (code) => {
			isClosed = true;
			wake();
			resolve(code);
		});
	});
	ws.on('error', () => undefined);
	await new Promise((resolve) => ws.once('open', resolve).once('close', resolve));

	async function take(isWanted: (message: RelayMessage) => boolean): Promise<readonly RelayMessage[]> {
		for (;;) {
			const index = received.findIndex(isWanted);
			if (index >= 0) return received.splice(0, index + 1);
			if (isClosed) throw new Error('the connection closed');
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
	}

	return {
		send: (message) => ws.send(encodeClientMessage(message)),
		sendRaw: (frame) => ws.send(frame),
		async next<Type extends RelayMessage['type']>(type: Type) {
			const last = (await take((message) => message.type === type)).at(-1);
			if (!last || !isOf(last, type)) throw new Error('take answers with what was wanted');
			return last;
		},
		async drain() {
			ws.send(encodeClientMessage({ type: 'ping' }));
			return (await take(({ type }) => type === 'pong')).slice(0, -1);
		},
		closed,
		close: () => ws.close(),
		pause: () => ws.pause(),
		resume: () => ws.resume(),
	};
}

function isOf<Type extends RelayMessage['type']>(message: RelayMessage, type: Type): message is Of<Type> {
	return message.type === type;
}

export interface JoinOptions {
	/** Index of the device in the space; null for the root. */
	readonly device?: number | null;
	readonly invite?: string;
	readonly origin?: string;
	/** Whether to offer the first device list; true when left out. */
	readonly withList?: boolean;
	/** Offers these versions instead. */
	readonly lists?: readonly Bytes[];
	/** Origin of the relay that it says it called; the one it does call when left out. */
	readonly calls?: string;
	/** Signs in place of the device's own key. */
	readonly signer?: Signer;
	/** The version it says it speaks. */
	readonly version?: number;
}

/** Connects and answers the challenge; does not wait for what the relay says to it. */
export async function approach(url: string, space: TestSpace, options: JoinOptions = {}): Promise<TestClient> {
	const client = await connect(url, options.origin);
	const { nonce, timeline } = await client.next('challenge');
	const index = options.device === undefined ? 0 : options.device;
	const listed = index === null ? undefined : space.devices[index];
	const device = listed?.id ?? null;
	const signer = options.signer ?? listed?.signer ?? space.root;
	const origin = options.calls ?? new URL(url.replace(/^ws/, 'http')).origin;
	client.send({
		type: 'auth',
		version: options.version ?? PROTOCOL_VERSION,
		space: space.id,
		device,
		signature: await signer.sign(authTranscript({ nonce, timeline, origin, space: space.id, device })),
		origin,
		lists: options.lists ?? (options.withList === false ? [] : [space.bytes]),
		invite: options.invite ?? '',
	});
	return client;
}

/** Connects and is let in. */
export async function join(url: string, space: TestSpace, options: JoinOptions = {}): Promise<TestClient> {
	const client = await approach(url, space, options);
	await client.next('ready');
	return client;
}

/** Opens a stream from its beginning. */
export function openAll(client: TestClient, stream: StreamId): void {
	client.send({ type: 'open', stream, cursor: 0, chain: emptyChain() });
}
