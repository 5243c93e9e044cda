import { toBase64Url } from '@pocketeer/core/bytes';
import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { verifyDeletion } from '@pocketeer/core/protocol/deletion';
import { type DeviceListError, verifyDeviceList } from '@pocketeer/core/protocol/device-list';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { ClientMessage, ErrorCode, RelayMessage, Wake } from '@pocketeer/core/protocol/messages';
import { readRecurrence } from '@pocketeer/core/protocol/recurrence';
import { unreachable } from '@pocketeer/core/result';
import type { EndpointRules } from '../push/endpoint-rules.ts';
import { checkSubscription } from '../push/envelope.ts';
import type { Pusher } from '../push/pusher.ts';
import { CLAIM_MEMORY_MS, type ClaimStoreDep } from '../store/claim-store.ts';
import type { LogStoreDep } from '../store/log-store.ts';
import type { WakeStoreDep } from '../store/wake-store.ts';
import { firstDue, type WakeClock } from '../wakes/wake-clock.ts';
import type { DeletionsDep } from './deletions.ts';
import type { KnownListsDep } from './known-lists.ts';
import { keepList, LISTS_FULL, type ListDeps } from './lists.ts';

/** What a connection may ask for besides the log and pairing. */
export type ServiceRequest = Extract<
	ClientMessage,
	{
		readonly type:
			| 'ping'
			| 'list-get'
			| 'list-put'
			| 'space-get'
			| 'space-delete'
			| 'wake-put'
			| 'wake-drop'
			| 'wake-list'
			| 'push-put'
			| 'push-test'
			| 'claim'
			| 'claim-done';
	}
>;

/** The relay's services behind a connection. */
export type ServiceDeps = ClockDep &
	ListDeps &
	KnownListsDep &
	DeletionsDep &
	LogStoreDep &
	WakeStoreDep &
	ClaimStoreDep & { readonly rules: EndpointRules; readonly wakeClock: WakeClock; readonly pusher: Pusher };

/** Who asks; `device` null holds the root only. */
export interface Asker {
	readonly space: SpaceId;
	readonly device: DeviceId | null;
}

const LIST_TOO_NEW = 'The list of devices was written by a newer Pocketeer than this relay. Update the relay.';
const MIN_TTL_MS = 60_000;
/** Four weeks: no push service keeps a message longer. */
const MAX_TTL_MS = 28 * 24 * 60 * 60_000;
const MIN_LEASE_MS = 1_000;
const MAX_LEASE_MS = 30 * 60_000;
/** Claims on record of one space: a task of every minute for all the time that they are remembered, and some. */
const CLAIMS = 200_000;

/** Carries out one request; what it answers is what the relay sends. Everything it says is kept is on disk. */
export async function serve(deps: ServiceDeps, asker: Asker, request: ServiceRequest): Promise<RelayMessage> {
	switch (request.type) {
		case 'ping':
			return { type: 'pong' };
		case 'list-get':
			return { type: 'lists', lists: await deps.spaceStore.listsAfter(asker.space, request.after) };
		case 'list-put':
			return putList(deps, asker, request.list);
		case 'space-get':
			return spaceState(deps, asker.space);
		case 'space-delete':
			return deleteSpace(deps, asker, request.statement);
		default:
			break;
	}
	if (asker.device === null) return refusal('not-a-device', '', 'Only a listed device may do this.');
	return serveDevice(deps, { space: asker.space, device: asker.device }, request);
}

interface Device {
	readonly space: SpaceId;
	readonly device: DeviceId;
}

async function serveDevice(
	deps: ServiceDeps,
	{ space, device }: Device,
	request: Exclude<ServiceRequest, { readonly type: 'ping' | 'list-get' | 'list-put' | 'space-get' | 'space-delete' }>,
): Promise<RelayMessage> {
	switch (request.type) {
		case 'wake-put':
			return putWake(deps, space, request.wake);
		case 'wake-drop': {
			const revision = await deps.wakeStore.drop(space, request.id, request.revision);
			return { type: 'wake-kept', id: request.id, revision };
		}
		case 'wake-list':
			return { type: 'wakes', wakes: await deps.wakeStore.list(space) };
		case 'push-put':
			return putSubscription(deps, { space, device }, request.subscription);
		case 'push-test':
			return { type: 'push-tested', status: await deps.pusher.test(space, device) };
		case 'claim':
			return claim(deps, { space, device }, request);
		case 'claim-done': {
			const { occurrence, fence } = request;
			const isDone = await deps.claimStore.finish({ space, device, occurrence: toBase64Url(occurrence), fence });
			return { type: 'claimed', occurrence, fence: isDone ? fence : 0 };
		}
		default:
			return unreachable(request);
	}
}

async function putList(deps: ServiceDeps, asker: Asker, bytes: Uint8Array<ArrayBuffer>): Promise<RelayMessage> {
	const { space } = asker;
	const newest = await deps.knownLists.newest(space);
	if (newest && !newest.ok) return listRefusal(newest.error);
	const known = newest?.value;
	// A repeat of what is kept already changes nothing.
	if (known && Buffer.compare(known.bytes, bytes) === 0) return { type: 'list-kept', version: known.list.version };
	const list = await verifyDeviceList({ bytes, previous: known?.bytes });
	if (!list.ok) return listRefusal(list.error);
	const { version } = list.value;
	switch (await keepList(deps, space, { bytes, list: list.value }, asker)) {
		case 'kept':
			return { type: 'list-kept', version };
		case 'conflict':
			return listRefusal({ type: 'WrongVersion', expected: version, actual: version });
		case 'full':
			return refusal('quota', '', LISTS_FULL);
	}
}

