import { expect, it } from 'vitest';
import { type Dialer, NOT_BINARY, type SocketEvents } from '../ports/socket.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { createConnection } from './connection.ts';

/** A connection to whatever the test makes of the other end. */
function connect() {
	const dials: SocketEvents[] = [];
	const dialer: Dialer = {
		dial: (_, events) => {
			dials.push(events);
			return { send: () => {}, bufferedBytes: 0, [Symbol.dispose]: () => {} };
		},
	};
	const clock = createTestClock();
	const nothing = () => {};
	const connection = createConnection(
		{ clock, random: createSeededRandom(1), dialer, log: { info: nothing, warn: nothing } },
		{ relayUrl: 'http://localhost:8787', authenticate: () => new Promise(nothing) },
		{ changed: nothing, ready: nothing, received: nothing, lost: nothing },
	);
	return { connection, clock, dials };
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
