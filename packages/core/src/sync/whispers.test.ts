import { afterEach, beforeEach, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import { createSyncWorld, type SyncWorld, type WorldTab } from '../testing/sync-world.ts';

let world: SyncWorld;
beforeEach(() => {
	world = createSyncWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const A_MOMENT = 3_000;
const LINE = 'line/kitchen/2026-11' as StreamName;

it('what a device whispers is heard by the other devices that look, in all their tabs, in order', async () => {
	const { mine, theirs, theirOther } = await twoDevices();
	const [heard, heardThere, heardHere] = [hear(theirs), hear(theirOther), hear(mine)];
	for (const part of ['half', 'half an', 'half an answer']) mine.sync.whisper(LINE, utf8(part));
	await world.settle();
	expect(heard).toEqual([`${LINE}: half`, `${LINE}: half an`, `${LINE}: half an answer`]);
	expect(heardThere).toEqual(heard);
	expect(heardHere).toEqual([]);
});

it('a tab that does not lead whispers through the one that does', async () => {
	const { mine, theirOther } = await twoDevices();
	const heard = hear(mine);
	theirOther.sync.whisper(LINE, utf8('from the other tab'));
	await world.settle();
	expect(heard).toEqual([`${LINE}: from the other tab`]);
});

it('a tab hears on when another one takes over the lead', async () => {
	const { mine, theirs, theirOther, other } = await twoDevices();
	const third = other.openTab();
	await third.doc(LINE);
	await world.pass(A_MOMENT);
	theirs.kill();
	await world.pass(20_000);
	expect(theirOther.sync.status.isLeader).toBe(true);
	const heard = hear(third);
	mine.sync.whisper(LINE, utf8('still there?'));
	await world.settle();
	expect(heard).toEqual([`${LINE}: still there?`]);
});

it('a device that does not look hears nothing', async () => {
	const { mine, theirs } = await twoDevices();
	const heard = hear(theirs);
	mine.sync.whisper('line/garden/2026-11' as StreamName, utf8('psst'));
	await world.settle();
	expect(heard).toEqual([]);
});

it('nothing of it is kept, and what is said offline or is too large is dropped', async () => {
	const { device, mine, theirs } = await twoDevices();
	const heard = hear(theirs);
	const before = JSON.stringify(world.relay.copy().get(device.identity.spaceId)?.change);
	mine.sync.whisper(LINE, new Uint8Array(70_000));
	device.network.isDown = true;
	device.network.cut();
	await world.settle();
	mine.sync.whisper(LINE, utf8('said to nobody'));
	device.network.isDown = false;
	await world.pass(60_000);
	expect(mine.sync.status.connection.type).toBe('online');
	expect(heard).toEqual([]);
	expect(JSON.stringify(world.relay.copy().get(device.identity.spaceId)?.change)).toBe(before);
});

it('the relay cannot read it, and what it makes up is not heard', async () => {
	const { device, mine, theirs } = await twoDevices();
	const heard = hear(theirs);
	let seen = '';
	device.network.tap = (direction, frame) => {
		if (direction === 'to-relay') seen += Buffer.from(frame).toString('latin1');
		// One byte of the seal is changed on the way.
		return direction === 'to-relay' && frame[0] === 116
			? frame.map((byte, at) => (at === 60 ? byte ^ 1 : byte))
			: frame;
	};
	mine.sync.whisper(LINE, utf8('a secret about my sister'));
	await world.settle();
	expect(seen.length).toBeGreaterThan(0);
	expect(seen).not.toContain('secret');
	expect(heard).toEqual([]);
});

async function twoDevices() {
	const device = await world.addDevice();
	const mine = device.openTab();
	await world.pass(A_MOMENT);
	const other = await world.addDevice();
	const [theirs, theirOther] = [other.openTab(), other.openTab()];
	for (const tab of [mine, theirs]) await tab.doc(LINE);
	await world.pass(A_MOMENT);
	return { device, mine, other, theirs, theirOther };
}

function hear(tab: WorldTab): readonly string[] {
	const heard: string[] = [];
	tab.sync.onWhisper(({ stream, bytes }) => heard.push(`${stream}: ${fromUtf8(bytes)}`));
	return heard;
}
