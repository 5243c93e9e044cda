import { expect, it } from 'vitest';
import type { DeviceId, PersonId } from '../ids.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createSyncWorld, type SyncWorld, type WorldTab } from '../testing/sync-world.ts';
import { expectOk } from '../testing/test-space.ts';
import { createSpace } from './create-space.ts';
import type { Actor } from './records.ts';

const PATH = 'notes/page.md';
const log = { info() {}, warn() {} };

async function openSpace({ clock }: SyncWorld, { sync }: WorldTab, seed: number) {
	const self = { device: `device-${seed}` as DeviceId, person: `person-${seed}` as PersonId };
	const space = expectOk(await createSpace({ docs: sync, clock, random: createSeededRandom(seed), self, log }));
	const agent: Actor = { type: 'agent', ...self };
	return { ...space, agent };
}

it('a device that has a file’s text and never opened its history waits for it, and sees what came from outside', async () => {
	await using world = createSyncWorld();
	const one = await world.addDevice();
	const first = one.openTab();
	await world.pass(3000);
	const two = await world.addDevice();
	const second = two.openTab();
	await world.pass(3000);
	const here = await openSpace(world, first, 1);
	const there = await openSpace(world, second, 2);
	expectOk(await here.files.write({ path: PATH, text: 'Mine.\n' }, here.agent));
	const tainted = { ...here.agent, untrusted: { source: 'example.com' } };
	expectOk(await here.files.append({ path: PATH, text: 'Evil.' }, tainted));
	await world.pass(10_000);
	const reading = there.files.readMarked(PATH);
	await world.pass(10_000);
	const { text, untrusted } = expectOk(await reading);
	expect(text).toBe('Mine.\nEvil.\n');
	expect(untrusted).toEqual([{ from: 6, to: 12, source: 'example.com' }]);
	// What comes after that is seen as well.
	expectOk(await here.files.append({ path: PATH, text: 'More.' }, tainted));
	await world.pass(10_000);
	const again = there.files.readMarked(PATH);
	await world.pass(10_000);
	expect(expectOk(await again).untrusted).toEqual([{ from: 6, to: 18, source: 'example.com' }]);
});
