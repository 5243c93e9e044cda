import type { Bytes } from '@pocketeer/core/bytes';
import type { SpaceId } from '@pocketeer/core/ids';
import { type DeviceListError, readDeviceList, verifyDeviceList } from '@pocketeer/core/protocol/device-list';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { err, ok, type Result } from '@pocketeer/core/result';
import type { MetricsDep } from '../metrics.ts';
import type { PushStoreDep } from '../store/push-store.ts';
import type { SpaceStoreDep } from '../store/space-store.ts';
import type { HubDep } from './hub.ts';
import type { KnownList } from './known-lists.ts';
import type { SightingsDep } from './sightings.ts';

/** What a new version of a device list changes at the relay. */
export type ListDeps = SpaceStoreDep & PushStoreDep & HubDep & SightingsDep & MetricsDep;

/** What is said to a space that changed its devices as often as it may. */
export const LISTS_FULL = `The list of devices of this space was changed ${LIMITS.listVersions} times, which is as often as a relay takes.`;

/** `full`: the space made as many versions as it may. `conflict`: another one came first. */
export type ListEnd = 'kept' | 'conflict' | 'full';

/**
 * Those of the offered versions that come behind `newest` (undefined: from version 1 on), each verified against the one
 * before. Versions that the relay has are passed over, unless its newest is another one: then the chains parted.
 */
export async function verifyLists(
	offered: readonly Bytes[],
	newest: KnownList | undefined,
): Promise<Result<readonly KnownList[], DeviceListError>> {
	const fresh: KnownList[] = [];
	for (const bytes of offered) {
		const read = readDeviceList(bytes);
		if (!read.ok) return read;
		if (newest && read.value.version <= newest.list.version) {
			const isNewest = read.value.version === newest.list.version;
			if (isNewest && Buffer.compare(bytes, newest.bytes) !== 0) return err({ type: 'BrokenListChain' });
			continue;
		}
		const list = await verifyDeviceList({ bytes, previous: (fresh.at(-1) ?? newest)?.bytes });
		if (!list.ok) return list;
		fresh.push({ bytes, list: list.value });
	}
	return ok(fresh);
}

/**
 * Makes a verified version the newest of its space: whoever it does not name is told and hung up on, the other
 * connections but that of `asker` hear of it.
 */
export async function keepList(
	deps: ListDeps,
	space: SpaceId,
	{ bytes, list }: KnownList,
	asker?: object,
): Promise<ListEnd> {
	const { version, devices } = list;
	if (version > LIMITS.listVersions) return 'full';
	if (!(await deps.spaceStore.put({ space, version, list: bytes }))) return 'conflict';

	// At once: what is sealed under an older key is not taken any more (SY15).
	deps.hub.learnEpoch(space, list.epoch);
	deps.metrics.count('lists_total');
	if (version === 1) deps.metrics.count('spaces_founded_total');
	const staying = devices.map(({ id }) => id);
	await deps.pushStore.keepOnly(space, staying);
	await deps.sightings.keepOnly(space, staying);
	for (const member of deps.hub.members(space)) {
		if (member.device !== null && !staying.includes(member.device)) member.remove();
		else if (member.asker !== asker) member.send({ type: 'listed', version });
	}
	return 'kept';
}
