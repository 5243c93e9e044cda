import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StreamName } from '../ids.ts';
import { createMemberKeys } from '../members/create-member-keys.ts';
import { createMemoryStore } from '../testing/memory-store.ts';
import { createMemoryTabs } from '../testing/memory-tabs.ts';
import { createSyncWorld, RELAY_URL, type SyncWorld } from '../testing/sync-world.ts';
import { createLeader } from './leader.ts';
import { createSyncTab } from './sync-tab.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 5_000;
const FILE = 'file/a' as StreamName;

it('a tab whose leading part comes late, at the second attempt, works until then and sends everything afterwards', async () => {
	const witness = (await world.addDevice()).openTab();
	const there = (await witness.doc(FILE)).getText('text');
	await world.pass(A_MOMENT);
	const { identity: known, network, memberStore } = await world.addDevice();
	const { identity, spaceId } = known;
	const attempts = [Promise.reject(new Error('no network yet')), Promise.resolve(createLeader)];
	let loads = 0;
	const loadLeader = () => attempts[loads++] ?? createLeader;
	const keys = createMemberKeys({ memberStore }, { spaceId, identity, state: memberStore.state });
	const { clock, random } = world;
	const log = { info: () => {}, warn: () => {} };
	const tabs = createMemoryTabs().open();
	await using sync = createSyncTab(
		{ clock, random, log, dialer: network, tabs, store: createMemoryStore(), loadLeader },
		{ relayUrl: RELAY_URL, spaceId, identity, keys },
	);
	const opened = await sync.open(FILE);
	if (!opened.ok) throw new Error('not opened');
	opened.value.doc.getText('text').insert(0, 'typed at once');
	expect(await opened.value.saved()).toEqual({ ok: true });
	await world.pass(9_000);
	expect([network.dials, loads]).toEqual([0, 1]);
	expect(sync.status).toMatchObject({ isLeader: false, connection: { type: 'connecting' } });
	const reached = sync.caughtUp(FILE);
	await world.pass(A_MOMENT);
	await reached;
	expect(sync.status).toMatchObject({ isLeader: true, connection: { type: 'online' }, pendingStreams: 0 });
	expect(there.toString()).toBe('typed at once');
});
