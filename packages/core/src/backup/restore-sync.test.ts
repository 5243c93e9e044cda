import { expect, it } from 'vitest';
import type { PersonId, StreamName } from '../ids.ts';
import { readDeviceList } from '../protocol/device-list.ts';
import { createBlobs } from '../space/blobs.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../testing/memory-store.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice } from '../testing/sync-world.ts';
import { expectOk } from '../testing/test-space.ts';
import { backupRecords } from './collect-backup.ts';
import { type OpenBackup, openBackup } from './open-backup.ts';
import { fillStore, mergeBackup } from './restore-backup.ts';
import { sealBackup } from './seal-backup.ts';

const random = createSeededRandom(4);

it('[R7] a restored device takes what came after the backup and sends nothing that the relay has', async () => {
	await using world = createSyncWorld();
	const first = await world.addDevice();
	const tab = first.openTab();
	const doc = await tab.doc('file/a');
	doc.getText('text').insert(0, 'in the backup. ');
	await world.pass(5_000);
	const backup = await backUp(world, first);
	doc.getText('text').insert(0, 'after it. ');
	await world.pass(5_000);
	const before = entriesAt(world);

	const second = await world.addDevice();
	second.restoreDisk(await diskOf(backup));
	const restored = second.openTab();
	const there = await restored.doc('file/a');
	await world.pass(60_000);
	expect(there.getText('text').toString()).toBe('after it. in the backup. ');
	expect(expectOk(await restored.store.pendingStreams())).toEqual([]);
	expect(expectOk(await restored.store.position('file/a' as StreamName)).republish).toBeUndefined();
	expect(entriesAt(world)).toBe(before);

	// It goes on as any device.
	there.getText('text').insert(0, 'from the restored. ');
	await world.pass(5_000);
	expect(doc.getText('text').toString()).toBe('from the restored. after it. in the backup. ');
});

it('[R7] a restored device brings the relay what that has lost', async () => {
	await using world = createSyncWorld();
	const first = await world.addDevice();
	const doc = await first.openTab().doc('file/a');
	doc.getText('text').insert(0, 'old. ');
	const month = await first.openTab().doc('line/kitchen/2026-10');
	await world.pass(5_000);
	const older = world.relay.copy();
	doc.getText('text').insert(0, 'new. ');
	month.getArray('records').push(['said']);
	await world.pass(5_000);
	const backup = await backUp(world, first);
	for (const tab of first.tabs) tab.kill();
	world.relay.restore(older);

	const second = await world.addDevice();
	second.restoreDisk(await diskOf(backup));
	const restored = second.openTab();
	expect((await restored.doc('file/a')).getText('text').toString()).toBe('new. old. ');
	await world.pass(60_000);
	expect(expectOk(await restored.store.pendingStreams())).toEqual([]);

	const third = (await world.addDevice()).openTab();
	const elsewhere = await third.doc('file/a');
	// Nobody opened it on the restored device.
	const monthElsewhere = await third.doc('line/kitchen/2026-10');
	await world.pass(60_000);
	expect(elsewhere.getText('text').toString()).toBe('new. old. ');
	expect(monthElsewhere.getArray('records').toJSON()).toEqual(['said']);
});

it('[R7] what is attached is in a backup, restored byte by byte, and goes to a relay that lost it in parts', async () => {
	await using world = createSyncWorld();
	const first = await world.addDevice();
	const photo = createSeededRandom(8).bytes(3_000_000);
	const { sync } = first.openTab();
	await world.pass(5_000);
	const empty = world.relay.copy();
	using blobs = createBlobs({ docs: sync });
	const id = expectOk(await blobs.put(photo));
	await world.pass(5_000);
	const backup = await backUp(world, first);
	for (const tab of first.tabs) tab.kill();
	world.relay.restore(empty);

	const second = await world.addDevice();
	second.restoreDisk(await diskOf(backup));
	const restored = second.openTab();
	using there = createBlobs({ docs: restored.sync });
	expect(Buffer.compare(expectOk(await there.read(id)), photo)).toBe(0);
	await world.pass(60_000);
	expect(expectOk(await restored.store.pendingStreams())).toEqual([]);
	expect(restored.sync.status.stuck).toEqual([]);
	expect(entriesAt(world)).toBeGreaterThan(2);

	using elsewhere = createBlobs({ docs: (await world.addDevice()).openTab().sync });
	const fetching = elsewhere.fetch(id);
	await world.pass(5_000);
	expect(Buffer.compare(expectOk(await fetching), photo)).toBe(0);
	// Merged where it is already, it changes nothing.
	expectOk(await mergeBackup({ docs: restored.sync, store: restored.store }, backup));
	expect(expectOk(await restored.store.pendingStreams())).toEqual([]);
});

it('a backup merged into an open space brings back what was deleted from nobody and reaches the other devices', async () => {
	await using world = createSyncWorld();
	const first = await world.addDevice();
	const tab = first.openTab();
	(await tab.doc('file/a')).getText('text').insert(0, 'shared');
	await world.pass(5_000);
	const backup = await backUp(world, first);

	// A device of the same space that never heard of it: the relay lost everything too.
	await using other = createSyncWorld({ seed: 2 });
	const poor = await other.addDevice(first.identity);
	const poorTab = poor.openTab();
	const mine = await poorTab.doc('file/a');
	mine.getText('text').insert(0, 'mine ');
	await other.pass(5_000);
	expectOk(await mergeBackup({ docs: poorTab.sync, store: poorTab.store }, backup));
	expectOk(await mergeBackup({ docs: poorTab.sync, store: poorTab.store }, backup));
	expect(mine.getText('text').toString().replace('mine ', '')).toBe('shared');
	await other.pass(5_000);
	expect(expectOk(await poorTab.store.pendingStreams())).toEqual([]);
});

async function backUp(world: SyncWorld, { identity, disk }: WorldDevice): Promise<OpenBackup> {
	const { spaceId: space, lists } = identity;
	const newest = expectOk(readDeviceList(lists.at(-1) ?? new Uint8Array(0)));
	const target = { space, created: 1, recoveryKey: newest.recoveryKey, identity: identity.identity, lists };
	const content = { person: 'me' as PersonId, settings: undefined, named: [] };
	const parts: Uint8Array<ArrayBuffer>[] = [];
	const store = createMemoryStore(disk);
	for await (const part of sealBackup({ random }, target, backupRecords({ store }, content))) parts.push(part);
	return expectOk(await openBackup(new Blob(parts), await world.words()));
}

async function diskOf(backup: OpenBackup): Promise<MemoryDisk> {
	const disk = createMemoryDisk();
	expectOk(await fillStore({ store: createMemoryStore(disk) }, backup));
	return disk;
}

function entriesAt({ relay }: SyncWorld): number {
	const logs = [...relay.spaces.values()].flatMap(({ logs: all }) => [...all.values()]);
	return logs.reduce((sum, { entries }) => sum + entries.length, 0);
}
