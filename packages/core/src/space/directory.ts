import { createEmitter } from '../emitter.ts';
import type { DeviceId, PersonId } from '../ids.ts';
import { type Home, SPACE } from './home.ts';
import type { Directory } from './space.ts';

/** Makes the names of people, devices and the space over an open manifest. */
export function createDirectory(home: Home): Directory {
	const changed = createEmitter<void>();
	for (const source of [home.personNames, home.deviceNames, home.devicePersons, home.deviceModels, home.spaceNames]) {
		source.changed.subscribe(() => changed.emit());
	}
	return {
		people: () =>
			[...home.personNames.entities()].map((id) => ({
				id: id as PersonId,
				name: home.personNames.get(id)?.value ?? id,
			})),
		devices() {
			const ids = new Set([...home.deviceNames.entities(), ...home.devicePersons.entities()]);
			return [...ids].map((id) => ({
				id: id as DeviceId,
				name: home.deviceNames.get(id)?.value ?? '',
				person: home.devicePersons.get(id)?.value as PersonId | undefined,
				...(home.deviceModels.get(id)?.value ? { hasModel: true } : {}),
			}));
		},
		spaceName: () => home.spaceNames.get(SPACE)?.value,
		namePerson(id, name) {
			if (home.personNames.get(id)?.value !== name) home.personNames.set(id, name, home.stamp());
			return home.saved();
		},
		nameDevice(id, name) {
			if (home.deviceNames.get(id)?.value !== name) home.deviceNames.set(id, name, home.stamp());
			return home.saved();
		},
		noteModel(id, hasModel) {
			const known = home.deviceModels.get(id)?.value ?? false;
			if (known !== hasModel) home.deviceModels.set(id, hasModel, home.stamp());
			return home.saved();
		},
		nameSpace(name) {
			if (home.spaceNames.get(SPACE)?.value !== name) home.spaceNames.set(SPACE, name, home.stamp());
			return home.saved();
		},
		subscribe: (listener) => changed.subscribe(listener),
	};
}
