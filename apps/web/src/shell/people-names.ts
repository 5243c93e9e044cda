import type { DeviceId, PersonId } from '@pocketeer/core/ids';
import type { Directory, Self, Space } from '@pocketeer/core/space/space';
import { type Accessor, createMemo } from 'solid-js';
import { createSubscribed } from './reactive.ts';

/** What the people of a space are called on the screen. Never changes: another name makes another object. */
export interface PeopleNames {
	ofPerson(id: PersonId): string;
	/** Name of the person a device acts for; undefined for one's own devices and for those nobody is known of. */
	ofOther(device: DeviceId): string | undefined;
	/** Name of another device of one's own; undefined for this one, for those of others and for one without a name. */
	ofOwnDevice(device: DeviceId): string | undefined;
}

/** The names in a directory as they are now, from where `self` stands. */
export function readPeopleNames(directory: Pick<Directory, 'people' | 'devices'>, self: Self): PeopleNames {
	const names = new Map(directory.people().map(({ id, name }) => [id, name]));
	const devices = new Map(directory.devices().map((device) => [device.id, device]));
	const ofPerson = (id: PersonId) => names.get(id) || nameOfSlug(id);
	return {
		ofPerson,
		ofOther(device) {
			const person = devices.get(device)?.person;
			return person === undefined || person === self.person ? undefined : ofPerson(person);
		},
		ofOwnDevice(id) {
			const device = devices.get(id);
			return device && id !== self.device && device.person === self.person ? device.name || undefined : undefined;
		},
	};
}

/** The names of a space's people; a new object only when somebody is called otherwise or a device came or was named. */
export function createPeopleNames({ directory, self }: Pick<Space, 'directory' | 'self'>): Accessor<PeopleNames> {
	const changed = createSubscribed(directory, () => undefined);
	const facts = createMemo(() => {
		changed();
		const devices = directory.devices().map(({ id, person, name }) => [id, person, name]);
		return JSON.stringify([directory.people(), devices]);
	});
	return createMemo(() => {
		facts();
		return readPeopleNames(directory, self);
	});
}

/** Everyone who founds a space is `me` in it, which says nothing to others. */
const FOUNDER = 'me';

/** Somebody who has not said what they are called. */
function nameOfSlug(id: PersonId): string {
	if (id === FOUNDER) return 'The founder';
	return id
		.split('-')
		.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
		.join(' ');
}
