import { createEmitter } from '../emitter.ts';
import type { MemberState, MemberStore } from '../members/member-store.ts';
import { err, ok } from '../result.ts';

/** A member store in memory, shared by whoever holds it as by the tabs of one device. */
export interface MemoryMemberStore extends MemberStore {
	readonly state: MemberState;
	/** Counts down with every `keep`; at 0 the store is dead, as if its device went off. Infinity at first. */
	keepsLeft: number;
}

/** Makes one that holds `state`. */
export function createMemoryMemberStore(state: MemberState): MemoryMemberStore {
	const changed = createEmitter<void>();
	let present = structuredClone(state);
	const store: MemoryMemberStore = {
		keepsLeft: Number.POSITIVE_INFINITY,
		get state() {
			return present;
		},
		read: async () => ok(structuredClone(present)),
		async keep(change) {
			if (store.keepsLeft <= 0) return err({ type: 'StoreUnavailable', reason: 'the device is off' });
			store.keepsLeft--;
			const next = change(present);
			if (next === present) return ok();
			present = structuredClone(next);
			changed.emit();
			return ok();
		},
		subscribe: (listener) => changed.subscribe(listener),
	};
	return store;
}
