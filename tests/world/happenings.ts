import { passed } from './relay.ts';
import { type } from './typing.ts';
import { DAY_MS, type World, type WorldDevice, type WorldTab } from './world.ts';

/** Something that may happen to a device, or to the relay, between two edits. */
export type Happening = (world: World, device: WorldDevice) => Promise<void> | void;

/**
 * Each with its weight. Within one connection frames keep their order, as on TCP; what is held, delayed or lost with one
 * connection comes in another order than what other connections and directions carry.
 */
export const HAPPENINGS: readonly (readonly [number, Happening])[] = [
	[5, cutNow],
	[6, cutAfterFrames],
	[5, upOrDown],
	[3, holdFrames],
	[3, releaseFrames],
	[4, delayFrames],
	[4, repeatFrames],
	[5, dawdleOverSnapshot],
	[3, typeIntoSnapshot],
	[5, killTab],
	[7, dieInStore],
	[6, openTab],
	[3, fillDisk],
	[2, slowDisk],
	[3, freezeOrThaw],
	[2, refuse],
	[3, crashRelay],
	[5, crashRelayInStore],
	[2, slowRelay],
	[3, copyRelay],
	[7, restoreRelay],
	[3, evict],
	[2, loseAndRejoin],
	[2, join],
	[2, setClock],
	[4, fallAsleep],
	[6, removeDevice],
];

function cutNow(_: World, device: WorldDevice): void {
	device.network.cut();
}

function cutAfterFrames({ random }: World, device: WorldDevice): void {
	device.network.cutAfter(1 + random.below(12));
}

function upOrDown(_: World, device: WorldDevice): void {
	device.network.isDown = !device.network.isDown;
	if (device.network.isDown) device.network.cut();
}

function holdFrames({ random }: World, device: WorldDevice): void {
	device.network.hold(random.pick(['to-relay', 'to-device']));
}

function releaseFrames(_: World, device: WorldDevice): void {
	device.network.release('to-relay');
	device.network.release('to-device');
}

/** One direction falls behind the other, and both behind those of other devices. */
function delayFrames({ random, clock }: World, device: WorldDevice): void {
	const direction = random.pick(['to-relay', 'to-device'] as const);
	device.network.hold(direction);
	void passed(clock, random.below(6_000)).then(() => device.network.release(direction));
}

function repeatFrames({ random }: World, device: WorldDevice): void {
	device.network.repeats = () => random.chance(0.2);
}

/** Its next snapshot arrives when another device may have been faster. */
function dawdleOverSnapshot({ random, clock }: World, device: WorldDevice): void {
	device.network.onSnapshot = () => {
		device.network.hold('to-relay');
		void passed(clock, random.below(30_000)).then(() => device.network.release('to-relay'));
	};
}

/** Somebody types in the moment in which a snapshot is made; the browser may delete all of it soon after that was sent. */
function typeIntoSnapshot(world: World, device: WorldDevice): void {
	const { random, clock } = world;
	const tab = device.someTab();
	if (!tab || tab.store.faults.pace) return;
	tab.store.faults.pace = async (method) => {
		if (method !== 'coveredDoc') return;
		tab.store.faults.pace = undefined;
		for (const stream of ['home', 'file/a']) {
			await type(world, { someTab: () => tab, openTab: () => tab }, stream);
			await tab.saved(stream);
		}
	};
	if (random.chance(0.5)) return;
	device.network.onSnapshot = () => {
		void passed(clock, random.below(400)).then(() => {
			if (world.devices.includes(device)) return evict(world, device);
		});
	};
}

async function killTab({ random }: World, device: WorldDevice): Promise<void> {
	device.someTab()?.sync.wake();
	await steps(random.below(300));
	device.someTab()?.kill();
}

function openTab(_: World, device: WorldDevice): void {
	if (device.aliveTabs().length < 3) device.openTab();
}

