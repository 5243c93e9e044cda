import type { SpaceId } from '@pocketeer/core/ids';
import type { MemberStore } from '@pocketeer/core/members/member-store';
import { err, ok } from '@pocketeer/core/result';
import { type DeviceDb, memberStateOf } from './device-db.ts';

/** The membership of one space in this profile's database; a BroadcastChannel tells the other tabs. Dispose of it to hear no more. */
export function createMemberStore(db: DeviceDb, id: SpaceId): MemberStore & Disposable {
	const channel = new BroadcastChannel(`pocketeer-members-${id}`);
	const listeners = new Set<() => void>();
	const tell = () => {
		for (const listener of [...listeners]) listener();
	};
	channel.addEventListener('message', tell);
	return {
		async read() {
			const space = await db.space(id);
			if (!space.ok) return space;
			if (space.value) return ok(memberStateOf(space.value));
			return err({ type: 'StoreUnavailable', reason: 'This device is not in the space any more.' });
		},
		async keep(change) {
			let isChanged = false;
			const kept = await db.keepKeys(id, (present) => {
				const next = change(present);
				isChanged = next !== present;
				return next;
			});
			if (!kept.ok || !isChanged) return kept;
			channel.postMessage(null);
			tell();
			return kept;
		},
		subscribe(listener) {
			const own = () => listener();
			listeners.add(own);
			return { [Symbol.dispose]: () => void listeners.delete(own) };
		},
		[Symbol.dispose]() {
			listeners.clear();
			channel.close();
		},
	};
}
