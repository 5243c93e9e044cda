import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { utf8 } from '@pocketeer/core/bytes';
import type { EntryId } from '@pocketeer/core/ids';
import { emptyChain, nextChain } from '@pocketeer/core/protocol/chain';
import type { RelayMessage } from '@pocketeer/core/protocol/messages';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { afterEach, describe, expect, test } from 'vitest';
import { entryId, idOf, join, newSpace, openAll, streamId, type TestClient } from './test-client.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from './testing.ts';

let relay: TestRelay | undefined;
async function start(options: TestRelayOptions = {}): Promise<TestRelay> {
	relay = await startRelay(options);
	return relay;
}
afterEach(async () => {
	await relay?.stop();
	relay = undefined;
});

const stream = streamId(1);
const append = (client: TestClient, id: number, text = `entry ${id}`) =>
	client.send({ type: 'append', stream, id: entryId(id), entry: utf8(text) });
const texts = (entries: readonly Uint8Array[]) => entries.map((entry) => new TextDecoder().decode(entry));

/** What a follower learned: `seq text` of entries, `seq =` of echoes, `head seq`. */
function story(messages: readonly RelayMessage[]): string[] {
	return messages.flatMap((message) => {
		if (message.type === 'entries') return texts(message.entries).map((text, i) => `${message.from + i} ${text}`);
		if (message.type === 'echo') return [`${message.seq} =`];
		if (message.type === 'head') return [`head ${message.seq}`];
		return [message.type];
	});
}

