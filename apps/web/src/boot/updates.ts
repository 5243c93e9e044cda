import { createEmitter } from '@pocketeer/core/emitter';
import type { Log } from '@pocketeer/core/ports/log';
import type { Workbox } from 'workbox-window';
import type { Updates } from '../app.ts';

/** A day-long tab should learn of a new build, and a tab that is shown often should not ask each time. */
const ASK_AGAIN_MS = 60 * 60 * 1000;

/** Registers the service worker and tells when a newer build waits. Without service workers there are no updates to tell. */
export function createUpdates(log: Log): Updates {
	const changed = createEmitter<void>();
	let isWaiting = false;
	let workbox: Workbox | undefined;
	if ('serviceWorker' in navigator && import.meta.env.PROD) {
		void register().catch((cause: unknown) => {
			log.warn('service-worker-refused', { reason: cause instanceof Error ? cause.name : 'unknown' });
		});
	}
	return {
		isWaiting: () => isWaiting,
		subscribe: (listener) => changed.subscribe(listener),
		apply: () => workbox?.messageSkipWaiting(),
	};

	async function register(): Promise<void> {
		const loaded = await import('workbox-window');
		workbox = new loaded.Workbox('/sw.js');
		workbox.addEventListener('waiting', () => {
			isWaiting = true;
			changed.emit();
		});
		workbox.addEventListener('controlling', (event) => {
			// Also when another tab let the update in: this one's lazy parts are gone from the cache. `isUpdate` is false in
			// the page that registered the very first worker, however many builds followed.
			if (event.isUpdate || isWaiting) location.reload();
		});
		// Waits by itself until the page has loaded.
		await workbox.register();
		askNowAndThen(workbox);
	}
}

function askNowAndThen(workbox: Workbox): void {
	let asked = Date.now();
	document.addEventListener('visibilitychange', () => {
		if (document.visibilityState !== 'visible' || Date.now() - asked < ASK_AGAIN_MS) return;
		asked = Date.now();
		// Offline it rejects; the next time someone looks at the tab it is asked again.
		void workbox.update().catch(() => undefined);
	});
}
