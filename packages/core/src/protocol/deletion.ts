import { type Bytes, concatBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../bytes.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import { isJsonObject } from '../json.ts';
import { err, ok, type Result } from '../result.ts';
import { verifyEd25519 } from './auth.ts';
import type { DeviceList } from './device-list.ts';

/**
 * The signed statement that a space is to be deleted. A relay deletes by it and keeps nothing but it; the other devices
 * check it, so that no relay can pretend.
 *
 * On the wire: canonical JSON of `Deletion` in the order of its fields, a line feed, and the base64url of the Ed25519
 * signature over the bytes before the line feed. The form is closed: a statement means one thing, for ever.
 */
export interface Deletion {
	readonly v: 1;
	readonly space: SpaceId;
	/** By the clock of who signed, ms since the epoch; told to people, never compared. */
	readonly at: number;
	/** Who signed: a device of the newest list, or null for the list key. */
	readonly by: DeviceId | null;
}

export type DeletionError =
	/** Not the canonical form, or a field that is not what it should be. */
	| { readonly type: 'MalformedDeletion' }
	/** It is about another space. */
	| { readonly type: 'OtherSpace' }
	/** `by` is no device of the list. */
	| { readonly type: 'SignerNotListed' }
	| { readonly type: 'BadDeletionSignature' };

/** The statement's wire form, signed by `sign` (Ed25519 over the bytes it is given). */
export async function encodeDeletion(deletion: Deletion, sign: (bytes: Bytes) => Promise<Uint8Array>): Promise<Bytes> {
	const body = utf8(deletionJson(deletion));
	return concatBytes(body, utf8(`\n${toBase64Url(await sign(body))}`));
}

/** Parses a statement; says nothing about who signed it. */
export function readDeletion(statement: Uint8Array): Result<Deletion, DeletionError> {
	const parts = split(statement);
	return parts ? ok(parts.deletion) : err({ type: 'MalformedDeletion' });
}

/** Whether the statement deletes the space of `list`, the newest that is known, and is signed by one who may. */
export async function verifyDeletion(offer: {
	readonly statement: Uint8Array;
	readonly list: DeviceList;
}): Promise<Result<Deletion, DeletionError>> {
	const parts = split(offer.statement);
	if (!parts) return err({ type: 'MalformedDeletion' });
	const { deletion, body, signature } = parts;
	const { space, listKey, devices } = offer.list;
	if (deletion.space !== space) return err({ type: 'OtherSpace' });
	const signKey = deletion.by === null ? listKey : devices.find(({ id }) => id === deletion.by)?.signKey;
	if (signKey === undefined) return err({ type: 'SignerNotListed' });
	const isSigned = await verifyEd25519(signKey, signature, body);
	return isSigned ? ok(deletion) : err({ type: 'BadDeletionSignature' });
}

interface StatementParts {
	readonly deletion: Deletion;
	/** What the signature is over. */
	readonly body: Bytes;
	readonly signature: Bytes;
}

function split(statement: Uint8Array): StatementParts | undefined {
	const feed = statement.indexOf(0x0a);
	if (feed < 0) return undefined;
	try {
		const body = new Uint8Array(statement.subarray(0, feed));
		const text = fromUtf8(body);
		const deletion = read(JSON.parse(text));
		const signature = fromBase64Url(fromUtf8(statement.subarray(feed + 1)));
		const isCanonical = deletion !== undefined && deletionJson(deletion) === text;
		return isCanonical && signature.length === 64 ? { deletion, body, signature } : undefined;
	} catch {
		// Neither JSON nor base64url.
		return undefined;
	}
}

function read(json: unknown): Deletion | undefined {
	if (!isJsonObject(json)) return undefined;
	const { v, space, at, by } = json;
	if (v !== 1 || !isId<SpaceId>(space)) return undefined;
	if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0) return undefined;
	if (by !== null && !isId<DeviceId>(by)) return undefined;
	return { v, space, at, by };
}

function deletionJson({ v, space, at, by }: Deletion): string {
	return JSON.stringify({ v, space, at, by });
}

function isId<Id extends string>(value: unknown): value is Id {
	if (typeof value !== 'string') return false;
	try {
		return fromBase64Url(value).length === 16;
	} catch {
		return false;
	}
}
