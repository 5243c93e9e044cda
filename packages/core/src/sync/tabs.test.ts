import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StreamName } from '../ids.ts';
import { createSyncWorld, type SyncWorld, type WorldTab } from '../testing/sync-world.ts';
import { FORM } from './tab-line.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 3_000;
const FILE = 'file/a' as StreamName;

async function oneDeviceTwoTabs() {
	const device = await world.addDevice();
	const [leading, other] = [device.openTab(), device.openTab()];
	await world.pass(A_MOMENT);
	const witness = (await world.addDevice()).openTab();
	await text(witness);
	await world.pass(A_MOMENT);
	return { device, leading, other, witness };
}

it('two tabs of a device show each other what is typed, without the relay', async () => {
	const { device, leading, other } = await oneDeviceTwoTabs();
	device.network.isDown = true;
	device.network.cut();
	const [a, b] = [await text(leading), await text(other)];
	a.insert(0, 'typed in one');
	await world.settle();
	expect(b.toString()).toBe('typed in one');
	b.insert(0, 'and the other, ');
	await world.settle();
	expect(a.toString()).toBe('and the other, typed in one');
});

it('[SY1] one tab of a device connects, and sends for all', async () => {
	const { device, leading, other, witness } = await oneDeviceTwoTabs();
	expect(leading.sync.status).toMatchObject({ isLeader: true, connection: { type: 'online' } });
	expect(other.sync.status).toMatchObject({ isLeader: false, connection: { type: 'online' }, vapidKey: 'vapid' });
	expect(device.network.openSockets).toBe(1);
	(await text(other)).insert(0, 'from the tab that does not lead');
	await world.pass(A_MOMENT);
	expect((await text(witness)).toString()).toBe('from the tab that does not lead');
	expect(other.sync.status.pendingStreams).toBe(0);
});

it('what comes from the relay shows in every tab', async () => {
	const { leading, other, witness } = await oneDeviceTwoTabs();
	const [a, b] = [await text(leading), await text(other)];
	(await text(witness)).insert(0, 'from afar');
	await world.pass(A_MOMENT);
	expect([a.toString(), b.toString()]).toEqual(['from afar', 'from afar']);
});

it('a stream that only another tab opened is followed', async () => {
	const { other, witness } = await oneDeviceTwoTabs();
	(await witness.doc('file/b')).getText('text').insert(0, 'elsewhere');
	await world.pass(A_MOMENT);
	const opened = await other.sync.open('file/b' as StreamName);
	const reached = other.sync.caughtUp('file/b' as StreamName);
	await world.pass(100);
	await reached;
	expect(opened.ok && opened.value.doc.getText('text').toString()).toBe('elsewhere');
});

it('[SY1] when the leading tab dies while both type, the other takes over and nothing is lost', async () => {
	const { device, leading, other, witness } = await oneDeviceTwoTabs();
	const [a, b] = [await text(leading), await text(other)];
	a.insert(0, 'one ');
	b.insert(0, 'two ');
	await world.settle();
	a.insert(0, 'three ');
	await world.settle();
	leading.kill();
	b.insert(0, 'four ');
	await world.pass(A_MOMENT);
	expect(other.sync.status).toMatchObject({ isLeader: true, pendingStreams: 0 });
	expect((await text(witness)).toString()).toBe(b.toString());
	for (const word of ['one', 'two', 'three', 'four']) expect(b.toString()).toContain(word);
	expect(device.network.openSockets).toBe(1);
});

it('[SY1] a leader that is frozen and thawed later does not fork the chain, and catches up with its disk', async () => {
	const { leading, other, witness } = await oneDeviceTwoTabs();
	const [a, b] = [await text(leading), await text(other)];
	a.insert(0, 'one ');
	await world.pass(A_MOMENT);
	leading.tab.freeze();
	await world.settle();
	expect(other.tab.isLeader()).toBe(true);
	b.insert(0, 'two ');
	// Its code runs on for a moment, as a frozen tab's does when it thaws: two tabs lead.
	a.insert(0, 'three ');
	await world.pass(A_MOMENT);
	leading.tab.thaw();
	leading.sync.wake();
	await world.pass(10_000);
	expect(a.toString()).toBe(b.toString());
	expect((await text(witness)).toString()).toBe(b.toString());
	for (const word of ['one', 'two', 'three']) expect(b.toString()).toContain(word);
	expect(witness.sync.status.stuck).toEqual([]);
	expect(leading.sync.status).toMatchObject({ isLeader: false, connection: { type: 'online' } });
});

it('a tab that opens later learns how things stand', async () => {
	const { device } = await oneDeviceTwoTabs();
	const late = device.openTab();
	await world.settle();
	expect(late.sync.status).toMatchObject({ isLeader: false, connection: { type: 'online' } });
});

it('closing the leading tab cleanly hands over at once', async () => {
	const { leading, other } = await oneDeviceTwoTabs();
	await leading.sync[Symbol.asyncDispose]();
	await world.pass(100);
	expect(other.sync.status).toMatchObject({ isLeader: true, connection: { type: 'online' } });
});

it('[SY18] a tab that leads lets go when a newer build of the app is there, and not for an older one', async () => {
	const { device, leading } = await oneDeviceTwoTabs();
	const late = device.openTab();
	const newer = late.tab;
	const hello = (form: number) => newer.post({ type: 'status', status: { form, word: { type: 'hello' } } });
	hello(1);
	await world.settle();
	expect(leading.tab.isLeader()).toBe(true);
	hello(99);
	await world.settle();
	expect(leading.tab.isLeader()).toBe(false);
	await world.pass(A_MOMENT);
	expect(leading.sync.status).toMatchObject({ isLeader: false, connection: { type: 'online' } });
	expect(device.network.openSockets).toBe(1);
});

it('[SY18] a tab of a newer build says so when it hears that an older one leads', async () => {
	const { device, other } = await oneDeviceTwoTabs();
	const words: unknown[] = [];
	const old = device.openTab().tab;
	old.subscribe((message) => void (message.type === 'status' && words.push(message.status)));
	old.post({ type: 'status', status: { form: 2, word: { type: 'status' } } });
	await world.settle();
	expect(other.tab.isLeader()).toBe(false);
	expect(words).toContainEqual({ form: FORM, word: { type: 'hello' } });
});

async function text(tab: WorldTab) {
	return (await tab.doc(FILE)).getText('text');
}
