import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import type { StreamName } from '../ids.ts';
import type { StoreDep, StoreError, StreamPosition } from '../ports/store.ts';
import { emptyChain } from '../protocol/chain.ts';
import { ok, type Result } from '../result.ts';
import type { DocsDep } from '../space/space.ts';
import type { BackupRecord } from './backup-records.ts';
import { BACKED_UP_VALUES, DRAFT_PREFIX } from './collect-backup.ts';
import type { BackupError, OpenBackup } from './open-backup.ts';

/** Hears how many documents of how many are done. */
export type RestoreProgress = (done: number, of: number) => void;

/** A document that came from elsewhere: read the relay's log from its beginning and publish what it lacks (R7). */
const FROM_ELSEWHERE: StreamPosition = { seq: 0, chain: emptyChain(), tails: {}, republish: true };

/**
 * Puts a backup into an empty store. Not one transaction: a store that this did not answer ok for is to be thrown away.
 */
export function fillStore(
	{ store }: StoreDep,
	backup: OpenBackup,
	progress?: RestoreProgress,
): Promise<Result<void, BackupError | StoreError>> {
	let done = 0;
	return backup.read(async (record): Promise<Result<void, StoreError>> => {
		if (isKeptValue(record)) return store.putValues({ [record.key]: record.value });
		if (record.kind !== 'document') return ok();
		const { stream, update } = record;
		const put = await putDocument({ store }, stream, update);
		progress?.(++done, backup.counts.document);
		return put;
	});
}

/** Above, turning an update into the encoding of a row costs more than a second transaction on disk. */
const MOST_ROW_BYTES = 64 * 1024;

async function putDocument({ store }: StoreDep, stream: StreamName, update: Bytes): Promise<Result<void, StoreError>> {
	const isSmall = update.length <= MOST_ROW_BYTES;
	if (!isSmall) {
		const put = await store.compactDoc({ stream, snapshot: update, through: 0 });
		if (!put.ok) return put;
	}
	const updates = isSmall ? [new Uint8Array(Y.convertUpdateFormatV2ToV1(update))] : [];
	return store.appendRemote({ stream, updates, position: FROM_ELSEWHERE });
}

/**
 * Merges every document of a backup into the space that is open, as changes of this device: nothing is lost on either
 * side, nothing happens twice, and a merge that was interrupted is simply done again. Drafts that are here stay.
 */
export function mergeBackup(
	deps: DocsDep & StoreDep,
	backup: OpenBackup,
	progress?: RestoreProgress,
): Promise<Result<void, BackupError | StoreError>> {
	let done = 0;
	return backup.read(async (record): Promise<Result<void, StoreError>> => {
		// What is quarantined names places of a log, and this device has its own view of that.
		if (isKeptValue(record)) return record.key.startsWith(DRAFT_PREFIX) ? putUnlessThere(deps, record) : ok();
		if (record.kind !== 'document') return ok();
		const merged = await mergeDocument(deps, record);
		progress?.(++done, backup.counts.document);
		return merged;
	});
}

async function mergeDocument(
	{ docs }: DocsDep,
	{ stream, update }: BackupRecord & { kind: 'document' },
): Promise<Result<void, StoreError>> {
	const opened = await docs.open(stream);
	if (!opened.ok) return opened;
	using open = opened.value;
	// Not a local transaction: history must not take it for what the person typed here.
	Y.applyUpdateV2(open.doc, update, 'backup');
	// Awaited before the document is let go.
	return await open.saved();
}

async function putUnlessThere(
	{ store }: StoreDep,
	{ key, value }: BackupRecord & { kind: 'value' },
): Promise<Result<void, StoreError>> {
	const present = await store.value(key);
	if (!present.ok) return present;
	return present.value === undefined ? store.putValues({ [key]: value }) : ok();
}

function isKeptValue(record: BackupRecord): record is BackupRecord & { kind: 'value' } {
	return record.kind === 'value' && BACKED_UP_VALUES.some((prefix) => record.key.startsWith(prefix));
}
