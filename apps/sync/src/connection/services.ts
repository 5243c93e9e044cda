import { toBase64Url } from '@pocketeer/core/bytes';
import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { type DeviceListError, verifyDeviceList } from '@pocketeer/core/protocol/device-list';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { ClientMessage, ErrorCode, RelayMessage, Wake } from '@pocketeer/core/protocol/messages';
import { readRecurrence } from '@pocketeer/core/protocol/recurrence';
import { unreachable } from '@pocketeer/core/result';
import type { EndpointRules } from '../push/endpoint-rules.ts';
import { checkSubscription } from '../push/envelope.ts';
import type { Pusher } from '../push/pusher.ts';
import type { ClaimStoreDep } from '../store/claim-store.ts';
import type { PushStoreDep } from '../store/push-store.ts';
import type { SpaceStoreDep } from '../store/space-store.ts';
import type { WakeStoreDep } from '../store/wake-store.ts';
import { firstDue, type WakeClock } from '../wakes/wake-clock.ts';
import type { HubDep } from './hub.ts';

/** What a connection may ask for besides the log. */
export type ServiceRequest = Exclude<ClientMessage, { readonly type: 'auth' | 'open' | 'shut' | 'append' }>;

/** The relay's services behind a connection. */
export type ServiceDeps = ClockDep &
	HubDep &
	SpaceStoreDep &
	WakeStoreDep &
	PushStoreDep &
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

/** Carries out one request; what it answers is what the relay sends. Everything it says is kept is on disk. */
export async function serve(deps: ServiceDeps, asker: Asker, request: ServiceRequest): Promise<RelayMessage> {
	switch (request.type) {
		case 'ping':
			return { type: 'pong' };
		case 'list-get':
			return { type: 'lists', lists: await deps.spaceStore.listsAfter(asker.space, request.after) };
		case 'list-put':
			return putList(deps, asker, request.list);
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
	request: Exclude<ServiceRequest, { readonly type: 'ping' | 'list-get' | 'list-put' }>,
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
		case 'claim': {
			const leaseMs = Math.min(MAX_LEASE_MS, Math.max(MIN_LEASE_MS, request.leaseMs));
			const occurrence = toBase64Url(request.occurrence);
			const fence = await deps.claimStore.claim({ space, device, occurrence, leaseMs, now: deps.clock.now() });
			return { type: 'claimed', occurrence: request.occurrence, fence };
		}
		case 'claim-done': {
			const { occurrence, fence } = request;
			const isDone = await deps.claimStore.finish({ space, device, occurrence: toBase64Url(occurrence), fence });
			return { type: 'claimed', occurrence, fence: isDone ? fence : 0 };
		}
		default:
			return unreachable(request);
	}
}

async function putList(deps: ServiceDeps, { space }: Asker, bytes: Uint8Array<ArrayBuffer>): Promise<RelayMessage> {
	const newest = await deps.spaceStore.newest(space);
	// A repeat of what is kept already changes nothing.
	if (newest && Buffer.compare(newest.list, bytes) === 0) return { type: 'list-kept', version: newest.version };
	const list = await verifyDeviceList({ bytes, previous: newest?.list });
	if (!list.ok) return listRefusal(list.error);
	const { version, devices } = list.value;
	const isKept = await deps.spaceStore.put({ space, version, list: bytes });
	if (!isKept) return listRefusal({ type: 'WrongVersion', expected: version, actual: version });

	const staying = devices.map(({ id }) => id);
	await deps.pushStore.keepOnly(space, staying);
	for (const member of deps.hub.members(space)) {
		if (member.device !== null && !staying.includes(member.device)) member.remove();
	}
	return { type: 'list-kept', version };
}

function listRefusal(error: DeviceListError): RelayMessage {
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
