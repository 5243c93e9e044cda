import { type Bytes, concatBytes, fromUtf8, utf8 } from '../bytes.ts';
import { domain } from '../crypto/derive.ts';
import { pad, padme, unpad } from '../crypto/padding.ts';
import type { PersonId } from '../ids.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { RandomDep } from '../ports/random.ts';
import { isListedDevice, type ListedDevice } from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';

/**
 * The messages of a pairing, each version(1)=1 ‖ type(1) ‖ fields of fixed length, or a sealed JSON behind them. Whatever
 * is not exactly that ends the pairing.
 */
const VERSION = 1;
const TYPE = { commit: 1, offer: 2, open: 3, ask: 4, welcome: 5, done: 6, refused: 7 } as const;
export type SealedType = 'ask' | 'welcome' | 'done';

const KEY_BYTES = 32;
/** Bytes of either side's nonce. */
export const NONCE_BYTES = 32;
const HASH_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Most characters of a name that is taken from the other side. */
const MAX_NAME = 80;

/** guest → host: SHA-256 over its key and nonce. */
export function encodeCommit(commitment: Bytes): Bytes {
	return message('commit', commitment);
}

/** undefined: not this message. */
export function readCommit(bytes: Bytes): Bytes | undefined {
	return fieldsOf(bytes, 'commit', HASH_BYTES);
}

/** Either side's key and nonce, as said in the open. */
export interface OpenedKey {
	readonly publicKey: Bytes;
	readonly nonce: Bytes;
}

/** host → guest. */
export function encodeOffer({ publicKey, nonce }: OpenedKey): Bytes {
	return message('offer', publicKey, nonce);
}

/** undefined: not this message. */
export function readOffer(bytes: Bytes): OpenedKey | undefined {
	const fields = fieldsOf(bytes, 'offer', KEY_BYTES + NONCE_BYTES);
	return fields && { publicKey: fields.slice(0, KEY_BYTES), nonce: fields.slice(KEY_BYTES) };
}

/** guest → host: what it committed to; behind it the flag 0, or 1 and the proof that it has the link. */
export function encodeOpen(key: OpenedKey, proof: Bytes | undefined): Bytes {
	return concatBytes(openingOf(key, proof !== undefined), proof ?? new Uint8Array(0));
}

/** The part of `open` that its proof is over. */
export function openingOf({ publicKey, nonce }: OpenedKey, hasLink: boolean): Bytes {
	return message('open', publicKey, nonce, Uint8Array.of(hasLink ? 1 : 0));
}

/** undefined: not this message. */
export function readOpen(bytes: Bytes): (OpenedKey & { readonly proof: Bytes | undefined }) | undefined {
	const bare = KEY_BYTES + NONCE_BYTES + 1;
	const flag = bytes[2 + bare - 1];
	if (flag !== 0 && flag !== 1) return undefined;
	const fields = fieldsOf(bytes, 'open', flag === 1 ? bare + HASH_BYTES : bare);
	if (!fields) return undefined;
	return {
		publicKey: fields.slice(0, KEY_BYTES),
		nonce: fields.slice(KEY_BYTES, KEY_BYTES + NONCE_BYTES),
		proof: flag === 1 ? fields.slice(bare) : undefined,
	};
}

/** host → guest, unsealed and believed only for its sentence: the person said no. */
export function encodeRefused(): Bytes {
	return message('refused');
}

/** Whether this is that message. */
export function isRefused(bytes: Bytes): boolean {
	return fieldsOf(bytes, 'refused', 0) !== undefined;
}

/** What the guest says of itself, sealed. */
export interface Ask {
	/** `added` is left to the host. */
	readonly device: Omit<ListedDevice, 'added'>;
	readonly deviceName: string;
	readonly personName: string;
}

/** What the host gives, sealed. */
export interface Welcome {
	readonly person: PersonId;
	readonly spaceName: string;
	/** Consecutive versions of the device list, the newest last. */
	readonly lists: readonly Bytes[];
}

/** The key that seals one direction, and what everything sealed with it is bound to. */
export interface PairingSeal {
	readonly key: CryptoKey;
	readonly transcript: Bytes;
}

