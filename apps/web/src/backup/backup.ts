import { attemptBackup, backupRecords } from '@pocketeer/core/backup/collect-backup';
import { type OpenBackup, openBackup } from '@pocketeer/core/backup/open-backup';
import { mergeBackup, type RestoreProgress } from '@pocketeer/core/backup/restore-backup';
import { sealBackup } from '@pocketeer/core/backup/seal-backup';
import type { SpaceId, StreamName } from '@pocketeer/core/ids';
import type { Members } from '@pocketeer/core/members/members';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { DialerDep } from '@pocketeer/core/ports/socket';
import type { StoreDep } from '@pocketeer/core/ports/store';
import { readDeviceList } from '@pocketeer/core/protocol/device-list';
import { ok, type Result } from '@pocketeer/core/result';
import type { Space } from '@pocketeer/core/space/space';
import type { SyncDep } from '@pocketeer/core/sync/sync';
import type { Settings, SettingsState } from '../app.ts';
import type { DeviceDb, KnownSpace } from '../platform/device-db.ts';
import { memberStateOf } from '../platform/device-db.ts';
import { shortSpaceId } from '../shell/space-id.ts';
import { browserDatabases } from './databases.ts';
import { type DeleteDeps, deleteSpaceHere } from './delete-space.ts';
import { fetchMissing } from './named-streams.ts';
import { type RestoreDeps, restoreSpace } from './restore.ts';
import { backupSentence, type Problem, refused } from './sentences.ts';

/** Backup files of the open space, the way back from them, and the end of a space. Every problem is a sentence. */
export interface Backup {
	/** Fetches what is not on this device yet, then writes everything into one file. */
	save(progress?: RestoreProgress): Promise<Result<SavedBackup, Problem>>;
	/** When a backup was last saved on this device, ms since the epoch. */
	lastSaved(): Promise<number | undefined>;
	/** Opens a file with the words of its space and reads all of it; changes nothing. */
	open(file: Blob, words: string): Promise<Result<OpenedBackup, Problem>>;
	/** Takes up a space that is not on this device; reloads on success. */
	restore(opened: OpenedBackup, progress?: RestoreProgress): Promise<Result<void, Problem>>;
	/** Puts the backup in place of the space that is on this device; reloads on success. */
	replace(opened: OpenedBackup, progress?: RestoreProgress): Promise<Result<void, Problem>>;
	/** Merges it into the open space; `opened.place` must be `open`. */
	merge(opened: OpenedBackup, progress?: RestoreProgress): Promise<Result<void, Problem>>;
	/** Takes the open space off this device; reloads on success. */
	deleteHere(): Promise<Result<void, Problem>>;
	/** Deletes the open space at the relay, for everybody, then here; reloads on success. */
	deleteEverywhere(): Promise<Result<void, Problem>>;
}

export interface SavedBackup {
	readonly file: Blob;
	readonly name: string;
	/** Documents in it. */
	readonly documents: number;
	/** Documents of the space that are on no disk here and could not be fetched, or that cannot be read. */
	readonly missing: number;
}

/** A backup whose words were right. */
export interface OpenedBackup {
	readonly backup: OpenBackup;
	readonly space: SpaceId;
	/** Wall clock of the device that wrote it, ms since the epoch. */
	readonly created: number;
	readonly documents: number;
	/** What its writer did not have. */
	readonly missing: number;
	/** Whether its space is the open one, another of this device, or not on this device. */
	readonly place: 'open' | 'here' | 'elsewhere';
}

export interface BackupDeps extends RestoreDeps, StoreDep, SyncDep, LogDep, DialerDep {
	readonly device: DeviceDb;
	readonly known: KnownSpace;
	readonly space: Space;
	readonly settings: Pick<Settings, 'current'>;
	readonly members: () => Promise<Pick<Members, 'deleteAtRelay'>>;
	/** Puts what was typed and not kept yet on its way to the disk. */
	readonly flush: () => void;
	readonly localStorage: DeleteDeps['localStorage'];
	/** Starts the app anew. */
	readonly reload: () => void;
}

/** Key of the store: when a backup was last saved here. */
const LAST = 'backup/last';
const HOME = 'home' as StreamName;

/** The same over this browser's databases. */
export function createBackupHere(deps: Omit<BackupDeps, 'databases' | 'localStorage'>): Backup {
	const { localStorage } = globalThis;
	return createBackup({ ...deps, databases: browserDatabases(navigator.locks), localStorage });
}

