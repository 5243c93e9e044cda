import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64Url } from '@pocketeer/core/bytes';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { Wake } from '@pocketeer/core/protocol/messages';
import { createTestClock, type TestClock } from '@pocketeer/core/testing/test-clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPushReceiver } from './push/open-push.ts';
import type { PushAnswer, PushRequest } from './push/push-client.ts';
import { join as joinSpace, newSpace, type TestClient, type TestSpace, wakeId } from './test-client.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from './testing.ts';

const MINUTE = 60_000;
const receiver = createPushReceiver();
const subscription = {
	endpoint: 'https://fcm.googleapis.com/fcm/send/one',
	p256dh: receiver.p256dh,
	auth: receiver.auth,
	appUrl: 'http://localhost:8787/',
};

let relay: TestRelay | undefined;
let clock: TestClock;
let posted: PushRequest[];
/** What the push service answers next; 201 when there is nothing here. */
let answers: PushAnswer[];

beforeEach(() => {
	clock = createTestClock();
	posted = [];
	answers = [];
});
afterEach(async () => {
	await relay?.stop();
	relay = undefined;
	for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const folders: string[] = [];
async function newFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'pocketeer-relay-'));
	folders.push(folder);
	return folder;
}

async function start(options: TestRelayOptions = {}): Promise<TestRelay> {
	relay = await startRelay({
		clock,
		pushClient: {
			async post(request) {
				posted.push(request);
				return answers.shift() ?? { status: 201, retryAfter: undefined };
			},
		},
		...options,
	});
	return relay;
}

const wake = (changes: Partial<Wake> = {}): Wake => ({
	id: wakeId(1),
	revision: 1,
	recurrence: { type: 'once', at: clock.now() + 20 * MINUTE },
	ttlMs: 60 * MINUTE,
	payload: new Uint8Array(600).fill(7),
	...changes,
});

/** A device that subscribed to pushes. */
async function subscribed(url: string, space: TestSpace, device = 0): Promise<TestClient> {
	const client = await joinSpace(url, space, { device });
	const endpoint = `https://fcm.googleapis.com/fcm/send/${device}`;
	client.send({ type: 'push-put', subscription: { ...subscription, endpoint } });
	await client.next('push-kept');
	return client;
}

/** Time passes: the wall clock at once, timers for the few seconds within which the relay looks at it. */
async function pass(ms: number): Promise<void> {
	clock.jump(ms);
	await clock.advance(5_000);
	await relay?.settled();
}

