import type * as Y from 'yjs';
import { untilAtRest } from './at-rest.ts';
import type { WorldIdentity } from './device.ts';
import { contentOf, type Ledger } from './ledger.ts';
import { type } from './typing.ts';
import { STREAMS, type World, type WorldDevice, type WorldTab } from './world.ts';

/** What is wrong with a world that was healed, in words; nothing when all is well. */
export async function judge(world: World, identity: WorldIdentity): Promise<readonly string[]> {
	noteLogs(world);
	const tabs = world.devices.flatMap((device) => device.aliveTabs());
	for (const stream of STREAMS) for (const tab of tabs) await world.docOf(tab, stream);
	// Whatever happened, the space still works.
	for (const device of world.devices) await type(world, device, 'home');
	// Long enough for the relay to let go of what it holds to be superfluous.
	await world.pass(30_000);
	const witness = world.addDevice(identity);
	const seer = witness.openTab();
	for (const stream of STREAMS) await world.docOf(seer, stream);
	const all = [seer, ...tabs];
	await world.pass(3_000);
	await untilAtRest(world);
	const wrong: string[] = [];
	for (const stream of STREAMS) {
		const docs: (Y.Doc | undefined)[] = [];
		for (const tab of all) docs.push(await world.docOf(tab, stream));
		wrong.push(...compare(world.ledger, stream, docs));
	}
	return [...wrong, ...standings(all), ...doubled(world), ...leaked(world)];
}

/** The documents of all tabs against the fold of what was typed; the first is that of a device that came last. */
export function compare(ledger: Ledger, stream: string, [seen, ...others]: readonly (Y.Doc | undefined)[]): string[] {
	if (!seen) return [`a new device cannot open ${stream}`];
	const { lost, expected } = ledger.compare(stream, seen);
	const fold = JSON.stringify(expected);
	const wrong = lost.map((edit) => `lost ${edit}`);
	for (const [index, doc] of [seen, ...others].entries()) {
		if (!doc || JSON.stringify(contentOf(doc)) !== fold) wrong.push(`tab ${index} has another ${stream} than the fold`);
	}
	return wrong;
}

/** What the tabs say themselves. */
export function standings(tabs: readonly WorldTab[]): string[] {
	const wrong: string[] = [];
	for (const [index, { sync }] of tabs.entries()) {
		const { connection, pendingStreams, stuck, quarantined } = sync.status;
		if (connection.type !== 'online') wrong.push(`tab ${index} is ${JSON.stringify(connection)}`);
		if (pendingStreams > 0) wrong.push(`tab ${index} has ${pendingStreams} streams waiting`);
		for (const { stream, reason } of stuck) wrong.push(`tab ${index}: ${stream} stands still: ${reason}`);
		for (const { stream } of quarantined) wrong.push(`tab ${index}: something of ${stream} was put aside`);
	}
	return wrong;
}

/** R6: the log holds no entry twice. */
function doubled({ relay }: World): string[] {
	const wrong: string[] = [];
	for (const { streams } of relay.disk.logs.values()) {
		for (const [stream, { entries }] of streams) {
			const ids = new Set(entries.map(({ id }) => id));
			if (ids.size !== entries.length) wrong.push(`${stream} holds an entry twice`);
		}
	}
	return wrong;
}

/** Who was removed has none of the keys that came after. */
function leaked({ removed, devices }: World): string[] {
	const newest = Math.max(...devices.map(epochsOf));
	return removed.filter((device) => epochsOf(device) >= newest).map(() => 'a removed device has the newest key');
}

function epochsOf({ members }: WorldDevice): number {
	return members.state.ring.epochs.length;
}

/** What came about on the way. */
function noteLogs({ relay, devices, tally }: World): void {
	tally.note('jumped to a snapshot', tally.counts.get('snapshot part sent') ?? 0);
	for (const { streams } of relay.disk.logs.values()) {
		for (const { pruned } of streams.values()) if (pruned > 0) tally.note('pruned');
	}
	for (const { disk } of devices) {
		for (const { tails } of disk.positions.values()) {
			if (Object.keys(tails).length > devices.length) tally.note('new incarnation');
		}
	}
}
