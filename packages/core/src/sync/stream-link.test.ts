import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import { openEntry, readEntryHeader, sealEntry } from '../crypto/entry.ts';
import { sealSnapshot } from '../crypto/snapshot.ts';
import { createSpaceSecrets, type SpaceSecrets } from '../crypto/space-secrets.ts';
import type { EntryId, SnapshotId, SpaceId, StreamName, WriterId } from '../ids.ts';
import type { StreamPosition } from '../ports/store.ts';
import { emptyChain, nextChain } from '../protocol/chain.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ClientMessage, RelayMessage } from '../protocol/messages.ts';
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts';
import { createQuiet, type Quiet } from '../testing/quiet.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createTestClock, type TestClock } from '../testing/test-clock.ts';
import { expectOk } from '../testing/test-space.ts';
import type { StreamMessage } from './link-state.ts';
import { createStreamLink, type StreamLink } from './stream-link.ts';

const NAME = 'file/letter' as StreamName;
const SPACE = 'Eq3XkuyQoCNjtoCP2avTew' as SpaceId;
const WRITER = 'W'.repeat(21).concat('A') as WriterId;
const ZEROS = emptyChain();

/** A link, and a relay that is the test. */
interface Bench {
	readonly link: StreamLink;
	readonly store: MemoryStore;
	readonly clock: TestClock;
	readonly sent: ClientMessage[];
	readonly arrived: Bytes[];
	readonly secrets: { epoch: number; readonly known: number[]; asked: (epoch: number) => void };
	buffered: number;
	/** What chance says when it is asked for a fraction. */
	fraction: number;
	settle(): Promise<void>;
	say(message: StreamMessage): Promise<void>;
	/** Everything there is was sent, and this is what the relay keeps. */
	sayHead(at?: StreamPosition, sizes?: { covered: number; snapshotBytes: number; tailBytes: number }): Promise<void>;
	refuse(code: (RelayMessage & { type: 'error' })['code'], about: string): Promise<void>;
	/** An entry of somebody else. */
	seal(update: Bytes, place?: { epoch?: number; seq?: number; previous?: Bytes }): Promise<Bytes>;
}

let quiet: Quiet;
let bench: Bench;
beforeEach(async () => {
	quiet = createQuiet();
	bench = await createBench();
});
afterEach(() => {
	bench.link[Symbol.dispose]();
	quiet[Symbol.dispose]();
});

describe('[SY11] a link', () => {
	it('is settled when all is read and nothing waits, and then shuts its stream', async () => {
		const { link, sent } = bench;
		expect(link.isSettled).toBe(false);
		expect(link.release()).toBe(false);
		link.connect();
		await bench.settle();
		expect(link.release()).toBe(false);
		await bench.sayHead();
		expect(link.isSettled).toBe(true);
		expect(link.release()).toBe(true);
		expect(sent.at(-1)).toEqual({ type: 'shut', stream: link.id });
		expect(link.isConnected).toBe(false);
	});

	it('stays while rows wait and while an entry is under way', async () => {
		const { link, store } = bench;
		await store.appendLocal([{ stream: NAME, update: edit('typed') }]);
		link.connect();
		await bench.settle();
		await bench.sayHead();
		const append = bench.sent.at(-1);
		if (append?.type !== 'append') throw new Error('nothing sent');
		expect(link.release()).toBe(false);
		link.drain();
		await bench.say({ type: 'echo', stream: link.id, id: append.id, seq: 1 });
		expect(link.release()).toBe(true);
	});

	it('stays while its queue is not worked off', async () => {
		const { link } = bench;
		link.connect();
		await bench.settle();
		await bench.sayHead();
		link.drain();
		expect(link.isSettled).toBe(false);
		await bench.settle();
		expect(link.isSettled).toBe(true);
	});

	it('stays until the snapshot it intends is kept', async () => {
		const { link, store, clock } = bench;
		await store.appendRemote({ stream: NAME, updates: [edit('long')], position: at(1) });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), { covered: 0, snapshotBytes: 0, tailBytes: 10_000 });
		expect(link.isSettled).toBe(false);
		await clock.advance(60_000);
		expect(bench.sent.at(-1)).toMatchObject({ type: 'open', cursor: 1 });
		await bench.sayHead(at(1), { covered: 0, snapshotBytes: 0, tailBytes: 10_000 });
		const put = bench.sent.at(-1);
		if (put?.type !== 'snapshot-put') throw new Error('no snapshot');
		expect(put).toMatchObject({ covers: 1, chain: at(1).chain, index: 0, count: 1 });
		expect(link.isSending(put.id)).toBe(true);
		expect(link.release()).toBe(false);
		await bench.say({ type: 'snapshot-kept', stream: link.id, id: put.id, covers: 1 });
		expect(link.isSending(put.id)).toBe(false);
		expect(link.release()).toBe(true);
	});

	it('hears nothing after it was released, and goes on where it was', async () => {
		const { link } = bench;
		link.connect();
		await bench.settle();
		const entry = await bench.seal(edit('one'));
		await bench.say({ type: 'entries', stream: link.id, from: 1, entries: [entry] });
		await bench.sayHead({ seq: 1, chain: await nextChain(ZEROS, entry), tails: {} });
		expect(link.release()).toBe(true);
		await bench.say({ type: 'entries', stream: link.id, from: 2, entries: [new Uint8Array(3)] });
		expect(link.stuck).toBeUndefined();
		link.connect();
		await bench.settle();
		expect(bench.sent.at(-1)).toMatchObject({ type: 'open', cursor: 1 });
	});
});

