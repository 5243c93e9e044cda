import { toBase64Url } from '../bytes.ts';
import type { DeviceId } from '../ids.ts';
import type { ClientMessage, RelayMessage } from '../protocol/messages.ts';
import type { RelaySpace } from './memory-relay.ts';

/** The memory relay's wakes, pushes and claims; undefined refuses. */
export function answerService(space: RelaySpace, device: DeviceId, message: ClientMessage): RelayMessage | undefined {
	switch (message.type) {
		case 'wake-put': {
			const { wake } = message;
			const present = space.wakes.get(wake.id);
			if (!present || present.revision <= wake.revision) space.wakes.set(wake.id, wake);
			return { type: 'wake-kept', id: wake.id, revision: Math.max(present?.revision ?? 0, wake.revision) };
		}
		case 'wake-drop':
			space.wakes.delete(message.id);
			return { type: 'wake-kept', id: message.id, revision: message.revision };
		case 'wake-list':
			return {
				type: 'wakes',
				wakes: [...space.wakes.values()].map(({ id, revision }) => ({ id, revision, next: 1 })),
			};
		case 'push-put':
			if (message.subscription.endpoint.startsWith('http:')) return undefined;
			space.subscriptions.set(device, message.subscription);
			return { type: 'push-kept' };
		case 'push-test':
			return { type: 'push-tested', status: space.subscriptions.has(device) ? 201 : 0 };
		case 'claim':
		case 'claim-done': {
			const key = toBase64Url(message.occurrence);
			const fence = message.type === 'claim' ? claim(space, key, device) : finish(space, key, message.fence);
			return { type: 'claimed', occurrence: message.occurrence, fence };
		}
		default:
			return undefined;
	}
}

function claim(space: RelaySpace, key: string, device: DeviceId): number {
	const present = space.claims.get(key);
	if (present && (present.isDone || present.device !== device)) return 0;
	const fence = present?.fence ?? 1;
	space.claims.set(key, { device, fence, isDone: false });
	return fence;
}

function finish(space: RelaySpace, key: string, fence: number): number {
	const present = space.claims.get(key);
	if (present?.fence !== fence) return 0;
	space.claims.set(key, { ...present, isDone: true });
	return fence;
}
