import { createEmitter } from '../emitter.ts';
import type { LineId, StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { StoreError } from '../ports/store.ts';
import { err, ok, type Result } from '../result.ts';
import type { RowReader } from './line-records.ts';
import {
	compareMonths,
	lastPartOf,
	type Month,
	type MonthDoc,
	monthOf,
	openMonthDoc,
	usableMoment,
} from './month-docs.ts';
import type { LineRecord } from './records.ts';
import type { DocsDep, OpenDoc, OpenLine } from './space.ts';

/** What an open line needs of the manifest. */
export interface LineHome {
	/** Months that hold records of this line, oldest first. */
	months(): readonly Month[];
	/** Makes a month known; call it before its first record shows. */
	addMonth(month: Month): void;
	/** Notes that the line holds a record of this moment. */
	touched(at: number, isOwn: boolean): void;
	saved(): ReturnType<OpenDoc['saved']>;
	subscribe(listener: () => void): Disposable;
}

/** Months loaded at once: the present one may have begun an hour ago. */
const FIRST_MONTHS = 2;

/** Opens a line at its newest months; months that others begin later come in by themselves. */
export async function createOpenLine(
	deps: DocsDep & ClockDep & LogDep,
	id: LineId,
	home: LineHome,
	reader: RowReader<LineRecord>,
): Promise<Result<OpenLine, StoreError>> {
	const changed = createEmitter<void>();
	const docs = new Map<Month, MonthDoc<LineRecord>>();
	const opening = new Map<Month, Promise<Result<MonthDoc<LineRecord>, StoreError>>>();
	let records: readonly LineRecord[] | undefined;
	let reported = 0;
	let isDisposed = false;

	const following = home.subscribe(() => void loadNewer());
	for (const month of home.months().slice(-FIRST_MONTHS)) {
		const loaded = await load(month);
		if (loaded.ok) continue;
		dispose();
		return loaded;
	}

	return ok({
		id,
		records() {
			records ??= byMonth().flatMap((doc) => doc.records());
			return records;
		},
		get needsUpdate() {
			return byMonth().some((doc) => doc.needsUpdate);
		},
		append,
		subscribe: (listener) => changed.subscribe(listener),
		get hasOlder() {
			return olderMonth() !== undefined;
		},
		async older() {
			const month = olderMonth();
			if (month === undefined) return ok();
			const loaded = await load(month);
			return loaded.ok ? ok() : loaded;
		},
		[Symbol.dispose]: dispose,
	});

	async function append(added: readonly LineRecord[]): Promise<Result<void, StoreError>> {
		const now = deps.clock.now();
		const known = home.months();
		const byMonths = Map.groupBy(added, (record) => lastPartOf(monthOf(usableMoment(record.at, now)), known));
		const opened: MonthDoc<LineRecord>[] = [];
		for (const month of byMonths.keys()) {
			const loaded = await load(month);
			if (!loaded.ok) return loaded;
			opened.push(loaded.value);
		}
		// From here to the last push nothing waits, so either all records show or none does.
		for (const doc of opened) home.addMonth(doc.month);
		for (const doc of opened) doc.push(byMonths.get(doc.month) ?? []);
		home.touched(Math.max(0, ...added.map((record) => usableMoment(record.at, now))), true);
		const saved = await Promise.all([...opened.map((doc) => doc.saved()), home.saved()]);
		return saved.find((result) => !result.ok) ?? ok();
	}

	/** Loads what became known of the newest months, and whatever is not older than what is shown. */
	async function loadNewer(): Promise<void> {
		const months = home.months();
		const oldest = byMonth()[0]?.month;
		// A device whose clock is behind may begin the month before the one that shows.
		const newest = new Set(months.slice(-FIRST_MONTHS));
		const wanted = months.filter((month) => newest.has(month) || (oldest && compareMonths(month, oldest) > 0));
		for (const month of wanted) {
			if (docs.has(month) || isDisposed) continue;
			const loaded = await load(month);
			if (!loaded.ok) deps.log.warn('line-month-unreadable', { reason: loaded.error.type });
		}
		// Also when nothing newer came: `hasOlder` may have become true.
		changed.emit();
	}

	function load(month: Month): Promise<Result<MonthDoc<LineRecord>, StoreError>> {
		const running = opening.get(month);
		if (running) return running;
		const load = loadMonth(month);
		opening.set(month, load);
		return load;
	}

	async function loadMonth(month: Month): Promise<Result<MonthDoc<LineRecord>, StoreError>> {
		const loaded = await openMonthDoc(deps, lineStream(id, month), { month, reader, changed: refresh });
		if (!loaded.ok) {
			opening.delete(month);
			return loaded;
		}
		if (isDisposed) {
			loaded.value[Symbol.dispose]();
			return err({ type: 'StoreUnavailable', reason: 'the line was closed' });
		}
		docs.set(month, loaded.value);
		refresh();
		return loaded;
	}

	function refresh(): void {
		records = undefined;
		const last = byMonth().at(-1)?.records().at(-1);
		if (last) home.touched(usableMoment(last.at, 0), false);
		const malformed = byMonth().reduce((sum, doc) => sum + doc.malformed, 0);
		if (malformed > reported) deps.log.warn('line-rows-malformed', { rows: malformed });
		reported = malformed;
		changed.emit();
	}

	function olderMonth(): Month | undefined {
		const oldest = byMonth()[0]?.month;
		return home.months().findLast((month) => oldest === undefined || compareMonths(month, oldest) < 0);
	}

	function byMonth(): readonly MonthDoc<LineRecord>[] {
		return [...docs.values()].sort((a, b) => compareMonths(a.month, b.month));
	}

	function dispose(): void {
		if (isDisposed) return;
		isDisposed = true;
		following[Symbol.dispose]();
		for (const doc of docs.values()) doc[Symbol.dispose]();
	}
}

/** Stream of one month of a line. */
export function lineStream(id: LineId, month: Month): StreamName {
	return `line/${id}/${month}` as StreamName;
}
