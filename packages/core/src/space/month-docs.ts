import type * as Y from 'yjs';
import type { StreamName } from '../ids.ts';
import type { StoreError } from '../ports/store.ts';
import { ok, type Result } from '../result.ts';
import type { RowReader } from './line-records.ts';
import type { DocsDep, OpenDoc } from './space.ts';

/**
 * A calendar month in UTC, `yyyy-mm`, or a later part of one, `yyyy-mm.2` and up. This version begins no parts; where
 * there are some, it reads them all, in their order, and writes to the last.
 */
export type Month = string;

/** The month of a moment (ms since the epoch). */
export function monthOf(atMs: number): Month {
	return new Date(atMs).toISOString().slice(0, 7);
}

/** Whether a text names a month or a part of one. */
export function isMonth(text: string): boolean {
	return /^\d{4}-(0[1-9]|1[0-2])(\.([2-9]|[1-9]\d{1,4}))?$/.test(text);
}

/** Sorts months from old to new, the parts of one by number. */
export function compareMonths(a: Month, b: Month): number {
	const [monthA, monthB] = [a.slice(0, 7), b.slice(0, 7)];
	if (monthA !== monthB) return monthA < monthB ? -1 : 1;
	return partOf(a) - partOf(b);
}

function partOf(month: Month): number {
	return month.length > 7 ? Number(month.slice(8)) : 1;
}

/** The last part known of a whole month, or the month itself: where its rows are added. */
export function lastPartOf(whole: Month, known: readonly Month[]): Month {
	return known.filter((month) => month.startsWith(`${whole}.`)).reduce((last, month) => laterOf(last, month), whole);
}

function laterOf(a: Month, b: Month): Month {
	return compareMonths(a, b) < 0 ? b : a;
}

/** A moment that a month can be told of: what the record says or, if that is out of reach, the clock. */
export function usableMoment(atMs: number, nowMs: number): number {
	const isUsable = Number.isFinite(atMs) && atMs >= 0 && atMs < Date.UTC(10_000, 0, 1);
	return isUsable ? atMs : nowMs;
}

/** One month's document of immutable rows, open. */
export interface MonthDoc<T> extends Disposable {
	readonly month: Month;
	/** The same array until a row came. */
	records(): readonly T[];
	readonly malformed: number;
	readonly needsUpdate: boolean;
	push(rows: readonly T[]): void;
	saved(): Promise<Result<void, StoreError>>;
}

/** Opens `<prefix>/<month>` and calls `changed` after each transaction that brought rows. */
export async function openMonthDoc<T>(
	deps: DocsDep,
	stream: StreamName,
	options: { readonly month: Month; readonly reader: RowReader<T>; readonly changed: () => void },
): Promise<Result<MonthDoc<T>, StoreError>> {
	const opened = await deps.docs.open(stream);
	if (!opened.ok) return opened;
	return ok(createMonthDoc(opened.value, options));
}

function createMonthDoc<T>(
	open: OpenDoc,
	{ month, reader, changed }: { readonly month: Month; readonly reader: RowReader<T>; readonly changed: () => void },
): MonthDoc<T> {
	const rows: Y.Array<unknown> = open.doc.getArray('records');
	let read = reader.read(rows.toArray());
	const observer = () => {
		read = reader.read(rows.toArray());
		changed();
	};
	rows.observe(observer);
	return {
		month,
		records: () => read.records,
		get malformed() {
			return read.malformed;
		},
		get needsUpdate() {
			return read.needsUpdate;
		},
		push: (records) => rows.push([...records]),
		saved: () => open.saved(),
		[Symbol.dispose]() {
			rows.unobserve(observer);
			open[Symbol.dispose]();
		},
	};
}
