import type { PushSubscriptionFields } from '@pocketeer/core/protocol/messages';
import { err, ok } from '@pocketeer/core/result';
import type { RelayError, Sync, SyncStatus } from '@pocketeer/core/sync/sync';
import { createTestClock, turns } from '@pocketeer/core/testing/test-clock';
import { expect, it } from 'vitest';
import type { PushPlatform } from './platform.ts';
import { subscriptionFields } from './platform.ts';
import { createPush } from './push.ts';

const fields: PushSubscriptionFields = {
	endpoint: 'https://push.example/1',
	p256dh: 'p',
	auth: 'a',
	appUrl: 'https://app/',
};

function setUp(
	change: { platform?: Partial<PushPlatform>; vapidKey?: string; answer?: RelayError; isWanted?: boolean } = {},
) {
	const clock = createTestClock();
	const asked: string[] = [];
	const registered: PushSubscriptionFields[] = [];
	const listeners = new Set<(status: SyncStatus) => void>();
	let status: SyncStatus = {
		connection: { type: 'connecting' },
		isLeader: true,
		pendingStreams: 0,
		stuck: [],
		quarantined: [],
		republished: undefined,
		lastSyncedAt: undefined,
		deleted: undefined,
		clockSkewMs: undefined,
		vapidKey: change.vapidKey,
	};
	const answer = change.answer;
	const sync = {
		get status() {
			return status;
		},
		subscribe: (listener: (status: SyncStatus) => void) => {
			listeners.add(listener);
			return { [Symbol.dispose]: () => void listeners.delete(listener) };
		},
		registerPush: async (subscription: PushSubscriptionFields) => {
			registered.push(subscription);
			return answer ? err(answer) : ok();
		},
		testPush: async () => (answer ? err(answer) : ok()),
	} satisfies Partial<Sync>;
	const platform: PushPlatform = {
		unsupportedReason: () => undefined,
		permission: () => 'default',
		requestPermission: async () => 'granted',
		subscribe: async (key) => {
			asked.push(key);
			return ok(fields);
		},
		...change.platform,
	};
	let isWanted = change.isWanted ?? false;
	const wanted = {
		read: async () => isWanted,
		keep: async (next: boolean) => {
			isWanted = next;
		},
	};
	const push = createPush({ sync: sync as unknown as Sync, clock, platform, wanted });
	return {
		push,
		clock,
		asked,
		registered,
		wanted,
		connect: (vapidKey: string) => {
			status = { ...status, vapidKey };
			for (const listener of listeners) listener(status);
		},
	};
}

it('subscribes with the relay’s key and tells the relay, after the person said yes', async () => {
	const { push, asked, registered, wanted } = setUp({ vapidKey: 'key' });
	expect(push.current()).toEqual({ type: 'off' });
	expect(await push.enable()).toEqual({ type: 'on' });
	expect([asked, registered]).toEqual([['key'], [fields]]);
	expect(await wanted.read()).toBe(true);
});

it('asks for permission before it awaits anything else, as browsers demand of a click', async () => {
	const order: string[] = [];
	const { push } = setUp({
		platform: {
			requestPermission: () => {
				order.push('asked');
				return Promise.resolve('denied');
			},
		},
	});
	const enabling = push.enable();
	order.push('click handler over');
	expect(await enabling).toEqual({ type: 'denied' });
	expect(order).toEqual(['asked', 'click handler over']);
});

it('waits for a connection that is being made', async () => {
	const { push, connect, asked } = setUp();
	const enabling = push.enable();
	await turns(3);
	connect('late key');
	expect(await enabling).toEqual({ type: 'on' });
	expect(asked).toEqual(['late key']);
});

it('says that the relay cannot be reached when no key comes in ten seconds', async () => {
	const { push, clock, asked } = setUp();
	const enabling = push.enable();
	await clock.advance(10_000);
	expect(await enabling).toMatchObject({ type: 'failed', reason: expect.stringContaining('relay cannot be reached') });
	expect(asked).toEqual([]);
});

it('is on when the relay will be told at the next connection, and failed when it refused', async () => {
	expect(await setUp({ vapidKey: 'k', answer: { type: 'Offline' } }).push.enable()).toEqual({ type: 'on' });
	const refused = setUp({
		vapidKey: 'k',
		answer: { type: 'Refused', code: 'bad-endpoint', message: 'unknown push host' },
	});
	expect(await refused.push.enable()).toEqual({ type: 'failed', reason: 'The relay refused: unknown push host' });
});

it('passes on why the browser gave no subscription', async () => {
	const { push } = setUp({ vapidKey: 'k', platform: { subscribe: async () => err({ reason: 'no push service' }) } });
	expect(await push.enable()).toEqual({ type: 'failed', reason: 'no push service' });
});

it('subscribes again at a start when it was on, and never asks by itself', async () => {
	const granted = { permission: () => 'granted' as const };
	const before = setUp({ vapidKey: 'k', isWanted: true, platform: granted });
	await before.push.recheck();
	expect([before.push.current(), before.registered]).toEqual([{ type: 'on' }, [fields]]);

	const never = setUp({ vapidKey: 'k', isWanted: false, platform: granted });
	await never.push.recheck();
	const revoked = setUp({ vapidKey: 'k', isWanted: true, platform: { permission: () => 'denied' } });
	await revoked.push.recheck();
	expect([never.push.current().type, revoked.push.current().type]).toEqual(['off', 'denied']);
	expect([...never.registered, ...revoked.registered]).toEqual([]);
});

it('says a sentence where notifications are impossible', async () => {
	const { push, asked } = setUp({ platform: { unsupportedReason: () => 'Needs https.' } });
	expect(push.current()).toEqual({ type: 'unsupported', reason: 'Needs https.' });
	expect(await push.enable()).toEqual({ type: 'unsupported', reason: 'Needs https.' });
	expect(asked).toEqual([]);
});

it('takes a subscription apart only when all of it is there', () => {
	const json = { endpoint: fields.endpoint, keys: { p256dh: 'p', auth: 'a' } };
	expect(subscriptionFields(json, 'https://app/')).toEqual(fields);
	expect(subscriptionFields({ ...json, keys: { p256dh: 'p' } }, 'https://app/')).toBeUndefined();
});
