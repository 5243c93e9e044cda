import { toBase64Url, utf8 } from '@pocketeer/core/bytes';
import type { EntryId, SnapshotId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { emptyChain } from '@pocketeer/core/protocol/chain';
import { decodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { turns } from '@pocketeer/core/testing/test-clock';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { openDatabase } from '../store/database.ts';
import type { LogItem, LogStore } from '../store/log-store.ts';
import { createSqliteLogStore } from '../store/sqlite-log-store.ts';
import { createFollowing } from './following.ts';

const space = 'space' as SpaceId;
const stream = toBase64Url(new Uint8Array(16)) as StreamId;
const idOf = (n: number) => toBase64Url(Uint8Array.of(...Array.from({ length: 15 }, () => 0), n)) as EntryId;

/** A follower whose network and log answer only when the test says so. */
function setUp(options: { batchBytes?: number; behindBytes?: number } = {}) {
	const opened = openDatabase(':memory:');
	if (!opened.ok) throw new Error(opened.error.reason);
	const logStore = createSqliteLogStore({ database: opened.value });
	const told: string[] = [];
	const flushes: (() => void)[] = [];
	const network = { isHeld: false, bufferedBytes: 0 };
	const reads: { isHeld: boolean; waiting: (() => void)[] } = { isHeld: false, waiting: [] };
	const held: LogStore = {
		...logStore,
		async read(range) {
			const batch = await logStore.read(range);
			if (reads.isHeld) await new Promise<void>((resolve) => reads.waiting.push(resolve));
			return batch;
		},
	};
	const tell = (frame: Uint8Array) => {
		const message = decodeRelayMessage(frame);
		if (!message.ok) throw new Error(JSON.stringify(message.error));
		const { value } = message;
		if (value.type === 'entries') {
			for (const [index, entry] of value.entries.entries())
				told.push(`${value.from + index} ${new TextDecoder().decode(entry)}`);
		} else if (value.type === 'echo') told.push(`${value.seq} =`);
		else if (value.type === 'head') told.push(`head ${value.seq}`);
		else if (value.type === 'snapshot') told.push(`part ${value.index} of snapshot ${value.part[0]}`);
	};
	const following = createFollowing(
		{
			logStore: held,
			metrics: createMetrics(),
			onStuck: (error) => told.push(`stuck ${String(error)}`),
			peer: {
				send: tell,
				sendFlushed(frame) {
					tell(frame);
					return network.isHeld ? new Promise((resolve) => flushes.push(resolve)) : Promise.resolve();
				},
				get bufferedBytes() {
					return network.bufferedBytes;
				},
				pause: () => undefined,
				resume: () => undefined,
				close: () => undefined,
			},
		},
		{ space, ...options },
	);
	/** Appends to the log; the follower hears of it when `announce` is called. */
	async function commit(...numbers: number[]): Promise<readonly LogItem[]> {
		const batch = numbers.map((n) => ({ space, stream, id: idOf(n), entry: utf8(`e${n}`) }));
		const outcomes = await logStore.append(batch, 0);
		return batch.map(({ id, entry }, index) => {
			const outcome = outcomes[index];
			return { id, entry, seq: outcome?.type === 'kept' ? outcome.seq : 0 };
		});
	}
	const flush = async () => {
		flushes.splice(0).forEach((resolve) => void resolve());
		await turns(2);
	};
	const open = async (cursor = 0) => {
		const chain = (await logStore.look({ space, stream, seq: cursor }))?.chain ?? emptyChain();
		return following.open(stream, cursor, chain);
	};
	return { following, logStore, told, network, reads, flush, commit, open };
}

describe('following', () => {
	test('an entry committed between the end of catching up and going live is not lost', async () => {
		const { following, told, reads, commit, open } = setUp();
		await commit(1);
		reads.isHeld = true;
		await open();
		await turns(2);
		// The read that saw entry 1 is on its way; now the one that sees nothing more, and meanwhile 2 is committed.
		reads.waiting.shift()?.();
		await turns(2);
		following.committed(stream, await commit(2));
		reads.isHeld = false;
		reads.waiting.shift()?.();
		await turns(2);
		expect(told).toEqual(['1 e1', '2 e2', 'head 2']);
	});

	test('an entry that is read from the log before its commit is announced is sent once', async () => {
		const { following, told, commit, open } = setUp();
		const items = await commit(1);
		await open();
		await turns(2);
		following.committed(stream, items);
		expect(told).toEqual(['1 e1', 'head 1']);
	});

	test('an own entry that is read from the log before its commit is announced is echoed, once', async () => {
		const { following, told, commit, open } = setUp();
		following.offered(stream, idOf(2));
		const items = await commit(1, 2, 3);
		await open();
		await turns(2);
		following.committed(stream, items);
		expect(told).toEqual(['1 e1', '2 =', '3 e3', 'head 3']);
	});

	test('while a batch is on its way the next is not read: one batch is all that waits in memory', async () => {
		const { told, network, flush, commit, open } = setUp({ batchBytes: 4 });
		await commit(1, 2, 3, 4, 5);
		network.isHeld = true;
		await open();
		await turns(3);
		expect(told).toEqual(['1 e1', '2 e2']);
		await flush();
		expect(told).toEqual(['1 e1', '2 e2', '3 e3', '4 e4']);
		await flush();
		await flush();
		expect(told).toEqual(['1 e1', '2 e2', '3 e3', '4 e4', '5 e5', 'head 5']);
	});

	test('a live follower that falls behind is sent what it missed from the log, without a second head', async () => {
		const { following, told, network, flush, commit, open } = setUp({ behindBytes: 100 });
		await open();
		await turns(2);
		network.bufferedBytes = 101;
		network.isHeld = true;
		following.committed(stream, await commit(1));
		await turns(2);
		following.committed(stream, await commit(2, 3));
		expect(told).toEqual(['head 0', '1 e1']);
		network.bufferedBytes = 0;
		await flush();
		await flush();
		following.committed(stream, await commit(4));
		await flush();
		expect(told).toEqual(['head 0', '1 e1', '2 e2', '3 e3', '4 e4']);
	});

	test('own entries waiting for their place are echoed when the stream is shut', async () => {
		const { following, told, network, commit, open } = setUp({ batchBytes: 1 });
		await commit(1, 2);
		network.isHeld = true;
		await open();
		await turns(2);
		following.offered(stream, idOf(3));
		following.committed(stream, await commit(3));
		expect(told).toEqual(['1 e1']);
		following.shut(stream);
		expect(told).toEqual(['1 e1', '3 =']);
	});

	test('whatever the interleaving, every entry comes once and in order', async () => {
		for (let seed = 1; seed <= 60; seed++) {
			const random = createSeededRandom(seed);
			const { following, told, network, reads, flush, commit, open } = setUp({ batchBytes: 6, behindBytes: 0 });
			const unannounced: (readonly LogItem[])[] = [];
			let count = 0;
			await open();
			for (let step = 0; step < 60; step++) {
				network.isHeld = random.chance(0.5);
				reads.isHeld = random.chance(0.5);
				network.bufferedBytes = random.chance(0.3) ? 1 : 0;
				if (random.chance(0.5)) {
					count += 1;
					if (random.chance(0.4)) following.offered(stream, idOf(count));
					unannounced.push(await commit(count));
				}
				if (random.chance(0.6)) {
					const next = unannounced.shift();
					if (next) following.committed(stream, next);
				}
				if (random.chance(0.4)) reads.waiting.shift()?.();
				if (random.chance(0.5)) await flush();
				else await turns(1);
			}
			network.isHeld = false;
			reads.isHeld = false;
			network.bufferedBytes = 0;
			for (const items of unannounced) following.committed(stream, items);
			for (let step = 0; step < 20; step++) {
				for (const resolve of reads.waiting.splice(0)) resolve();
				await flush();
			}
			const seqs = told.filter((line) => !line.startsWith('head')).map((line) => Number.parseInt(line, 10));
			expect(seqs, `seed ${seed}`).toEqual(Array.from({ length: count }, (_, index) => index + 1));
			expect(told.filter((line) => line.startsWith('head')).length, `seed ${seed}`).toBeLessThanOrEqual(1);
		}
	});
});

describe('[R5] following with a snapshot', () => {
	/** Six entries, a snapshot of four of them in three parts. */
	async function withSnapshot(options: { batchBytes?: number; partBytes?: number } = {}) {
		const world = setUp(options);
		await world.commit(1, 2, 3, 4, 5, 6);
		const keep = async (id: number, covers: number) => {
			const chain = (await world.logStore.look({ space, stream, seq: covers }))?.chain ?? emptyChain();
			const offer = {
				space,
				stream,
				id: toBase64Url(new Uint8Array(16).fill(id)) as SnapshotId,
				covers,
				chain,
				count: 3,
			};
			const start = await world.logStore.beginUpload(offer);
			if (start.type !== 'begun') throw new Error(start.type);
			for (const index of [0, 1, 2]) {
				await world.logStore.addPart(start.upload, index, new Uint8Array(options.partBytes ?? 1).fill(id));
			}
			await world.logStore.finishUpload(start.upload, 0);
		};
		await keep(1, 4);
		return { ...world, keep };
	}

	test('its parts come one at a time, and then the entries behind it', async () => {
		const { told, network, flush, open } = await withSnapshot();
		network.isHeld = true;
		await open();
		await turns(3);
		expect(told).toEqual(['part 0 of snapshot 1']);
		await flush();
		expect(told).toEqual(['part 0 of snapshot 1', 'part 1 of snapshot 1']);
		network.isHeld = false;
		await flush();
		await flush();
		expect(told.slice(2)).toEqual(['part 2 of snapshot 1', '5 e5', '6 e6', 'head 6']);
	});

	test('one that is replaced and let go of while it is sent is begun anew as the newest', async () => {
		const { told, network, flush, keep, open } = await withSnapshot();
		network.isHeld = true;
		await open();
		await turns(3);
		await keep(2, 5);
		await flush();
		await keep(3, 6);
		network.isHeld = false;
		await flush();
		await turns(5);
		expect(told).toEqual([
			'part 0 of snapshot 1',
			'part 1 of snapshot 1',
			...[0, 1, 2].map((part) => `part ${part} of snapshot 3`),
			'head 6',
		]);
	});

	test('an own entry that the snapshot covers is echoed when the snapshot is there', async () => {
		const { following, told, network, flush, open } = await withSnapshot();
		network.isHeld = true;
		await open();
		following.offered(stream, idOf(3));
		following.repeated(stream, idOf(3), 3);
		following.offered(stream, idOf(6));
		following.repeated(stream, idOf(6), 6);
		await turns(3);
		expect(told).toEqual(['part 0 of snapshot 1']);
		network.isHeld = false;
		await flush();
		await turns(5);
		expect(told.slice(1)).toEqual(['part 1 of snapshot 1', 'part 2 of snapshot 1', '3 =', '5 e5', '6 =', 'head 6']);
	});

	test('entries that are pruned while they are being sent are stood for by the snapshot', async () => {
		const { logStore, told, network, flush, keep, open } = await withSnapshot({ batchBytes: 2, partBytes: 100 });
		await keep(2, 5);
		network.isHeld = true;
		// The entries weigh less than the snapshot.
		await open();
		await turns(3);
		expect(told).toEqual(['1 e1']);
		await logStore.prune({ before: 1_000_000, cursor: undefined });
		network.isHeld = false;
		await flush();
		await turns(8);
		expect(told.slice(1)).toEqual([...[0, 1, 2].map((part) => `part ${part} of snapshot 2`), '6 e6', 'head 6']);
	});
});
