import { equalBytes, fromBase64Url } from '@pocketeer/core/bytes';
import type { PushSubscriptionFields } from '@pocketeer/core/protocol/messages';
import { err, ok, type Result } from '@pocketeer/core/result';

/** What the browser has of notifications; a test stands in for it. */
export interface PushPlatform {
	/** A sentence saying why there can be none here and what would help; undefined when there can. */
	unsupportedReason(): string | undefined;
	permission(): NotificationPermission;
	requestPermission(): Promise<NotificationPermission>;
	/** The subscription for this relay key: the present one, or a new one when the key differs or there is none. */
	subscribe(vapidKey: string): Promise<Result<PushSubscriptionFields, { readonly reason: string }>>;
}

/** A worker that is not ready by then was refused or cannot be fetched. */
const WORKER_WITHIN_MS = 15_000;

/** Notifications as this browser offers them. */
export function browserPushPlatform(): PushPlatform {
	return {
		unsupportedReason,
		permission: () => ('Notification' in globalThis ? Notification.permission : 'denied'),
		requestPermission: () => Notification.requestPermission(),
		subscribe,
	};
}

function unsupportedReason(): string | undefined {
	if (!isSecureContext) {
		return 'Notifications need a secure address: open Pocketeer over https, or on localhost.';
	}
	if (!('serviceWorker' in navigator)) {
		return 'This browser runs no service workers here, and notifications need one. Private windows of some browsers forbid them.';
	}
	if ('PushManager' in globalThis && 'Notification' in globalThis) return undefined;
	if (/iPhone|iPad|Macintosh.*Mobile/.test(navigator.userAgent) || isTouchMac()) {
		return 'On iPhone and iPad, notifications work in the installed app: tap Share, then “Add to Home Screen”, and open Pocketeer from there.';
	}
	return 'This browser cannot receive push messages.';
}

/** iPadOS calls itself a Mac; no Mac has a touch screen. */
function isTouchMac(): boolean {
	return navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1;
}

async function subscribe(vapidKey: string): Promise<Result<PushSubscriptionFields, { readonly reason: string }>> {
	const registration = await workerReady();
	if (!registration) return err({ reason: 'The service worker did not start. Reload the page and try again.' });
	try {
		const key = fromBase64Url(vapidKey);
		const present = await registration.pushManager.getSubscription();
		const ours = present?.options.applicationServerKey;
		const isOurs = present && ours && equalBytes(new Uint8Array(ours), key);
		// A subscription made for another relay's key delivers nothing from this one, and blocks a new one.
		if (present && !isOurs) await present.unsubscribe();
		const subscription = isOurs
			? present
			: await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
		const fields = subscriptionFields(subscription.toJSON(), new URL('/', location.href).href);
		return fields ? ok(fields) : err({ reason: 'The browser gave a subscription without keys.' });
	} catch (cause) {
		return err({ reason: refusal(cause) });
	}
}

function refusal(cause: unknown): string {
	const name = cause instanceof Error ? cause.name : '';
	if (name === 'NotAllowedError') return 'The browser does not allow notifications for this address.';
	if (name === 'AbortError') {
		return 'The browser could not reach its push service. Some browsers have it switched off, and it needs a connection.';
	}
	return `The browser refused the subscription (${name || 'unknown reason'}).`;
}

function workerReady(): Promise<ServiceWorkerRegistration | undefined> {
	return Promise.race([
		navigator.serviceWorker.ready,
		new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), WORKER_WITHIN_MS)),
	]);
}

/** What the relay needs of a browser's subscription; undefined when the browser left something out. */
export function subscriptionFields(json: PushSubscriptionJSON, appUrl: string): PushSubscriptionFields | undefined {
	const { endpoint, keys } = json;
	const p256dh = keys?.p256dh;
	const auth = keys?.auth;
	if (endpoint === undefined || p256dh === undefined || auth === undefined) return undefined;
	return { endpoint, p256dh, auth, appUrl };
}
