import type { DeviceIdentity } from '../crypto/device-keys.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import type { StoreError } from '../ports/store.ts';
import type { ListedDevice } from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';
import { err, ok, type Result } from '../result.ts';
import type { MemberKeys } from './member-keys.ts';
import type { MemberSession } from './member-session.ts';
import type { MemberState, MemberStoreDep } from './member-store.ts';
import type { MembersError } from './members.ts';
import { describeTaken, fetchLists, newestOf, putList } from './relay-lists.ts';
import { type SignedList, signNext, trySeal } from './removal.ts';

export interface AddDeps extends MemberStoreDep {
	readonly keys: MemberKeys;
}

export interface AddOptions {
	readonly spaceId: SpaceId;
	readonly identity: DeviceIdentity;
}

/** `isListed`: whether the device is on the relay's list all the same; `reason` is a sentence. */
export interface AddError {
	readonly type: 'NotAdded';
	readonly reason: string;
	readonly isListed: 'no' | 'perhaps' | 'yes';
}

/** Other devices may join or leave at the same moment; each round takes in what they did. */
const MOST_ATTEMPTS = 8;

/**
 * Puts a device on the list, with the key ring sealed to it. Before it is offered to the relay it is noted as
 * unconfirmed, so that a cut at any point leaves no device on the list that nobody knows of.
 */
export async function addDevice(
	deps: AddDeps,
	options: AddOptions,
	adding: { readonly session: MemberSession; readonly device: ListedDevice },
): Promise<Result<void, AddError>> {
	const { keys, memberStore } = deps;
	const { session, device } = adding;
	const noted = await memberStore.keep((present) => withUnconfirmed(present, device.id));
	if (!noted.ok) return notAdded(sentenceOf(noted.error));
	for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
		const newest = newestOf(keys);
		const problem = whyNot(newest, device);
		if (problem !== undefined) return await withdraw(deps, device.id, problem);
		const next = await listWith(deps, options, { newest, device });
		if (!next) return await withdraw(deps, device.id, 'The other device sent a key that nothing can be sealed to.');
		if (next.length > LIMITS.deviceList) return await withdraw(deps, device.id, TOO_LARGE);
		const put = await putList(session, next);
		if (!put.ok && put.error.type === 'NoRelay') return notAdded(`${put.error.reason} ${PERHAPS}`, 'perhaps');
		if (!put.ok) return await withdraw(deps, device.id, sentenceOf(put.error));
		if (put.value === 'kept') {
			const taken = describeTaken(await keys.take([next]));
			return taken.ok ? ok() : notAdded(sentenceOf(taken.error), 'yes');
		}
		const fetched = await fetchLists(keys, session);
		if (!fetched.ok) return await withdraw(deps, device.id, sentenceOf(fetched.error));
	}
	return await withdraw(deps, device.id, 'The list of devices changes all the time. Try again in a moment.');
}

/** The device said that it is in. */
export function confirmDevice(deps: MemberStoreDep, device: DeviceId): Promise<Result<void, StoreError>> {
	return deps.memberStore.keep((present) => withoutUnconfirmed(present, [device]));
}

/** `present` without these among the unconfirmed. */
export function withoutUnconfirmed(present: MemberState, devices: readonly DeviceId[]): MemberState {
	return { ...present, unconfirmed: present.unconfirmed?.filter((id) => !devices.includes(id)) };
}

const TOO_LARGE = 'The list of devices has no room left for another device.';
const PERHAPS = 'The device may be on the list already; if it is there and not in use, remove it.';

function withUnconfirmed(present: MemberState, device: DeviceId): MemberState {
	return { ...present, unconfirmed: [...(present.unconfirmed ?? []), device] };
}

function whyNot({ list }: SignedList, device: ListedDevice): string | undefined {
	if (list.devices.length >= LIMITS.devices) {
		return `This space has ${LIMITS.devices} devices, and more there cannot be. Remove one first.`;
	}
	const isThere = list.devices.some(({ id }) => id === device.id);
	return isThere ? 'A device of the space already has the name that the new one goes by. Start anew there.' : undefined;
}

async function listWith(
	{ keys }: AddDeps,
	by: AddOptions,
	{ newest, device }: { readonly newest: SignedList; readonly device: ListedDevice },
) {
	const { devices, epoch, boxes } = newest.list;
	const box = await trySeal(keys.ring, { space: by.spaceId, publicKey: device.sealKey });
	if (box === undefined) return undefined;
	return signNext(by, newest, { devices: [...devices, device], epoch, boxes: { ...boxes, [device.id]: box } });
}

/** It is certain that the relay did not take it. */
async function withdraw(deps: AddDeps, device: DeviceId, reason: string): Promise<Result<never, AddError>> {
	// A note that stays names a device that is on no list: it shows nowhere.
	await confirmDevice(deps, device);
	return notAdded(reason);
}

function notAdded(reason: string, isListed: AddError['isListed'] = 'no'): Result<never, AddError> {
	return err({ type: 'NotAdded', reason, isListed });
}

function sentenceOf(error: MembersError | { readonly type: 'Removed' }): string {
	switch (error.type) {
		case 'Removed':
			return 'This device was removed from the space.';
		case 'QuotaExceeded':
			return 'This device has no room left to keep the list of devices.';
		case 'CorruptRow':
		case 'StoreUnavailable':
		case 'NoRelay':
		case 'Refused':
			return error.reason;
	}
}
