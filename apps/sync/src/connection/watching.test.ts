import { utf8 } from '@pocketeer/core/bytes';
import type { EntryId, SpaceId, StreamId } from '@pocketeer/core/ids';
import { decodeRelayMessage } from '@pocketeer/core/protocol/codec';
import { turns } from '@pocketeer/core/testing/test-clock';
import { describe, expect, test } from 'vitest';
import { idFrom } from '../store/log-store-contract.ts';
import { createMemoryStores } from '../store/memory-stores.ts';
import { createWatching } from './watching.ts';

const space = idFrom<SpaceId>('space');
const one = idFrom<StreamId>('one');
const two = idFrom<StreamId>('two');

/** A watcher whose network takes a frame, and whose turn ends, when the test says so. */
function setUp() {
	const { logStore } = createMemoryStores();
	const told: string[] = [];
	const flushes: (() => void)[] = [];
	const deferred: (() => void)[] = [];
	const network = { isHeld: false };
	const follow = { isCatchingUp: false, streams: new Set<StreamId>() };
	const tell = (frame: Uint8Array) => {
		const message = decodeRelayMessage(frame);
		if (!message.ok) throw new Error(JSON.stringify(message.error));
		const { value } = message;
		if (value.type === 'moved') told.push(`${value.stream === one ? 'one' : 'two'} ${value.seq} @${value.change}`);
		else if (value.type === 'heads') told.push(`heads @${value.change}`);
	};
	const watching = createWatching(
		{
			logStore,
			defer: (run) => void deferred.push(run),
			onStuck: (error) => told.push(`stuck ${String(error)}`),
			following: {
				open: async () => true,
				shut: () => undefined,
				offered: () => undefined,
				refused: () => undefined,
				committed: () => undefined,
				repeated: () => undefined,
				follows: (stream) => follow.streams.has(stream),
				isCatchingUp: () => follow.isCatchingUp,
				end: () => undefined,
			},
			peer: {
				send: tell,
				sendFlushed(frame) {
					tell(frame);
					return network.isHeld ? new Promise((resolve) => flushes.push(resolve)) : Promise.resolve();
				},
				bufferedBytes: 0,
				pause: () => undefined,
				resume: () => undefined,
				close: () => undefined,
			},
		},
		{ space },
	);
	return {
		watching,
		told,
		network,
		follow,
		moved: (stream: StreamId, seq: number, change: number) =>
			watching.moved({
				space,
				stream,
				change,
				items: [{ seq, id: idFrom<EntryId>('e'), entry: utf8('e') }],
				frame: () => undefined,
			}),
		async endTurn() {
			for (const run of deferred.splice(0)) run();
			await turns(2);
		},
		async flush() {
			for (const resolve of flushes.splice(0)) resolve();
			await turns(2);
		},
	};
}

describe('[SY11] watching a space', () => {
	test('what moved in one turn is told once, in the order of the counts', async () => {
		const { watching, told, moved, endTurn } = setUp();
		moved(one, 1, 1);
		await endTurn();
		await watching.watch(0);
		moved(one, 2, 2);
		moved(two, 1, 3);
		moved(one, 3, 4);
		expect(told).toEqual(['heads @0']);
		await endTurn();
		expect(told).toEqual(['heads @0', 'two 1 @3', 'one 3 @4']);
	});

	test('while entries are being read for the peer no count is told that runs ahead of them', async () => {
		const { watching, told, follow, moved, endTurn } = setUp();
		await watching.watch(0);
		follow.isCatchingUp = true;
		moved(one, 1, 1);
		await endTurn();
		expect(told).toEqual(['heads @0']);
		follow.isCatchingUp = false;
		watching.caughtUp();
		expect(told).toEqual(['heads @0', 'one 1 @1']);
	});

	test('a stream that was opened meanwhile is not told of', async () => {
		const { watching, told, follow, moved, endTurn } = setUp();
		await watching.watch(0);
		moved(one, 1, 1);
		follow.streams.add(one);
		await endTurn();
		expect(told).toEqual(['heads @0']);
	});

	test('a peer that does not read is told the newest when it does', async () => {
		const { watching, told, network, moved, endTurn, flush } = setUp();
		await watching.watch(0);
		network.isHeld = true;
		for (const seq of [1, 2, 3]) {
			moved(one, seq, seq);
			await endTurn();
		}
		expect(told).toEqual(['heads @0', 'one 1 @1']);
		await flush();
		expect(told).toEqual(['heads @0', 'one 1 @1', 'one 3 @3']);
	});
});
