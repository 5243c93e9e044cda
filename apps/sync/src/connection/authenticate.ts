import { createHash, timingSafeEqual } from 'node:crypto';
import type { Bytes } from '@pocketeer/core/bytes';
import { verifyAuth } from '@pocketeer/core/protocol/auth';
import { type DeviceList, readDeviceList, verifyDeviceList } from '@pocketeer/core/protocol/device-list';
import { CLOSE, type ClientMessage, type ErrorCode } from '@pocketeer/core/protocol/messages';
import { err, ok, type Result } from '@pocketeer/core/result';
import type { SpaceStore, SpaceStoreDep } from '../store/space-store.ts';

type Auth = Extract<ClientMessage, { type: 'auth' }>;

/** Why somebody is not let in: what is answered before the connection closes with `close`. */
export interface Refusal {
	readonly code: ErrorCode;
	/** A sentence for the person. */
	readonly message: string;
	readonly close: number;
}

/** Who may found a space here. */
export interface FoundingRules {
	/** Founding needs this token; undefined: it needs none, but is for this machine only. */
	readonly inviteToken: string | undefined;
	/** Whether the relay listens on loopback only, and the page that connects comes from there, too. */
	readonly isLocal: boolean;
}

/**
 * Decides whether `auth` opens its space, founding the space when it is new and allowed. Answers the newest device
 * list, by which the connection was let in.
 */
export async function authenticate(
	deps: SpaceStoreDep,
	auth: Auth,
	challenge: { readonly nonce: Bytes; readonly timeline: string },
	rules: FoundingRules,
): Promise<Result<DeviceList, Refusal>> {
	const known = await newestList(deps.spaceStore, auth);
	const list = known ?? (await foundingList(auth, rules));
	if (!list.ok) return list;

	const claim = { ...challenge, space: auth.space, device: auth.device };
	const { listKey, devices } = list.value;
	const signKey = auth.device === null ? listKey : devices.find(({ id }) => id === auth.device)?.signKey;
	if (signKey === undefined) {
		return refuse('not-a-device', 'This device was removed from the space.', CLOSE.removed);
	}
	if (!(await verifyAuth(claim, signKey, auth.signature))) {
		return refuse('bad-signature', 'This device could not prove that it belongs to the space.', CLOSE.unauthorized);
	}
	if (known || auth.list === null) return list;

	const isFounded = await deps.spaceStore.put({ space: auth.space, version: 1, list: auth.list });
	// Somebody founded it between our look and now: they are the one to be checked against.
	return isFounded ? list : authenticate(deps, auth, challenge, rules);
}

async function newestList(spaceStore: SpaceStore, auth: Auth): Promise<Result<DeviceList, Refusal> | undefined> {
	const newest = await spaceStore.newest(auth.space);
	if (!newest) return undefined;
	const list = readDeviceList(newest.list);
	if (list.ok) return ok(list.value);
	// The relay itself was set back to an older version.
	if (list.error.type === 'NewerForm') return relayTooOld();
	throw new TypeError(`a stored device list is broken: ${list.error.type}`);
}

async function foundingList(auth: Auth, rules: FoundingRules): Promise<Result<DeviceList, Refusal>> {
	if (auth.list === null) {
		return refuse('unknown-space', 'This relay does not know the space.', CLOSE.unauthorized);
	}
	if (!mayFound(auth.invite, rules)) {
		return refuse('invite-required', 'This relay takes new spaces by invitation only.', CLOSE.unauthorized);
	}
	const list = await verifyDeviceList({ bytes: auth.list });
	if (!list.ok && list.error.type === 'NewerForm') return relayTooOld();
	if (!list.ok || list.value.space !== auth.space) {
		return refuse('bad-signature', 'The first device list does not prove the space.', CLOSE.unauthorized);
	}
	return list;
}

function mayFound(invite: string, rules: FoundingRules): boolean {
	if (rules.inviteToken === undefined) return rules.isLocal;
	// Hashes have one length, so comparing them takes one time.
	const offered = createHash('sha256').update(invite).digest();
	return timingSafeEqual(offered, createHash('sha256').update(rules.inviteToken).digest());
}

function relayTooOld(): Result<never, Refusal> {
	return refuse('too-old', 'This relay is older than the app. Update the relay.', CLOSE.tooOld);
}

function refuse(code: ErrorCode, message: string, close: number): Result<never, Refusal> {
	return err({ code, message, close });
}
