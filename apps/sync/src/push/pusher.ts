import type { DeviceId, SpaceId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import webPush from 'web-push';
import { createLooker, LONGEST_WAIT_MS } from '../look-again.ts';
import type { MetricsDep } from '../metrics.ts';
import type { Delivery, PushStoreDep } from '../store/push-store.ts';
import type { EndpointRules } from './endpoint-rules.ts';
import { encodeEnvelope, type PushContent } from './envelope.ts';
import type { PushAnswer, PushClientDep } from './push-client.ts';
import { judgeAnswer } from './retry.ts';
import type { VapidKeys } from './vapid.ts';

/** Sends what wakes queued, until it is accepted or of no more use. */
export interface Pusher extends Disposable {
	/** Looks for deliveries to make; called when some were queued. */
	look(): void;
	/** Pushes a test to one device; answers the service's status, 0 when there is no subscription or no answer. */
	test(space: SpaceId, device: DeviceId): Promise<number>;
	/** Resolves when no push is under way. */
	settled(): Promise<void>;
}

type Deps = ClockDep &
	RandomDep &
	LogDep &
	MetricsDep &
	PushStoreDep &
	PushClientDep & { readonly rules: EndpointRules; readonly vapidKeys: VapidKeys };

/** Pushes under way at once. */
const AT_ONCE = 16;
/** Four weeks: what push services keep at most. */
const MAX_TTL_S = 2_419_200;
const TEST_TTL_MS = 60_000;

/** Starts with what an earlier process left undelivered. */
export function createPusher(deps: Deps, options: { readonly vapidSubject: string }): Pusher {
	const { clock, log, metrics, pushStore } = deps;
	const underWay = new Map<number, Promise<void>>();
	const looker = createLooker({
		clock,
		work,
		failed(error) {
			// A failing disk must not stop the pusher for good.
			log.warn('pushes-failed', { reason: error instanceof Error ? error.name : 'unknown' });
		},
	});
	looker.look();

	return {
		look: looker.look,
		async test(space, device) {
			const subscription = await pushStore.subscription(space, device);
			if (!subscription) return 0;
			const content = { space, wake: null, due: clock.now(), payload: new Uint8Array(0), appUrl: subscription.appUrl };
			const answer = await post({ content, subscription, ttlMs: TEST_TTL_MS });
			const verdict = judgeAnswer(answer, { attempt: 0, now: clock.now(), fraction: 0 });
			metrics.count('pushes_total', 1, verdict.type);
			if (verdict.type === 'gone') await pushStore.removeSubscription(space, device);
			return answer.status;
		},
		async settled() {
			while (looker.looking || underWay.size > 0) await Promise.all([looker.looking, ...underWay.values()]);
		},
		[Symbol.dispose]: () => looker[Symbol.dispose](),
	};

	async function work(): Promise<number | undefined> {
		// Those under way are still in the store: ask for more than can be among them.
		for (const delivery of await pushStore.dueDeliveries(clock.now(), AT_ONCE * 2)) {
			if (underWay.size >= AT_ONCE) break;
			if (!underWay.has(delivery.id)) start(delivery);
		}
		const earliest = await pushStore.earliestDelivery();
		if (earliest === undefined) return undefined;
		// What is due was started above, and looks again when it ends.
		return earliest <= clock.now() ? LONGEST_WAIT_MS : earliest - clock.now();
	}

	function start(delivery: Delivery): void {
		const work = deliver(delivery)
			.catch((error: unknown) => {
				log.warn('push-failed', { reason: error instanceof Error ? error.name : 'unknown' });
				return pushStore.retryDelivery(delivery.id, clock.now() + LONGEST_WAIT_MS);
			})
			.finally(() => {
				underWay.delete(delivery.id);
				looker.look();
			});
		underWay.set(delivery.id, work);
	}

	async function deliver(delivery: Delivery): Promise<void> {
		const { id, space, wake, due, payload, subscription } = delivery;
		const ttlMs = delivery.expires - clock.now();
		if (ttlMs <= 0) {
			metrics.count('pushes_total', 1, 'expired');
			log.warn('push-expired', { attempts: delivery.attempt });
			return pushStore.endDelivery(id);
		}
		const content = { space, wake, due, payload, appUrl: subscription.appUrl };
		const answer = await post({ content, subscription, ttlMs, topic: wake });
		const verdict = judgeAnswer(answer, {
			attempt: delivery.attempt,
			now: clock.now(),
			fraction: deps.random.fraction(),
		});
		metrics.count('pushes_total', 1, verdict.type);
		switch (verdict.type) {
			case 'sent':
				return pushStore.endDelivery(id);
			case 'gone':
				log.info('push-subscription-gone', { status: answer.status });
				return pushStore.removeSubscription(space, delivery.device);
			case 'retry':
				return pushStore.retryDelivery(id, clock.now() + verdict.afterMs);
			case 'rejected':
				log.warn('push-rejected', { status: answer.status });
				return pushStore.endDelivery(id);
		}
	}

	async function post(push: {
		readonly content: PushContent;
		readonly subscription: Delivery['subscription'];
		readonly ttlMs: number;
		readonly topic?: string;
	}): Promise<PushAnswer> {
		const { endpoint, p256dh, auth } = push.subscription;
		// Checked again: the rules may have changed since it was kept.
		const url = deps.rules.check(endpoint);
		if (!url.ok) return { status: 0, retryAfter: undefined };
		const details = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, encodeEnvelope(push.content), {
			vapidDetails: { subject: options.vapidSubject, ...deps.vapidKeys },
			TTL: Math.min(MAX_TTL_S, Math.max(1, Math.ceil(push.ttlMs / 1000))),
			urgency: 'high',
			...(push.topic === undefined ? {} : { topic: push.topic }),
		});
		return deps.pushClient.post({ url: url.value, headers: readHeaders(details.headers), body: details.body });
	}
}

function readHeaders(headers: object): Record<string, string | number> {
	const read: Record<string, string | number> = {};
	for (const [name, value] of Object.entries(headers)) {
		if (typeof value === 'string' || typeof value === 'number') read[name] = value;
	}
	return read;
}