describe('the sealed log', () => {
	test('an entry is echoed to its sender as an id, and reaches the other devices whole', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [phone, laptop] = [await join(url, space, { device: 0 }), await join(url, space, { device: 1 })];
		openAll(phone, stream);
		openAll(laptop, stream);
		expect(await laptop.next('head')).toMatchObject({ type: 'head', stream, seq: 0, chain: emptyChain() });
		append(phone, 1);
		expect(await phone.next('echo')).toEqual({ type: 'echo', stream, id: entryId(1), seq: 1 });
		expect(await laptop.next('entries')).toEqual({ type: 'entries', stream, from: 1, entries: [utf8('entry 1')] });
		expect(story(await phone.drain())).toEqual([]);
	});

	test('a device of another space, or that does not follow the stream, hears nothing', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const sender = await join(url, space, { device: 0 });
		const idle = await join(url, space, { device: 1 });
		const stranger = await join(url, await newSpace());
		openAll(stranger, stream);
		openAll(idle, streamId(2));
		append(sender, 1);
		await sender.next('echo');
		expect(story(await idle.drain())).toEqual(['head 0']);
		expect(story(await stranger.drain())).toEqual(['head 0']);
	});

	test('a late device gets all of it, then the head with the hash of the whole log', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const sender = await join(url, space);
		for (const id of [1, 2, 3]) append(sender, id);
		await sender.drain();
		const late = await join(url, space, { device: 1 });
		openAll(late, stream);
		expect(await late.next('entries')).toMatchObject({ from: 1 });
		let chain = emptyChain();
		for (const id of [1, 2, 3]) chain = await nextChain(chain, utf8(`entry ${id}`));
		expect(await late.next('head')).toMatchObject({ type: 'head', stream, seq: 3, chain, covered: 0, tailBytes: 21 });
	});

	test('a device that was here before gets only what is new', async () => {
		const { url } = await start();
		const space = await newSpace();
		const sender = await join(url, space);
		for (const id of [1, 2, 3]) append(sender, id);
		await sender.drain();
		const chain = await nextChain(emptyChain(), utf8('entry 1'));
		const back = await join(url, space);
		back.send({ type: 'open', stream, cursor: 1, chain });
		expect(story([await back.next('entries'), await back.next('head')])).toEqual(['2 entry 2', '3 entry 3', 'head 3']);
	});

	test('a cursor beyond the head, or with another history behind it, is answered as forked', async () => {
		const { url } = await start();
		const space = await newSpace();
		const client = await join(url, space);
		append(client, 1);
		await client.next('echo');
		client.send({ type: 'open', stream, cursor: 2, chain: emptyChain() });
		expect(await client.next('error')).toMatchObject({ code: 'forked', about: stream });
		client.send({ type: 'open', stream, cursor: 1, chain: emptyChain() });
		expect(await client.next('error')).toMatchObject({ code: 'forked', about: stream });
		append(client, 2);
		expect(await client.next('echo')).toMatchObject({ seq: 2 });
	});

	test('[R6] a repeated append is echoed with its first number, and nobody gets it again', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [sender, other] = [await join(url, space, { device: 0 }), await join(url, space, { device: 1 })];
		openAll(other, stream);
		append(sender, 1);
		append(sender, 2);
		append(sender, 1);
		expect(story(await sender.drain())).toEqual(['1 =', '2 =', '1 =']);
		append(other, 1);
		expect(story(await other.drain())).toEqual(['head 0', '1 entry 1', '2 entry 2', '1 =']);
	});

	test('[R2] numbers go on after a restart', async () => {
		const dataDir = await mkdtemp(path.join(tmpdir(), 'pocketeer-relay-'));
		const first = await start({ dataDir });
		const space = await newSpace();
		const client = await join(first.url, space);
		append(client, 1);
		await client.next('echo');
		await first.stop();
		const { url } = await start({ dataDir });
		const again = await join(url, space, { withList: false });
		append(again, 2);
		expect(await again.next('echo')).toMatchObject({ seq: 2 });
		openAll(again, stream);
		expect(story(await again.drain()).slice(0, 2)).toEqual(['1 entry 1', '2 entry 2']);
		await relay?.stop();
		await rm(dataDir, { recursive: true });
	});

	test('of a followed stream everything comes strictly by number, own echoes in their place', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [one, other] = [await join(url, space, { device: 0 }), await join(url, space, { device: 1 })];
		for (let id = 1; id <= 20; id++) append(other, id);
		await other.drain();
		openAll(one, stream);
		append(one, 100);
		append(other, 21);
		append(one, 101);
		await other.drain();
		append(one, 102);
		const told = story(await one.drain()).filter((line) => !line.startsWith('head'));
		expect(told.map((line) => Number.parseInt(line, 10))).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
		expect(told.filter((line) => line.endsWith('='))).toHaveLength(3);
	});

	test('after shut nothing more of the stream comes but own echoes', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [one, other] = [await join(url, space, { device: 0 }), await join(url, space, { device: 1 })];
		openAll(one, stream);
		await one.next('head');
		one.send({ type: 'shut', stream });
		await one.drain();
		append(other, 1);
		await other.drain();
		append(one, 2);
		expect(story(await one.drain())).toEqual(['2 =']);
	});

	test('a space that has used up its room is told so by entry; what rests on a refused entry is refused, too', async () => {
		const { url } = await start({ quotaBytes: 1_000 });
		const client = await join(url, await newSpace());
		openAll(client, stream);
		append(client, 1);
		append(client, 2, 'x'.repeat(2_000));
		append(client, 3);
		const told = await client.drain();
		expect(story(told)).toEqual(['head 0', '1 =', 'error', 'error']);
		expect(told.slice(2)).toMatchObject([
			{ code: 'quota', about: entryId(2) },
			{ code: 'quota', about: entryId(3) },
		]);
		append(client, 3);
		expect(await client.drain()).toMatchObject([{ code: 'quota', about: entryId(3) }]);
		append(client, 2, 'smaller');
		append(client, 3);
		expect(story(await client.drain())).toEqual(['2 =', '3 =']);
	});

	test('opening a stream anew forgets the entry that was refused', async () => {
		const { url } = await start({ quotaBytes: 1_000 });
		const client = await join(url, await newSpace());
		append(client, 1, 'x'.repeat(2_000));
		append(client, 2);
		expect(story(await client.drain())).toEqual(['error', 'error']);
		openAll(client, stream);
		append(client, 2);
		expect(story(await client.drain())).toEqual(['head 0', '1 =']);
	});

	test('a slow follower loses nothing and is sent everything in order once it reads again', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [slow, sender] = [await join(url, space, { device: 0 }), await join(url, space, { device: 1 })];
		openAll(slow, stream);
		await slow.next('head');
		slow.pause();
		const big = 'x'.repeat(500_000);
		for (let id = 1; id <= 40; id++) append(sender, id, `${id} ${big}`);
		await sender.drain();
		slow.resume();
		const seqs: number[] = [];
		while (seqs.length < 40) {
			const { from, entries } = await slow.next('entries');
			for (const [index, text] of texts(entries).entries()) {
				seqs.push(from + index);
				expect(text.startsWith(`${from + index} `)).toBe(true);
			}
		}
		expect(seqs).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
	}, 30_000);

	test('devices that write, follow and leave at random all end with the same log', async () => {
		const { url } = await start();
		const random = createSeededRandom(20_261_120);
		const space = await newSpace(4);
		const written: EntryId[] = [];
		const logs = await Promise.all(
			space.devices.map(async (_, device) => {
				let client = await join(url, space, { device });
				const log: string[] = [];
				const absorb = (messages: readonly RelayMessage[]) => {
					for (const message of messages) {
						if (message.type === 'entries') {
							expect(message.from).toBe(log.length + 1);
							log.push(...texts(message.entries));
						} else if (message.type === 'echo') {
							expect(message.seq).toBe(log.length + 1);
							log.push(message.id);
						}
					}
				};
				const open = async () => {
					let chain = emptyChain();
					for (const text of log) chain = await nextChain(chain, utf8(text));
					client.send({ type: 'open', stream, cursor: log.length, chain });
				};
				await open();
				for (let step = 0; step < 60; step++) {
					if (random.chance(0.1)) {
						absorb(await client.drain());
						client.close();
						client = await join(url, space, { device });
						await open();
					}
					for (let count = random.below(4); count > 0; count--) {
						const id = idOf<EntryId>(0).slice(0, -6).concat(String(written.length).padStart(5, 'A'), 'A') as EntryId;
						written.push(id);
						client.send({ type: 'append', stream, id, entry: utf8(id) });
					}
					if (random.chance(0.3)) absorb(await client.drain());
				}
				absorb(await client.drain());
				return { client, log, absorb };
			}),
		);
		for (const { client, log, absorb } of logs) {
			while (log.length < written.length) absorb(await client.drain());
			expect(log).toEqual(logs[0]?.log);
		}
		expect(new Set(logs[0]?.log)).toEqual(new Set(written));
	});
});
