import type { SpaceId, StreamName } from '@pocketeer/core/ids';
import { createMemberKeys } from '@pocketeer/core/members/create-member-keys';
import type { MemberKeys } from '@pocketeer/core/members/member-keys';
import type { MemberStore } from '@pocketeer/core/members/member-store';
import { type ClockDep, sleep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { DialerDep } from '@pocketeer/core/ports/socket';
import type { StoreError } from '@pocketeer/core/ports/store';
import type { Tabs } from '@pocketeer/core/ports/tabs';
import { err, ok, type Result } from '@pocketeer/core/result';
import { createSpace } from '@pocketeer/core/space/create-space';
import type { Space } from '@pocketeer/core/space/space';
import { createSyncTab, type SyncClient } from '@pocketeer/core/sync/sync-tab';
import { createTaskValidation, type TaskValidation } from '@pocketeer/core/tasks/task-validation';
import { type DeviceDb, type KnownSpace, memberStateOf } from '../platform/device-db.ts';
import { createDexieStore, type DexieStore } from '../platform/dexie-store.ts';
import { createMemberStore } from '../platform/member-store.ts';

/** Set in a space's store when it was made: a store without it was deleted, evicted or never finished. */
export const BORN = 'boot/born';
/** Set while a store made for a space that exists elsewhere has not yet received what the relay has. */
const EMPTY = 'boot/empty';
const HOME = 'home' as StreamName;
/** A relay that has not sent the manifest by then is not going to be waited for. */
const FILL_WITHIN_MS = 15_000;

/** Only the tab that leads needs it, and not before there is something to see. */
const loadLeader = () => import('@pocketeer/core/sync/leader').then(({ createLeader }) => createLeader);

/** One space, open in this tab. */
export interface OpenedSpace {
	readonly known: KnownSpace;
	readonly store: DexieStore;
	readonly tabs: Tabs;
	readonly sync: SyncClient;
	readonly space: Space;
	readonly validation: TaskValidation;
	readonly memberStore: MemberStore;
	readonly keys: MemberKeys;
	/** Lets go of the space: its connection and its database. */
	close(): Promise<void>;
}

export type OpenSpaceError =
	| StoreError
	/** The device belongs to this space, but what it kept of it is gone. */
	| { readonly type: 'StoreLost' }
	/** The store is new on this device and the relay did not send the space's contents. */
	| { readonly type: 'NotFilled' };

interface Deps extends ClockDep, RandomDep, LogDep, DialerDep {
	readonly device: DeviceDb;
	readonly openTabs: (id: SpaceId) => Tabs;
}

/** Makes the store of a space that was just founded (`isEmpty` false) or that the relay is to fill. */
export async function createSpaceStore(
	deps: ClockDep,
	id: SpaceId,
	options: { readonly isEmpty: boolean },
): Promise<Result<void, StoreError>> {
	const opened = await createDexieStore(storeName({ id }));
	if (!opened.ok) return opened;
	using store = opened.value;
	// Awaited here: at the end of this function the store is closed.
	return await store.putValues({ [BORN]: deps.clock.now(), [EMPTY]: options.isEmpty ? true : undefined });
}

/** Makes the store anew where it is lost, to be filled by the relay; leaves one that is there as it is. */
export async function ensureSpaceStore(
	deps: ClockDep,
	known: Pick<KnownSpace, 'id' | 'store'>,
): Promise<Result<void, StoreError>> {
	const opened = await createDexieStore(storeName(known));
	if (!opened.ok) return opened;
	using store = opened.value;
	const born = await store.value(BORN);
	if (!born.ok) return born;
	return born.value === undefined ? await store.putValues({ [BORN]: deps.clock.now(), [EMPTY]: true }) : ok();
}

/** Opens a space that this device belongs to. An empty store is never taken for an empty space. */
export async function openSpace(
	deps: Deps,
	known: KnownSpace,
	relay: { readonly url: string; readonly invite: string | undefined },
): Promise<Result<OpenedSpace, OpenSpaceError>> {
	const opened = await createDexieStore(storeName(known));
	if (!opened.ok) return opened;
	const store = opened.value;
	const born = await store.value(BORN);
	if (!born.ok || born.value === undefined) {
		store[Symbol.dispose]();
		return born.ok ? err({ type: 'StoreLost' }) : born;
	}

	const tabs = deps.openTabs(known.id);
	const memberStore = createMemberStore(deps.device, known.id);
	const { identity } = known;
	const keys = createMemberKeys({ memberStore }, { spaceId: known.id, identity, state: memberStateOf(known) });
	const sync = createSyncTab(
		{ ...deps, store, tabs, loadLeader },
		{
			relayUrl: relay.url,
			spaceId: known.id,
			identity,
			keys,
			invite: relay.invite,
		},
	);
	const close = async () => {
		await sync[Symbol.asyncDispose]();
		for (const part of [keys, memberStore, store]) part[Symbol.dispose]();
	};
	const filled = await fill({ ...deps, store, sync });
	if (!filled.ok) {
		await close();
		return filled;
	}

	const validation = createTaskValidation();
	const self = { device: known.identity.id, person: known.person };
	const space = await createSpace({ ...deps, docs: sync, self }, { validate: validation.validate });
	if (!space.ok) {
		await close();
		return space;
	}
	return ok({
		...{ known, store, tabs, sync, space: space.value, validation, memberStore, keys },
		async close() {
			space.value[Symbol.dispose]();
			await close();
		},
	});
}

/** On a device that just joined: nothing is shown or written before the space's manifest is here. */
async function fill(
	deps: ClockDep & { readonly store: DexieStore; readonly sync: SyncClient },
): Promise<Result<void, OpenSpaceError>> {
	const empty = await deps.store.value(EMPTY);
	if (!empty.ok) return empty;
	if (empty.value === undefined) return ok();
	const home = await deps.sync.open(HOME);
	if (!home.ok) return home;
	using _ = home.value;
	const patience = new AbortController();
	await Promise.race([deps.sync.caughtUp(HOME), sleep(deps, FILL_WITHIN_MS, patience.signal)]);
	patience.abort();
	const hasManifest = home.value.doc.store.clients.size > 0;
	if (!hasManifest || deps.sync.status.connection.type !== 'online') return err({ type: 'NotFilled' });
	return deps.store.putValues({ [EMPTY]: undefined });
}

/** Name of a space's database on this device. */
export function storeName({ id, store }: Pick<KnownSpace, 'id' | 'store'>): string {
	return store ?? `pocketeer-space-${id}`;
}
