import { equalBytes } from '../bytes.ts';
import type { DeviceIdentity } from '../crypto/device-keys.ts';
import type { DeviceId, SpaceId } from '../ids.ts';
import type { RandomDep } from '../ports/random.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import { LIMITS } from '../protocol/limits.ts';
import { err, ok, type Result } from '../result.ts';
import type { MemberKeys } from './member-keys.ts';
import type { MemberSession } from './member-session.ts';
import type { MemberStoreDep, Removal } from './member-store.ts';
import type { MembersError } from './members.ts';
import { describeTaken, fetchLists, type IsRemoved, levelLists, newestOf, putList } from './relay-lists.ts';
import { includesList, isOnTop, makeRemoval } from './removal.ts';

/** Removals of this device: begun on its disk, carried to the relay, whatever is cut in between. */
export interface Removals {
	/** Signs the removal of these on top of what is known here and writes it down, together with what was begun before. */
	begin(wanted: readonly DeviceId[]): Promise<Result<void, MembersError>>;
	/** Sends what is written down until it is done, whoever else changes the list meanwhile. */
	carryOn(): Promise<Result<void, MembersError>>;
}

export interface RemovalsDeps extends RandomDep, MemberStoreDep {
	readonly keys: MemberKeys;
	readonly openSession: () => Promise<Result<MemberSession, MembersError | IsRemoved>>;
}

/** Other devices may join or leave at the same moment; each round takes in what they did. */
const MOST_ATTEMPTS = 8;
const REMOVED = 'This device was removed from the space.';
const LAST_DEVICE =
	'This is the last device of the space: without it nobody but the recovery words could open it. Delete the space instead.';
const TOO_LARGE = 'The list of devices has no room left for the keys of another epoch.';
const BUSY = 'The list of devices changes all the time. Try again in a moment.';

type Step = Result<void, MembersError>;

/** Makes them for the device of `self`. */
export function createRemovals(
	deps: RemovalsDeps,
	self: { readonly spaceId: SpaceId; readonly identity: DeviceIdentity },
): Removals {
	const { keys, memberStore } = deps;
	return { begin, carryOn };

	async function begin(wanted: readonly DeviceId[]): Promise<Step> {
		for (;;) {
			const read = await memberStore.read();
			if (!read.ok) return read;
			const before = read.value.removal;
			const next = await nextRemoval([...new Set([...(before?.devices ?? []), ...wanted])]);
			if (!next.ok) return next;
			let isOvertaken = false;
			const kept = await memberStore.keep((present) => {
				// Another tab began one meanwhile: the two become one.
				isOvertaken = !isSame(present.removal, before);
				return isOvertaken ? present : { ...present, removal: next.value };
			});
			if (!kept.ok || !isOvertaken) return kept;
		}
	}

	/** undefined: none of them is listed. */
	async function nextRemoval(devices: readonly DeviceId[]): Promise<Result<Removal | undefined, MembersError>> {
		const newest = newestOf(keys);
		const listed = devices.filter((id) => newest.list.devices.some((device) => device.id === id));
		if (listed.length === 0) return ok(undefined);
		if (listed.length === newest.list.devices.length) return err({ type: 'Refused', reason: LAST_DEVICE });
		const removal = await makeRemoval(deps, self, { ...newest, ring: keys.ring, devices: listed });
		return removal.list.length > LIMITS.deviceList ? err({ type: 'Refused', reason: TOO_LARGE }) : ok(removal);
	}

	async function carryOn(): Promise<Step> {
		const read = await memberStore.read();
		if (!read.ok) return read;
		const { removal } = read.value;
		if (!removal) return ok();
		const session = await deps.openSession();
		if (!session.ok) return session.error.type === 'Removed' ? outOfList() : err(session.error);
		using opened = session.value;
		const level = await levelLists(keys, opened);
		const carried = level.ok ? await offer(opened) : level;
		if (carried.ok) return carried;
		return carried.error.type === 'Removed' ? outOfList() : err(carried.error);
	}

	async function offer(session: MemberSession): Promise<Result<void, MembersError | IsRemoved>> {
		for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
			const read = await memberStore.read();
			if (!read.ok) return read;
			const { removal } = read.value;
			if (!removal) return ok();
			if (includesList(keys.lists, removal.list)) return forget(removal);
			if (!(await isStillOnTop(removal))) {
				const begun = await begin([]);
				if (begun.ok) continue;
				// What cannot be done any more is not to be tried for ever.
				return begun.error.type === 'Refused' ? forget(removal, begun) : begun;
			}
			const put = await putList(session, removal.list);
			if (!put.ok) return put;
			if (put.value === 'kept') return done(removal);
			const fetched = await fetchLists(keys, session);
			if (!fetched.ok) return fetched;
		}
		return err({ type: 'NoRelay', reason: BUSY });
	}

	function isStillOnTop(removal: Removal): Promise<boolean> {
		const list = readDeviceList(removal.list);
		if (!list.ok) throw new Error(`a removal that cannot be read: ${list.error.type}`);
		return isOnTop(list.value, newestOf(keys));
	}

	/** The relay has it on disk: from here on it is the list. */
	async function done(removal: Removal): Promise<Step> {
		const taken = describeTaken(await keys.take([removal.list]));
		// Who leaves is not in the list that it signed.
		return taken.ok || taken.error.type === 'Removed' ? forget(removal) : err(taken.error);
	}

	/** Who is no longer listed can change nothing; for one that left this is the answer that was lost. */
	async function outOfList(): Promise<Step> {
		const read = await memberStore.read();
		if (!read.ok || !read.value.removal) return read.ok ? ok() : read;
		const { removal } = read.value;
		const hasLeft = removal.devices.includes(self.identity.id);
		return forget(removal, hasLeft ? ok() : err({ type: 'Refused', reason: REMOVED }));
	}

	/** Leaves alone what another tab began meanwhile. */
	async function forget(removal: Removal, answer: Step = ok()): Promise<Step> {
		const kept = await memberStore.keep((present) => {
			if (!isSame(present.removal, removal)) return present;
			const { removal: _, ...rest } = present;
			return rest;
		});
		return kept.ok ? answer : kept;
	}
}

function isSame(a: Removal | undefined, b: Removal | undefined): boolean {
	return a === b || (a !== undefined && b !== undefined && equalBytes(a.list, b.list));
}