describe('what waits', () => {
	it('[SY2] goes out one entry at a time, and none before head', async () => {
		const { link, store } = bench;
		const [one, two] = edits('one', 'two ');
		if (!one || !two) throw new Error('no edits');
		await store.appendLocal([{ stream: NAME, update: one }]);
		link.connect();
		link.drain();
		await bench.settle();
		expect(bench.sent.map(({ type }) => type)).toEqual(['open']);
		await bench.sayHead();
		await store.appendLocal([{ stream: NAME, update: two }]);
		link.drain();
		await bench.settle();
		const [first, ...more] = appends();
		if (!first) throw new Error('nothing sent');
		expect(more).toEqual([]);
		await bench.say({ type: 'echo', stream: link.id, id: first.id, seq: 1 });
		expect(appends().map(({ entry }) => expectOk(readEntryHeader(entry)).writerSeq)).toEqual([1, 2]);
	});

	it.each([
		['1,000 rows', () => edits(...Array.from({ length: 1_001 }, () => 'x'))],
		['512 kB', () => edits('x'.repeat(300_000), 'y'.repeat(300_000))],
	])('[SY10] of more than %s is more than one entry', async (_, made) => {
		const { link, store } = bench;
		await store.appendLocal(made().map((update) => ({ stream: NAME, update })));
		link.connect();
		await bench.settle();
		await bench.sayHead();
		const [first] = appends();
		if (!first) throw new Error('nothing sent');
		await bench.say({ type: 'echo', stream: link.id, id: first.id, seq: 1 });
		expect(appends()).toHaveLength(2);
	});

	function appends() {
		return bench.sent.filter((message) => message.type === 'append');
	}
});

