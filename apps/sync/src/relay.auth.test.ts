import { emptyChain } from '@pocketeer/core/protocol/chain';
import { encodeClientMessage } from '@pocketeer/core/protocol/codec';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { approach, connect, entryId, join, newSigner, newSpace, openAll, streamId } from './test-client.ts';
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

describe('who is let in', () => {
	test('a new space is founded on loopback, and known from then on', async () => {
		const { url } = await start();
		const space = await newSpace();
		const founder = await approach(url, space);
		expect(await founder.next('ready')).toMatchObject({ listVersion: 1 });
		const again = await approach(url, space, { withList: false });
		expect((await again.next('ready')).vapidKey).toHaveLength(87);
	});

	test('a space nobody founded is unknown', async () => {
		const { url } = await start();
		const client = await approach(url, await newSpace(), { withList: false });
		expect(await client.next('error')).toMatchObject({ code: 'unknown-space' });
		expect(await client.closed).toBe(4401);
	});

	test('with an invite token set, founding needs exactly that token, and later visits none', async () => {
		const { url } = await start({ env: { INVITE_TOKEN: 'open sesame' } });
		const space = await newSpace();
		for (const invite of ['', 'open', 'open sesame!']) {
			const client = await approach(url, space, { invite });
			expect(await client.next('error')).toMatchObject({ code: 'invite-required' });
			expect(await client.closed).toBe(4401);
		}
		await join(url, space, { invite: 'open sesame' });
		await join(url, space, { withList: false });
	});

	test('without a token, a relay others can reach founds nothing', async () => {
		const { url } = await start({ env: { HOST: '0.0.0.0' } });
		const client = await approach(url, await newSpace());
		expect(await client.next('error')).toMatchObject({ code: 'invite-required' });
	});

	test('a page of another site cannot found a space on the relay of this machine', async () => {
		const { url } = await start();
		const space = await newSpace();
		const foreign = await approach(url, space, { origin: 'https://evil.example' });
		expect(await foreign.next('error')).toMatchObject({ code: 'invite-required' });
		await join(url, space, { origin: 'http://localhost:5173' });
		await join(url, space, { origin: 'https://elsewhere.example', withList: false });
	});

	test('a signature by another key, or over another challenge, opens nothing', async () => {
		const { url } = await start();
		const space = await newSpace();
		await join(url, space);
		const client = await approach(url, space, { signer: await newSigner() });
		expect(await client.next('error')).toMatchObject({ code: 'bad-signature' });
		expect(await client.closed).toBe(4401);
		const replay = await connect(url);
		await replay.next('challenge');
		const signature = new Uint8Array(64);
		replay.send({ type: 'auth', version: 1, space: space.id, device: null, signature, list: null, invite: '' });
		expect(await replay.next('error')).toMatchObject({ code: 'bad-signature' });
	});

	test('a first list that is not signed by the key the space is named after founds nothing', async () => {
		const { url } = await start();
		const space = await newSpace();
		const bytes = space.bytes.slice();
		const last = bytes.length - 10;
		bytes[last] = bytes[last] === 65 ? 66 : 65;
		const client = await approach(url, { ...space, bytes });
		expect(await client.next('error')).toMatchObject({ code: 'bad-signature' });
		expect(await (await approach(url, space, { withList: false })).next('error')).toMatchObject({
			code: 'unknown-space',
		});
	});

	test('who says nothing for ten seconds is hung up on', async () => {
		const clock = createTestClock();
		const { url } = await start({ clock });
		const silent = await connect(url);
		await silent.next('challenge');
		await clock.advance(10_000);
		expect(await silent.closed).toBe(4401);
	});

	test('who asks before saying who they are is hung up on', async () => {
		const { url } = await start();
		const client = await connect(url);
		client.send({ type: 'wake-list' });
		expect(await client.closed).toBe(4401);
	});

	test('a space takes only so many connections at once', async () => {
		const { url } = await start({ socketsPerSpace: 2 });
		const space = await newSpace();
		const first = await join(url, space);
		await join(url, space);
		const third = await approach(url, space);
		expect(await third.next('error')).toMatchObject({ code: 'rate' });
		expect(await third.closed).toBe(4429);
		first.close();
		await first.closed;
		// The relay sees the close a moment after this side does.
		for (let tries = 0; ; tries++) {
			const fourth = await approach(url, space);
			const answer = await Promise.race([fourth.next('ready').then(() => true), fourth.closed.then(() => false)]);
			if (answer) break;
			expect(tries).toBeLessThan(50);
		}
	});
});

