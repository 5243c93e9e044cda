import { join } from 'node:path';
import type { SpaceId } from '@pocketeer/core/ids';
import { authTranscript } from '@pocketeer/core/protocol/auth';
import { emptyChain } from '@pocketeer/core/protocol/chain';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { ClientMessage } from '@pocketeer/core/protocol/messages';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from './store/database.ts';
import { createSqliteInviteStore } from './store/invite-store.ts';
import {
	approach,
	connect,
	entryId,
	join as joinSpace,
	newSigner,
	newSpace,
	openAll,
	streamId,
} from './test-client.ts';
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

/** An `auth` that proves nothing. */
function strangeAuth(space: SpaceId): Extract<ClientMessage, { type: 'auth' }> {
	const signature = new Uint8Array(64);
	return { type: 'auth', version: 2, space, device: null, signature, origin: 'http://x', lists: [], invite: '' };
}

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
		await joinSpace(url, space, { invite: 'open sesame' });
		await joinSpace(url, space, { withList: false });
	});

	test('with an address set by the operator, a signature for another relay opens nothing, and the sentence says why', async () => {
		const { url } = await start({ env: { PUBLIC_URL: 'https://relay.example', INVITE_TOKEN: 'sesame' } });
		const space = await newSpace();
		for (const calls of ['https://evil.example', 'https://relay.example/', 'http://relay.example', '']) {
			const client = await approach(url, space, { calls });
			const { code, message } = await client.next('error');
			expect([code, message]).toEqual(['bad-signature', expect.stringContaining('PUBLIC_URL')]);
			expect(await client.closed).toBe(4401);
		}
		await joinSpace(url, space, { calls: 'https://relay.example', invite: 'sesame' });
	});

	test('a relay on loopback that others reach through a proxy founds nothing without an invitation', async () => {
		const { url } = await start({ env: { PUBLIC_URL: 'https://relay.example' } });
		const client = await approach(url, await newSpace(), { calls: 'https://relay.example' });
		expect(await client.next('error')).toMatchObject({ code: 'invite-required' });
	});

	test('the address that the app says it called is part of what it signs', async () => {
		const { url } = await start();
		const space = await newSpace();
		await joinSpace(url, space, { calls: 'https://whatever.example' });
		const client = await connect(url);
		const { nonce, timeline } = await client.next('challenge');
		const claim = { nonce, timeline, origin: 'https://evil.example', space: space.id, device: null };
		const signature = await space.root.sign(authTranscript(claim));
		client.send({ ...strangeAuth(space.id), signature, origin: 'https://relay.example' });
		expect(await client.next('error')).toMatchObject({ code: 'bad-signature' });
	});

	test('an invitation for one space founds one, also when it was cut, and no other', async () => {
		const clock = createTestClock();
		const { url, dataDir } = await start({ clock, env: { HOST: '0.0.0.0' } });
		const opened = openDatabase(join(dataDir, 'relay.sqlite'));
		if (!opened.ok) throw new Error(opened.error.reason);
		using database = opened.value;
		const invites = createSqliteInviteStore({ database });
		await invites.add('for-one', clock.now());
		const [first, second] = [await newSpace(), await newSpace()];
		// Taken, and the relay ended before the list was kept.
		await invites.take('for-one', first.id);
		await joinSpace(url, first, { invite: 'for-one' });
		await joinSpace(url, first, { withList: false });
		const refused = await approach(url, second, { invite: 'for-one' });
		expect(await refused.next('error')).toMatchObject({ code: 'invite-required' });
		expect(await invites.list()).toMatchObject([{ isUsed: true }]);
		expect(await invites.revoke('for-one')).toBe(0);
	});

	test('who cannot prove the space does not use up the invitation', async () => {
		const { url, dataDir } = await start({ env: { INVITE_TOKEN: 'for-any' } });
		const opened = openDatabase(join(dataDir, 'relay.sqlite'));
		if (!opened.ok) throw new Error(opened.error.reason);
		using database = opened.value;
		const invites = createSqliteInviteStore({ database });
		await invites.add('for-one', 0);
		const space = await newSpace();
		const client = await approach(url, space, { invite: 'for-one', signer: await newSigner() });
		expect(await client.next('error')).toMatchObject({ code: 'bad-signature' });
		await joinSpace(url, space, { invite: 'for-one' });
		// The operator's own token stays good for any number.
		for (const more of [await newSpace(), await newSpace()]) await joinSpace(url, more, { invite: 'for-any' });
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
		await joinSpace(url, space, { origin: 'http://localhost:5173' });
		await joinSpace(url, space, { origin: 'https://elsewhere.example', withList: false });
	});

	test('a signature by another key, or over another challenge, opens nothing', async () => {
		const { url } = await start();
		const space = await newSpace();
		await joinSpace(url, space);
		const client = await approach(url, space, { signer: await newSigner() });
		expect(await client.next('error')).toMatchObject({ code: 'bad-signature' });
		expect(await client.closed).toBe(4401);
		const replay = await connect(url);
		await replay.next('challenge');
		replay.send(strangeAuth(space.id));
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
		const first = await joinSpace(url, space);
		await joinSpace(url, space);
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
		const good = await joinSpace(url, space);
		for (const frame of [Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(113, 0), new Uint8Array(5_000).fill(255)]) {
			const bad = await joinSpace(url, space);
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
		const client = await joinSpace(url, await newSpace());
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
		await joinSpace(url, space, { version: 9 });
	});

	test('a message of a later protocol is answered by its number, in its place, and the connection goes on', async () => {
		const { url } = await start();
		const client = await joinSpace(url, await newSpace());
		client.send({ type: 'ping' });
		client.sendRaw(Uint8Array.of(140, 1, 2, 3));
		await client.next('pong');
		expect(await client.drain()).toMatchObject([{ type: 'error', code: 'malformed', about: 'type-140' }]);
		expect(await client.drain()).toEqual([]);
		client.sendRaw(Uint8Array.of(99));
		expect(await client.closed).toBe(4400);
	});

	test('before it is ready, a message of a later protocol closes the connection', async () => {
		const { url } = await start();
		const client = await connect(url);
		await client.next('challenge');
		client.sendRaw(Uint8Array.of(140));
		expect(await client.closed).toBe(4400);
	});

	test('saying twice who one is closes the connection', async () => {
		const { url } = await start();
		const space = await newSpace();
		const client = await joinSpace(url, space);
		client.send(strangeAuth(space.id));
		expect(await client.closed).toBe(4400);
	});
});

