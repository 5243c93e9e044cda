import { expect, it } from 'vitest';
import type { SpaceId } from '../ids.ts';
import { type Dialer, NOT_BINARY, type SocketEvents } from '../ports/socket.ts';
import { encodeRelayMessage } from '../protocol/codec.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { createConnection } from './connection.ts';

/** A connection to whatever the test makes of the other end. */
function connect(canProve = false) {
	const dials: SocketEvents[] = [];
	const dialer: Dialer = {
		dial: (_, events) => {
			dials.push(events);
			return { send: () => {}, bufferedBytes: 0, [Symbol.dispose]: () => {} };
		},
	};
	const clock = createTestClock();
	const nothing = () => {};
	const received: RelayMessage[] = [];
	const auth = {
		type: 'auth',
		version: 1,
		space: 'AAAAAAAAAAAAAAAAAAAAAA' as SpaceId,
		device: null,
		signature: new Uint8Array(64),
		list: null,
		invite: '',
	} as const;
	const connection = createConnection(
		{ clock, random: createSeededRandom(1), dialer, log: { info: nothing, warn: nothing } },
		{
			relayUrl: 'http://localhost:8787',
			authenticate: () => (canProve ? Promise.resolve(auth) : new Promise(nothing)),
		},
		{ changed: nothing, ready: nothing, received: (message) => received.push(message), lost: nothing },
	);
	return { connection, clock, dials, received };
}

it.each<[string, (events: SocketEvents) => void]>([
	['an unreadable frame', (events) => events.received(new TextEncoder().encode('hello, who are you?'))],
	['a text frame', (events) => events.closed({ code: NOT_BINARY, reason: '' })],
])('an answer that no relay gives (%s) is said to be foreign, and tried again', async (_, answer) => {
	const { connection, clock, dials } = connect();
	expect(connection.state).toEqual({ type: 'connecting' });
	for (const event of dials) answer(event);
	expect(connection.state).toMatchObject({ type: 'offline', isForeign: true });
	await clock.advance(500);
	expect(dials).toHaveLength(2);
	expect(connection.state).toEqual({ type: 'connecting', isForeign: true });

	dials[1]?.closed({ code: 1006, reason: '' });
	expect(connection.state).toMatchObject({ type: 'offline' });
	expect(connection.state).not.toHaveProperty('isForeign');
	connection[Symbol.dispose]();
});

const challenge = { type: 'challenge', version: 1, oldest: 1, nonce: new Uint8Array(32), timeline: 't' } as const;

it.each([
	['a relay that left our version behind', { version: 9, oldest: 2 }, /Update Pocketeer/],
	['a relay that is older than we speak with', { version: 0, oldest: 0 }, /The relay is older than this app/],
])('%s is refused as too old, with a sentence that says what to update', (_, versions, sentence) => {
	const { connection, dials } = connect();
	dials[0]?.received(encodeRelayMessage({ ...challenge, ...versions }));
	expect(connection.state).toEqual({ type: 'refused', code: 'too-old', reason: expect.stringMatching(sentence) });
});

it('a newer relay that still speaks our version is spoken with; what it says of later versions is passed over', async () => {
	const { connection, clock, dials, received } = connect(true);
	const say = (message: RelayMessage) => dials[0]?.received(encodeRelayMessage(message));
	say({ ...challenge, version: 9 });
	await clock.advance(0);
	dials[0]?.received(Uint8Array.of(198, 1, 3));
	say({ type: 'ready', listVersion: 1, now: 1, vapidKey: '' });
	expect(connection.state.type).toBe('online');
	dials[0]?.received(Uint8Array.of(199, 1, 255, 255));
	say({ type: 'pong' });
	expect(connection.state.type).toBe('online');
	expect(received).toEqual([{ type: 'pong' }]);
	connection[Symbol.dispose]();
});

it('a close as too old is final, with or without a sentence; one with an unknown code shows its sentence', async () => {
	const withError = connect();
	withError.dials[0]?.received(
		encodeRelayMessage({ type: 'error', code: 'too-old', about: '', message: 'Update Pocketeer.' }),
	);
	withError.dials[0]?.closed({ code: 4426, reason: '' });
	expect(withError.connection.state).toEqual({ type: 'refused', code: 'too-old', reason: 'Update Pocketeer.' });

	const without = connect();
	without.dials[0]?.closed({ code: 4426, reason: '' });
	expect(without.connection.state).toMatchObject({ code: 'too-old', reason: expect.stringContaining('Update') });

	const novel = connect();
	const frame = encodeRelayMessage({ type: 'error', code: 'quota', about: '', message: 'Novel.' });
	frame.set(new TextEncoder().encode('novel'), 3);
	novel.dials[0]?.received(frame);
	novel.dials[0]?.closed({ code: 4499, reason: '' });
	expect(novel.connection.state).toEqual({ type: 'refused', code: 'internal', reason: 'Novel.' });
});
