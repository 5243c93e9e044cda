import * as Y from 'yjs';
import type { Bytes } from '../bytes.ts';
import { COPY_PREFIX } from '../forms/forms.ts';
import type { PersonId, StreamName } from '../ids.ts';
import type { StoreDep, StoredDoc, StoreError } from '../ports/store.ts';
import { err, ok, type Result } from '../result.ts';
import { QUARANTINE_PREFIX } from '../sync/quarantine.ts';
import type { BackupRecord } from './backup-records.ts';

/** What goes into a backup besides what the store keeps. */
export interface BackupContent {
	/** For whom this device acts. */
	readonly person: PersonId;
	/** JSON of the device's settings without anything secret; left out when undefined. */
	readonly settings: unknown;
	/** Streams that the manifest names: those that are not in the store are reported as missing. */
	readonly named: readonly StreamName[];
	/** Hears how many documents of how many are done. */
	readonly progress?: (done: number, of: number) => void;
}

/** What was typed and not sent, by line. */
export const DRAFT_PREFIX = 'draft/';

/** Values of the store that belong to the space and not to this one device, by the beginning of their keys. */
export const BACKED_UP_VALUES = [DRAFT_PREFIX, QUARANTINE_PREFIX, COPY_PREFIX] as const;

/** The manifest: restored last, so that no file is ever named before its text is there. */
const HOME = 'home' as StreamName;

/** Thrown by `backupRecords` when the store does not answer; who writes the file catches it with `attemptBackup`. */
class CollectFault extends Error {
	readonly error: StoreError;
	constructor(error: StoreError) {
		super(error.type);
		this.error = error;
	}
}

/** Runs what consumes `backupRecords` and turns a store that does not answer into an error. */
export async function attemptBackup<T>(write: () => Promise<T>): Promise<Result<T, StoreError>> {
	try {
		return ok(await write());
	} catch (cause) {
		if (cause instanceof CollectFault) return err(cause.error);
		throw cause;
	}
}

/**
 * Everything of a space as records, one document in memory at a time. A document that cannot be read is left out and
 * named as missing, so that one damaged row does not cost the backup of all others.
 */
export async function* backupRecords({ store }: StoreDep, content: BackupContent): AsyncGenerator<BackupRecord> {
	const here = orFault(await store.streams());
	const streams = [...new Set([...here, ...content.named])].filter((stream) => stream !== HOME);
	streams.push(HOME);
	yield { kind: 'about', person: content.person, documents: streams.length };
	if (content.settings !== undefined) yield { kind: 'settings', settings: content.settings };

	const counts = { value: 0, document: 0, blob: 0 };
	for (const prefix of BACKED_UP_VALUES) {
		for (const [key, value] of orFault(await store.values(prefix))) {
			yield { kind: 'value', key, value };
			counts.value++;
		}
	}
	const named = new Set(content.named);
	const missing: StreamName[] = [];
	for (const [index, stream] of streams.entries()) {
		content.progress?.(index, streams.length);
		const stored = await store.loadDoc(stream);
		if (!stored.ok && stored.error.type !== 'CorruptRow') throw new CollectFault(stored.error);
		const update = stored.ok ? wholeOf(stored.value) : undefined;
		if (update) {
			yield { kind: 'document', stream, update };
			counts.document++;
		} else if (!stored.ok || named.has(stream)) missing.push(stream);
	}
	content.progress?.(streams.length, streams.length);
	yield { kind: 'end', counts, missing };
}

/** One update of all that is stored, deletions and what waits for others included; undefined for nothing, or for what cannot be applied. */
function wholeOf({ snapshot, updates }: StoredDoc): Bytes | undefined {
	if (updates.length === 0) return snapshot;
	// Without collecting: what was deleted since the last compaction stays as the store has it.
	const doc = new Y.Doc({ gc: false });
	try {
		doc.transact(() => {
			if (snapshot) Y.applyUpdateV2(doc, snapshot);
			for (const update of updates) Y.applyUpdate(doc, update);
		});
		return new Uint8Array(Y.encodeStateAsUpdateV2(doc));
	} catch {
		return undefined;
	} finally {
		doc.destroy();
	}
}

function orFault<T>(result: Result<T, StoreError>): T {
	if (!result.ok) throw new CollectFault(result.error);
	return result.value;
}
