import type { SeededRandom } from '@pocketeer/core/testing/seeded-random';
import { HAPPENINGS, type Happening } from './happenings.ts';
import { passed } from './relay.ts';
import { pickStream, type } from './typing.ts';
import type { World, WorldDevice } from './world.ts';

/**
 * What happens in one schedule, drawn from its seed: people type, time passes, and everything that can break breaks. An
 * event that does not fit the moment does nothing, so that every draw is a legal schedule.
 */
export async function playEvents(world: World, count: number): Promise<void> {
	const { random } = world;
	for (let event = 0; event < count; event++) {
		const device = pickAwake(world);
		if (device.isAsleep) device.isAsleep = false;
		else if (random.chance(0.55)) await type(world, device, pickStream(random));
		else {
			const happening = drawn(random);
			world.tally.note(`event: ${happening.name}`);
			await happening(world, device);
		}
		if (random.chance(0.5)) await world.pass(random.below(4_000));
		else if (random.chance(0.3)) await passLong(world);
		world.bury();
	}
}

/** Long enough for a snapshot, while somebody types now and then. */
async function passLong(world: World): Promise<void> {
	const { random, clock } = world;
	const ms = random.below(90_000);
	for (let edits = random.below(4); edits > 0; edits--) {
		const device = random.pick(world.devices);
		void passed(clock, random.below(ms)).then(async () => {
			if (!device.isAsleep && world.devices.includes(device)) await type(world, device, pickStream(random));
		});
	}
	await world.pass(ms);
}

/** Mostly one that is awake: asleep only waking up happens. */
function pickAwake({ random, devices }: World): WorldDevice {
	const awake = devices.filter(({ isAsleep }) => !isAsleep);
	return random.pick(awake.length > 0 && random.chance(0.9) ? awake : devices);
}

const TOTAL = HAPPENINGS.reduce((sum, [weight]) => sum + weight, 0);

function drawn(random: SeededRandom): Happening {
	let left = random.below(TOTAL);
	for (const [weight, happening] of HAPPENINGS) {
		if (left < weight) return happening;
		left -= weight;
	}
	throw new Error('weights do not add up');
}