/** version ‖ type ‖ iv(12) ‖ AES-256-GCM(padded JSON), bound to the transcript and the type. */
export async function sealMessage(
	deps: RandomDep,
	seal: PairingSeal,
	type: SealedType,
	body: JsonObject,
): Promise<Bytes> {
	const iv = deps.random.bytes(IV_BYTES);
	const params = { name: 'AES-GCM', iv, additionalData: additionalData(seal, type) };
	const padded = pad(utf8(JSON.stringify({ v: 1, ...body })), (length) => Math.max(MIN_PADDED, padme(length)));
	return message(type, iv, new Uint8Array(await crypto.subtle.encrypt(params, seal.key, padded)));
}

/** Names of any usual length look the same. */
const MIN_PADDED = 1024;

/** The JSON of a sealed message; undefined when it is none of this pairing. */
export async function openMessage(seal: PairingSeal, type: SealedType, bytes: Bytes): Promise<JsonObject | undefined> {
	const fields = fieldsOf(bytes, type);
	if (!fields || fields.length < IV_BYTES + TAG_BYTES) return undefined;
	const params = { name: 'AES-GCM', iv: fields.slice(0, IV_BYTES), additionalData: additionalData(seal, type) };
	try {
		const padded = await crypto.subtle.decrypt(params, seal.key, fields.slice(IV_BYTES));
		const body = unpad(new Uint8Array(padded));
		const json: unknown = body && JSON.parse(fromUtf8(body));
		return isJsonObject(json) && json.v === 1 ? json : undefined;
	} catch {
		return undefined;
	}
}

/** undefined: not what a guest says of itself. */
export function readAsk(json: JsonObject): Ask | undefined {
	const { device, deviceName, personName } = json;
	if (!isName(deviceName) || !isName(personName) || !isJsonObject(device)) return undefined;
	const listed = { ...device, added: 0 };
	if (!isListedDevice(listed)) return undefined;
	// Only these: a guest must not write other fields into the signed list.
	const { id, signKey, sealKey } = listed;
	return { device: { id, signKey, sealKey }, deviceName, personName };
}

/** The fields of a welcome; as many of the newest lists as fit. */
export function welcomeJson(welcome: Welcome): JsonObject {
	const { person, spaceName } = welcome;
	const lists: string[] = [];
	// JSON puts a backslash before every quote of a list: at most twice its length.
	let room = MOST_WELCOME_BYTES;
	for (const list of welcome.lists.toReversed()) {
		const text = fromUtf8(list);
		room -= utf8(JSON.stringify(text)).length + 1;
		if (room < 0) break;
		lists.unshift(text);
	}
	return { person, spaceName, lists };
}

/** Padmé adds at most 12 % to this. */
const MOST_WELCOME_BYTES = Math.floor(LIMITS.pairing / 1.12) - 1024;

/** undefined: not what a host gives. */
export function readWelcome(json: JsonObject): Welcome | undefined {
	const { person, spaceName, lists } = json;
	if (!isPersonId(person) || !isName(spaceName)) return undefined;
	if (!Array.isArray(lists) || lists.length === 0) return undefined;
	const texts: readonly unknown[] = lists;
	if (!texts.every((list) => typeof list === 'string')) return undefined;
	return { person, spaceName, lists: texts.map(utf8) };
}

/** A name as it is sent: cut to what the other side takes. */
export function nameToSend(name: string): string {
	const clean = name.toWellFormed().replace(UNSHOWN, ' ').trim();
	return [...clean].slice(0, MAX_NAME / 2).join('');
}

/** What breaks a line or turns text around: a name must not rewrite the sentence that it is shown in. */
const UNSHOWN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function isName(value: unknown): value is string {
	if (typeof value !== 'string' || value.length > MAX_NAME || !value.isWellFormed()) return false;
	return value.search(UNSHOWN) < 0;
}

/** It becomes a part of paths. */
function isPersonId(value: unknown): value is PersonId {
	return isName(value) && /^[^\s/\\.]+$/u.test(value);
}

function message(type: keyof typeof TYPE, ...fields: readonly Uint8Array[]): Bytes {
	return concatBytes(Uint8Array.of(VERSION, TYPE[type]), ...fields);
}

/** What is behind version and type; undefined for another message or another length. */
function fieldsOf(bytes: Bytes, type: keyof typeof TYPE, length?: number): Bytes | undefined {
	if (bytes[0] !== VERSION || bytes[1] !== TYPE[type]) return undefined;
	if (length !== undefined && bytes.length !== 2 + length) return undefined;
	return bytes.slice(2);
}

function additionalData(seal: PairingSeal, type: SealedType): Bytes {
	return concatBytes(domain('pocketeer/v1/pair-sealed'), Uint8Array.of(VERSION, TYPE[type]), seal.transcript);
}
