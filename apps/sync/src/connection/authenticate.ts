import { createHash, timingSafeEqual } from 'node:crypto';
import type { Bytes } from '@pocketeer/core/bytes';
import { verifyAuth } from '@pocketeer/core/protocol/auth';
import type { DeviceList, DeviceListError } from '@pocketeer/core/protocol/device-list';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { CLOSE, type ClientMessage, type ErrorCode } from '@pocketeer/core/protocol/messages';
import { err, ok, type Result } from '@pocketeer/core/result';
import type { DeletionStoreDep } from '../store/deletion-store.ts';
import type { InviteStoreDep } from '../store/invite-store.ts';
import type { KnownList, KnownListsDep } from './known-lists.ts';
import { keepList, LISTS_FULL, type ListDeps, type ListEnd, verifyLists } from './lists.ts';

type Auth = Extract<ClientMessage, { type: 'auth' }>;

/** What deciding who comes in needs to know. */
export type AuthDeps = ListDeps & KnownListsDep & InviteStoreDep & DeletionStoreDep;

/** Why somebody is not let in: what is answered before the connection closes with `close`. */
export interface Refusal {
	readonly code: ErrorCode;
	/** A sentence for the person. */
	readonly message: string;
	readonly close: number;
	/** The statement by which the space was deleted; it is the answer then. */
	readonly deletion?: Bytes;
}

/** Who may found a space here. */
export interface FoundingRules {
	/** Founding needs this token, or one for a single space; undefined: it needs none on this machine. */
	readonly inviteToken: string | undefined;
	/** Whether the relay listens on loopback only, and the page that connects comes from there, too. */
	readonly isLocal: boolean;
}

/** What a connection was challenged with, and where it may say it called. */
export interface Challenge {
	readonly nonce: Bytes;
	readonly timeline: string;
	/** This relay's origin by its operator; undefined: whatever the client says. */
	readonly publicUrl: string | undefined;
}

/**
 * Decides whether `auth` opens its space, founding the space when it is new and allowed. Versions of the device list
 * that the relay lacks are kept first, whoever brings them: they prove themselves, and a relay that was set back gets
 * them from anybody who was ever listed. Answers the newest list, by which the connection was let in.
 */
export async function authenticate(
	deps: AuthDeps,
	auth: Auth,
	challenge: Challenge,
	rules: FoundingRules,
): Promise<Result<DeviceList, Refusal>> {
	const { publicUrl } = challenge;
	if (publicUrl !== undefined && auth.origin !== publicUrl) {
		const sentence = `This relay is ${publicUrl} (its PUBLIC_URL), but the app calls it ${auth.origin}. Use its own address.`;
		return refuse('bad-signature', sentence, CLOSE.unauthorized);
	}
	const deletion = await deps.deletionStore.statement(auth.space);
	if (deletion) return err({ code: 'deleted', message: 'The space was deleted.', close: CLOSE.deleted, deletion });
	const known = await deps.knownLists.newest(auth.space);
	if (!known) return found(deps, auth, challenge, rules);
	if (!known.ok) return relayTooOld();

	const fresh = await verifyLists(auth.lists, known.value);
	if (!fresh.ok) return refuseLists(fresh.error);
	for (const list of fresh.value) {
		const end = await keepList(deps, auth.space, list);
		// Somebody changed the list between our look and now: begin again with theirs.
		if (end === 'conflict') return authenticate(deps, auth, challenge, rules);
		if (end === 'full') return full();
	}
	return prove(auth, challenge, (fresh.value.at(-1) ?? known.value).list);
}

