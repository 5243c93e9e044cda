import { utf8 } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import type { AppendRequest, LogStore } from '../store/log-store.ts';
import { createAppender } from './appender.ts';

const request = (id: string, stream = 'stream'): AppendRequest => ({
	space: 'space' as SpaceId,
	stream: stream as StreamId,
	id: id as EntryId,
	entry: utf8(id),
});

/** A log that keeps what it is given, batch by batch, and fails while told to. */
function setUp() {
	const batches: string[][] = [];
	const told: string[] = [];
	const disk = { isFailing: false };
	const logStore: LogStore = {
		async append(batch) {
			if (disk.isFailing) throw new Error('disk I/O error');
			batches.push(batch.map(({ id }) => id));
			return batch.map((_, index) => ({
				type: 'kept',
				seq: batches.flat().length - batch.length + index + 1,
				isNew: true,
			}));
		},
		read: async () => ({ items: [], chain: undefined }),
		chainAt: async () => undefined,
	};
	const appender = createAppender({
		logStore,
		metrics: createMetrics(),
		log: { info: () => undefined, warn: () => undefined },
		defer: setImmediate,
		committed: ({ items }) => told.push(...items.map(({ seq, id }) => `${seq} ${id}`)),
	});
	return { appender, batches, told, disk };
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
