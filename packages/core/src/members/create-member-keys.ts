import { type Bytes, equalBytes } from '../bytes.ts';
import type { DeviceIdentity } from '../crypto/device-keys.ts';
import { type KeyRing, newestEpoch, openKeyRing } from '../crypto/key-ring.ts';
import { createEmitter } from '../emitter.ts';
import type { SpaceId } from '../ids.ts';
import { type DeviceList, readDeviceList, verifyDeviceList } from '../protocol/device-list.ts';
import { err, ok, type Result } from '../result.ts';
import type { MemberKeys, TakeError } from './member-keys.ts';
import type { MemberState, MemberStoreDep } from './member-store.ts';

/**
 * The membership of one space as this device knows it, over its store. `state` is what was read from the store; throws
 * when its newest list cannot be read, because nothing but our own bug or a damaged disk writes one.
 */
export function createMemberKeys(
	deps: MemberStoreDep,
	options: { readonly spaceId: SpaceId; readonly identity: DeviceIdentity; readonly state: MemberState },
): MemberKeys & Disposable {
	const { memberStore } = deps;
	const changed = createEmitter<void>();
	let present = known(options.state);
	// One after the other: each offer is verified against what the one before left.
	let queue: Promise<unknown> = Promise.resolve();
	const elsewhere = memberStore.subscribe(() => void refresh());

	return {
		get ring() {
			return present.state.ring;
		},
		get lists() {
			return present.state.lists;
		},
		get version() {
			return present.version;
		},
		take(lists) {
			const taken = queue.then(() => take(lists));
			queue = taken.catch(() => undefined);
			return taken;
		},
		subscribe: (listener) => changed.subscribe(listener),
		[Symbol.dispose]: () => elsewhere[Symbol.dispose](),
	};

	async function take(offered: readonly Bytes[]): Promise<Result<void, TakeError>> {
		for (;;) {
			const before = present;
			const lists = await extend(before.state.lists, offered);
			if (!lists.ok) return lists;
			if (lists.value === before.state.lists) return ok();
			const ring = await ringOf(lists.value, before.state.ring, options);
			if (!ring.ok) return ring;
			const next = { lists: lists.value, ring: ring.value };
			let isOvertaken = false;
			const kept = await memberStore.keep((there) => {
				isOvertaken = !sameLists(there.lists, before.state.lists);
				return isOvertaken ? there : { ...there, ...next };
			});
			if (!kept.ok) return kept;
			const seen = await refresh();
			if (!seen.ok) return seen;
			// Another tab took something first: what was offered is held against that.
			if (!isOvertaken) return ok();
		}
	}

	async function refresh(): ReturnType<typeof memberStore.read> {
		const read = await memberStore.read();
		if (!read.ok) return read;
		const next = known(read.value);
		// Two reads may answer out of order.
		const isNewer = next.version > present.version || next.state.lists.length > present.state.lists.length;
		if (!isNewer) return read;
		present = next;
		changed.emit();
		return read;
	}
}

/** Lists held together with the version of the newest. */
function known(state: MemberState): { readonly state: MemberState; readonly version: number } {
	const newest = readNewest(state.lists);
	if (!newest.ok) throw new Error(`the kept list of devices cannot be read: ${newest.error.type}`);
	return { state, version: newest.value.version };
}

/** The newest of kept lists, parsed. */
export function readNewest(lists: readonly Bytes[]): ReturnType<typeof readDeviceList> {
	return readDeviceList(lists.at(-1) ?? new Uint8Array(0));
}

/** `held` with every offered version that follows it, or that comes before it in the same chain; the very same array when nothing is new. */
async function extend(held: readonly Bytes[], offered: readonly Bytes[]): Promise<Result<readonly Bytes[], TakeError>> {
	let lists = held;
	const oldest = readDeviceList(held[0] ?? new Uint8Array(0));
	if (!oldest.ok) return oldest;
	const whole = oldest.value.version > 1 ? await chainOf(offered) : [];
	for (const bytes of offered) {
		const list = readDeviceList(bytes);
		if (!list.ok) return list;
		const index = list.value.version - oldest.value.version;
		if (index < 0) continue;
		const same = lists[index];
		if (same) {
			// Two different versions of one number: somebody signed twice, or the relay leads us aside (SY16).
			if (!equalBytes(same, bytes)) return err({ type: 'BrokenListChain' });
			continue;
		}
		const verified = await verifyDeviceList({ bytes, previous: lists.at(-1) });
		if (!verified.ok) return verified;
		lists = [...lists, bytes];
	}
	return ok(completed(lists, whole) ?? lists);
}

/** The offered lists when they are a proven chain from version 1 on. */
async function chainOf(offered: readonly Bytes[]): Promise<readonly Bytes[]> {
	const chain: Bytes[] = [];
	for (const bytes of offered) {
		if (!(await verifyDeviceList({ bytes, previous: chain.at(-1) })).ok) return [];
		chain.push(bytes);
	}
	return chain;
}

/** What was missing in front of ours, put there: a device that was paired holds the newest versions only. */
function completed(lists: readonly Bytes[], whole: readonly Bytes[]): readonly Bytes[] | undefined {
	const [first] = lists;
	if (!first || whole.length === 0) return undefined;
	const at = whole.findIndex((bytes) => equalBytes(bytes, first));
	return at > 0 ? [...whole.slice(0, at), ...lists] : undefined;
}

async function ringOf(
	lists: readonly Bytes[],
	ring: KeyRing,
	self: { readonly spaceId: SpaceId; readonly identity: DeviceIdentity },
): Promise<Result<KeyRing, TakeError>> {
	const list = readNewest(lists);
	if (!list.ok) return list;
	if (!list.value.devices.some(({ id }) => id === self.identity.id)) return err({ type: 'Removed' });
	if (list.value.epoch === newestEpoch(ring)) return ok(ring);
	const opened = await openOwnBox(list.value, self);
	return opened.ok && continues(opened.value, ring) ? opened : err({ type: 'BadBox' });
}

/** The ring that a list holds for this device: every key up to the list's epoch, or `BadBox`. */
export async function openOwnBox(
	list: DeviceList,
	self: { readonly spaceId: SpaceId; readonly identity: DeviceIdentity },
): Promise<Result<KeyRing, { readonly type: 'BadBox' }>> {
	const box = list.boxes[self.identity.id];
	if (box === undefined) return err({ type: 'BadBox' });
	const ring = await openKeyRing(box, { space: self.spaceId, recipient: self.identity.sealing });
	if (!ring.ok) return ring;
	return newestEpoch(ring.value) === list.epoch ? ring : err({ type: 'BadBox' });
}

/** Whether a ring holds all that the one before held: a key that changed would make what is there unreadable. */
function continues(next: KeyRing, before: KeyRing): boolean {
	return (
		equalBytes(next.nameKey, before.nameKey) &&
		before.epochs.every((epoch, index) => {
			const same = next.epochs[index];
			return same !== undefined && equalBytes(epoch, same);
		})
	);
}

function sameLists(a: readonly Bytes[], b: readonly Bytes[]): boolean {
	const [newestA, newestB] = [a.at(-1), b.at(-1)];
	return a.length === b.length && newestA !== undefined && newestB !== undefined && equalBytes(newestA, newestB);
}
