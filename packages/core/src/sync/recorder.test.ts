import { afterEach, beforeEach, expect, it } from 'vitest';
import * as Y from 'yjs';
import { LIMITS } from '../protocol/limits.ts';
import { createSyncWorld, type SyncWorld, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 5_000;

it('[SY10] many changes at once that are larger together than the relay takes reach the other device all the same', async () => {
	const first = (await world.addDevice()).openTab();
	await world.pass(A_MOMENT);
	const second = (await world.addDevice()).openTab();
	const there = await list(second);
	// A backup that is merged, a migration, a paste of many files: one update.
	const elsewhere = new Y.Doc();
	elsewhere
		.getArray('records')
		.push(Array.from({ length: 9 }, () => ({ noise: world.random.bytes(LIMITS.entry / 8) })));
	const here = await first.doc('line');
	Y.applyUpdate(here, Y.encodeStateAsUpdate(elsewhere));
	here.getArray('records').delete(0, 1);
	await world.pass(A_MOMENT);
	expect(first.sync.status.stuck).toEqual([]);
	expect(first.sync.status.pendingStreams).toBe(0);
	here.getArray('records').push(['after it']);
	await world.pass(A_MOMENT);
	expect(there.length).toBe(9);
	expect(there.get(8)).toBe('after it');
});

async function list(tab: WorldTab) {
	return (await tab.doc('line')).getArray<string>('records');
}
