import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { expect, test } from 'vitest';
import { openDatabase } from '../store/database.ts';
import { createSqliteSeenStore } from '../store/seen-store.ts';
import { createSightings } from './sightings.ts';

const space = 'space' as SpaceId;
const phone = 'phone' as DeviceId;
const laptop = 'laptop' as DeviceId;

function setUp() {
	const opened = openDatabase(':memory:');
	if (!opened.ok) throw new Error(opened.error.reason);
	const store = createSqliteSeenStore({ database: opened.value });
	const clock = createTestClock();
	let writes = 0;
	let isBroken = false;
	const warnings: string[] = [];
	const seenStore: typeof store = {
		...store,
		async put(sightings) {
			writes++;
			if (isBroken) throw new Error('disk');
			await store.put(sightings);
		},
	};
	const log = { info: () => undefined, warn: (event: string) => void warnings.push(event) };
	const sightings = createSightings({ clock, log, seenStore });
	const breakDisk = () => {
		isBroken = true;
	};
	return { clock, store, sightings, warnings, writes: () => writes, breakDisk };
}

test('many sightings of some seconds are one write, and are known before it', async () => {
	const { clock, store, sightings, writes } = setUp();
	for (let count = 0; count < 1_000; count++) sightings.note(space, `device-${count}` as DeviceId);
	expect((await sightings.list(space)).size).toBe(1_000);
	expect([writes(), (await store.list(space)).size]).toEqual([0, 0]);
	await clock.advance(2_000);
	expect([writes(), (await store.list(space)).size]).toEqual([1, 1_000]);
});

test('they are whole minutes, and never go back', async () => {
	const { clock, store, sightings } = setUp();
	const minute = Math.floor(clock.now() / 60_000) * 60_000;
	sightings.note(space, phone);
	await sightings.flush();
	clock.jump(-3_600_000);
	sightings.note(space, phone);
	await sightings.flush();
	expect([...(await store.list(space))]).toEqual([[phone, minute]]);
});

test('a removed device is forgotten, also one that was to be written', async () => {
	const { sightings, store } = setUp();
	sightings.note(space, phone);
	await sightings.flush();
	sightings.note(space, laptop);
	await sightings.keepOnly(space, []);
	await sightings.flush();
	expect([(await sightings.list(space)).size, (await store.list(space)).size]).toEqual([0, 0]);
});

test('a disk that fails is warned of, and nobody is told off', async () => {
	const { sightings, warnings, breakDisk } = setUp();
	breakDisk();
	sightings.note(space, phone);
	await sightings.flush();
	expect(warnings).toEqual(['seen-failed']);
});
