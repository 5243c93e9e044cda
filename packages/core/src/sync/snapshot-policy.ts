import type { StreamName } from '../ids.ts';

/** What the relay keeps of a stream, as `head` says it. */
export interface LogSizes {
	/** Up to where the newest snapshot covers the log, and its bytes; 0 where there is none. */
	readonly covered: number;
	readonly snapshotBytes: number;
	/** Bytes of the entries behind it. */
	readonly tailBytes: number;
}

const KILOBYTE = 1024;
/** A document below it is small: uploading it again costs little, and saves those that join many entries. */
const SMALL_SNAPSHOT = 64 * KILOBYTE;
/** Fewer bytes of entries are read as quickly as a snapshot. */
const LEAST_TAIL = 8 * KILOBYTE;
/** A history only grows and is seldom opened. */
const LEAST_HISTORY = 256 * KILOBYTE;

/**
 * Whether a stream's log is long enough to be replaced by a snapshot (SY12). By bytes, since to compact by the number
 * of entries uploads two to five times as much; and always only once the log doubled.
 */
export function isWorthSnapshot(stream: StreamName, sizes: LogSizes, now: number): boolean {
	if (isGrowing(stream, now) || isBlob(stream)) return false;
	const least = stream.startsWith('history/') ? LEAST_HISTORY : LEAST_TAIL;
	const isSmall = sizes.snapshotBytes < SMALL_SNAPSHOT;
	return sizes.tailBytes > Math.max(isSmall ? least : Math.max(least, SMALL_SNAPSHOT), sizes.snapshotBytes);
}

/** Written once: a snapshot would hold the same bytes again, and replace nothing smaller. */
function isBlob(stream: StreamName): boolean {
	return stream.startsWith('blob/');
}

/** Months of lines and runs are added to until they are over, by UTC; each snapshot of one would hold all before it. */
function isGrowing(stream: StreamName, now: number): boolean {
	const [, month] = /^(?:line\/.+|runs)\/(\d{4}-\d{2})$/.exec(stream) ?? [];
	return month !== undefined && month >= new Date(now).toISOString().slice(0, 7);
}
