import { createEmitter } from '@pocketeer/core/emitter';
import { type ClockDep, sleep } from '@pocketeer/core/ports/clock';
import { err, ok } from '@pocketeer/core/result';
import type { RelayError, SyncDep } from '@pocketeer/core/sync/sync';
import type { Push, PushState } from '../app.ts';
import type { PushPlatform } from './platform.ts';

/** A relay that is there names its key within this time; longer, and the person should hear why nothing happens. */
const KEY_WITHIN_MS = 10_000;

interface Deps extends SyncDep, ClockDep {
	readonly platform: PushPlatform;
	/** Whether the person switched notifications on here; a permission alone may stem from another time. */
	readonly wanted: { read(): Promise<boolean>; keep(isWanted: boolean): Promise<void> };
}

/** Notifications of this device. `recheck` looks whether the browser still holds the subscription; call it at each start. */
export function createPush(deps: Deps): Push & { recheck(): Promise<void> } {
	const changed = createEmitter<void>();
	let state = initial(deps.platform);
	const become = (next: PushState): PushState => {
		state = next;
		changed.emit();
		return next;
	};

	const subscribe = async (): Promise<PushState> => {
		const vapidKey = await relayKey(deps);
		if (vapidKey === undefined) {
			return {
				type: 'failed',
				reason: 'The relay cannot be reached. Notifications need it: try again when you are online.',
			};
		}
		const subscription = await deps.platform.subscribe(vapidKey);
		if (!subscription.ok) return { type: 'failed', reason: subscription.error.reason };
		return registered(await deps.sync.registerPush(subscription.value));
	};

	return {
		current: () => state,
		subscribe: (listener) => changed.subscribe(listener),
		async enable() {
			const unsupported = deps.platform.unsupportedReason();
			if (unsupported !== undefined) return become({ type: 'unsupported', reason: unsupported });
			// First of all, nothing awaited before: browsers ask only in answer to a click.
			const permission = await deps.platform.requestPermission();
			if (permission !== 'granted') return become({ type: permission === 'denied' ? 'denied' : 'off' });
			await deps.wanted.keep(true);
			return become(await subscribe());
		},
		async test() {
			const sent = await deps.sync.testPush();
			return sent.ok ? ok() : err({ reason: relayReason(sent.error) });
		},
		async recheck() {
			if (initial(deps.platform).type !== 'off' || deps.platform.permission() !== 'granted') return;
			if (await deps.wanted.read()) become(await subscribe());
		},
	};
}

function initial(platform: PushPlatform): PushState {
	const unsupported = platform.unsupportedReason();
	if (unsupported !== undefined) return { type: 'unsupported', reason: unsupported };
	return platform.permission() === 'denied' ? { type: 'denied' } : { type: 'off' };
}

function registered(answer: Awaited<ReturnType<SyncDep['sync']['registerPush']>>): PushState {
	if (answer.ok) return { type: 'on' };
	// Remembered by sync and told at the next connection, by whichever tab has it.
	if (answer.error.type === 'Offline') return { type: 'on' };
	return { type: 'failed', reason: relayReason(answer.error) };
}

function relayReason(error: RelayError): string {
	if (error.type === 'Offline') return 'There is no connection to the relay right now.';
	return `The relay refused: ${error.message}`;
}

/** The relay's VAPID key, waited for while the connection is being made; undefined when it does not come. */
async function relayKey(deps: SyncDep & ClockDep): Promise<string | undefined> {
	if (deps.sync.status.vapidKey !== undefined) return deps.sync.status.vapidKey;
	const arrived = new AbortController();
	const listening = deps.sync.subscribe((status) => status.vapidKey !== undefined && arrived.abort());
	await sleep(deps, KEY_WITHIN_MS, arrived.signal);
	listening[Symbol.dispose]();
	return deps.sync.status.vapidKey;
}
