import type { DeviceId } from '@pocketeer/core/ids';
import type { MemberDevice, RelayState } from '@pocketeer/core/members/members';
import type { Directory, Self } from '@pocketeer/core/space/space';
import { formatMoment } from '../chat/format.ts';
import type { IconName } from '../icons/names.ts';
import { describeSeen } from '../shell/last-seen.ts';
import { readPeopleNames } from '../shell/people-names.ts';

/** One device of the space as a list shows it. */
export interface DeviceRow {
	readonly id: DeviceId;
	readonly name: string;
	readonly icon: IconName;
	readonly isThis: boolean;
	/** It acts for the person at this device. */
	readonly isOwn: boolean;
	/** Whose it is, where the space has several people. */
	readonly person: string | undefined;
	/** When it was there last. */
	readonly seen: string;
	readonly added: string;
	/** Something about it that asks for a look. */
	readonly note: string | undefined;
}

const NAMELESS = 'Unnamed device';

/** The devices of a list with what the directory and the relay know of them, this one first. */
export function deviceRows(facts: {
	readonly devices: readonly MemberDevice[];
	readonly directory: Pick<Directory, 'people' | 'devices'>;
	readonly self: Self;
	/** undefined: not asked yet, or the relay cannot be reached. */
	readonly relay: RelayState | undefined;
	readonly now: number;
	readonly zone: string;
}): readonly DeviceRow[] {
	const { devices, directory, self, relay, now, zone } = facts;
	const names = readPeopleNames(directory, self);
	const known = new Map(directory.devices().map((device) => [device.id, device]));
	const personOf = (id: DeviceId) => known.get(id)?.person;
	const hasSeveralPeople = new Set(devices.map(({ id }) => personOf(id)).filter(Boolean)).size > 1;
	return devices
		.map((device): DeviceRow => {
			const { id, isThis } = device;
			const name = known.get(id)?.name || NAMELESS;
			const isOwn = isThis || personOf(id) === self.person;
			return {
				id,
				name,
				icon: deviceIcon(name),
				isThis,
				isOwn,
				person: hasSeveralPeople ? (isOwn ? 'You' : (names.ofOther(id) ?? 'Not known')) : undefined,
				seen: describeSeen(relay?.seenByDevice.get(id), now, zone),
				added: formatMoment(device.added, zone),
				note: noteOn(device),
			};
		})
		.toSorted((a, b) => Number(b.isThis) - Number(a.isThis));
}

/** A picture for a device, from what its browser called itself. */
export function deviceIcon(name: string): IconName {
	if (/iPad|Tablet/i.test(name)) return 'tablet';
	if (/iPhone|Android|Phone/i.test(name)) return 'smartphone';
	if (/Windows|Mac|Linux|ChromeOS|Laptop/i.test(name)) return 'laptop';
	return 'globe';
}

function noteOn(device: MemberDevice): string | undefined {
	if (device.isBeingRemoved) return 'Its removal goes on as soon as the relay can be reached.';
	if (device.isUnconfirmed) return 'It never said that it is in. If nobody uses it, remove it.';
	return undefined;
}
