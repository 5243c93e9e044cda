import type { ClaimStoreDep } from './claim-store.ts';
import { createSqliteClaimStore } from './claim-store.ts';
import type { Database } from './database.ts';
import type { DeletionStoreDep } from './deletion-store.ts';
import { createSqliteDeletionStore } from './deletion-store.ts';
import type { InviteStoreDep } from './invite-store.ts';
import { createSqliteInviteStore } from './invite-store.ts';
import type { LogStoreDep } from './log-store.ts';
import type { PushStoreDep } from './push-store.ts';
import { createSqlitePushStore } from './push-store.ts';
import type { SeenStoreDep } from './seen-store.ts';
import { createSqliteSeenStore } from './seen-store.ts';
import type { SpaceStoreDep } from './space-store.ts';
import { createSqliteSpaceStore } from './space-store.ts';
import { createSqliteLogStore } from './sqlite-log-store.ts';
import type { WakeStoreDep } from './wake-store.ts';
import { createSqliteWakeStore } from './wake-store.ts';

/** Everything that a relay keeps. */
export type RelayStores = LogStoreDep &
	SpaceStoreDep &
	SeenStoreDep &
	DeletionStoreDep &
	InviteStoreDep &
	WakeStoreDep &
	PushStoreDep &
	ClaimStoreDep;

export interface StoresOptions {
	/** Bytes one space may keep; default LIMITS.spaceBytes. */
	readonly quotaBytes?: number;
}

/** All of it in one SQLite file. `defer` lets others work between the steps of something long. */
export function createSqliteStores(
	deps: { readonly database: Database; readonly defer?: (run: () => void) => void },
	options: StoresOptions = {},
): RelayStores {
	return {
		logStore: createSqliteLogStore(deps, options),
		spaceStore: createSqliteSpaceStore(deps),
		seenStore: createSqliteSeenStore(deps),
		deletionStore: createSqliteDeletionStore(deps),
		inviteStore: createSqliteInviteStore(deps),
		wakeStore: createSqliteWakeStore(deps),
		pushStore: createSqlitePushStore(deps),
		claimStore: createSqliteClaimStore(deps),
	};
}