describe('wakes', () => {
	test('a due wake is told to every connected device and pushed to every subscription of the space', async () => {
		const { url } = await start();
		const space = await newSpace(3);
		const [phone, laptop] = [await subscribed(url, space, 0), await subscribed(url, space, 1)];
		const watch = await joinSpace(url, space, { device: 2 });
		const stranger = await joinSpace(url, await newSpace());
		const { id, recurrence } = wake();
		phone.send({ type: 'wake-put', wake: wake() });
		expect(await phone.next('wake-kept')).toEqual({ type: 'wake-kept', id, revision: 1 });
		await pass(20 * MINUTE);
		const due = recurrence.type === 'once' ? recurrence.at : 0;
		for (const client of [phone, laptop, watch]) expect(await client.next('fired')).toEqual({ type: 'fired', id, due });
		expect(await stranger.drain()).toEqual([]);
		expect(posted.map(({ url: { pathname } }) => pathname)).toEqual(['/fcm/send/0', '/fcm/send/1']);
	});

	test('the push is a declarative envelope that only its receiver can open, and fits 2.5 kB', async () => {
		const { url } = await start();
		const space = await newSpace();
		const phone = await subscribed(url, space);
		const payload = new Uint8Array(LIMITS.wakePayload).fill(9);
		const at = clock.now() + MINUTE;
		phone.send({ type: 'wake-put', wake: wake({ payload, recurrence: { type: 'once', at } }) });
		await phone.next('wake-kept');
		await pass(MINUTE);
		const [push] = posted;
		if (!push) throw new Error('nothing was pushed');
		const text = receiver.open(push.body);
		expect(text.length).toBeLessThanOrEqual(2_560);
		expect(JSON.parse(text)).toEqual({
			web_push: 8030,
			mutable: true,
			notification: {
				title: 'Pocketeer',
				body: 'Something is due',
				navigate: 'http://localhost:8787/',
				tag: `${wakeId(1)}/${at}`,
				mutable: true,
				data: { v: 1, space: space.id, wake: wakeId(1), due: at, sealed: toBase64Url(payload) },
			},
		});
		expect(push.headers).toMatchObject({ Urgency: 'high', Topic: wakeId(1), 'Content-Encoding': 'aes128gcm' });
		const ttl = Number(push.headers.TTL);
		expect(ttl).toBeGreaterThan(3590);
		expect(ttl).toBeLessThanOrEqual(3600);
		expect(push.headers.Authorization).toMatch(/^vapid t=.*, k=.*/);
	});

	test('wakes survive a restart, and what came due meanwhile is pushed at the start', async () => {
		const dataDir = await newFolder();
		const first = await start({ dataDir });
		const space = await newSpace();
		const phone = await subscribed(first.url, space);
		phone.send({ type: 'wake-put', wake: wake() });
		await phone.next('wake-kept');
		await first.stop();
		clock.jump(30 * MINUTE);
		const { settled } = await start({ dataDir });
		await settled();
		expect(posted).toHaveLength(1);
	});

	test('an older revision changes nothing and is answered with the newer one', async () => {
		const { url } = await start();
		const client = await joinSpace(url, await newSpace());
		client.send({ type: 'wake-put', wake: wake({ revision: 7 }) });
		client.send({ type: 'wake-put', wake: wake({ revision: 6 }) });
		client.send({ type: 'wake-drop', id: wakeId(1), revision: 5 });
		const kept = (await client.drain()).map((message) => message.type === 'wake-kept' && message.revision);
		expect(kept).toEqual([7, 7, 7]);
		client.send({ type: 'wake-list' });
		expect((await client.next('wakes')).wakes).toMatchObject([{ id: wakeId(1), revision: 7 }]);
	});

	test('a dropped wake neither fires nor is listed, and what it queued is not pushed any more', async () => {
		const { url } = await start();
		const client = await subscribed(url, await newSpace());
		answers = [{ status: 503, retryAfter: '600' }];
		client.send({ type: 'wake-put', wake: wake() });
		await client.next('wake-kept');
		await pass(20 * MINUTE);
		expect(posted).toHaveLength(1);
		client.send({ type: 'wake-drop', id: wakeId(1), revision: 2 });
		expect(await client.next('wake-kept')).toMatchObject({ revision: 2 });
		client.send({ type: 'wake-list' });
		expect((await client.next('wakes')).wakes).toEqual([]);
		await pass(11 * MINUTE);
		expect(posted).toHaveLength(1);
	});

	test.each([
		['an interval under a minute', { recurrence: { type: 'interval', intervalMs: 1_000, anchor: 0, until: null } }],
		['a cron nobody understands', { recurrence: { type: 'cron', cron: '61 * * * *', zone: 'UTC', until: null } }],
		['a zone that is none', { recurrence: { type: 'cron', cron: '0 9 * * *', zone: 'Mars', until: null } }],
		['a time to live of nothing', { ttlMs: 1 }],
		['a time to live of a year', { ttlMs: 365 * 24 * 60 * MINUTE }],
		['a text that fits no push', { payload: new Uint8Array(LIMITS.wakePayload + 1) }],
	] as const)('a wake with %s is refused with a sentence', async (_, changes) => {
		const { url } = await start();
		const client = await joinSpace(url, await newSpace());
		client.send({ type: 'wake-put', wake: wake(changes) });
		const refused = await client.next('error');
		expect(refused).toMatchObject({ code: 'bad-wake', about: wakeId(1) });
		expect(refused.message).toMatch(/^.{20,}\.$/);
		client.send({ type: 'wake-list' });
		expect((await client.next('wakes')).wakes).toEqual([]);
	});
});

