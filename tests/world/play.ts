import { untilAtRest } from './at-rest.ts';
import { judge } from './judge.ts';
import { playEvents } from './schedule.ts';
import type { Tally } from './tally.ts';
import { createWorld, type Founded, type World, type WorldDevice } from './world.ts';

/** How a schedule ended. */
export interface Played {
	/** What is wrong in the end, in words; nothing when all is well. */
	readonly wrong: readonly string[];
	readonly tally: Tally;
}

const EVENTS = 40;

/** Plays the schedule of a seed, heals everything, and says what is wrong then. */
export async function playSchedule(seed: number, founded: Founded, events = EVENTS): Promise<Played> {
	const [witness, ...others] = founded.devices.toReversed();
	if (!witness) throw new Error('a space without devices');
	await using world = createWorld({ seed, founded });
	const count = 2 + world.random.below(others.length - 1);
	for (const identity of others.slice(0, count)) world.addDevice(identity);
	for (const device of world.devices) if (world.random.chance(0.7)) device.openTab();
	await world.pass(1_000);

	await playEvents(world, events);
	await heal(world);
	const wrong = await judge(world, witness);
	return { wrong, tally: world.tally };
}

async function heal(world: World): Promise<void> {
	world.relay.isFull = false;
	world.relay.isSlow = false;
	world.relay.crashAt({ calls: Number.POSITIVE_INFINITY, when: 'before' });
	for (const device of world.devices) {
		device.bury();
		healDevice(device);
		if (device.aliveTabs().length === 0) device.openTab();
		device.network.cut();
	}
	await world.pass(2_000);
	wakeAll(world);
	for (let round = 0; round < 10 && !world.isListAgreed(); round++) {
		await carryOnRemovals(world);
		await world.pass(3_000);
	}
	await world.partWithRemoved();
	wakeAll(world);
	await untilAtRest(world);
}

/** People look at their devices: what was refused is tried again. */
function wakeAll({ devices }: World): void {
	for (const device of devices) for (const tab of device.aliveTabs()) tab.sync.wake();
}

function healDevice(device: WorldDevice): void {
	const { network, members } = device;
	network.onSnapshot = undefined;
	network.isDown = false;
	network.repeats = () => false;
	network.cutAfter(Number.POSITIVE_INFINITY);
	network.release('to-relay');
	network.release('to-device');
	members.keepsLeft = Number.POSITIVE_INFINITY;
	for (const { store, tab } of device.aliveTabs()) {
		store.faults.isFull = false;
		store.faults.dieAt = undefined;
		store.faults.pace = undefined;
		tab.thaw();
	}
}

function isRemoving({ members }: WorldDevice): boolean {
	return members.state.removal !== undefined;
}

async function carryOnRemovals(world: World): Promise<void> {
	for (const device of world.devices.filter(isRemoving)) {
		const [tab] = device.aliveTabs();
		void tab?.members.resume();
		await world.pass(20_000);
	}
}
