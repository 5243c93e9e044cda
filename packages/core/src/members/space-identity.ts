import { type Bytes, equalBytes } from '../bytes.ts';
import { createDeviceIdentity, type DeviceIdentity, listDevice } from '../crypto/device-keys.ts';
import { createKeyRing, type KeyRing, newestEpoch, openKeyRing, sealKeyRing } from '../crypto/key-ring.ts';
import { type BadWords, rootOfWords } from '../crypto/recovery-words.ts';
import { ROOT_BYTES, type SpaceKeys, spaceKeysOf } from '../crypto/space-keys.ts';
import type { SpaceId } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { RandomDep } from '../ports/random.ts';
import type { DialerDep } from '../ports/socket.ts';
import {
	type DeviceList,
	type DeviceListError,
	deviceListHash,
	encodeDeviceList,
	type ListedDevice,
	RECOVERY_RECIPIENT,
	verifyDeviceList,
} from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';
import { err, ok, type Result } from '../result.ts';
import { type AskRelay, type MemberSession, type MemberSessionError, openMemberSession } from './member-session.ts';

/** What a device needs to take part in a space; plain data for IndexedDB. */
export interface SpaceIdentity {
	readonly spaceId: SpaceId;
	readonly identity: DeviceIdentity;
	readonly keyRing: KeyRing;
	/** The newest signed device list known, as bytes. */
	readonly deviceList: Bytes;
	/** Consecutive versions up to that one, oldest first: from version 1 on, but for a device that was paired. */
	readonly lists: readonly Bytes[];
}

/** A space as its first device holds it: the root is what the recovery words write. */
export interface FoundedSpace extends SpaceIdentity {
	readonly root: Bytes;
}

export type JoinError =
	| BadWords
	/** The words are right, but this relay has no space of theirs. */
	| { readonly type: 'NoSuchSpace' }
	/** The relay cannot be reached or does not answer as it should; `reason` is a sentence. */
	| { readonly type: 'NoRelay'; readonly reason: string }
	/** What the relay has of the space does not prove itself; nothing was taken over. `reason` is a sentence. */
	| { readonly type: 'Untrusted'; readonly reason: string }
	/** The space was changed by a newer Pocketeer than this; `reason` is a sentence. */
	| { readonly type: 'NewerForm'; readonly reason: string };

/** Makes a new space with this device in it. Nothing is sent anywhere. */
export async function foundSpace(deps: ClockDep & RandomDep): Promise<FoundedSpace> {
	const root = deps.random.bytes(ROOT_BYTES);
	const keys = await spaceKeysOf(root);
	const identity = await createDeviceIdentity(deps);
	const keyRing = createKeyRing(deps);
	const device = await listDevice(identity, deps.clock.now());
	const boxFor = (publicKey: string) => sealKeyRing(keyRing, { space: keys.id, publicKey });
	const list: DeviceList = {
		v: 1,
		space: keys.id,
		version: 1,
		previous: '',
		listKey: keys.listKey,
		recoveryKey: keys.recoveryKey,
		devices: [device],
		epoch: newestEpoch(keyRing),
		boxes: { [device.id]: await boxFor(device.sealKey), [RECOVERY_RECIPIENT]: await boxFor(keys.recoveryKey) },
		by: null,
	};
	const deviceList = await encodeDeviceList(list, keys.sign);
	return { root, spaceId: keys.id, identity, keyRing, deviceList, lists: [deviceList] };
}

/** Other devices may join or leave at the same moment; each round takes in what they did. */
const MOST_ATTEMPTS = 8;

/** Opens the space of 24 recovery words on this device: proves the root to the relay and adds the device to the list. */
export async function joinByWords(
	deps: ClockDep & RandomDep & DialerDep & LogDep,
	options: { readonly words: string; readonly relayUrl: string },
): Promise<Result<SpaceIdentity, JoinError>> {
	const root = await rootOfWords(options.words);
	if (!root.ok) return root;
	const identity = await createDeviceIdentity(deps);
	return joinByRoot(deps, { keys: await spaceKeysOf(root.value), identity, lists: [], relayUrl: options.relayUrl });
}

/** Who joins with the root at hand. */
export interface RootJoin {
	readonly keys: SpaceKeys;
	readonly identity: DeviceIdentity;
	/** A chain from version 1 on that the relay may lack the end of; empty when none is known. */
	readonly lists: readonly Bytes[];
}

/** Adds a device to the list by the root. Doing it again, after an answer that was lost, adds nothing. */
export async function joinByRoot(
	deps: ClockDep & RandomDep & DialerDep & LogDep,
	join: RootJoin & { readonly relayUrl: string },
): Promise<Result<SpaceIdentity, JoinError>> {
	const self = { type: 'root', keys: join.keys } as const;
	const session = await openMemberSession(deps, { relayUrl: join.relayUrl, self });
	if (!session.ok) return err(joinErrorOf(session.error));
	try {
		return await addThisDevice(deps, join, session.value);
	} finally {
		session.value[Symbol.dispose]();
	}
}