describe('pushes', () => {
	async function fire({
		ttlMs = 60 * MINUTE,
		dataDir,
	}: {
		ttlMs?: number;
		dataDir?: string;
	} = {}): Promise<TestClient> {
		const { url, settled } = await start(dataDir === undefined ? {} : { dataDir });
		const client = await subscribed(url, await newSpace());
		client.send({ type: 'wake-put', wake: wake({ recurrence: { type: 'once', at: clock.now() }, ttlMs }) });
		await client.next('wake-kept');
		await settled();
		return client;
	}
	const metrics = async () => (await fetch(`${relay?.httpUrl}/metrics`)).text();

	test('a service that is busy is asked again as late as it wishes, until it takes the push', async () => {
		answers = [
			{ status: 429, retryAfter: '300' },
			{ status: 500, retryAfter: undefined },
		];
		await fire();
		expect(posted).toHaveLength(1);
		await pass(200_000);
		expect(posted).toHaveLength(1);
		await pass(100_000);
		expect(posted).toHaveLength(2);
		await pass(10_000);
		expect(posted).toHaveLength(3);
		await pass(60 * MINUTE);
		expect(posted).toHaveLength(3);
		expect(await metrics()).toContain('pocketeer_pushes_total{kind="sent"} 1');
	});

	test('trying ends when the push is of no more use', async () => {
		answers = Array.from({ length: 99 }, () => ({ status: 0, retryAfter: undefined }));
		await fire({ ttlMs: 10 * MINUTE });
		for (let minute = 0; minute < 20; minute++) await pass(MINUTE);
		const tried = posted.length;
		expect(tried).toBeGreaterThan(5);
		expect(Number(posted.at(-1)?.headers.TTL)).toBeLessThan(180);
		await pass(60 * MINUTE);
		expect(posted).toHaveLength(tried);
		expect(await metrics()).toContain('pocketeer_pushes_total{kind="expired"} 1');
	});

	test('a subscription that is gone is forgotten', async () => {
		answers = [{ status: 410, retryAfter: undefined }];
		const client = await fire();
		expect(await metrics()).toContain('pocketeer_push_subscriptions 0');
		client.send({ type: 'push-test' });
		expect(await client.next('push-tested')).toEqual({ type: 'push-tested', status: 0 });
	});

	test('a push that the service rejects as our mistake is counted, not repeated, and costs no subscription', async () => {
		answers = [{ status: 403, retryAfter: undefined }];
		await fire();
		await pass(60 * MINUTE);
		expect(posted).toHaveLength(1);
		const text = await metrics();
		expect(text).toContain('pocketeer_pushes_total{kind="rejected"} 1');
		expect(text).toContain('pocketeer_push_subscriptions 1');
	});

	test('a push that was not delivered before a restart is delivered after it', async () => {
		const dataDir = await newFolder();
		answers = [{ status: 503, retryAfter: '120' }];
		await fire({ dataDir });
		await relay?.stop();
		await start({ dataDir });
		await pass(3 * MINUTE);
		expect(posted).toHaveLength(2);
	});

	test('a test push goes to the asking device only and says what the service answered', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		await subscribed(url, space, 0);
		const laptop = await subscribed(url, space, 1);
		laptop.send({ type: 'push-test' });
		expect(await laptop.next('push-tested')).toEqual({ type: 'push-tested', status: 201 });
		expect(posted.map(({ url: { pathname } }) => pathname)).toEqual(['/fcm/send/1']);
		const { data } = JSON.parse(receiver.open(posted[0]?.body ?? new Uint8Array())).notification;
		expect(data).toMatchObject({ wake: null, space: space.id, sealed: '' });
	});

	test('an empty endpoint removes the subscription, the same endpoint again moves it to the new device', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [phone, twin] = [await joinSpace(url, space, { device: 0 }), await joinSpace(url, space, { device: 1 })];
		phone.send({ type: 'push-put', subscription });
		await phone.next('push-kept');
		twin.send({ type: 'push-put', subscription });
		await twin.next('push-kept');
		expect(await metrics()).toContain('pocketeer_push_subscriptions 1');
		twin.send({ type: 'push-put', subscription: { endpoint: '', p256dh: '', auth: '', appUrl: '' } });
		await twin.next('push-kept');
		expect(await metrics()).toContain('pocketeer_push_subscriptions 0');
	});

	test('a subscription whose key is no key is refused, not tried again and again', async () => {
		const { url } = await start();
		const client = await joinSpace(url, await newSpace());
		const offTheCurve = toBase64Url(new Uint8Array(65).fill(7).fill(4, 0, 1));
		client.send({ type: 'push-put', subscription: { ...subscription, p256dh: offTheCurve } });
		expect(await client.next('error')).toMatchObject({ code: 'bad-endpoint' });
		client.send({ type: 'push-test' });
		expect(await client.next('push-tested')).toEqual({ type: 'push-tested', status: 0 });
	});

	test('a removed device is not pushed to any more', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		await subscribed(url, space, 0);
		await subscribed(url, space, 1);
		const root = await joinSpace(url, space, { device: null });
		const [phone] = space.devices;
		root.send({ type: 'list-put', list: await space.next(phone ? [phone.id] : []) });
		await root.next('list-kept');
		expect(await metrics()).toContain('pocketeer_push_subscriptions 1');
	});

	test.each([
		['an endpoint of no push service', { endpoint: 'https://evil.example/x' }],
		['an endpoint on this machine that is not listed', { endpoint: 'http://127.0.0.1:9000/x' }],
		['keys that are none', { p256dh: 'AAAA' }],
		['an app address that is none', { appUrl: 'javascript:alert(1)' }],
		['an app address that fits no push', { appUrl: `https://example.org/${'x'.repeat(900)}` }],
	])('%s is refused with a sentence', async (_, changes) => {
		const { url } = await start();
		const client = await joinSpace(url, await newSpace());
		client.send({ type: 'push-put', subscription: { ...subscription, ...changes } });
		const refused = await client.next('error');
		expect(refused.code).toBe('bad-endpoint');
		expect(refused.message).toMatch(/^The .*\.$/);
	});
});

describe('claims over the connection', () => {
	test('one of two devices gets an occurrence; done by it is done for all', async () => {
		const { url } = await start();
		const space = await newSpace(2);
		const [one, two] = [await joinSpace(url, space, { device: 0 }), await joinSpace(url, space, { device: 1 })];
		const occurrence = new Uint8Array(16).fill(5);
		const claim = async (client: TestClient) => {
			client.send({ type: 'claim', occurrence, leaseMs: 60_000 });
			return (await client.next('claimed')).fence;
		};
		expect(await claim(one)).toBe(1);
		expect(await claim(two)).toBe(0);
		clock.jump(61_000);
		expect(await claim(two)).toBe(2);
		one.send({ type: 'claim-done', occurrence, fence: 1 });
		expect((await one.next('claimed')).fence).toBe(0);
		two.send({ type: 'claim-done', occurrence, fence: 2 });
		expect((await two.next('claimed')).fence).toBe(2);
		clock.jump(600_000);
		expect(await claim(one)).toBe(0);
	});
});
