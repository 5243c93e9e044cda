import { beforeAll, expect, it } from 'vitest';
import type { Store } from '../ports/store.ts';
import type { RelayCopy } from '../testing/memory-relay.ts';
import type { SeededRandom } from '../testing/seeded-random.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';
import type { SpaceIdentity } from './space-identity.ts';

/**
 * Devices that type while networks break, frames double, tabs die or freeze, disks fill and the relay refuses. Whatever
 * the schedule: in the end all devices hold the same, nothing that was said to be on disk is missing, nothing is there
 * twice, and a new device that reads the whole log sees the same.
 */
const SCHEDULES = 240;
const STEPS = 24;
const STREAMS = ['home', 'file/a'] as const;
const MORTAL: readonly (keyof Store)[] = [
	'appendLocal',
	'appendRemote',
	'commitSealed',
	'settle',
	'sealed',
	'position',
];

let founded: { readonly relay: RelayCopy; readonly identities: readonly SpaceIdentity[] };

beforeAll(async () => {
	const world = createSyncWorld();
	const first = await world.addDevice();
	first.openTab();
	await world.pass(3_000);
	const others = [await world.addDevice(), await world.addDevice(), await world.addDevice()];
	founded = { relay: world.relay.copy(), identities: [first, ...others].map(({ identity }) => identity) };
	await world[Symbol.asyncDispose]();
});

it.each(batches(SCHEDULES, 10))('no schedule of seeds %i to %i loses, doubles or forks anything', async (from, to) => {
	for (let seed = from; seed <= to; seed++) await playSchedule(seed);
});

async function playSchedule(seed: number): Promise<void> {
	await using world = createSyncWorld({ seed, relay: founded.relay });
	const { random } = world;
	const devices: WorldDevice[] = [];
	const count = 2 + random.below(2);
	for (const identity of founded.identities.slice(0, count)) devices.push(await world.addDevice(identity));
	for (const device of devices) device.openTab();
	await world.pass(1_000);

	const kept = new Set<string>();
	const said: string[] = [];
	for (let step = 0; step < STEPS; step++) {
		const device = random.pick(devices);
		if (random.chance(0.6)) await type(world, device, { kept, said });
		else await disturb(world, device);
		if (random.chance(0.7)) await world.pass(random.below(4_000));
	}

	await heal(world, devices);
	await compare(seed, world, devices, { kept, said });
}

interface Ledger {
	/** Records of which `saved()` said that they are on disk. */
	readonly kept: Set<string>;
	readonly said: string[];
}

async function type(world: SyncWorld, device: WorldDevice, ledger: Ledger): Promise<void> {
	const { random } = world;
	const tab = pickAlive(random, device) ?? device.openTab();
	const stream = random.pick(STREAMS);
	const doc = await Promise.race([tab.doc(stream), world.settle().then(() => undefined)]);
	if (!doc) return;
	const record = `${stream}#${ledger.said.length}`;
	ledger.said.push(record);
	const text = doc.getText('text');
	doc.transact(() => {
		doc.getArray('records').push([record]);
		text.insert(random.below(text.length + 1), random.chance(0.1) ? 'x'.repeat(1_000) : `${ledger.said.length} `);
		if (text.length > 20 && random.chance(0.3)) text.delete(random.below(text.length - 10), random.below(10));
	});
	const opened = await tab.sync.open(stream as never);
	if (!opened.ok) return;
	void opened.value.saved().then((saved) => {
		if (saved.ok && !tab.isDead) ledger.kept.add(record);
		opened.value[Symbol.dispose]();
	});
}

async function disturb(world: SyncWorld, device: WorldDevice): Promise<void> {
	const { random } = world;
	const tab = pickAlive(random, device);
	switch (random.below(11)) {
		case 0:
			return device.network.cut();
		case 1:
			device.network.isDown = !device.network.isDown;
			if (device.network.isDown) device.network.cut();
			return;
		case 2:
			return device.network.hold(random.pick(['to-relay', 'to-device']));
		case 3:
			device.network.release('to-relay');
			return device.network.release('to-device');
		case 4:
			device.network.repeats = () => random.chance(0.3);
			return;
		case 5:
			return tab?.kill();
		case 6:
			return void device.openTab();
		case 7:
			if (tab) tab.store.faults.dieAt = { method: random.pick(MORTAL), when: random.pick(['before', 'after']) };
			return;
		case 8:
			if (tab) tab.store.faults.isFull = !tab.store.faults.isFull;
			return;
		case 9:
			if (random.chance(0.5)) tab?.tab.freeze();
			else tab?.tab.thaw();
			return;
		default:
			world.relay.refuseAppends = random.pick([undefined, 'rate', 'internal', 'quota']);
			return;
	}
}