describe('device lists', () => {
	test('a removed device is told, hung up on, and not let in again; the others stay', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [phone, laptop] = space.devices;
		if (!phone || !laptop) throw new Error('two devices');
		const staying = await joinSpace(url, space, { device: 0 });
		const leaving = await joinSpace(url, space, { device: 1 });
		const root = await joinSpace(url, space, { device: null });
		root.send({ type: 'list-put', list: await space.next([phone.id]) });
		expect(await root.next('list-kept')).toEqual({ type: 'list-kept', version: 2 });
		expect(await leaving.next('error')).toMatchObject({ code: 'not-a-device' });
		expect(await leaving.closed).toBe(4403);
		expect(await staying.drain()).toEqual([{ type: 'listed', version: 2 }]);
		expect(await root.drain()).toEqual([]);
		const back = await approach(url, space, { device: 1 });
		expect(await back.next('error')).toMatchObject({ code: 'not-a-device' });
		expect(await back.closed).toBe(4403);
	});

	test('a device that is removed while it proves itself is not let in', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [phone] = space.devices;
		if (!phone) throw new Error('two devices');
		const root = await joinSpace(url, space, { device: null });
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
		const root = await joinSpace(url, space, { device: null });
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
		const client = await joinSpace(url, space);
		client.send({ type: 'list-put', list: await foreign.next([]) });
		expect(await client.next('error')).toMatchObject({ code: 'bad-signature' });
		client.send({ type: 'list-put', list: new Uint8Array(10) });
		expect(await client.next('error')).toMatchObject({ code: 'malformed' });
		expect(await client.drain()).toEqual([]);
	});

	test('who holds the root only may read and change the list, nothing else', async () => {
		const { url } = await start();
		const space = await newSpace();
		const root = await joinSpace(url, space, { device: null });
		openAll(root, streamId(1));
		expect(await root.next('error')).toMatchObject({ code: 'not-a-device' });
		root.send({ type: 'append', stream: streamId(1), id: entryId(1), entry: Uint8Array.of(1) });
		expect(await root.next('error')).toMatchObject({ code: 'not-a-device' });
		root.send({ type: 'wake-list' });
		expect(await root.next('error')).toMatchObject({ code: 'not-a-device' });
		root.send({ type: 'list-get', after: 0 });
		expect((await root.next('lists')).lists).toEqual([space.bytes]);
		const device = await joinSpace(url, space);
		device.send({ type: 'open', stream: streamId(1), cursor: 0, chain: emptyChain() });
		expect(await device.next('head')).toMatchObject({ seq: 0 });
	});
});