describe('[SY15] keys that are no longer in use', () => {
	it('make the link wait, without a sentence, and seal again what had not come back', async () => {
		const { link, store, sent, secrets } = bench;
		await store.appendLocal([{ stream: NAME, update: edit('typed') }]);
		link.connect();
		await bench.settle();
		await bench.sayHead();
		const old = sent.at(-1);
		if (old?.type !== 'append') throw new Error('nothing sent');
		await bench.refuse('stale-epoch', old.id);
		link.drain();
		await bench.settle();
		expect(sent.at(-1)).toBe(old);
		expect(link.stuck).toBeUndefined();
		expect(link.isSettled).toBe(false);
		expect(store.disk.sealed.map(({ id }) => id)).toEqual([old.id]);

		secrets.known.push(2);
		secrets.epoch = 2;
		link.rekeyed();
		await bench.settle();
		// The relay refuses what comes behind a refused entry until the stream is opened anew.
		expect(sent.at(-1)).toMatchObject({ type: 'open', cursor: 0 });
		await bench.sayHead();
		const again = sent.at(-1);
		if (again?.type !== 'append') throw new Error('nothing sent');
		const [before, after] = [readEntryHeader(old.entry), readEntryHeader(again.entry)];
		if (!before.ok || !after.ok) throw new Error('no header');
		expect(after.value).toMatchObject({ epoch: 2, writerSeq: 1 });
		expect(after.value.writer).not.toBe(before.value.writer);
		expect(await opened(again.entry)).toBe('typed');
		expect(store.disk.sealed.map(({ id }) => id)).toEqual([again.id]);
	});

	it('are noticed at once when the newer ones are here already', async () => {
		const { link, store, sent, secrets } = bench;
		await store.appendLocal([{ stream: NAME, update: edit('typed') }]);
		link.connect();
		await bench.settle();
		await bench.sayHead();
		const old = sent.at(-1);
		if (old?.type !== 'append') throw new Error('nothing sent');
		secrets.known.push(2);
		secrets.epoch = 2;
		link.rekeyed();
		await bench.settle();
		await bench.refuse('stale-epoch', old.id);
		expect(sent.at(-1)).toMatchObject({ type: 'open' });
	});

	it('that are newer than ours pin the cursor until they come', async () => {
		const { link, arrived, secrets } = bench;
		link.connect();
		await bench.settle();
		const entry = await bench.seal(edit('later'), { epoch: 2 });
		await bench.say({ type: 'entries', stream: link.id, from: 1, entries: [entry] });
		expect(link.stuck).toContain('key');
		link.rekeyed();
		await bench.settle();
		expect(bench.sent.at(-1)).toMatchObject({ type: 'open', cursor: 0 });
		await bench.say({ type: 'entries', stream: link.id, from: 1, entries: [entry] });
		expect(link.stuck).toContain('key');
		secrets.known.push(2);
		link.rekeyed();
		await bench.settle();
		await bench.say({ type: 'entries', stream: link.id, from: 1, entries: [entry] });
		await bench.sayHead({ seq: 1, chain: await nextChain(ZEROS, entry), tails: {} });
		expect(link.stuck).toBeUndefined();
		expect(arrived).toHaveLength(1);
	});

	it('that come while an entry is being opened that needs them open it', async () => {
		const { link, arrived } = bench;
		const entry = await bench.seal(edit('later'), { epoch: 2 });
		link.connect();
		await bench.settle();
		bench.secrets.asked = () => queueMicrotask(renew);
		await bench.say({ type: 'entries', stream: link.id, from: 1, entries: [entry] });
		expect(link.stuck).toBeUndefined();
		expect(arrived).toHaveLength(1);
	});

	it('that come while a change is being sealed are not named on what was sealed with those before', async () => {
		const { link, store, sent } = bench;
		await store.appendLocal([{ stream: NAME, update: edit('typed') }]);
		link.connect();
		await bench.settle();
		bench.secrets.asked = renew;
		await bench.sayHead();
		const appended = sent.find(({ type }) => type === 'append');
		if (appended?.type !== 'append') throw new Error('nothing sent');
		expect(await opened(appended.entry)).toBe('typed');
	});

	it('make the link open the stream anew, and pass over what is left of the answer before', async () => {
		const { link, arrived } = bench;
		const entry = await bench.seal(edit('later'), { epoch: 2 });
		const end = { seq: 1, chain: await nextChain(ZEROS, entry), tails: {} };
		link.connect();
		await bench.settle();
		await bench.say({ type: 'entries', stream: link.id, from: 1, entries: [entry] });
		renew();
		await bench.settle();
		// Said before the relay read the second `open`.
		await bench.sayHead(end);
		expect(link.stuck).toBeUndefined();
		expect(link.isCaughtUp).toBe(false);
		await bench.say({ type: 'entries', stream: link.id, from: 1, entries: [entry] });
		await bench.sayHead(end);
		expect(link.isCaughtUp).toBe(true);
		expect(arrived).toHaveLength(1);
	});

	function renew(): void {
		bench.secrets.asked = () => {};
		bench.secrets.known.push(2);
		bench.secrets.epoch = 2;
		bench.link.rekeyed();
	}
});

