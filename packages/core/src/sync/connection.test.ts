import { expect, it } from 'vitest';
import type { SpaceId } from '../ids.ts';
import { type Dialer, NOT_BINARY, type SocketEvents } from '../ports/socket.ts';
import { encodeRelayMessage } from '../protocol/codec.ts';
import type { RelayMessage } from '../protocol/messages.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { createConnection } from './connection.ts';

/** A connection to whatever the test makes of the other end. */
function connect(canProve = false, options: { readonly appeals?: boolean; readonly seed?: number } = {}) {
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
		version: 2,
		space: 'AAAAAAAAAAAAAAAAAAAAAA' as SpaceId,
		device: null,
		signature: new Uint8Array(64),
		origin: 'http://localhost:8787',
		lists: [],
		invite: '',
	} as const;
	const connection = createConnection(
		{ clock, random: createSeededRandom(options.seed ?? 1), dialer, log: { info: nothing, warn: nothing } },
		{
			relayUrl: 'http://localhost:8787',
			authenticate: () => (canProve ? Promise.resolve(auth) : new Promise(nothing)),
		},
		{
			changed: nothing,
			ready: nothing,
			received: (message) => received.push(message),
			lost: nothing,
			appeals: () => options.appeals ?? false,
		},
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

const challenge = { type: 'challenge', version: 2, oldest: 2, nonce: new Uint8Array(32), timeline: 't' } as const;

it.each([
	['a relay that left our version behind', { version: 9, oldest: 3 }, /Update Pocketeer/],
	['a relay that is older than we speak with', { version: 1, oldest: 1 }, /The relay is older than this app/],
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

it('[SY8] after a good session the devices of a relay that restarts come back over three seconds, then as ever', async () => {
	const delays: number[] = [];
	for (let seed = 1; seed <= 200; seed++) {
		const { connection, clock, dials } = connect(true, { seed });
		dials[0]?.received(encodeRelayMessage(challenge));
		await clock.advance(0);
		dials[0]?.received(encodeRelayMessage({ type: 'ready', listVersion: 1, now: 1, vapidKey: '' }));
		await clock.advance(11_000);
		dials[0]?.closed({ code: 1006, reason: '' });
		const { state } = connection;
		delays.push(state.type === 'offline' ? (state.retryAt ?? 0) - clock.now() : Number.NaN);
		await clock.advance(3_000);
		expect(dials).toHaveLength(2);
		dials[1]?.closed({ code: 1006, reason: '' });
		await clock.advance(500);
		expect(dials).toHaveLength(3);
		connection[Symbol.dispose]();
	}
	const inFirstHalf = delays.filter((delay) => delay <= 500).length;
	expect(Math.max(...delays)).toBeLessThanOrEqual(3_000);
	expect(inFirstHalf / delays.length).toBeLessThan(0.3);
});

it('[SY8] what it refuses is appealed against once, until the page is shown again', async () => {
	const { connection, dials } = connect(false, { appeals: true });
	const refuse = (at: number) => {
		dials[at]?.received(encodeRelayMessage({ type: 'error', code: 'unknown-space', about: '', message: 'No.' }));
		dials[at]?.closed({ code: 4401, reason: '' });
	};
	refuse(0);
	expect(dials).toHaveLength(2);
	expect(connection.state.type).toBe('connecting');
	refuse(1);
	expect(dials).toHaveLength(2);
	expect(connection.state).toEqual({ type: 'refused', code: 'unknown-space', reason: 'No.' });
	connection.wake();
	refuse(2);
	expect(dials).toHaveLength(4);
	connection[Symbol.dispose]();
});

it.each([
	['does not answer at all', () => {}],
	['asks who we are, and says nothing more', (events: SocketEvents) => events.received(encodeRelayMessage(challenge))],
])('[SY8] a relay that %s is given up after fifteen seconds', async (_, answer) => {
	const { connection, clock, dials } = connect(true);
	for (const events of dials) answer(events);
	await clock.advance(14_000);
	expect(connection.state).toEqual({ type: 'connecting' });
	await clock.advance(1_000);
	expect(connection.state.type).toBe('offline');
	connection[Symbol.dispose]();
});
