import type { SpaceId } from '@pocketeer/core/ids';
import { decodeRelayMessage, encodeClientMessage } from '@pocketeer/core/protocol/codec';
import type { ClientMessage } from '@pocketeer/core/protocol/messages';
import { createTestClock, turns } from '@pocketeer/core/testing/test-clock';
import { expect, test } from 'vitest';
import { idOf, join, newSpace, streamId } from '../test-client.ts';
import { startRelay } from '../testing.ts';

test('who asks faster than the pace waits, and loses nothing', async () => {
	const clock = createTestClock();
	await using relay = await startRelay({ clock, pace: { burst: 10, perSecond: 500 } });
	const client = await join(relay.url, await newSpace());
	// The authentication took one of the burst.
	for (let count = 0; count < 100; count++) client.send({ type: 'ping' });
	for (let count = 0; count < 9; count++) await client.next('pong');
	let pongs = 0;
	const rest = (async () => {
		for (; pongs < 91; pongs++) await client.next('pong');
	})();
	await turns(50);
	expect(pongs).toBe(0);
	for (let tick = 0; tick < 300 && pongs < 91; tick++) await clock.advance(2);
	await rest;
});

test('the largest messages a client can make all fit the frames the relay takes', () => {
	const entry = new Uint8Array(4 * 1024 * 1024);
	const message: ClientMessage = { type: 'append', stream: streamId(1), id: idOf(2), entry };
	expect(encodeClientMessage(message).length).toBeLessThan(4 * 1024 * 1024 + 64 * 1024);
	const auth: ClientMessage = {
		type: 'auth',
		version: 1,
		space: idOf<SpaceId>(1),
		device: idOf(2),
		signature: new Uint8Array(64),
		origin: 'x'.repeat(1024),
		lists: [1, 2, 3].map(() => new Uint8Array(64 * 1024)),
		invite: 'x'.repeat(1024),
	};
	expect(encodeClientMessage(auth).length).toBeLessThan(256 * 1024);
	expect(decodeRelayMessage(encodeClientMessage(auth)).ok).toBe(false);
});
