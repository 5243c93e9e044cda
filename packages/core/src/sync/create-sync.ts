import { createLeader } from './leader.ts';
import { createSyncTab, type SyncClient, type SyncDeps, type SyncOptions } from './sync-tab.ts';

export type { SyncClient, SyncDeps, SyncOptions } from './sync-tab.ts';

/** The sync client of a tab that has everything at hand; an app that starts fast loads the leader's part later. */
export function createSync(deps: SyncDeps, options: SyncOptions): SyncClient {
	return createSyncTab({ ...deps, loadLeader: () => createLeader }, options);
}