async function addThisDevice(
	deps: ClockDep & RandomDep,
	{ keys, identity, lists: known }: RootJoin,
	session: MemberSession,
): Promise<Result<SpaceIdentity, JoinError>> {
	const device = await listDevice(identity, deps.clock.now());
	for (let attempt = 0; attempt < MOST_ATTEMPTS + known.length; attempt++) {
		const present = await newestList(keys, session.ask);
		if (!present.ok) return present;
		const { list, bytes, lists } = present.value;
		const lacking = followerOf(bytes, list.version, known);
		if (lacking) {
			const put = await session.ask({ type: 'list-put', list: lacking });
			if (!put.ok) return put;
			continue;
		}
		const ring = await ringOf(list, keys);
		if (!ring.ok) return ring;
		if (list.devices.some(({ id }) => id === identity.id)) {
			return ok({ spaceId: keys.id, identity, keyRing: ring.value, deviceList: bytes, lists });
		}
		if (list.devices.length >= LIMITS.devices) {
			return err({ type: 'NoRelay', reason: `This space has ${LIMITS.devices} devices, and more there cannot be.` });
		}

		const next = await withDevice({ list, bytes, device, keys, keyRing: ring.value });
		const answer = await session.ask({ type: 'list-put', list: next });
		if (!answer.ok) return answer;
		if (answer.value.type === 'list-kept') {
			return ok({ spaceId: keys.id, identity, keyRing: ring.value, deviceList: next, lists: [...lists, next] });
		}
		if (answer.value.type === 'error' && answer.value.code === 'list-conflict') continue;
		const reason =
			answer.value.type === 'error' ? answer.value.message : 'The relay answered something else than was asked.';
		return err({ type: 'NoRelay', reason });
	}
	return err({ type: 'NoRelay', reason: 'The list of devices changes all the time. Try again in a moment.' });
}

interface NewestList {
	readonly list: DeviceList;
	readonly bytes: Bytes;
	/** All versions, up to this one. */
	readonly lists: readonly Bytes[];
}

/** The newest list, after checking every version since the first; the relay could make none of them up. */
async function newestList(keys: SpaceKeys, ask: AskRelay): Promise<Result<NewestList, JoinError>> {
	const answer = await ask({ type: 'list-get', after: 0 });
	if (!answer.ok) return answer;
	if (answer.value.type !== 'lists') {
		return err({ type: 'NoRelay', reason: 'The relay answered something else than was asked.' });
	}
	let newest: NewestList | undefined;
	for (const bytes of answer.value.lists) {
		// A repeated version proves nothing and harms nothing.
		if (newest && equalBytes(newest.bytes, bytes)) continue;
		const list = await verifyDeviceList({ bytes, previous: newest?.bytes });
		if (!list.ok) return list.error.type === 'NewerForm' ? err(list.error) : untrusted(describeListError(list.error));
		newest = { list: list.value, bytes, lists: [...(newest?.lists ?? []), bytes] };
	}
	if (!newest) return err({ type: 'NoSuchSpace' });
	const { list } = newest;
	if (list.space !== keys.id || list.listKey !== keys.listKey || list.recoveryKey !== keys.recoveryKey) {
		return untrusted('The relay answered with the devices of another space.');
	}
	return ok(newest);
}

function joinErrorOf(error: MemberSessionError): JoinError {
	if (error.type !== 'Refused') return error;
	return { type: error.code === 'bad-signature' ? 'Untrusted' : 'NoRelay', reason: error.reason };
}

async function ringOf(list: DeviceList, keys: SpaceKeys): Promise<Result<KeyRing, JoinError>> {
	const box = list.boxes[RECOVERY_RECIPIENT];
	const ring = box === undefined ? undefined : await openKeyRing(box, { space: keys.id, recipient: keys.recovery });
	if (!ring?.ok) return untrusted('The keys that were left for the recovery words cannot be opened with them.');
	if (newestEpoch(ring.value) !== list.epoch)
		return untrusted('The keys that were left for the recovery words are not the newest.');
	return ring;
}

/** The version behind the relay's newest, where the known chain is the same and goes on. */
function followerOf(newest: Bytes, version: number, known: readonly Bytes[]): Bytes | undefined {
	const same = known[version - 1];
	return same && equalBytes(same, newest) ? known[version] : undefined;
}

/** The next version of a list with one more device, signed by the root. */
export async function withDevice(change: {
	readonly list: DeviceList;
	readonly bytes: Bytes;
	readonly device: ListedDevice;
	readonly keys: SpaceKeys;
	readonly keyRing: KeyRing;
}): Promise<Bytes> {
	const { list, bytes, device, keys, keyRing } = change;
	const box = await sealKeyRing(keyRing, { space: keys.id, publicKey: device.sealKey });
	const next: DeviceList = {
		...list,
		version: list.version + 1,
		previous: await deviceListHash(bytes),
		devices: [...list.devices, device],
		boxes: { ...list.boxes, [device.id]: box },
		by: null,
	};
	return encodeDeviceList(next, keys.sign);
}

function describeListError(error: Exclude<DeviceListError, { type: 'NewerForm' }>): string {
	return error.type === 'MalformedList'
		? 'The list of devices that the relay keeps is damaged.'
		: 'The list of devices that the relay keeps was not signed by this space.';
}

function untrusted(reason: string): Result<never, JoinError> {
	return err({ type: 'Untrusted', reason });
}
