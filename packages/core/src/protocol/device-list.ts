import { type Bytes, concatBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../bytes.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import { isJsonObject } from '../json.ts';
import { err, ok, type Result } from '../result.ts';
import { verifyEd25519 } from './auth.ts';
import { LIMITS } from './limits.ts';

/**
 * The signed list of a space's devices, in a chain of versions. The relay lets a device in by it, devices find in
 * it the keys sealed to them. Names are not in it: the relay would read them.
 *
 * On the wire: canonical JSON of `DeviceList`, a line feed, and the base64url of the Ed25519 signature over the bytes
 * before the line feed, as received. Canonical is what `JSON.stringify(JSON.parse(…))` gives back byte for byte: no
 * spaces, no repeated keys, one spelling of each value; the order of keys is the writer's. Version 1 and every version
 * made with the recovery words are signed by the list key (`by: null`); others by a device of the version before.
 * The space id is base64url(SHA-256(list key)[0..16]), so version 1 proves itself.
 *
 * How it grows: a later Pocketeer adds fields, to the list and to its devices; who does not know them checks the rest,
 * keeps them on the objects it reads and writes them into the next version as they were. A field that a reader must
 * understand comes with a greater `v`, which older readers refuse as `NewerForm`; that form, too, is a JSON object with
 * `v`, a line feed, and whatever it likes.
 */
export interface DeviceList {
	readonly v: 1;
	readonly space: SpaceId;
	/** 1, 2, 3 … */
	readonly version: number;
	/** base64url of SHA-256 of the previous version's bytes; empty for version 1. */
	readonly previous: string;
	/** Ed25519 public key that the root signs with, base64url. */
	readonly listKey: string;
	/** X25519 public key of the recovery words, base64url. */
	readonly recoveryKey: string;
	readonly devices: readonly ListedDevice[];
	/** Newest epoch; the sealed key rings hold its key and all earlier ones. */
	readonly epoch: number;
	/** HPKE boxes of the key ring (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), base64url(enc ‖ ciphertext). */
	readonly boxes: Readonly<Record<string, string>>;
	/** Who signed: a device of the previous version, or null for the list key. */
	readonly by: DeviceId | null;
}

export interface ListedDevice {
	readonly id: DeviceId;
	/** Ed25519 public key, base64url. */
	readonly signKey: string;
	/** X25519 public key, base64url. */
	readonly sealKey: string;
	/** ms since the epoch, by the clock of who added it. */
	readonly added: number;
}

/** Recipient name of the recovery box in `DeviceList.boxes`; device ids name the others. */
export const RECOVERY_RECIPIENT = 'recovery';

export type DeviceListError =
	/** Not the canonical form, or a field that is not what it should be. */
	| { readonly type: 'MalformedList'; readonly reason: string }
	/** A form that this code is too old for; `reason` is a sentence. */
	| { readonly type: 'NewerForm'; readonly reason: string }
	/** The space id is not the hash of the list key, or not that of the version before. */
	| { readonly type: 'WrongSpace' }
	/** Not the version that follows. */
	| { readonly type: 'WrongVersion'; readonly expected: number; readonly actual: number }
	/** `previous` is not the hash of the version before. */
	| { readonly type: 'BrokenListChain' }
	/** A key that must stay the same for ever changed, or the epoch went back. */
	| { readonly type: 'ChangedKey'; readonly field: 'listKey' | 'recoveryKey' | 'epoch' }
	/** `by` is no device of the version before. */
	| { readonly type: 'SignerNotAllowed' }
	| { readonly type: 'BadListSignature' };

/** The list's wire form, fields of later versions included, signed by `sign` (Ed25519 over the bytes it is given); no key is needed here. */
export async function encodeDeviceList(list: DeviceList, sign: (bytes: Bytes) => Promise<Uint8Array>): Promise<Bytes> {
	const body = utf8(listJson(list));
	const signature = await sign(body);
	return concatBytes(body, utf8(`\n${toBase64Url(signature)}`));
}

/** Parses and checks the form of a list's bytes; says nothing about who signed it. */
export function readDeviceList(bytes: Uint8Array): Result<DeviceList, DeviceListError> {
	const parts = split(bytes);
	return parts.ok ? ok(parts.value.list) : parts;
}

/**
 * Whether the list is the one that follows `previous` (bytes of a list verified before; left out for version 1),
 * signed by one who may. The space id of version 1 proves itself; the caller compares it with the one it expects.
 */
export async function verifyDeviceList(offer: {
	readonly bytes: Uint8Array;
	readonly previous?: Uint8Array | undefined;
}): Promise<Result<DeviceList, DeviceListError>> {
	const parts = split(offer.bytes);
	if (!parts.ok) return parts;
	const { list, body, signature } = parts.value;
	if (list.space !== (await spaceIdOf(list.listKey))) return err({ type: 'WrongSpace' });

	let signKey: string | undefined = list.listKey;
	if (offer.previous === undefined) {
		if (list.version !== 1) return err({ type: 'WrongVersion', expected: 1, actual: list.version });
		if (list.previous !== '') return err({ type: 'BrokenListChain' });
		if (list.by !== null) return err({ type: 'SignerNotAllowed' });
	} else {
		const before = readDeviceList(offer.previous);
		if (!before.ok) return before;
		const follows = checkFollows(list, before.value, await deviceListHash(offer.previous));
		if (!follows.ok) return follows;
		if (list.by !== null) signKey = before.value.devices.find((device) => device.id === list.by)?.signKey;
		if (signKey === undefined) return err({ type: 'SignerNotAllowed' });
	}

	const isSigned = await verifyEd25519(signKey, signature, body);
	return isSigned ? ok(list) : err({ type: 'BadListSignature' });
}

/** The space that a list key (base64url) opens: base64url of the first 16 bytes of its SHA-256. */
export async function spaceIdOf(listKey: string): Promise<SpaceId> {
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', fromBase64Url(listKey)));
	return toBase64Url(hash.subarray(0, 16)) as SpaceId;
}

/** What the next version names as its `previous`: base64url of the SHA-256 of a list's bytes. */
export async function deviceListHash(bytes: Uint8Array): Promise<string> {
	return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))));
}

