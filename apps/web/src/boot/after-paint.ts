import type { Members } from '@pocketeer/core/members/members';
import { carryOn } from '../backup/carry-on.ts';
import { browserDatabases } from '../backup/databases.ts';
import { browserName } from '../platform/browser-name.ts';
import type { OpenedSpace } from './open-space.ts';
import { writeOwnNames } from './own-names.ts';
import { keepProfile } from './profile.ts';
import { noteRemoved, type RecoveryDeps } from './recovery.ts';
import { keepSpaceNamed } from './spaces.ts';

/**
 * What every start does and nobody waits for: names and profile in the space, and the end of what an earlier tab left
 * undone: a restore, a deletion, a removal.
 */
export async function afterPaint(
	deps: RecoveryDeps,
	opened: OpenedSpace,
	options: { readonly members: () => Promise<Members>; readonly reload: () => void },
): Promise<void> {
	const { known, space } = opened;
	watchRemoval(deps, opened);
	await writeOwnNames(deps.device, known.id, space, browserName(navigator.userAgent));
	keepProfile(deps, space);
	await keepSpaceNamed(deps.device, known, space.directory);

	const join = await carryOn({ ...deps, databases: browserDatabases(navigator.locks) }, known);
	// On the list from now on; what this tab opened with says otherwise.
	if (join.type === 'joined') return options.reload();
	if (known.removal) await (await options.members()).resume();
}

/** Remembers when the space has removed this device; one that is only on its way in was not. */
function watchRemoval({ device }: RecoveryDeps, { known, sync }: OpenedSpace): void {
	const look = async () => {
		const { connection } = sync.status;
		if (connection.type !== 'refused' || connection.code !== 'not-a-device') return;
		const joins = await device.jobs(`join/${known.id}`);
		if (joins.ok && joins.value.size === 0) await noteRemoved(device, known.id);
	};
	sync.subscribe(() => void look());
	void look();
}