function pickAlive(random: SeededRandom, device: WorldDevice): WorldTab | undefined {
	bury(device);
	const alive = device.tabs.filter(({ isDead }) => !isDead);
	return alive.length > 0 ? random.pick(alive) : undefined;
}

/** A tab whose store died in the middle of a call is gone as a whole. */
function bury(device: WorldDevice): void {
	for (const tab of device.tabs) if (!tab.isDead && tab.store.isDead) tab.kill();
}

async function heal(world: SyncWorld, devices: readonly WorldDevice[]): Promise<void> {
	world.relay.refuseAppends = undefined;
	for (const device of devices) {
		bury(device);
		device.network.isDown = false;
		device.network.repeats = () => false;
		device.network.release('to-relay');
		device.network.release('to-device');
		for (const { store, tab, isDead } of device.tabs) {
			store.faults.isFull = false;
			store.faults.dieAt = undefined;
			if (!isDead) tab.thaw();
		}
		if (device.tabs.every(({ isDead }) => isDead)) device.openTab();
		// A stream that was blocked by the relay is tried again with the next session.
		device.network.cut();
	}
	await world.pass(2_000);
	for (const device of devices) for (const tab of device.tabs) if (!tab.isDead) tab.sync.wake();
	await untilAtRest(world, devices);
}

async function untilAtRest(world: SyncWorld, devices: readonly WorldDevice[]): Promise<void> {
	const tabs = devices.flatMap((device) => device.tabs.filter(({ isDead }) => !isDead));
	const isAtRest = () =>
		tabs.every(({ sync: { status } }) => status.connection.type === 'online' && status.pendingStreams === 0);
	for (let second = 0; second < 120; second++) {
		await world.pass(1_000);
		if (isAtRest() && devices.every(({ disk }) => disk.sealed.length + disk.unsealed.length === 0)) return;
	}
}

async function compare(seed: number, world: SyncWorld, devices: readonly WorldDevice[], ledger: Ledger): Promise<void> {
	const witness = await world.addDevice(founded.identities[3]);
	witness.openTab();
	const tabs = [...devices, witness].flatMap((device) => device.tabs.filter(({ isDead }) => !isDead));
	for (const stream of STREAMS) for (const tab of tabs) await tab.doc(stream);
	await world.pass(2_000);
	await untilAtRest(world, [...devices, witness]);

	for (const stream of STREAMS) {
		const contents = await Promise.all(
			tabs.map(async (tab) => {
				const doc = await tab.doc(stream);
				return { records: doc.getArray<string>('records').toJSON(), text: doc.getText('text').toString() };
			}),
		);
		const [first] = contents;
		for (const content of contents) expect(content, `seed ${seed}, ${stream}`).toEqual(first);
		const records: readonly string[] = first?.records ?? [];
		expect(new Set(records).size, `seed ${seed}: doubled`).toBe(records.length);
		const missing = [...ledger.kept].filter((record) => record.startsWith(`${stream}#`) && !records.includes(record));
		expect(missing, `seed ${seed}: lost`).toEqual([]);
	}
	for (const tab of tabs) {
		expect(tab.sync.status, `seed ${seed}`).toMatchObject({
			connection: { type: 'online' },
			pendingStreams: 0,
			stuck: [],
		});
	}
	for (const device of devices) expect([...device.disk.sealed, ...device.disk.unsealed], `seed ${seed}`).toEqual([]);
}

function batches(total: number, size: number): readonly (readonly [number, number])[] {
	return Array.from({ length: Math.ceil(total / size) }, (_, index) => [index * size + 1, (index + 1) * size]);
}