function checkFollows(list: DeviceList, before: DeviceList, hashBefore: string): Result<void, DeviceListError> {
	if (list.space !== before.space) return err({ type: 'WrongSpace' });
	if (list.version !== before.version + 1) {
		return err({ type: 'WrongVersion', expected: before.version + 1, actual: list.version });
	}
	if (list.previous !== hashBefore) return err({ type: 'BrokenListChain' });
	if (list.listKey !== before.listKey) return err({ type: 'ChangedKey', field: 'listKey' });
	if (list.recoveryKey !== before.recoveryKey) return err({ type: 'ChangedKey', field: 'recoveryKey' });
	if (list.epoch < before.epoch) return err({ type: 'ChangedKey', field: 'epoch' });
	return ok();
}

interface ListParts {
	readonly list: DeviceList;
	/** What the signature is over. */
	readonly body: Bytes;
	readonly signature: Bytes;
}

function split(bytes: Uint8Array): Result<ListParts, DeviceListError> {
	if (bytes.length > LIMITS.deviceList) return malformed(`larger than ${LIMITS.deviceList} bytes`);
	const feed = bytes.indexOf(0x0a);
	if (feed < 0) return malformed('no signature');
	try {
		const body = new Uint8Array(bytes.subarray(0, feed));
		const text = fromUtf8(body);
		const json: unknown = JSON.parse(text);
		if (isNewer(json)) return err({ type: 'NewerForm', reason: NEWER_FORM });
		const signature = fromBase64Url(fromUtf8(bytes.subarray(feed + 1)));
		if (signature.length !== 64) return malformed('a signature has 64 bytes');
		// A repeated key would be one value to us and another to the next reader.
		if (JSON.stringify(json) !== text) return malformed('not in canonical form');
		const list = readList(json);
		if (typeof list === 'string') return malformed(list);
		return ok({ list, body, signature });
	} catch {
		return malformed('not JSON and a base64url signature');
	}
}

/** The list, or what is wrong with it. */
function readList(json: unknown): DeviceList | string {
	if (!isJsonObject(json)) return 'not an object';
	const { v, space, version, previous, listKey, recoveryKey, devices, epoch, boxes, by } = json;
	if (v !== 1) return 'an unknown version of the form';
	if (!isBase64Url<SpaceId>(space, 16)) return 'space is no id';
	if (!isCount(version) || version < 1) return 'version is no count from 1';
	if (previous !== '' && !isBase64Url(previous, 32)) return 'previous is no hash';
	if (!isBase64Url(listKey, 32)) return 'listKey is no key';
	if (!isBase64Url(recoveryKey, 32)) return 'recoveryKey is no key';
	if (!Array.isArray(devices) || devices.length > LIMITS.devices)
		return `devices is no list of at most ${LIMITS.devices}`;
	if (!devices.every(isListedDevice)) return 'a device is not id, keys and time';
	const ids = new Set<string>(devices.map((device) => device.id));
	if (ids.size !== devices.length) return 'a device is listed twice';
	if (!isCount(epoch) || epoch < 1) return 'epoch is no count from 1';
	if (!isJsonObject(boxes)) return 'boxes is no object';
	const sealed: Record<string, string> = {};
	for (const [recipient, box] of Object.entries(boxes)) {
		if (recipient !== RECOVERY_RECIPIENT && !ids.has(recipient)) return 'a box for somebody who is not listed';
		if (!isBase64Url(box)) return 'a box is not base64url';
		sealed[recipient] = box;
	}
	if (by !== null && !isBase64Url<DeviceId>(by, 16)) return 'by is no device';
	return { ...json, v, space, version, previous, listKey, recoveryKey, devices, epoch, boxes: sealed, by };
}

function listJson(list: DeviceList): string {
	const { v, space, version, previous, listKey, recoveryKey, devices, epoch, boxes, by, ...later } = list;
	return JSON.stringify({
		v,
		space,
		version,
		previous,
		listKey,
		recoveryKey,
		devices: devices.map(({ id, signKey, sealKey, added, ...later }) => ({ id, signKey, sealKey, added, ...later })),
		epoch,
		boxes: Object.fromEntries(Object.entries(boxes).sort(([a], [b]) => (a < b ? -1 : 1))),
		by,
		...later,
	});
}

const NEWER_FORM = 'The list of devices was written by a newer Pocketeer. Update Pocketeer.';

function isNewer(json: unknown): boolean {
	return isJsonObject(json) && isCount(json.v) && json.v > 1;
}

/** Whether a value has the form of a listed device; it may have other fields, too. */
export function isListedDevice(value: unknown): value is ListedDevice {
	if (!isJsonObject(value)) return false;
	const { id, signKey, sealKey, added } = value;
	return isBase64Url(id, 16) && isBase64Url(signKey, 32) && isBase64Url(sealKey, 32) && isCount(added);
}

function isBase64Url<T extends string = string>(value: unknown, length?: number): value is T {
	if (typeof value !== 'string') return false;
	try {
		const bytes = fromBase64Url(value);
		return length === undefined || bytes.length === length;
	} catch {
		return false;
	}
}

function isCount(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function malformed(reason: string): Result<never, DeviceListError> {
	return err({ type: 'MalformedList', reason });
}
