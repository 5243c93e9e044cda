import { utf8 } from '@pocketeer/core/bytes';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, describe, expect, test } from 'vitest';
import { entryId, join, newSpace, openAll, streamId, type TestClient } from './test-client.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from './testing.ts';

let relay: TestRelay | undefined;
afterEach(async () => {
	await relay?.stop();
	relay = undefined;
});

/** A relay and two devices of a space. */
async function setUp(options: TestRelayOptions = {}) {
	relay = await startRelay(options);
	const space = await newSpace(2);
	const { url } = relay;
	return { url, space, phone: await join(url, space, { device: 0 }), laptop: await join(url, space, { device: 1 }) };
}

function append(client: TestClient, stream: number, ...ids: readonly number[]): void {
	for (const id of ids) {
		client.send({ type: 'append', stream: streamId(stream), id: entryId(id), entry: utf8(`entry ${id}`) });
	}
}

const numberOf = (stream: string) => [1, 2, 3, 4].find((number) => streamId(number) === stream);

/** `heads @count stream:seq …`, `moved stream:seq @count`, or the type. */
function story(messages: readonly RelayMessage[]): string[] {
	return messages.map((message) => {
		if (message.type === 'moved') return `moved ${numberOf(message.stream)}:${message.seq} @${message.change}`;
		if (message.type !== 'heads') return message.type;
		return `heads @${message.change} ${message.heads.map(({ stream, seq }) => `${numberOf(stream)}:${seq}`).join(' ')}`;
	});
}

describe('[SY11] watching', () => {
	test('the streams that moved since a count are named, and the count to ask from next', async () => {
		const { phone, laptop } = await setUp();
		append(phone, 1, 1, 2);
		await phone.drain();
		append(phone, 2, 3);
		await phone.drain();
		laptop.send({ type: 'watch', since: 0 });
		expect(story(await laptop.drain())).toEqual(['heads @2 1:2 2:1']);
		laptop.send({ type: 'watch', since: 1 });
		laptop.send({ type: 'watch', since: 2 });
		expect(story(await laptop.drain())).toEqual(['heads @2 2:1', 'heads @2 ']);
	});

	test('a relay that was set back says its own count, and names everything', async () => {
		const { phone, laptop } = await setUp();
		append(phone, 1, 1);
		await phone.drain();
		laptop.send({ type: 'watch', since: 50 });
		expect(story(await laptop.drain())).toEqual(['heads @1 1:1']);
	});

	test('who watches is told of every move of a stream it does not follow', async () => {
		const { phone, laptop } = await setUp();
		append(phone, 3, 9);
		await phone.drain();
		laptop.send({ type: 'watch', since: 0 });
		openAll(laptop, streamId(2));
		await laptop.drain();
		append(phone, 1, 1);
		expect(await laptop.next('moved')).toEqual({ type: 'moved', stream: streamId(1), seq: 1, change: 2 });
		append(phone, 2, 2);
		await phone.drain();
		append(phone, 1, 3);
		expect(story(await Promise.all([laptop.next('moved')]))).toEqual(['moved 1:2 @4']);
		laptop.send({ type: 'shut', stream: streamId(2) });
		await laptop.drain();
		append(phone, 2, 4);
		expect(await laptop.next('moved')).toMatchObject({ stream: streamId(2), seq: 2 });
	});

	test('who does not watch is not told', async () => {
		const { phone, laptop } = await setUp();
		append(phone, 1, 1);
		await phone.drain();
		expect(story(await laptop.drain())).toEqual([]);
	});

	test('many moves of one stream at once are told as the newest', async () => {
		const { phone, laptop } = await setUp();
		laptop.send({ type: 'watch', since: 0 });
		await laptop.drain();
		const ids = Array.from({ length: 200 }, (_, index) => index + 1);
		append(phone, 1, ...ids);
		await phone.drain();
		const told: RelayMessage[] = [];
		while (!told.some((message) => message.type === 'moved' && message.seq === 200)) {
			told.push(await laptop.next('moved'));
		}
		expect(told.length).toBeLessThan(50);
	});

	test('thousands of heads come in several messages, the count in the last', async () => {
		const { phone, laptop } = await setUp({ pace: { burst: 100_000, perSecond: 1 } });
		for (let number = 0; number < 4_500; number++) {
			const raw = new Uint8Array(16);
			new DataView(raw.buffer).setUint32(0, number);
			const stream = Buffer.from(raw).toString('base64url') as ReturnType<typeof streamId>;
			phone.send({ type: 'append', stream, id: entryId(1), entry: utf8('x') });
		}
		await phone.drain();
		laptop.send({ type: 'watch', since: 0 });
		const told = (await laptop.drain()).flatMap((message) => (message.type === 'heads' ? [message] : []));
		expect(told.map(({ heads }) => heads.length)).toEqual([2_000, 2_000, 500]);
		expect(told.map(({ change }) => change)).toEqual([0, 0, 4_500]);
	});
});

describe('ephemera', () => {
	const sealed = utf8('sealed');

	test('reach the other devices that follow the stream, and nobody else', async () => {
		const { url, space, phone, laptop } = await setUp();
		const [again, elsewhere] = [await join(url, space, { device: 0 }), await join(url, space, { device: 1 })];
		for (const client of [phone, laptop, again]) {
			openAll(client, streamId(1));
			await client.drain();
		}
		phone.send({ type: 'ephemeral', stream: streamId(1), sealed });
		expect(await laptop.next('ephemeral')).toEqual({ type: 'ephemeral', stream: streamId(1), sealed });
		for (const client of [phone, again, elsewhere]) expect(await client.drain()).toEqual([]);
	});

	test('are not kept for who comes later', async () => {
		const { phone, laptop } = await setUp();
		phone.send({ type: 'ephemeral', stream: streamId(1), sealed });
		await phone.drain();
		openAll(laptop, streamId(1));
		laptop.send({ type: 'watch', since: 0 });
		expect(story(await laptop.drain())).toEqual(['head', 'heads @0 ']);
	});

	test('that come too fast are lost, and the connection goes on', async () => {
		const clock = createTestClock();
		const { phone, laptop } = await setUp({ clock });
		openAll(laptop, streamId(1));
		await laptop.drain();
		for (let count = 0; count < 150; count++) phone.send({ type: 'ephemeral', stream: streamId(1), sealed });
		await phone.drain();
		expect((await laptop.drain()).length).toBe(100);
		await clock.advance(1_000);
		phone.send({ type: 'ephemeral', stream: streamId(1), sealed });
		await phone.drain();
		expect((await laptop.drain()).length).toBe(1);
	});
});