describe('bad frames', () => {
	test('a malformed frame is answered, closes only its own connection, and is counted', async () => {
		const { url, httpUrl } = await start();
		const space = await newSpace();
		const good = await join(url, space);
		for (const frame of [Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(113, 0), new Uint8Array(5_000).fill(255)]) {
			const bad = await join(url, space);
			bad.sendRaw(frame);
			expect(await bad.next('error')).toMatchObject({ code: 'malformed' });
			expect(await bad.closed).toBe(4400);
		}
		const text = await connect(url);
		await text.next('challenge');
		text.sendRaw(Buffer.from('hello'));
		expect(await text.closed).toBe(4400);
		expect(await good.drain()).toEqual([]);
		expect(await (await fetch(`${httpUrl}/metrics`)).text()).toContain('pocketeer_malformed_frames_total 5');
	});

	test('a stranger cannot send a large frame', async () => {
		const { url } = await start();
		const client = await connect(url);
		await client.next('challenge');
		client.sendRaw(new Uint8Array(LIMITS.frameBeforeReady + 1));
		expect(await client.closed).toBe(4413);
	});

	test('a stranger who sends megabytes is cut off before they have arrived', async () => {
		const { url } = await start();
		const client = await connect(url);
		await client.next('challenge');
		client.sendRaw(new Uint8Array(LIMITS.frame));
		expect(await client.closed).toBe(1006);
	});

	test('a frame over the limit closes, an entry over the limit is refused by its id', async () => {
		const { url } = await start();
		const client = await join(url, await newSpace());
		const entry = new Uint8Array(LIMITS.entry + 1);
		client.send({ type: 'append', stream: streamId(1), id: entryId(9), entry });
		expect(await client.next('error')).toMatchObject({ code: 'too-large', about: entryId(9) });
		client.sendRaw(new Uint8Array(LIMITS.frame + 1));
		expect(await client.closed).toBe(4413);
	});

	test('a client that speaks no version of ours any more is told to update, and hung up on', async () => {
		const { url } = await start();
		const space = await newSpace();
		const client = await approach(url, space, { version: 0 });
		expect(await client.next('error')).toMatchObject({ code: 'too-old', message: expect.stringContaining('Update') });
		expect(await client.closed).toBe(4426);
		// A newer one keeps to what the challenge said.
		await join(url, space, { version: 9 });
	});

	test('a message of a later protocol is answered by its number, in its place, and the connection goes on', async () => {
		const { url } = await start();
		const client = await join(url, await newSpace());
		client.send({ type: 'ping' });
		client.sendRaw(Uint8Array.of(120, 1, 2, 3));
		await client.next('pong');
		expect(await client.drain()).toMatchObject([{ type: 'error', code: 'malformed', about: 'type-120' }]);
		expect(await client.drain()).toEqual([]);
		client.sendRaw(Uint8Array.of(99));
		expect(await client.closed).toBe(4400);
	});

	test('before it is ready, a message of a later protocol closes the connection', async () => {
		const { url } = await start();
		const client = await connect(url);
		await client.next('challenge');
		client.sendRaw(Uint8Array.of(120));
		expect(await client.closed).toBe(4400);
	});

	test('saying twice who one is closes the connection', async () => {
		const { url } = await start();
		const space = await newSpace();
		const client = await join(url, space);
		const signature = new Uint8Array(64);
		client.sendRaw(
			encodeClientMessage({
				type: 'auth',
				version: 1,
				space: space.id,
				device: null,
				signature,
				list: null,
				invite: '',
			}),
		);
		expect(await client.closed).toBe(4400);
	});
});

