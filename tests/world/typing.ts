import type { SeededRandom } from '@pocketeer/core/testing/seeded-random';
import { STREAMS, type World, type WorldDevice } from './world.ts';

/** One of the world's streams. */
export function pickStream(random: SeededRandom): string {
	// Two of them mostly, so that their logs grow long enough for a snapshot or two.
	return random.chance(0.6) ? random.pick(STREAMS.slice(0, 2)) : random.pick(STREAMS);
}

/** Small edits mostly; now and then one that makes the log outgrow its snapshot. */
export async function type(
	world: Pick<World, 'random' | 'ledger' | 'docOf'>,
	device: Pick<WorldDevice, 'someTab' | 'openTab'>,
	stream: string,
): Promise<void> {
	const { random } = world;
	const tab = device.someTab() ?? device.openTab();
	const doc = await world.docOf(tab, stream);
	if (!doc || tab.isDead) return;
	const record = `${stream}#${world.ledger.size}`;
	let update: Uint8Array | undefined;
	const note = (made: Uint8Array) => {
		update = made;
	};
	doc.on('update', note);
	doc.transact(() => {
		doc.getArray('records').push([record]);
		const text = doc.getText('text');
		text.insert(random.below(text.length + 1), random.chance(0.5) ? noise(random, 14_000) : `${record} `);
		if (text.length > 20 && random.chance(0.4)) text.delete(random.below(text.length - 15), random.below(15));
		if (random.chance(0.3)) doc.getMap('map').set(record, random.below(100));
	});
	doc.off('update', note);
	if (!update) throw new Error('nothing was typed');
	world.ledger.typed(stream, update, tab.saved(stream));
}

/** Text that deflate cannot shrink, so that a few edits make a log heavy. */
function noise(random: SeededRandom, length: number): string {
	return Buffer.from(random.bytes(random.below(length)).map((byte) => 33 + (byte % 90))).toString('latin1');
}