describe('[SY12] a snapshot', () => {
	it.each([
		[0, 5_000],
		[0.5, 32_500],
	])('waits for its own time, %f of it', async (fraction, delayMs) => {
		const { link, store, clock } = bench;
		bench.fraction = fraction;
		await store.appendRemote({ stream: NAME, updates: [edit('long')], position: at(1) });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), LONG);
		await clock.advance(delayMs - 1);
		expect(bench.sent).toHaveLength(1);
		await clock.advance(1);
		expect(bench.sent).toHaveLength(2);
	});

	it('[R1] is not made while an entry has not come back', async () => {
		const { link, store, clock } = bench;
		await store.appendRemote({ stream: NAME, updates: [edit('long')], position: at(1) });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), LONG);
		await store.appendLocal([{ stream: NAME, update: edit('typed') }]);
		link.drain();
		await bench.settle();
		const append = bench.sent.at(-1);
		if (append?.type !== 'append') throw new Error('nothing sent');
		await clock.advance(120_000);
		expect(bench.sent.at(-1)).toBe(append);
		await bench.say({ type: 'echo', stream: link.id, id: append.id, seq: 2 });
		// As soon as nothing waits.
		expect(bench.sent.at(-1)).toMatchObject({ type: 'open', cursor: 2 });
	});

	it('[R1] is not made of rows that nobody told the link of', async () => {
		const { link, store, clock } = bench;
		await store.appendRemote({ stream: NAME, updates: [edit('long')], position: at(1) });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), LONG);
		await clock.advance(60_000);
		await store.appendLocal([{ stream: NAME, update: edit('of another tab') }]);
		await bench.sayHead(at(1), LONG);
		expect(bench.sent.map(({ type }) => type)).toEqual(['open', 'open']);
	});

	it('[R1] is not made at a place that is not the store’s', async () => {
		const { link, store, clock } = bench;
		await store.appendRemote({ stream: NAME, updates: [edit('long')], position: at(1) });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), LONG);
		await clock.advance(60_000);
		await store.appendRemote({ stream: NAME, updates: [edit('led for a moment')], position: at(2) });
		await bench.sayHead(at(1), LONG);
		expect(bench.sent.map(({ type }) => type)).toEqual(['open', 'open']);
	});

	it('is not made of a document that waits for changes it depends on', async () => {
		const { link, store, clock } = bench;
		const [, second] = edits('a', 'b');
		if (!second) throw new Error('no edit');
		await store.appendRemote({ stream: NAME, updates: [second], position: at(1) });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), LONG);
		await clock.advance(60_000);
		await bench.sayHead(at(1), LONG);
		expect(bench.sent.map(({ type }) => type)).toEqual(['open', 'open']);
		expect(link.isSettled).toBe(true);
	});

	it('[R1] is not made while a writer’s chain is torn, which its readers could not check', async () => {
		const { link, store, clock } = bench;
		const position = { ...at(1), tails: { [WRITER]: { seq: 0, hash: ZEROS, isTorn: true as const } } };
		await store.appendRemote({ stream: NAME, updates: [edit('long')], position });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), LONG);
		await clock.advance(60_000);
		await bench.sayHead(at(1), LONG);
		expect(bench.sent.map(({ type }) => type)).toEqual(['open', 'open']);
	});

	it('[R1] is not made, nor waited for, while an entry is put aside', async () => {
		const { link, store, clock } = bench;
		await store.appendRemote({ stream: NAME, updates: [edit('long')], position: at(1) });
		await store.putValues({ [`sync/quarantine/${NAME}/1`]: { entry: new Uint8Array(9), reason: 'Unreadable', at: 1 } });
		link.connect();
		await bench.settle();
		expect(link.quarantined).toBe(1);
		await bench.sayHead(at(1), LONG);
		await clock.advance(120_000);
		expect(bench.sent.map(({ type }) => type)).toEqual(['open']);
		expect(link.release()).toBe(true);
	});

	it('[R3] is not made when another device made one meanwhile', async () => {
		const { link, store, clock } = bench;
		await store.appendRemote({ stream: NAME, updates: [edit('long')], position: at(1) });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), LONG);
		await clock.advance(60_000);
		await bench.sayHead(at(1), { covered: 1, snapshotBytes: 9_000, tailBytes: 0 });
		expect(bench.sent.map(({ type }) => type)).toEqual(['open', 'open']);
		expect(link.release()).toBe(true);
	});

	it('goes out in parts, as fast as the network takes them, and not beyond the session', async () => {
		const { link, store, clock } = bench;
		const random = createSeededRandom(9);
		const large = edit([...random.bytes(400_000)].map((byte) => byte.toString(16)).join(''));
		await store.appendRemote({ stream: NAME, updates: [large], position: at(1) });
		link.connect();
		await bench.settle();
		await bench.sayHead(at(1), { covered: 0, snapshotBytes: 0, tailBytes: 10_000_000 });
		await clock.advance(60_000);
		bench.buffered = 2_000_000;
		const parts = () => bench.sent.filter(({ type }) => type === 'snapshot-put');
		await bench.sayHead(at(1), { covered: 0, snapshotBytes: 0, tailBytes: 10_000_000 });
		await clock.advance(10_000);
		expect(parts()).toEqual([]);
		bench.buffered = 0;
		await clock.advance(250);
		expect(parts().length).toBeGreaterThan(1);
		expect(parts().map((part) => part.type === 'snapshot-put' && part.index)).toEqual([...parts().keys()]);
		link.disconnect();
		expect(clock.waiting).toBe(0);
	});
});

