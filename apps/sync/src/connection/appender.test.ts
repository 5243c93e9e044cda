import { utf8 } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import type { AppendRequest, LogStore } from '../store/log-store.ts';
import { createMemoryStores } from '../store/memory-stores.ts';
import { createAppender } from './appender.ts';
import { createHub, type Member } from './hub.ts';
import { epochOfSealed } from './sealed-header.ts';

const request = (id: string, stream = 'stream'): AppendRequest => ({
	space: 'space' as SpaceId,
	stream: stream as StreamId,
	id: id as EntryId,
	entry: utf8(id),
});

/** A log that keeps what it is given, batch by batch, and fails while told to. */
function setUp(tell: () => void = () => undefined) {
	const batches: string[][] = [];
	const told: string[] = [];
	const disk = { isFailing: false };
	const logStore: LogStore = {
		...createMemoryStores().logStore,
		async append(batch) {
			if (disk.isFailing) throw new Error('disk I/O error');
			batches.push(batch.map(({ id }) => id));
			return batch.map((_, index) => ({
				type: 'kept',
				seq: batches.flat().length - batch.length + index + 1,
				isNew: true,
				change: batches.length,
			}));
		},
	};
	const hub = createHub();
	const appender = createAppender({
		logStore,
		hub,
		clock: createTestClock(),
		metrics: createMetrics(),
		log: { info: () => undefined, warn: () => undefined },
		defer: setImmediate,
		committed({ items }) {
			tell();
			told.push(...items.map(({ seq, id }) => `${seq} ${id}`));
		},
	});
	return { appender, batches, told, disk, hub };
}

describe('group commit', () => {
	test('what arrives in one turn of the event loop shares one transaction', async () => {
		const { appender, batches, told } = setUp();
		const lane = {};
		const ends = await Promise.all(['a', 'b', 'c'].map((id) => appender.append(request(id), lane)));
		expect(ends).toEqual([{ type: 'kept' }, { type: 'kept' }, { type: 'kept' }]);
		expect(batches).toEqual([['a', 'b', 'c']]);
		expect(told).toEqual(['1 a', '2 b', '3 c']);
		await appender.append(request('d'), lane);
		expect(batches).toHaveLength(2);
	});

	test('nobody is told of an entry before it is on disk', async () => {
		const { appender, told } = setUp();
		const end = appender.append(request('a'), {});
		expect(told).toEqual([]);
		await end;
		expect(told).toEqual(['1 a']);
	});

	test('a bug in telling others refuses the group, which is sent again, and holds nobody else up', async () => {
		let isBroken = true;
		const { appender } = setUp(() => {
			if (isBroken) throw new TypeError('a bug');
		});
		expect(await appender.append(request('a'), {})).toEqual({ type: 'failed' });
		isBroken = false;
		expect(await appender.append(request('b'), {})).toEqual({ type: 'kept' });
	});

	test('a failing disk refuses everything of its group, and the next group tries again', async () => {
		const { appender, batches, disk } = setUp();
		const lane = {};
		disk.isFailing = true;
		const failed = await Promise.all([appender.append(request('a'), lane), appender.append(request('b'), lane)]);
		expect(failed).toEqual([{ type: 'failed' }, { type: 'failed' }]);
		disk.isFailing = false;
		// b rests on a: it must not get in before it.
		expect(await appender.append(request('b'), lane)).toEqual({ type: 'failed' });
		const again = await Promise.all([appender.append(request('a'), lane), appender.append(request('b'), lane)]);
		expect(again).toEqual([{ type: 'kept' }, { type: 'kept' }]);
		expect(batches).toEqual([['a', 'b']]);
	});

	test('a refusal stands in the way of its own stream and connection only', async () => {
		const { appender, batches, disk } = setUp();
		const lane = {};
		disk.isFailing = true;
		await appender.append(request('a'), lane);
		disk.isFailing = false;
		await appender.append(request('b', 'other stream'), lane);
		await appender.append(request('c'), {});
		expect(batches.flat()).toEqual(['b', 'c']);
		appender.reopen(lane, 'stream' as StreamId);
		expect(await appender.append(request('d'), lane)).toEqual({ type: 'kept' });
	});

	test('settled waits for what is on its way', async () => {
		const { appender, told } = setUp();
		void appender.append(request('a'), {});
		await appender.settled();
		expect(told).toEqual(['1 a']);
	});
});

describe('[SY15] the epoch of an entry', () => {
	const sealed = (id: string, epoch: number): AppendRequest => ({
		...request(id),
		entry: new Uint8Array([1, epoch, 0]),
	});
	const member: Member = {
		device: null,
		asker: {},
		committed: () => undefined,
		ephemeral: () => false,
		send: () => undefined,
		remove: () => undefined,
		deleted: () => undefined,
	};

	test('an entry of an epoch that is over is refused, with those behind it, until its stream is opened anew', async () => {
		const { appender, batches, hub } = setUp();
		const lane = {};
		hub.join(request('a').space, member);
		hub.learnEpoch(request('a').space, 2);
		expect(await appender.append(sealed('a', 1), lane)).toEqual({ type: 'stale-epoch' });
		expect(await appender.append(sealed('b', 2), lane)).toEqual({ type: 'stale-epoch' });
		appender.reopen(lane, 'stream' as StreamId);
		expect(await appender.append(sealed('c', 2), lane)).toEqual({ type: 'kept' });
		expect(batches).toEqual([['c']]);
	});

	test('of a form that the relay does not know the epoch is not asked', async () => {
		const { appender, hub } = setUp();
		hub.join(request('a').space, member);
		hub.learnEpoch(request('a').space, 2);
		const newer = { ...request('a'), entry: new Uint8Array([2, 1]) };
		expect(await appender.append(newer, {})).toEqual({ type: 'kept' });
	});

	test('an epoch is never learned back', () => {
		const { hub } = setUp();
		hub.join(request('a').space, member);
		hub.learnEpoch(request('a').space, 3);
		hub.learnEpoch(request('a').space, 2);
		expect(hub.epoch(request('a').space)).toBe(3);
	});

	test('epochs of more than a byte are read as varints', () => {
		expect([epochOfSealed(Uint8Array.of(1, 5)), epochOfSealed(Uint8Array.of(1, 0x81, 0x02))]).toEqual([5, 257]);
		expect([epochOfSealed(Uint8Array.of(1, 0x80)), epochOfSealed(new Uint8Array(0))]).toEqual([undefined, undefined]);
	});
});