/** Whether the signature is by the device, or by the list key, of this list. */
async function prove(auth: Auth, challenge: Challenge, list: DeviceList): Promise<Result<DeviceList, Refusal>> {
	const { space, device, origin } = auth;
	const signKey = device === null ? list.listKey : list.devices.find(({ id }) => id === device)?.signKey;
	if (signKey === undefined) {
		return refuse('not-a-device', 'This device was removed from the space.', CLOSE.removed);
	}
	const { nonce, timeline } = challenge;
	const isProved = await verifyAuth({ nonce, timeline, origin, space, device }, signKey, auth.signature);
	if (isProved) return ok(list);
	return refuse('bad-signature', 'This device could not prove that it belongs to the space.', CLOSE.unauthorized);
}

async function found(
	deps: AuthDeps,
	auth: Auth,
	challenge: Challenge,
	rules: FoundingRules,
): Promise<Result<DeviceList, Refusal>> {
	if (auth.lists.length === 0) {
		return refuse('unknown-space', 'This relay does not know the space.', CLOSE.unauthorized);
	}
	const permission = permissionToFound(auth.invite, rules);
	if (permission === 'none') return notInvited();
	// Before any signature is checked: a stranger must not make the relay work for nothing.
	if (permission === 'single' && !(await deps.inviteStore.isOpen(auth.invite, auth.space))) return notInvited();
	const lists = await verifyFoundingLists(auth);
	if (!lists.ok) return lists;
	const [first, ...later] = lists.value;
	const newest = lists.value.at(-1);
	if (!first || !newest) return doesNotProve();
	if (newest.list.version > LIMITS.listVersions) return full();
	const proved = await prove(auth, challenge, newest.list);
	if (!proved.ok) return proved;

	if (permission === 'single' && !(await deps.inviteStore.take(auth.invite, auth.space))) return notInvited();
	for (const list of [first, ...later]) {
		const end: ListEnd = await keepList(deps, auth.space, list);
		// Somebody founded it between our look and now: they are the one to be checked against.
		if (end !== 'kept') return authenticate(deps, auth, challenge, rules);
	}
	return proved;
}

async function verifyFoundingLists(auth: Auth): Promise<Result<readonly KnownList[], Refusal>> {
	const lists = await verifyLists(auth.lists.slice(0, 1), undefined);
	if (!lists.ok && lists.error.type === 'NewerForm') return relayTooOld();
	const first = lists.ok ? lists.value[0] : undefined;
	if (first?.list.space !== auth.space) return doesNotProve();
	const later = await verifyLists(auth.lists, first);
	return later.ok ? ok([first, ...later.value]) : refuseLists(later.error);
}

function permissionToFound(invite: string, rules: FoundingRules): 'any' | 'single' | 'none' {
	if (rules.inviteToken === undefined && rules.isLocal) return 'any';
	if (rules.inviteToken !== undefined && isSame(invite, rules.inviteToken)) return 'any';
	return invite === '' ? 'none' : 'single';
}

/** Hashes have one length, so comparing them takes one time. */
function isSame(offered: string, token: string): boolean {
	return timingSafeEqual(createHash('sha256').update(offered).digest(), createHash('sha256').update(token).digest());
}

function refuseLists(error: DeviceListError): Result<never, Refusal> {
	if (error.type === 'NewerForm') return relayTooOld();
	const sentence = 'The lists of devices that this app brings do not continue the one that the relay has.';
	return refuse('list-conflict', sentence, CLOSE.unauthorized);
}

function relayTooOld(): Result<never, Refusal> {
	return refuse('too-old', 'This relay is older than the app. Update the relay.', CLOSE.tooOld);
}

function doesNotProve(): Result<never, Refusal> {
	return refuse('bad-signature', 'The first device list does not prove the space.', CLOSE.unauthorized);
}

function notInvited(): Result<never, Refusal> {
	return refuse('invite-required', 'This relay takes new spaces by invitation only.', CLOSE.unauthorized);
}

function full(): Result<never, Refusal> {
	return refuse('quota', LISTS_FULL, CLOSE.unauthorized);
}

function refuse(code: ErrorCode, message: string, close: number): Result<never, Refusal> {
	return err({ code, message, close });
}
