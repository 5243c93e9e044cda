import { fileURLToPath } from 'node:url';
import { utf8 } from '@pocketeer/core/bytes';
import { authTranscript } from '@pocketeer/core/protocol/auth';
import { decodeRelayMessage, encodeClientMessage } from '@pocketeer/core/protocol/codec';
import { type ClientMessage, PROTOCOL_VERSION, type RelayMessage } from '@pocketeer/core/protocol/messages';
import { createSeededRandom } from '@pocketeer/core/testing/seeded-random';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { expect, test, vi } from 'vitest';
import { readConfig } from './config.ts';
import { createPushClient } from './push/push-client.ts';
import { createRelay, type Relay } from './relay.ts';
import { createMemoryStores } from './store/memory-stores.ts';
import { entryId, newSpace, streamId, type TestSpace } from './test-client.ts';

/** A relay without network and disk. */
function start(stores: ReturnType<typeof createMemoryStores>): Relay {
	const config = readConfig({});
	if (!config.ok) throw new Error(config.error);
	return createRelay(
		{
			clock: createTestClock(),
			random: createSeededRandom(1),
			log: { info: () => undefined, warn: () => undefined },
			pushClient: createPushClient(config.value),
			stores,
			database: { isHealthy: () => true, checkpoint: () => true },
			rules: config.value.rules,
			vapidKeys: { publicKey: 'public', privateKey: 'private' },
			defer: setImmediate,
		},
		{
			version: 'test',
			timeline: 'one',
			webRoot: fileURLToPath(new URL('.', import.meta.url)),
			host: '127.0.0.1',
			inviteToken: undefined,
			vapidSubject: 'mailto:test@example.com',
		},
	);
}

/** Joins a space over nothing but function calls. */
async function join(relay: Relay, space: TestSpace) {
	const told: RelayMessage[] = [];
	const tell = (frame: Uint8Array) => {
		const message = decodeRelayMessage(frame);
		if (message.ok) told.push(message.value);
	};
	const connection = relay.connect({
		peer: {
			send: tell,
			sendFlushed: async (frame) => tell(frame),
			bufferedBytes: 0,
			pause: () => undefined,
			resume: () => undefined,
			close: () => undefined,
		},
		origin: undefined,
		trusted: () => undefined,
	});
	const send = (message: ClientMessage) => connection.received(encodeClientMessage(message));
	const until = (type: RelayMessage['type']) => vi.waitFor(() => expect(told.map((each) => each.type)).toContain(type));
	const [challenge] = told;
	if (challenge?.type !== 'challenge') throw new Error('the relay challenges at once');
	const [device] = space.devices;
	if (!device) throw new Error('a space has a device');
	const origin = 'http://localhost';
	const claim = { nonce: challenge.nonce, timeline: challenge.timeline, origin, space: space.id, device: device.id };
	send({
		type: 'auth',
		version: PROTOCOL_VERSION,
		space: space.id,
		device: device.id,
		signature: await device.signer.sign(authTranscript(claim)),
		origin,
		lists: [space.bytes],
		invite: '',
	});
	await until('ready');
	return { send, told, until, connection };
}

test('a relay works over stores in memory and connections without a network', async () => {
	const stores = createMemoryStores();
	const relay = start(stores);
	const space = await newSpace();
	const { send, told, until, connection } = await join(relay, space);
	send({ type: 'append', stream: streamId(1), id: entryId(1), entry: utf8('entry') });
	await until('echo');
	expect(told.at(-1)).toMatchObject({ type: 'echo', seq: 1 });
	connection.closed();
	await relay.close();

	// The same disk, another process.
	const again = await join(start(createMemoryStores({ disk: stores.disk })), space);
	again.send({ type: 'open', stream: streamId(1), cursor: 0, chain: new Uint8Array(32) });
	await again.until('head');
	expect(again.told.at(-2)).toMatchObject({ type: 'entries', from: 1, entries: [utf8('entry')] });
});

test('a disk that fails refuses the entry, and the connection goes on', async () => {
	let isFailing = false;
	const stores = createMemoryStores({
		async fault({ method, when }) {
			if (isFailing && method === 'append' && when === 'before') throw new Error('disk');
		},
	});
	const relay = start(stores);
	const { send, told, until } = await join(relay, await newSpace());
	isFailing = true;
	send({ type: 'append', stream: streamId(1), id: entryId(1), entry: utf8('entry') });
	await until('error');
	expect(told.at(-1)).toMatchObject({ type: 'error', code: 'internal', about: entryId(1) });
	isFailing = false;
	send({ type: 'append', stream: streamId(1), id: entryId(1), entry: utf8('entry') });
	await until('echo');
	await relay.close();
});