/** The backups of one open space. */
export function createBackup(deps: BackupDeps): Backup {
	const reloadIf = <E>(done: Result<void, E>): Result<void, E> => {
		if (done.ok) deps.reload();
		return done;
	};
	const deleteHere = async () => described(await deleteSpaceHere(deps, deps.known));
	const restore = async (replace: boolean, { backup }: OpenedBackup, progress: RestoreProgress | undefined) =>
		reloadIf(described(await restoreSpace(deps, backup, { replace, ...(progress && { progress }) })));
	return {
		save: (progress) => save(deps, progress),
		async lastSaved() {
			const kept = await deps.store.value(LAST);
			return kept.ok && typeof kept.value === 'number' ? kept.value : undefined;
		},
		open: (file, words) => open(deps, file, words),
		restore: (opened, progress) => restore(false, opened, progress),
		replace: (opened, progress) => restore(true, opened, progress),
		async merge({ backup, place }, progress) {
			if (place !== 'open') return refused('Open the space of this backup first; then it can be merged into it.');
			const merged = await mergeBackup({ docs: deps.sync, store: deps.store }, backup, progress);
			return described(merged);
		},
		deleteHere: async () => reloadIf(await deleteHere()),
		async deleteEverywhere() {
			const members = await deps.members();
			const deleted = await members.deleteAtRelay();
			if (!deleted.ok) return described(deleted);
			const gone = await deleteHere();
			return gone.ok
				? reloadIf(gone)
				: refused(`It is deleted at the relay, but not on this device. ${gone.error.reason}`);
		},
	};
}

async function save(deps: BackupDeps, progress: RestoreProgress | undefined): Promise<Result<SavedBackup, Problem>> {
	const { store, known, clock } = deps;
	const newest = await deps.device.space(known.id);
	const { lists } = memberStateOf((newest.ok && newest.value) || known);
	const [first, last] = [lists[0], lists.at(-1)].map((bytes) => bytes && readDeviceList(bytes));
	if (!first?.ok || first.value.version !== 1 || !last?.ok) return refused(NO_CHAIN);
	const isKept = await allKept(deps);
	if (!isKept.ok) return isKept;
	const named = await fetchMissing({ ...deps, self: deps.space.self });
	if (!named.ok) return described(named);

	const created = clock.now();
	const { recoveryKey } = last.value;
	const settings = withoutSecrets(deps.settings.current());
	const counted = { documents: 0, missing: 0 };
	const content = { person: known.person, settings, named: named.value, ...(progress && { progress }) };
	const records = async function* () {
		for await (const record of backupRecords({ store }, content)) {
			if (record.kind === 'end') {
				counted.documents = record.counts.document;
				counted.missing = record.missing.length;
			}
			yield record;
		}
	};
	const target = { space: known.id, created, recoveryKey, identity: known.identity, lists };
	const written = await attemptBackup(async () => {
		const parts: Blob[] = [];
		// Each its own blob: browsers move blobs to disk, arrays stay in memory.
		for await (const part of sealBackup(deps, target, records())) parts.push(new Blob([part]));
		return new Blob(parts, { type: 'application/octet-stream' });
	});
	if (!written.ok) return described(written);
	const noted = await store.putValues({ [LAST]: created });
	// A backup that is there is better than a date.
	if (!noted.ok) deps.log.warn('backup.date-not-kept', { error: noted.error.type });

	return ok({ file: written.value, name: fileName(known.id, created), ...counted });
}

/** Resolves once everything typed so far is on disk. */
async function allKept({ sync, flush }: BackupDeps): Promise<Result<void, Problem>> {
	flush();
	const home = await sync.open(HOME);
	if (!home.ok) return described(home);
	using open = home.value;
	return described(await open.saved());
}

async function open(deps: BackupDeps, file: Blob, words: string): Promise<Result<OpenedBackup, Problem>> {
	const opened = await openBackup(file, words);
	if (!opened.ok) return described(opened);
	const { head, counts, missing } = opened.value;
	const known = await deps.device.space(head.space);
	if (!known.ok) return described(known);
	const place = head.space === deps.known.id ? 'open' : known.value ? 'here' : 'elsewhere';
	return ok({ backup: opened.value, ...head, documents: counts.document, missing: missing.length, place });
}

/** Only what is named here: the key of the model, and an address that may hold a password, never leave. */
export function withoutSecrets({ model, theme }: SettingsState): unknown {
	const url = URL.canParse(model.baseUrl) ? new URL(model.baseUrl) : undefined;
	const isPlain = url && !url.username && !url.password && !url.search && !url.hash;
	return { theme, model: { baseUrl: isPlain ? model.baseUrl : '', model: model.model } };
}

/** Such as `pocketeer-k7qm2xpd-2026-11-20.pocketeer`; the day is UTC. */
function fileName(id: SpaceId, created: number): string {
	return `pocketeer-${shortSpaceId(id)}-${new Date(created).toISOString().slice(0, 10)}.pocketeer`;
}

function described<T>(result: Result<T, Parameters<typeof backupSentence>[0]>): Result<T, Problem> {
	return result.ok ? result : refused(backupSentence(result.error));
}

const NO_CHAIN =
	'This device has not fetched the list of the space’s devices yet, which a backup must hold. Go online once and try again.';