function listRefusal(error: DeviceListError | { readonly type: 'NewerForm' }): RelayMessage {
	switch (error.type) {
		case 'MalformedList':
			return refusal('malformed', '', `The device list cannot be read: ${error.reason}.`);
		case 'NewerForm':
			return refusal('too-old', '', LIST_TOO_NEW);
		case 'WrongVersion':
		case 'BrokenListChain':
			return refusal('list-conflict', '', 'Another device changed the list of devices first.');
		case 'WrongSpace':
		case 'ChangedKey':
		case 'SignerNotAllowed':
		case 'BadListSignature':
			return refusal('bad-signature', '', 'The device list is not signed by a device of this space.');
		default:
			return unreachable(error);
	}
}

async function spaceState(deps: ServiceDeps, space: SpaceId): Promise<RelayMessage> {
	const { usedBytes, limitBytes } = await deps.logStore.usage(space);
	const newest = await deps.knownLists.newest(space);
	for (const { device } of deps.hub.members(space)) if (device !== null) deps.sightings.note(space, device);
	const seen = await deps.sightings.list(space);
	const listed = newest?.ok ? newest.value.list.devices : [];
	return {
		type: 'space-state',
		usedBytes,
		limitBytes,
		devices: listed.map(({ id }) => ({ id, seen: seen.get(id) ?? 0 })),
	};
}

async function deleteSpace(deps: ServiceDeps, asker: Asker, statement: Uint8Array<ArrayBuffer>): Promise<RelayMessage> {
	const newest = await deps.knownLists.newest(asker.space);
	if (!newest?.ok) return refusal('list-conflict', '', 'The relay has no list of devices to check this by.');
	const deletion = await verifyDeletion({ statement, list: newest.value.list });
	if (!deletion.ok) {
		return refusal('bad-signature', '', 'A space is deleted by one of its devices, or with its recovery words, only.');
	}
	await deps.deletions.delete(asker.space, statement, asker);
	return { type: 'space-deleted', statement };
}

async function putWake(deps: ServiceDeps, space: SpaceId, wake: Wake): Promise<RelayMessage> {
	const problem = wakeProblem(wake);
	if (problem !== undefined) return refusal('bad-wake', wake.id, problem);
	const now = deps.clock.now();
	const kept = await deps.wakeStore.put({
		space,
		wake,
		firstDue: (before) => firstDue({ recurrence: wake.recurrence, ttlMs: wake.ttlMs, before, now }),
		limit: LIMITS.wakes,
	});
	if (kept.type === 'full') {
		return refusal('quota', wake.id, `A space can have ${LIMITS.wakes} reminders waiting; cancel some first.`);
	}
	deps.wakeClock.look();
	return { type: 'wake-kept', id: wake.id, revision: kept.revision };
}

function wakeProblem(wake: Wake): string | undefined {
	const recurrence = readRecurrence(wake.recurrence);
	if (!recurrence.ok) return recurrence.error.reason;
	if (wake.ttlMs < MIN_TTL_MS || wake.ttlMs > MAX_TTL_MS) return 'A reminder stays of use for a minute to four weeks.';
	if (wake.payload.length > LIMITS.wakePayload)
		return `A reminder's sealed text has at most ${LIMITS.wakePayload} bytes.`;
	return undefined;
}

async function claim(
	{ claimStore, clock }: ServiceDeps,
	{ space, device }: Device,
	request: Extract<ServiceRequest, { type: 'claim' }>,
): Promise<RelayMessage> {
	const now = clock.now();
	const leaseMs = Math.min(MAX_LEASE_MS, Math.max(MIN_LEASE_MS, request.leaseMs));
	const occurrence = toBase64Url(request.occurrence);
	const offer = { space, device, occurrence, leaseMs, now, limit: CLAIMS };
	let fence = await claimStore.claim(offer);
	if (fence === 'full') {
		await claimStore.prune(now - CLAIM_MEMORY_MS);
		fence = await claimStore.claim(offer);
	}
	if (fence === 'full') {
		return refusal(
			'quota',
			occurrence,
			`A relay remembers ${CLAIMS} runs of tasks of one space; later ones must wait.`,
		);
	}
	return { type: 'claimed', occurrence: request.occurrence, fence };
}

async function putSubscription(
	deps: ServiceDeps,
	{ space, device }: Device,
	subscription: Extract<ServiceRequest, { type: 'push-put' }>['subscription'],
): Promise<RelayMessage> {
	if (subscription.endpoint === '') {
		await deps.pushStore.removeSubscription(space, device);
		return { type: 'push-kept' };
	}
	const url = deps.rules.check(subscription.endpoint);
	if (!url.ok) return refusal('bad-endpoint', '', url.error);
	const problem = checkSubscription(subscription);
	if (problem !== undefined) return refusal('bad-endpoint', '', problem);
	await deps.pushStore.putSubscription(space, device, subscription);
	return { type: 'push-kept' };
}

function refusal(code: ErrorCode, about: string, message: string): RelayMessage {
	return { type: 'error', code, about, message };
}
