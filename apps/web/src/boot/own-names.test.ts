import 'fake-indexeddb/auto';
import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import { createTestSpace, expectOk } from '@pocketeer/core/testing/test-space';
import { expect, it } from 'vitest';
import { openDeviceDb } from '../platform/device-db.ts';
import { noteOwnNames, writeOwnNames } from './own-names.ts';

const ID = 'space-a' as SpaceId;

it('writes what was said on joining, once, over what another device guessed', async () => {
	using device = expectOk(await openDeviceDb('own-names-1'));
	const { space } = await createTestSpace();
	const { directory, self } = space;
	expectOk(await directory.nameDevice(self.device, 'Chrome on Linux'));
	expectOk(await noteOwnNames(device, ID, { deviceName: 'Blue phone', personName: 'Ada' }));
	await writeOwnNames(device, ID, space, 'Chrome on Linux');
	expect(directory.devices()).toMatchObject([{ name: 'Blue phone' }]);
	expect(directory.people()).toEqual([{ id: self.person, name: 'Ada' }]);
	expectOk(await directory.nameDevice(self.device, 'Kitchen phone'));
	await writeOwnNames(device, ID, space, 'Chrome on Linux');
	expect(directory.devices()).toMatchObject([{ name: 'Kitchen phone' }]);
});

it('gives a nameless device the name of its browser, and nobody a name they did not say', async () => {
	using device = expectOk(await openDeviceDb('own-names-2'));
	const { space } = await createTestSpace();
	await writeOwnNames(device, ID, space, 'Firefox on Linux');
	expect(space.directory.devices()).toMatchObject([{ name: 'Firefox on Linux' }]);
	expect(space.directory.people()).toEqual([]);
});

it('tells a device apart from another one of the same name', async () => {
	using device = expectOk(await openDeviceDb('own-names-3'));
	const { space } = await createTestSpace();
	expectOk(await space.directory.nameDevice('other' as DeviceId, 'Chrome on Linux'));
	await writeOwnNames(device, ID, space, 'Chrome on Linux');
	await writeOwnNames(device, ID, space, 'Chrome on Linux');
	const names = new Map(space.directory.devices().map(({ id, name }) => [id, name]));
	expect(names.get(space.self.device)).toBe('Chrome on Linux 2');
});
