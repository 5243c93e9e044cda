import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import { sealEntry } from '../crypto/entry.ts';
import { sealSnapshot } from '../crypto/snapshot.ts';
import { createSpaceSecrets } from '../crypto/space-secrets.ts';
import type { EntryId, SnapshotId, StreamName, WriterId } from '../ids.ts';
import { foundSpace } from '../members/space-identity.ts';
import { newId } from '../ports/random.ts';
import { emptyChain } from '../protocol/chain.ts';
import { chainAgain, viewRelay } from '../testing/relay-view.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createSyncWorld, type SyncWorld, type WorldDevice, type WorldTab } from '../testing/sync-world.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { isUpdate, NO_TAIL } from './inbox.ts';
import { readSnapshot } from './snapshot-parts.ts';
import { splitUpdate } from './split-update.ts';

const LINE = 'line' as StreamName;
const A_MOMENT = 3_000;
const random = createSeededRandom(5);
/** One item of client 7 that stands to the right of one that the same client makes later: decodes, and cannot be applied. */
const NAMES_WHAT_IT_MAKES_LATER = Uint8Array.of(1, 1, 7, 0, 0x84, 7, 9, 1, 0x78, 0);

describe('[R4] an update', () => {
	it('of any kind that Yjs makes is taken, whole, as a difference, merged and in parts', () => {
		for (let seed = 1; seed <= 20; seed++) {
			const { base, doc, updates } = typed(seed);
			const merged = Y.mergeUpdates([...updates]);
			const difference = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(base));
			const late = Y.diffUpdate(merged, Y.encodeStateVectorFromUpdate(updates[3] ?? merged));
			const whole = Y.encodeStateAsUpdate(doc);
			const viaV2 = Y.convertUpdateFormatV2ToV1(Y.encodeStateAsUpdateV2(doc));
			const parts = splitUpdate(new Uint8Array(whole), 100);
			for (const update of [...updates, merged, difference, late, whole, viaV2, ...parts]) {
				expect(isUpdate(new Uint8Array(update))).toBe(true);
			}
		}
	});

	it('is taken only if a document can take it, however it was damaged before it was sealed', () => {
		const { base, doc } = typed(1);
		const before = Y.encodeStateAsUpdate(base);
		const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(base));
		const random = seeded(7);
		let taken = 0;
		for (let round = 0; round < 1_500; round++) {
			const damaged = new Uint8Array(update);
			damaged[random(damaged.length)] = random(2) === 0 ? random(16) : random(256);
			if (!isUpdate(damaged)) continue;
			taken++;
			const present = new Y.Doc();
			Y.applyUpdate(present, before);
			expect(() => Y.applyUpdate(present, damaged)).not.toThrow();
			present.destroy();
		}
		expect(taken).toBeGreaterThan(100);
	});
});

describe('[R4] an entry that opens, and that no document can take', () => {
	let world: SyncWorld;
	beforeEach(() => {
		world = createSyncWorld();
	});
	afterEach(() => world[Symbol.asyncDispose]());

	it('pins the cursor, is on no disk, and leaves the document as readable as it was', async () => {
		const one = await world.addDevice();
		const first = one.openTab();
		(await list(first)).push(['kept']);
		await world.pass(A_MOMENT);
		await forge(world, one, NAMES_WHAT_IT_MAKES_LATER);
		const two = await world.addDevice();
		const second = two.openTab();
		await list(second);
		await world.pass(A_MOMENT);
		expect(second.sync.status.stuck).toMatchObject([
			{ stream: LINE, reason: expect.stringContaining('cannot be read') },
		]);
		second.kill();
		expect((await list(two.openTab())).toJSON()).toEqual(['kept']);
	});
});

describe('[R4] a snapshot that opens, and that no document can take', () => {
	it('is not taken', async () => {
		const space = await foundSpace({ clock: createTestClock(), random });
		const secrets = createSpaceSecrets(space.keyRing, space.spaceId);
		const stream = await secrets.streamId(LINE);
		const key = await secrets.streamKey(stream, 1);
		if (!key) throw new Error('no key');
		const header = { epoch: 1, id: newId<SnapshotId>({ random }), covers: 1, chain: emptyChain() };
		const position = { seq: 0, chain: emptyChain(), tails: {} };
		const read = async (update: Bytes) => {
			const place = { space: space.spaceId, stream };
			const sealed = await sealSnapshot({ random }, { place, key, header, tails: {}, update });
			return readSnapshot({ secrets }, { covers: 1, chain: header.chain, sealed }, { stream, position });
		};
		const bad = new Uint8Array(Y.convertUpdateFormatV1ToV2(NAMES_WHAT_IT_MAKES_LATER));
		expect(await read(bad)).toMatchObject({ error: { type: 'NoUpdate' } });
		const good = new Uint8Array(Y.encodeStateAsUpdateV2(typed(1).doc));
		expect(await read(good)).toMatchObject({ ok: true });
	});
});

/** An entry by somebody who holds the keys, behind the others. */
async function forge(world: SyncWorld, by: WorldDevice, payload: Bytes): Promise<void> {
	const { keyRing, spaceId } = by.identity;
	const secrets = createSpaceSecrets(keyRing, spaceId);
	const { id: stream, log } = await viewRelay(world, by, LINE);
	const key = await secrets.streamKey(stream, secrets.epoch);
	if (!key) throw new Error('no key');
	const id = newId<EntryId>(world);
	const header = { epoch: secrets.epoch, id, writer: newId<WriterId>(world), writerSeq: 1, previous: NO_TAIL.hash };
	const entry = await sealEntry(world, { place: { space: spaceId, stream }, header, key, payload });
	log.entries.push({ id, entry });
	await chainAgain(log);
}

/** A document that two clients typed into, and what the second made of it. */
function typed(seed: number): { readonly base: Y.Doc; readonly doc: Y.Doc; readonly updates: readonly Uint8Array[] } {
	const random = seeded(seed);
	const base = new Y.Doc();
	base.clientID = 3;
	base.getText('text').insert(0, 'hello world');
	base.getArray<unknown>('list').push([new Y.Map(), 'x', 3]);
	base.getMap<unknown>('map').set('inner', new Y.Text('abc'));
	const doc = new Y.Doc();
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
	doc.clientID = 7;
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	const text = doc.getText('text');
	for (let edit = 0; edit < 30; edit++) {
		const at = random(text.length + 1);
		if (random(3) === 0 && at < text.length) text.delete(at, 1 + random(Math.min(4, text.length - at)));
		else text.insert(at, 'abcdef'.slice(random(6)));
		if (random(5) === 0) text.format(0, Math.min(3, text.length), { bold: random(2) === 0 });
		if (random(4) === 0) doc.getMap<unknown>('map').set('key', edit);
		if (random(4) === 0) doc.getArray<unknown>('list').insert(0, [new Y.Map([['k', edit]]), edit]);
	}
	return { base, doc, updates };
}

async function list(tab: WorldTab) {
	return (await tab.doc(LINE)).getArray<string>('records');
}

/** Whole numbers below a bound, the same for a seed (mulberry32). */
function seeded(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
	};
}
