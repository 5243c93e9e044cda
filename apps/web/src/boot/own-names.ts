import type { SpaceId } from '@pocketeer/core/ids';
import type { StoreError } from '@pocketeer/core/ports/store';
import type { Result } from '@pocketeer/core/result';
import type { Space } from '@pocketeer/core/space/space';
import type { DeviceDb } from '../platform/device-db.ts';

/** What a person said on joining that this device and they are called; empty where they said nothing. */
export interface OwnNames {
	readonly deviceName: string;
	readonly personName: string;
}

/** Remembers it until the space is open: only then there is where to write it. */
export function noteOwnNames(
	device: Pick<DeviceDb, 'putJobs'>,
	space: SpaceId,
	{ deviceName, personName }: OwnNames,
): Promise<Result<void, StoreError>> {
	// These two and no more: whoever calls may hold an invitation beside them, which is a secret.
	return device.putJobs({ [key(space)]: { deviceName, personName } });
}

/** Writes what was said on joining into the open space; a device without any name gets `fallback`. */
export async function writeOwnNames(
	device: Pick<DeviceDb, 'jobs' | 'putJobs'>,
	id: SpaceId,
	{ self, directory }: Pick<Space, 'self' | 'directory'>,
	fallback: string,
): Promise<void> {
	const jobs = await device.jobs(key(id));
	const said = jobs.ok ? (jobs.value.get(key(id)) as OwnNames | undefined) : undefined;
	const hasName = directory.devices().some((one) => one.id === self.device && one.name !== '');
	const deviceName = said?.deviceName || (hasName ? '' : fallback);
	const taken = directory.devices().flatMap((one) => (one.id === self.device ? [] : [one.name]));
	if (deviceName !== '') await directory.nameDevice(self.device, freeName(deviceName, taken));
	if (said?.personName) await directory.namePerson(self.person, said.personName);
	if (said) await device.putJobs({ [key(id)]: undefined });
}

/** Two devices of one name could not be told apart when one of them is to be taken out. */
function freeName(name: string, taken: readonly string[]): string {
	let free = name;
	for (let number = 2; taken.includes(free); number++) free = `${name} ${number}`;
	return free;
}

function key(space: SpaceId): string {
	return `names/${space}`;
}
