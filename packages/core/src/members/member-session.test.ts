import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeClientMessage, encodeRelayMessage } from '../protocol/codec.ts';
import { LIMITS } from '../protocol/limits.ts';
import { type ClientMessage, OLDEST_VERSION, PROTOCOL_VERSION, type RelayMessage } from '../protocol/messages.ts';
import { createMembersWorld, MEMBERS_RELAY, type MembersDevice, type MembersWorld } from '../testing/members-world.ts';
import { createTestNetwork, type TestNetwork } from '../testing/socket-pair.ts';
import { openMemberSession } from './member-session.ts';

let world: MembersWorld;
beforeEach(() => {
	world = createMembersWorld();
});
afterEach(() => world[Symbol.dispose]());

describe('a session of a member', () => {
	it('answers a question with what is an answer, and hands the rest to whoever listens', async () => {
		const laptop = await world.found();
		const network = scripted((message) => {
			if (message.type !== 'list-get') return [];
			return [
				{ type: 'listed', version: 2 },
				{ type: 'error', code: 'no-mailbox', about: 'somewhere else', message: 'Nobody is there.' },
				{ type: 'pong' },
				{ type: 'lists', lists: [] },
			];
		});
		using session = await opened(laptop, network);
		const unasked: string[] = [];
		using _ = session.onUnasked(({ type }) => unasked.push(type));
		expect(await session.ask({ type: 'list-get', after: 0 })).toEqual({
			ok: true,
			value: { type: 'lists', lists: [] },
		});
		expect(unasked).toEqual(['listed', 'error', 'pong']);
	});

	it.each<[string, (network: TestNetwork, session: Disposable) => Promise<void> | void]>([
		['is not answered', () => world.clock.advance(15_000)],
		['is cut off', (network) => network.cut()],
		['is dismissed', (_, session) => session[Symbol.dispose]()],
	])('whose question %s ends it with a sentence, and answers none after', async (_, happen) => {
		const laptop = await world.found();
		const network = scripted(() => []);
		using session = await opened(laptop, network);
		const asked = session.ask({ type: 'list-get', after: 0 });
		await happen(network, session);
		expect(await asked).toMatchObject({ ok: false, error: { type: 'NoRelay', reason: expect.stringMatching(/\.$/) } });
	});

	it('names the relay as it was dialled, and brings no lists to one that has them', async () => {
		const laptop = await world.found();
		const seen: ClientMessage[] = [];
		const network = scripted((message) => {
			seen.push(message);
			return [];
		});
		using _ = await opened(laptop, network);
		expect(seen).toMatchObject([{ type: 'auth', origin: MEMBERS_RELAY, lists: [], invite: 'token' }]);
	});

	it('[SY16] founds the space anew, and brings as many lists as fit to a relay that does not know this device', async () => {
		const laptop = await world.found();
		const phone = await world.add(laptop);
		const brought: number[] = [];
		for (const code of ['unknown-space', 'not-a-device'] as const) {
			const network = scripted((message) => {
				if (message.type !== 'auth') return [];
				if (message.lists.length === 0) return [{ type: 'error', code, about: '', message: 'No.' }];
				brought.push(message.lists.length);
				expect(message.lists.reduce((sum, list) => sum + list.length, 0)).toBeLessThan(LIMITS.frameBeforeReady);
				return [ready()];
			}, false);
			const many = { ...phone, keys: { lists: [...phone.keys.lists, ...new Array(7).fill(new Uint8Array(60_000))] } };
			using _ = await opened(many, network);
		}
		// Two small ones and four of the large ones; from the other end four large ones.
		expect(brought).toEqual([6, 4]);
	});
});

async function opened(
	device: Pick<MembersDevice, 'identity'> & { keys: Pick<MembersDevice['keys'], 'lists'> },
	dialer: TestNetwork,
) {
	const { spaceId, identity } = device.identity;
	const self = { type: 'device', spaceId, identity, lists: () => device.keys.lists } as const;
	const session = await openMemberSession({ ...world, dialer }, { relayUrl: MEMBERS_RELAY, self, invite: 'token' });
	if (!session.ok) throw new Error(session.error.type);
	return session.value;
}

/** A relay that says what the test wants; `isWelcoming` lets everybody in at once. */
function scripted(answer: (message: ClientMessage) => readonly RelayMessage[], isWelcoming = true): TestNetwork {
	return createTestNetwork((_, end) => {
		const send = (message: RelayMessage) => end.send(encodeRelayMessage(message));
		const nonce = new Uint8Array(32);
		send({ type: 'challenge', version: PROTOCOL_VERSION, oldest: OLDEST_VERSION, nonce, timeline: 't' });
		return {
			received(frame) {
				const message = decodeClientMessage(frame);
				if (!message.ok) throw new Error(message.error.type);
				for (const said of answer(message.value)) {
					send(said);
					if (said.type === 'error' && !isWelcoming) end.close(4401, said.code);
				}
				if (isWelcoming && message.value.type === 'auth') send(ready());
			},
			closed: () => {},
		};
	});
}

function ready(): RelayMessage {
	return { type: 'ready', listVersion: 1, now: 0, vapidKey: '' };
}
