import '../platform/disposal.ts';
import { clientsClaim } from 'workbox-core';
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { SHARE_PATH } from '../attachments/shared-kept.ts';
import type { WorkerMessage } from '../platform/worker-messages.ts';
import { isAppPath } from '../platform/worker-messages.ts';
import { keepShared } from './keep-shared.ts';
import { noticeOf, type PushNotice } from './show-push.ts';
import { openWakeHere } from './wake-keys.ts';

/**
 * The service worker: serves the app without a network, and shows what a push says. It reads keys from the device's
 * database and writes nothing.
 */
declare const self: ServiceWorkerGlobalScope & {
	readonly __WB_MANIFEST: readonly { readonly url: string; readonly revision: string | null }[];
};

/** iOS gives a push ten seconds in all, and one without a notification costs the subscription in the end. */
const OPEN_WITHIN_MS = 4_000;

cleanupOutdatedCaches();
precacheAndRoute([...self.__WB_MANIFEST]);
// Any path of the app is the same page; the relay's own paths are never answered from the cache.
registerRoute(
	new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [/^\/v1\//, /^\/(healthz|metrics)$/] }),
);
// Other apps share with this one by a form (`share_target` of the manifest); it never leaves the device.
registerRoute(
	({ url }) => url.origin === self.location.origin && url.pathname === SHARE_PATH,
	async ({ request }) => Response.redirect(await keepShared(request), 303),
	'POST',
);
clientsClaim();

self.addEventListener('message', (event) => {
	// workbox-window says it once the person agreed to the update.
	if (typeof event.data === 'object' && event.data !== null && event.data.type === 'SKIP_WAITING')
		void self.skipWaiting();
});

self.addEventListener('push', (event) => {
	event.waitUntil(onPush(event.data?.text()));
});

self.addEventListener('notificationclick', (event) => {
	event.notification.close();
	const data: unknown = event.notification.data;
	const url = typeof data === 'object' && data !== null && 'url' in data ? data.url : undefined;
	event.waitUntil(openApp(typeof url === 'string' && isAppPath(url) ? url : '/'));
});

self.addEventListener('pushsubscriptionchange', (event) => {
	event.waitUntil(onSubscriptionChange(event));
});

async function onPush(text: string | undefined): Promise<void> {
	const patience = () => new Promise<void>((resolve) => setTimeout(resolve, OPEN_WITHIN_MS));
	const notice = await noticeOf({ openWake: openWakeHere, patience }, text);
	await show(notice);
	await tellPages({ type: 'pushed' });
}

async function show(notice: PushNotice): Promise<void> {
	await self.registration.showNotification(notice.title, {
		body: notice.body,
		tag: notice.tag,
		icon: '/icons/icon-192.png',
		badge: '/icons/badge-96.png',
		data: { url: notice.url },
	});
}

async function pages(): Promise<readonly WindowClient[]> {
	return self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

async function tellPages(message: WorkerMessage): Promise<void> {
	for (const page of await pages()) page.postMessage(message);
}

async function openApp(url: string): Promise<void> {
	const open = await pages();
	const page = open.find((one) => one.focused) ?? open.find((one) => one.visibilityState === 'visible') ?? open[0];
	if (!page) {
		await self.clients.openWindow(url);
		return;
	}
	// Focus first: the permission to do so is lost with the first await of anything else.
	const focused = await page.focus();
	focused.postMessage({ type: 'open', url } satisfies WorkerMessage);
}

/** Subscribes anew for the same relay key; only a page can tell the relay, at the latest when the app is next opened. */
async function onSubscriptionChange(event: Event): Promise<void> {
	const old = 'oldSubscription' in event ? event.oldSubscription : undefined;
	const applicationServerKey = old instanceof PushSubscription ? old.options.applicationServerKey : null;
	const hasNew = 'newSubscription' in event && event.newSubscription instanceof PushSubscription;
	if (!hasNew && applicationServerKey) {
		await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
	}
	await tellPages({ type: 'subscription-changed' });
}
