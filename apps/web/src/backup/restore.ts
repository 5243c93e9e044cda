import type { BackupError, OpenBackup } from '@pocketeer/core/backup/open-backup';
import { fillStore, type RestoreProgress } from '@pocketeer/core/backup/restore-backup';
import { createDeviceIdentity } from '@pocketeer/core/crypto/device-keys';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import { newId, type RandomDep } from '@pocketeer/core/ports/random';
import type { StoreError } from '@pocketeer/core/ports/store';
import type { Result } from '@pocketeer/core/result';
import { BORN, storeName } from '../boot/open-space.ts';
import { removedKey } from '../boot/recovery.ts';
import { parseSettings } from '../boot/settings.ts';
import type { DeviceDb, KnownSpace } from '../platform/device-db.ts';
import { clearAway, type DatabasesDep, noteDatabases } from './databases.ts';
import { noteJoin } from './rejoin-later.ts';

export interface RestoreDeps extends ClockDep, RandomDep, DatabasesDep {
	readonly device: Pick<DeviceDb, 'jobs' | 'putJobs' | 'space' | 'keepSpace' | 'updateSettings'>;
	/** Lets go of the space that is open in this tab; nothing is written to it afterwards. */
	readonly close: () => Promise<void>;
}

export type RestoreError =
	| BackupError
	| StoreError
	/** The space is on this device already, and nobody said what is to become of it. */
	| { readonly type: 'SpaceIsHere' }
	/** Another tab restores or deletes a space at this moment. */
	| { readonly type: 'Busy' };

/**
 * Makes a backup's space the one that opens at start, as it was when the backup was made. It is put into a database of
 * its own, and the space stands on that from one moment to the next: until then, and wherever it is interrupted, all is
 * as it was. A space that is here already is replaced only when told to; this device stays in it who it was. Where it is
 * not, this is a new device of it, which `carryOnJoin` brings into the list of devices.
 */
export async function restoreSpace(
	deps: RestoreDeps,
	backup: OpenBackup,
	options: { readonly replace: boolean; readonly progress?: RestoreProgress },
): Promise<Result<void, RestoreError>> {
	const done = await deps.databases.alone(() => restoreAlone(deps, backup, options), { ifFree: true });
	return done ?? { ok: false, error: { type: 'Busy' } };
}

async function restoreAlone(
	deps: RestoreDeps,
	backup: OpenBackup,
	{ replace, progress }: { readonly replace: boolean; readonly progress?: RestoreProgress },
): Promise<Result<void, RestoreError>> {
	const { device } = deps;
	const { space: id } = backup.head;
	const present = await device.space(id);
	if (!present.ok) return present;
	if (present.value && !replace) return { ok: false, error: { type: 'SpaceIsHere' } };

	const name = `pocketeer-space-${id}-${newId(deps).slice(0, 8)}`;
	// One under the space's own name that nobody stands on is not ours to delete.
	const names = present.value ? [name, storeName(present.value)] : [name];
	const noted = await noteDatabases(deps, id, names);
	if (!noted.ok) return noted;
	const filled = await fillDatabase(deps, backup, name, progress);
	const kept = filled.ok ? await keep(deps, backup, name) : filled;
	if (kept.ok) await takeSettings(deps, backup);
	// The former database is deleted next, perhaps under this very tab.
	if (kept.ok && present.value) await deps.close();
	// Of the two databases, the one that the space does not stand on goes.
	await clearAway(deps);
	return kept;
}

async function fillDatabase(
	deps: RestoreDeps,
	backup: OpenBackup,
	name: string,
	progress: RestoreProgress | undefined,
): Promise<Result<void, RestoreError>> {
	const opened = await deps.databases.open(name);
	if (!opened.ok) return opened;
	using store = opened.value;
	const filled = await fillStore({ store }, backup, progress);
	if (!filled.ok) return filled;
	// Last of all: a database without this mark is not taken for a space.
	return await store.putValues({ [BORN]: deps.clock.now() });
}

async function keep(deps: RestoreDeps, backup: OpenBackup, name: string): Promise<Result<void, StoreError>> {
	const removed = await deps.device.jobs(removedKey(backup.head.space));
	if (!removed.ok) return removed;
	// Read again: while the database was filled, keys may have been renewed, or a removal begun.
	const before = await deps.device.space(backup.head.space);
	if (!before.ok) return before;
	// Who was removed from the space comes back as another device, or not at all.
	if (before.value && removed.value.size === 0) {
		return deps.device.keepSpace({ ...before.value, store: name }, { makeCurrent: true });
	}
	const noted = await noteJoin(deps, backup);
	if (!noted.ok) return noted;
	return deps.device.keepSpace(await newcomer(deps, backup, name), { makeCurrent: true });
}

/** This browser as a device that the space has not seen: two machines restored from one file are two devices. */
async function newcomer(deps: RestoreDeps, backup: OpenBackup, store: string): Promise<KnownSpace> {
	const { head, person, lists, ring } = backup;
	const list = lists.at(-1);
	if (!list) throw new Error('an opened backup has a list of devices');
	const identity = await createDeviceIdentity(deps);
	return { id: head.space, person, identity, ring, list, lists, since: deps.clock.now(), store };
}

/** Settings come along only where nobody has chosen any; a failure costs the theme. */
async function takeSettings({ device }: RestoreDeps, backup: OpenBackup): Promise<void> {
	if (backup.settings === undefined) return;
	const { model, theme } = parseSettings(backup.settings);
	const settings = { model: { ...model, apiKey: '' }, theme };
	await device.updateSettings((present) => present ?? settings);
}
