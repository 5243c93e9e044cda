import { utf8 } from '@pocketeer/core/bytes';
import type { MailboxId } from '@pocketeer/core/ids';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, expect, test } from 'vitest';
import { connect, idOf, join, newSpace, type TestClient } from './test-client.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from './testing.ts';

const mailbox = idOf<MailboxId>(77);
let relay: TestRelay | undefined;
async function start(options: TestRelayOptions = {}): Promise<TestRelay> {
	relay = await startRelay(options);
	return relay;
}
afterEach(async () => {
	await relay?.stop();
	relay = undefined;
});

/** A device of a space that waits at the mailbox. */
async function openBox(url: string, ttlMs = 300_000): Promise<TestClient> {
	const host = await join(url, await newSpace());
	host.send({ type: 'pair-open', mailbox, ttlMs });
	expect(await host.next('pair-opened')).toEqual({ type: 'pair-opened', mailbox });
	return host;
}

async function joinBox(url: string): Promise<TestClient> {
	const guest = await connect(url);
	await guest.next('challenge');
	guest.send({ type: 'pair-join', mailbox });
	return guest;
}

test('a stranger meets the device that opened the mailbox, and they talk through the relay', async () => {
	const { url } = await start();
	const host = await openBox(url);
	const guest = await joinBox(url);
	expect(await guest.next('pair-joined')).toEqual({ type: 'pair-joined', mailbox });
	await host.next('pair-joined');
	guest.send({ type: 'pair-say', mailbox, bytes: utf8('commitment') });
	expect(await host.next('pair-said')).toEqual({ type: 'pair-said', mailbox, bytes: utf8('commitment') });
	host.send({ type: 'pair-say', mailbox, bytes: new Uint8Array(LIMITS.pairing) });
	expect((await guest.next('pair-said')).bytes).toHaveLength(LIMITS.pairing);
	expect(await guest.drain()).toEqual([]);
	host.send({ type: 'pair-shut', mailbox });
	expect(await guest.next('pair-ended')).toEqual({ type: 'pair-ended', mailbox, reason: 'left' });
	expect(await guest.closed).toBe(1000);
	// The host's connection goes on.
	expect(await host.drain()).toEqual([]);
});

test('a wrong mailbox, one that somebody used, and one whose time is over are no mailbox', async () => {
	const clock = createTestClock();
	const { url } = await start({ clock });
	const refused = async () => {
		const client = await joinBox(url);
		expect(await client.next('error')).toMatchObject({ code: 'no-mailbox' });
		expect(await client.closed).toBe(4401);
	};
	await refused();
	const host = await openBox(url, 30_000);
	const guest = await joinBox(url);
	await guest.next('pair-joined');
	await refused();
	await clock.advance(30_000);
	expect(await host.next('pair-ended')).toEqual({ type: 'pair-ended', mailbox, reason: 'expired' });
	expect(await guest.next('pair-ended')).toMatchObject({ reason: 'expired' });
	expect(await guest.closed).toBe(1000);
	await refused();
});

test('a guest has the time that a pairing takes, a stranger who names no mailbox ten seconds', async () => {
	const clock = createTestClock();
	const { url } = await start({ clock });
	await openBox(url);
	const guest = await joinBox(url);
	await guest.next('pair-joined');
	const silent = await connect(url);
	await silent.next('challenge');
	await clock.advance(10_000);
	expect(await silent.closed).toBe(4401);
	expect(await guest.drain()).toEqual([]);
});

test('a guest may only speak through its own mailbox', async () => {
	const { url } = await start();
	const host = await openBox(url);
	const guest = await joinBox(url);
	await guest.next('pair-joined');
	guest.send({ type: 'wake-list' });
	expect(await guest.next('error')).toMatchObject({ code: 'malformed' });
	expect(await guest.closed).toBe(4400);
	expect(await host.next('pair-ended')).toMatchObject({ reason: 'left' });

	host.send({ type: 'pair-open', mailbox, ttlMs: 60_000 });
	await host.next('pair-opened');
	const second = await joinBox(url);
	await second.next('pair-joined');
	second.send({ type: 'pair-join', mailbox: idOf<MailboxId>(78) });
	expect(await second.closed).toBe(4400);
});

test('the host’s connection ending ends the pairing', async () => {
	const { url } = await start();
	const host = await openBox(url);
	const guest = await joinBox(url);
	await guest.next('pair-joined');
	host.close();
	expect(await guest.next('pair-ended')).toMatchObject({ reason: 'left' });
	expect(await guest.closed).toBe(1000);
});

test('who says more than a pairing takes ends it, and is told so', async () => {
	const { url } = await start();
	const host = await openBox(url);
	const guest = await joinBox(url);
	await guest.next('pair-joined');
	for (let count = 0; count <= LIMITS.pairingMessages; count++) {
		guest.send({ type: 'pair-say', mailbox, bytes: utf8('more') });
	}
	expect(await guest.next('error')).toMatchObject({ code: 'rate', about: mailbox });
	expect(await guest.closed).toBe(1000);
	const heard = await host.drain();
	expect(heard.filter(({ type }) => type === 'pair-said')).toHaveLength(LIMITS.pairingMessages);
	expect(heard.at(-1)).toMatchObject({ type: 'pair-ended' });
});

test('a space opens four mailboxes; who holds the root only, or speaks to nobody, is refused', async () => {
	const { url } = await start();
	const space = await newSpace();
	const host = await join(url, space);
	host.send({ type: 'pair-say', mailbox, bytes: utf8('hello?') });
	expect(await host.next('error')).toMatchObject({ code: 'no-mailbox', about: mailbox });
	for (let byte = 1; byte <= 5; byte++) host.send({ type: 'pair-open', mailbox: idOf(byte), ttlMs: 60_000 });
	expect(await host.next('error')).toMatchObject({ code: 'rate', about: idOf(5) });
	const root = await join(url, space, { device: null });
	root.send({ type: 'pair-open', mailbox, ttlMs: 60_000 });
	expect(await root.next('error')).toMatchObject({ code: 'not-a-device' });
	const foreign = await join(url, await newSpace());
	foreign.send({ type: 'pair-open', mailbox: idOf(1), ttlMs: 60_000 });
	expect(await foreign.next('error')).toMatchObject({ code: 'no-mailbox' });
});

test('what is said in a pairing is in no database and no metric', async () => {
	const { url, httpUrl } = await start();
	const host = await openBox(url);
	const guest = await joinBox(url);
	await guest.next('pair-joined');
	host.send({ type: 'pair-say', mailbox, bytes: utf8('x') });
	await guest.next('pair-said');
	const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
	expect(metrics).toContain('pocketeer_mailboxes 1');
	expect(metrics).toMatch(/^pocketeer_stored_bytes [1-9]\d+$/m);
	expect(metrics).toContain('pocketeer_pairings_total{kind="joined"} 1');
	expect(metrics).not.toContain(mailbox);
});