it('[SY14] what was put aside is let go of when a snapshot of another device covers it', async () => {
	const { link, store } = bench;
	const key = `sync/quarantine/${NAME}/1`;
	const values = { [key]: { entry: new Uint8Array(80), reason: 'Unreadable', at: 0 } };
	await store.appendRemote({ stream: NAME, updates: [], position: at(1), values });
	link.connect();
	await bench.settle();
	expect(link.quarantined).toBe(1);

	const id = 'S'.repeat(21).concat('A') as SnapshotId;
	const { chain } = at(2);
	const whole = new Uint8Array(Y.convertUpdateFormatV1ToV2(edit('whole')));
	const streamKey = await ALL_SECRETS.streamKey(link.id, 1);
	if (!streamKey) throw new Error('no key');
	const part = await sealSnapshot(
		{ random: createSeededRandom(4) },
		{
			place: { space: SPACE, stream: link.id },
			key: streamKey,
			header: { epoch: 1, id, covers: 2, chain },
			tails: {},
			update: whole,
		},
	);
	await bench.say({ type: 'snapshot', stream: link.id, id, covers: 2, chain, index: 0, count: 1, part });
	await bench.sayHead(at(2));
	expect(link.isCaughtUp).toBe(true);
	expect(link.quarantined).toBe(0);
	expect(store.disk.values.has(key)).toBe(false);
});

describe('[SY13] a log to be read anew', () => {
	it('is so from the next session on, when that was asked for without one', async () => {
		const { link, store } = bench;
		await store.appendRemote({ stream: NAME, updates: [edit('kept')], position: at(3) });
		link.republish();
		link.connect();
		await bench.settle();
		expect(bench.sent).toEqual([{ type: 'open', stream: link.id, cursor: 0, chain: ZEROS }]);
		expect(link.republishedAt).toBe(bench.clock.now());
		await bench.sayHead({ seq: 0, chain: ZEROS, tails: {} });
		const append = bench.sent.at(-1);
		if (append?.type !== 'append') throw new Error('nothing sent');
		expect(await opened(append.entry)).toBe('kept');
	});

	it('is told of a document from a backup without an alarm', async () => {
		const { link, store } = bench;
		const position: StreamPosition = { seq: 0, chain: ZEROS, tails: {}, republish: true };
		await store.appendRemote({ stream: NAME, updates: [edit('from a backup')], position });
		link.connect({ position, hasRows: false, hasQuarantined: false });
		await bench.settle();
		await bench.sayHead();
		expect(bench.sent.map(({ type }) => type)).toEqual(['open', 'append']);
		expect(link.republishedAt).toBeUndefined();
		expect([...store.disk.values.keys()]).toEqual([]);
	});

	it('that lacks more than fits into one entry gets it in several', async () => {
		const { link, store } = bench;
		const doc = new Y.Doc();
		for (let part = 0; part < 5; part++) {
			doc.clientID = part + 1;
			const bytes = createSeededRandom(part + 1).bytes(600_000);
			doc.getText('text').insert(0, [...bytes].map((byte) => byte.toString(16)).join(''));
		}
		const whole = doc.getText('text').toString();
		const position: StreamPosition = { seq: 0, chain: ZEROS, tails: {}, republish: true };
		await store.appendRemote({ stream: NAME, updates: [new Uint8Array(Y.encodeStateAsUpdate(doc))], position });
		link.connect();
		await bench.settle();
		await bench.sayHead();
		const log = new Y.Doc();
		for (let seq = 1; ; seq++) {
			const append = bench.sent.at(-1);
			if (append?.type !== 'append') break;
			expect(append.entry.length).toBeLessThan(LIMITS.entry / 2);
			Y.applyUpdate(log, await payloadOf(append.entry));
			const before = bench.sent.length;
			await bench.say({ type: 'echo', stream: link.id, id: append.id, seq });
			if (bench.sent.length === before) break;
		}
		expect(log.getText('text').toString() === whole).toBe(true);
		expect(store.disk.positions.get(NAME)?.republish).toBeUndefined();
	});

	it('sends nothing before its end, and shows nothing of it', async () => {
		const { link, store, arrived } = bench;
		const position: StreamPosition = { seq: 0, chain: ZEROS, tails: {}, republish: true };
		await store.appendRemote({ stream: NAME, updates: [], position });
		await store.appendLocal([{ stream: NAME, update: edit('waits') }]);
		link.connect();
		await bench.settle();
		const entry = await bench.seal(edit('of the log'));
		await bench.say({ type: 'entries', stream: link.id, from: 1, entries: [entry] });
		link.drain();
		await bench.settle();
		expect(bench.sent.map(({ type }) => type)).toEqual(['open']);
		expect(arrived).toEqual([]);
		expect(store.disk.positions.get(NAME)).toEqual(position);
		await bench.sayHead({ seq: 1, chain: await nextChain(ZEROS, entry), tails: {} });
		expect(arrived).toHaveLength(1);
		expect(bench.sent.at(-1)?.type).toBe('append');
	});
});

