import { utf8 } from '@pocketeer/core/bytes';
import type { BlobId, DeviceId, PersonId, StreamName } from '@pocketeer/core/ids';
import { createSpace } from '@pocketeer/core/space/create-space';
import { createSyncWorld, type SyncWorld, type WorldDevice } from '@pocketeer/core/testing/sync-world';
import { expectOk } from '@pocketeer/core/testing/test-space';
import { expect, it } from 'vitest';
import { fetchMissing } from './named-streams.ts';

const HOME = 'home' as StreamName;
const log = { info: () => {}, warn: () => {} };

it('fetches the months, files, histories and attachments that were never opened here, and names what does not come', async () => {
	await using world = createSyncWorld();
	const first = await openOn(world, await world.addDevice());
	const me = { type: 'person' as const, ...first.space.self };
	expectOk(await first.space.files.write({ path: 'notes/a.md', text: 'text' }, me));
	expectOk(await first.space.files.write({ path: 'notes/empty.md', text: '' }, me));
	const { id } = expectOk(await first.space.lines.ensure('Kitchen'));
	using line = expectOk(await first.space.lines.open(id));
	const message = { kind: 'message' as const, id: 'm' as never, at: world.clock.now(), content: [] };
	const putting = first.space.blobs.put(utf8('attached'));
	await world.pass(1_000);
	const blob = expectOk(await putting);
	const attachment = { blob, name: 'a.txt', mediaType: 'text/plain', sizeBytes: 8 };
	const never = { ...attachment, blob: 'q1Vb3J0m8rTqS4n9Jd1oYb2Wz5c7Uu0xKk6tHh8eLlM' as BlobId };
	expectOk(await line.append([{ ...message, author: me, attachments: [attachment, never] }]));
	await world.pass(5_000);

	const device = await world.addDevice();
	const tab = device.openTab();
	const home = expectOk(await tab.sync.open(HOME));
	await world.pass(500);
	const deps = { clock: world.clock, self: first.space.self, store: tab.store, sync: tab.sync };

	device.network.isDown = true;
	device.network.cut();
	await world.settle();
	const offline = expectOk(await fetchMissing(deps));
	expect(offline.some((stream) => stream.startsWith('line/kitchen/'))).toBe(true);

	device.network.isDown = false;
	tab.sync.wake();
	await world.pass(2_000);
	const fetching = fetchMissing(deps);
	await world.pass(30_000);
	expect(expectOk(await fetching)).toEqual([`blob/${never.blob}`]);
	const kept = expectOk(await tab.store.streams());
	expect(kept.some((stream) => stream.startsWith('line/kitchen/'))).toBe(true);
	expect(kept.filter((stream) => stream.startsWith('history/'))).toHaveLength(2);
	expect(kept).toContain(`blob/${blob}`);
	home[Symbol.dispose]();
	first.space[Symbol.dispose]();
});

async function openOn(world: SyncWorld, device: WorldDevice) {
	const { sync } = device.openTab();
	const self = { device: device.identity.identity.id as DeviceId, person: 'me' as PersonId };
	const space = expectOk(await createSpace({ docs: sync, clock: world.clock, random: world.random, self, log }));
	return { space };
}
