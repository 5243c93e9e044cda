import type { World } from './world.ts';

/** Lets time pass until nothing waits anywhere, two minutes at most. */
export async function untilAtRest(world: World): Promise<void> {
	for (let round = 0; round < 60 && !isAtRest(world); round++) await world.pass(2_000);
}

function isAtRest(world: World): boolean {
	return world.devices.every(
		({ disk, aliveTabs }) =>
			disk.sealed.length + disk.unsealed.length === 0 &&
			aliveTabs().every(({ sync: { status } }) => status.connection.type === 'online' && status.pendingStreams === 0),
	);
}
