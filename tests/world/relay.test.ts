import { expect, it } from 'vitest';
import { createWorld, type Founded, foundWorld, type World } from './world.ts';

// The relay of the first tier is real but for its disk and its death. Did it do what none on a real disk can, such as
// writing once more when it is dead, the world would blame the client for what its log holds then.

/** Awaits from what is typed to its entry in the log are about half of these. */
const STEPS = 120;

it('a relay that is set back in the middle of whatever it does has what the copy has, and nothing it had begun', async () => {
	const founded = await foundWorld();
	const appended = new Set<number>();
	for (let steps = 0; steps < STEPS; steps++) {
		await using world = createWorld({ seed: 1, founded });
		await typeInto(world, founded);
		for (let step = 0; step < steps; step++) await undefined;
		appended.add(entriesIn(world));
		world.relay.restoreCopy({ isNoticed: true });
		await new Promise((resolve) => void setImmediate(resolve));
		expect(entriesIn(world), `after ${steps} steps`).toBe(0);
	}
	expect([...appended]).toEqual([0, 1]);
});

/** Copies the relay while its log is empty; then a device types so much that it is sent at once. */
async function typeInto(world: World, { devices: [identity] }: Founded): Promise<void> {
	if (!identity) throw new Error('a space without devices');
	const tab = world.addDevice(identity).openTab();
	await world.pass(3_000);
	world.relay.keepCopy();
	const doc = await world.docOf(tab, 'home');
	doc?.getText('text').insert(0, 'much '.repeat(1_000));
}

function entriesIn({ relay }: World): number {
	const streams = [...relay.disk.logs.values()].flatMap((log) => [...log.streams.values()]);
	return streams.reduce((sum, { entries }) => sum + entries.length, 0);
}