/** At any call of its store from now on, before or after that was carried out. */
function dieInStore({ random }: World, device: WorldDevice): void {
	const tab = device.someTab();
	if (!tab) return;
	const when = random.pick(['before', 'after'] as const);
	tab.store.faults.dieAt = random.chance(0.5)
		? { method: 'any', when, calls: 1 + random.below(40) }
		: { method: random.pick(WRITES), when };
}
const WRITES = ['appendLocal', 'appendRemote', 'commitSealed', 'settle', 'putValues', 'compactDoc'] as const;

function fillDisk(_: World, device: WorldDevice): void {
	const tab = device.someTab();
	if (tab) tab.store.faults.isFull = !tab.store.faults.isFull;
}

function slowDisk({ random, clock }: World, device: WorldDevice): void {
	const tab = device.someTab();
	if (!tab) return;
	const pace = async () => (random.chance(0.2) ? passed(clock, random.below(300)) : undefined);
	tab.store.faults.pace = tab.store.faults.pace ? undefined : pace;
}

function freezeOrThaw({ random }: World, device: WorldDevice): void {
	const tab = device.someTab();
	if (random.chance(0.5)) tab?.tab.freeze();
	else tab?.tab.thaw();
}

function refuse({ relay }: World): void {
	relay.isFull = !relay.isFull;
}

function crashRelay({ relay }: World): void {
	relay.crash();
}

function crashRelayInStore({ relay, random }: World): void {
	relay.crashAt({ calls: 1 + random.below(12), when: random.pick(['before', 'after']) });
}

function slowRelay({ relay }: World): void {
	relay.isSlow = !relay.isSlow;
}

function copyRelay({ relay }: World): void {
	relay.keepCopy();
}

async function restoreRelay(world: World): Promise<void> {
	const { relay, random, tally } = world;
	if (!relay.copy) return relay.keepCopy();
	if (!world.isListAgreed()) return;
	const isNoticed = random.chance(0.5);
	relay.restoreCopy({ isNoticed });
	tally.note(isNoticed ? 'restored' : 'restored unnoticed');
	await world.noteLosses();
}

/** The browser deletes what it kept; the keys remain, and the relay fills the store again. */
async function evict(world: World, device: WorldDevice): Promise<void> {
	if (world.devices.length < 2) return;
	device.evict();
	await world.noteLosses();
}

/** Nothing of it is left but the words on paper. */
async function loseAndRejoin(world: World, device: WorldDevice): Promise<void> {
	if (world.devices.length < 2 || !world.isListAgreed()) return;
	await world.loseDevice(device);
	await join(world);
}

async function join(world: World): Promise<void> {
	if (world.devices.length >= MOST_DEVICES || !world.isListAgreed()) return;
	const joined = await world.joinByWords();
	world.tally.note(joined ? 'joined' : 'not joined');
	joined?.openTab();
}
const MOST_DEVICES = 5;

function setClock({ random }: World, device: WorldDevice): void {
	device.skewMs = random.pick([0, 365 * DAY_MS, -365 * DAY_MS]);
}

/** It sees nothing of what comes; by the time it wakes, the log may have been compacted and pruned. */
function fallAsleep(_: World, device: WorldDevice): void {
	device.isAsleep = true;
	for (const tab of device.aliveTabs()) tab.kill();
}

/** Cut in the middle of any of its steps, and carried on in the end. */
async function removeDevice(world: World, device: WorldDevice): Promise<void> {
	const { random } = world;
	const others = world.devices.filter((other) => other !== device);
	if (others.length < 2 || !world.isListAgreed()) return;
	const tab = device.someTab() ?? device.openTab();
	random.pick(INTERRUPTIONS)(world, device, tab);
	void tab.members.remove(random.pick(others).identity.id);
	if (!random.chance(0.5)) return;
	await steps(random.below(400));
	tab.kill();
}

const INTERRUPTIONS: readonly ((world: World, device: WorldDevice, tab: WorldTab) => void)[] = [
	() => {},
	cutAfterFrames,
	crashRelayInStore,
	({ random }, { members }) => {
		members.keepsLeft = random.below(4);
	},
];

/** A so-manieth await of everybody's later: in the middle of something. */
async function steps(count: number): Promise<void> {
	for (let step = 0; step < count; step++) await undefined;
}
