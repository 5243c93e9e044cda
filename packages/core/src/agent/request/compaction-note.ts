import type { LineId } from '../../ids.ts';
import { isJsonObject } from '../../json.ts';
import type { StoreDep, StoreError } from '../../ports/store.ts';
import type { Result } from '../../result.ts';
import type { CompactionRecord } from '../../space/records.ts';

/** A call for a summary that is about to be sent: what its row needs should nobody hear its end. */
export type CompactionNote = Pick<CompactionRecord, 'id' | 'at' | 'model'>;

/** What this device's store keeps of the summary that is asked for on a line; one at a time, as the line is held. */
export interface CompactionNotes {
	/** From here on the call may be paid for, whatever becomes of this tab. */
	put(line: LineId, note: CompactionNote): Promise<Result<void, StoreError>>;
	read(line: LineId): Promise<CompactionNote | undefined>;
	/** The call is on the account. */
	drop(line: LineId): Promise<Result<void, StoreError>>;
}

/** Keeps the notes in a store's values: `compaction/<line>`. */
export function createCompactionNotes({ store }: StoreDep): CompactionNotes {
	const keyOf = (line: LineId) => `compaction/${line}`;
	return {
		put: (line, note) => store.putValues({ [keyOf(line)]: note }),
		async read(line) {
			const value = await store.value(keyOf(line));
			return value.ok ? readNote(value.value) : undefined;
		},
		drop: (line) => store.putValues({ [keyOf(line)]: undefined }),
	};
}

function readNote(value: unknown): CompactionNote | undefined {
	if (!isJsonObject(value)) return undefined;
	const { id, at, model } = value;
	return typeof id === 'string' && typeof at === 'number' && typeof model === 'string' ? { id, at, model } : undefined;
}