describe('device lists', () => {
	test('a removed device is told, hung up on, and not let in again; the others stay', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [phone, laptop] = space.devices;
		if (!phone || !laptop) throw new Error('two devices');
		const staying = await join(url, space, { device: 0 });
		const leaving = await join(url, space, { device: 1 });
		const root = await join(url, space, { device: null });
		root.send({ type: 'list-put', list: await space.next([phone.id]) });
		expect(await root.next('list-kept')).toEqual({ type: 'list-kept', version: 2 });
		expect(await leaving.next('error')).toMatchObject({ code: 'not-a-device' });
		expect(await leaving.closed).toBe(4403);
		expect(await staying.drain()).toEqual([]);
		const back = await approach(url, space, { device: 1 });
		expect(await back.next('error')).toMatchObject({ code: 'not-a-device' });
		expect(await back.closed).toBe(4403);
	});

	test('a device that is removed while it proves itself is not let in', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [phone] = space.devices;
		if (!phone) throw new Error('two devices');
		const root = await join(url, space, { device: null });
		const list = await space.next([phone.id]);
		const asked = Promise.withResolvers<void>();
		const answer = Promise.withResolvers<void>();
		const { verify } = crypto.subtle;
		const slow = vi.spyOn(crypto.subtle, 'verify').mockImplementationOnce(async (...given) => {
			asked.resolve();
			await answer.promise;
			return verify.apply(crypto.subtle, given);
		});
		try {
			const leaving = await approach(url, space, { device: 1 });
			await asked.promise;
			root.send({ type: 'list-put', list });
			await root.next('list-kept');
			answer.resolve();
			expect(await leaving.next('error')).toMatchObject({ code: 'not-a-device' });
			expect(await leaving.closed).toBe(4403);
		} finally {
			slow.mockRestore();
		}
	});

	test('of two next versions one is kept; repeating it changes nothing, the other conflicts', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const root = await join(url, space, { device: null });
		const one = await space.next([space.devices[0]?.id ?? ('' as never)]);
		const other = await space.next([]);
		for (const list of [one, one]) {
			root.send({ type: 'list-put', list });
			expect(await root.next('list-kept')).toEqual({ type: 'list-kept', version: 2 });
		}
		root.send({ type: 'list-put', list: other });
		expect(await root.next('error')).toMatchObject({ code: 'list-conflict' });
		root.send({ type: 'list-get', after: 0 });
		expect((await root.next('lists')).lists).toEqual([space.bytes, one]);
		root.send({ type: 'list-get', after: 1 });
		expect((await root.next('lists')).lists).toEqual([one]);
	});

	test('a list signed by a stranger is refused, and the connection goes on', async () => {
		const { url } = await start();
		const space = await newSpace();
		const foreign = await newSpace();
		const client = await join(url, space);
		client.send({ type: 'list-put', list: await foreign.next([]) });
		expect(await client.next('error')).toMatchObject({ code: 'bad-signature' });
		client.send({ type: 'list-put', list: new Uint8Array(10) });
		expect(await client.next('error')).toMatchObject({ code: 'malformed' });
		expect(await client.drain()).toEqual([]);
	});

	test('who holds the root only may read and change the list, nothing else', async () => {
		const { url } = await start();
		const space = await newSpace();
		const root = await join(url, space, { device: null });
		openAll(root, streamId(1));
		expect(await root.next('error')).toMatchObject({ code: 'not-a-device' });
		root.send({ type: 'append', stream: streamId(1), id: entryId(1), entry: Uint8Array.of(1) });
		expect(await root.next('error')).toMatchObject({ code: 'not-a-device' });
		root.send({ type: 'wake-list' });
		expect(await root.next('error')).toMatchObject({ code: 'not-a-device' });
		root.send({ type: 'list-get', after: 0 });
		expect((await root.next('lists')).lists).toEqual([space.bytes]);
		const device = await join(url, space);
		device.send({ type: 'open', stream: streamId(1), cursor: 0, chain: emptyChain() });
		expect(await device.next('head')).toMatchObject({ seq: 0 });
	});
});