const LONG = { covered: 0, snapshotBytes: 0, tailBytes: 10_000 };

async function createBench(): Promise<Bench> {
	const store = createMemoryStore();
	const clock = createTestClock({ settle: quiet.settle });
	const random = createSeededRandom(3);
	const known = [1];
	const keys: Bench['secrets'] = { epoch: 1, known, asked: () => {} };
	const secrets = secretsOf(keys);
	const id = await secrets.streamId(NAME);
	const sent: ClientMessage[] = [];
	const arrived: Bytes[] = [];
	const link = createStreamLink(
		{
			store,
			clock,
			random: { bytes: random.bytes, fraction: () => made.fraction },
			secrets,
			log: { info: () => {}, warn: () => {} },
			send: (message) => void sent.push(message),
			bufferedBytes: () => made.buffered,
			arrived: (_, updates) => void arrived.push(...updates),
			outgoing: () => {},
			changed: () => {},
			settled: () => {},
		},
		{ name: NAME, id },
	);
	const made: Bench = {
		link,
		store,
		clock,
		sent,
		arrived,
		secrets: keys,
		buffered: 0,
		fraction: 0.3,
		settle: quiet.settle,
		async say(message) {
			link.received(message);
			await quiet.settle();
		},
		sayHead({ seq, chain } = { seq: 0, chain: ZEROS, tails: {} }, sizes) {
			const kept = sizes ?? { covered: 0, snapshotBytes: 0, tailBytes: 0 };
			return made.say({ type: 'head', stream: id, seq, chain, ...kept });
		},
		async refuse(code, about) {
			link.refused({ type: 'error', code, about, message: 'No.' });
			await quiet.settle();
		},
		async seal(payload, { epoch = 1, seq = 1, previous = ZEROS } = {}) {
			const key = await ALL_SECRETS.streamKey(id, epoch);
			if (!key) throw new Error('no key');
			const entryId = 'E'.repeat(21).concat('A') as EntryId;
			const header = { epoch, id: entryId, writer: WRITER, writerSeq: seq, previous };
			return sealEntry({ random }, { place: { space: SPACE, stream: id }, header, key, payload });
		},
	};
	return made;
}

const ALL_SECRETS = createSpaceSecrets(
	{ nameKey: new Uint8Array(32).fill(1), epochs: [2, 3].map((byte) => new Uint8Array(32).fill(byte)) },
	SPACE,
);

/** Keys as a device has them that is given new ones while it runs. */
function secretsOf(keys: Bench['secrets']): SpaceSecrets {
	return {
		...ALL_SECRETS,
		get epoch() {
			return keys.epoch;
		},
		streamKey(stream, epoch) {
			const key = keys.known.includes(epoch) ? ALL_SECRETS.streamKey(stream, epoch) : undefined;
			keys.asked(epoch);
			return key;
		},
	};
}

async function payloadOf(entry: Bytes): Promise<Bytes> {
	const stream = await ALL_SECRETS.streamId(NAME);
	const keyOf = (epoch: number) => ALL_SECRETS.streamKey(stream, epoch);
	const read = await openEntry(entry, { place: { space: SPACE, stream }, keyOf });
	if (!read.ok) throw new Error(read.error.type);
	return read.value.payload;
}

async function opened(entry: Bytes): Promise<string> {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, await payloadOf(entry));
	return doc.getText('text').toString();
}

function edit(text: string): Bytes {
	const [only] = edits(text);
	if (!only) throw new Error('no edit');
	return only;
}

function edits(...texts: readonly string[]): readonly Bytes[] {
	const doc = new Y.Doc();
	const updates: Bytes[] = [];
	doc.on('update', (update) => updates.push(new Uint8Array(update)));
	for (const text of texts) doc.getText('text').insert(0, text);
	return updates;
}

function at(seq: number): StreamPosition {
	return { seq, chain: new Uint8Array(32).fill(seq), tails: {} };
}
