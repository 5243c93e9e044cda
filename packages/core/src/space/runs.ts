import { createEmitter } from '../emitter.ts';
import type { StreamName } from '../ids.ts';
import type { ClockDep } from '../ports/clock.ts';
import type { LogDep } from '../ports/log.ts';
import type { StoreError } from '../ports/store.ts';
import { ok, type Result } from '../result.ts';
import type { Home } from './home.ts';
import { createRunReader } from './line-records.ts';
import {
	compareMonths,
	isMonth,
	lastPartOf,
	type Month,
	type MonthDoc,
	monthOf,
	openMonthDoc,
	usableMoment,
} from './month-docs.ts';
import type { RunRecord } from './records.ts';
import type { DocsDep, Runs } from './space.ts';

/** Months kept open and followed once read, like those written to; of older ones only the ids are remembered. */
const FOLLOWED_MONTHS = 2;

/** Makes the account of turns over an open manifest. */
export function createRuns(deps: DocsDep & ClockDep & LogDep, home: Home): Runs & Disposable {
	const reader = createRunReader();
	const changed = createEmitter<void>();
	const followed = new Map<Month, Promise<Result<MonthDoc<RunRecord>, StoreError>>>();
	const idsByMonth = new Map<Month, ReadonlySet<string>>();
	home.runMonths.changed.subscribe(() => changed.emit());

	return {
		async append(run) {
			const month = lastPartOf(monthOf(usableMoment(run.started, deps.clock.now())), months());
			const opened = await follow(month);
			if (!opened.ok) return opened;
			const doc = opened.value;
			home.runMonths.add(month);
			doc.push([run]);
			const [rows, manifest] = await Promise.all([doc.saved(), home.saved()]);
			return rows.ok ? manifest : rows;
		},
		async recent(limit) {
			const runs = new Map<string, RunRecord>();
			for (const month of months()) {
				if (runs.size >= limit) break;
				const read = await readMonth(month);
				if (!read.ok) return read;
				for (const run of read.value) keepLatest(runs, run);
			}
			return ok([...runs.values()].sort((a, b) => b.started - a.started).slice(0, limit));
		},
		async since(at) {
			const runs = new Map<string, RunRecord>();
			for (const month of months()) {
				if (compareMonths(lastMonthBefore(at), month) > 0) break;
				const read = await readMonth(month);
				if (!read.ok) return read;
				for (const run of read.value) if (run.ended >= at) keepLatest(runs, run);
			}
			return ok([...runs.values()]);
		},
		async has(id) {
			for (const month of months()) {
				const ids = idsByMonth.get(month) ?? (await readIds(month));
				if (ids?.has(id)) return true;
			}
			return false;
		},
		subscribe: (listener) => changed.subscribe(listener),
		[Symbol.dispose]() {
			for (const opening of followed.values()) void opening.then((doc) => doc.ok && doc.value[Symbol.dispose]());
			followed.clear();
		},
	};

	/** Newest first. */
	function months(): readonly Month[] {
		return [...home.runMonths.names()].filter(isMonth).sort(compareMonths).reverse();
	}

	async function readIds(month: Month): Promise<ReadonlySet<string> | undefined> {
		const read = await readMonth(month);
		if (!read.ok) {
			deps.log.warn('runs-unreadable', { reason: read.error.type });
			return undefined;
		}
		const ids = new Set(
			read.value.flatMap(({ id, trigger }) => ('occurrence' in trigger ? [id, trigger.occurrence] : [id])),
		);
		idsByMonth.set(month, ids);
		return ids;
	}

	async function readMonth(month: Month): Promise<Result<readonly RunRecord[], StoreError>> {
		if (followed.has(month) || months().indexOf(month) < FOLLOWED_MONTHS) {
			const opened = await follow(month);
			return opened.ok ? ok(opened.value.records()) : opened;
		}
		const opened = await openMonth(month);
		if (!opened.ok) return opened;
		using doc = opened.value;
		return ok(doc.records());
	}

	/** Opens a month for as long as the space is open. */
	async function follow(month: Month): Promise<Result<MonthDoc<RunRecord>, StoreError>> {
		const opening = followed.get(month) ?? openMonth(month);
		followed.set(month, opening);
		const opened = await opening;
		if (!opened.ok) followed.delete(month);
		return opened;
	}

	function openMonth(month: Month): Promise<Result<MonthDoc<RunRecord>, StoreError>> {
		const forget = () => {
			idsByMonth.delete(month);
			changed.emit();
		};
		return openMonthDoc(deps, `runs/${month}` as StreamName, { month, reader, changed: forget });
	}
}

/** Rows stand where their turn began: one that waited for its person may have begun in the month before. */
function lastMonthBefore(at: number): Month {
	const [year = 0, month = 0] = monthOf(at).split('-').map(Number);
	return monthOf(Date.UTC(year, month - 2));
}

/**
 * A turn that was resumed has two rows: the one that ended later knows more, or the one that counts more calls, or that
 * learned what a call took which the other knew to be cut.
 */
function keepLatest(runs: Map<string, RunRecord>, run: RunRecord): void {
	const known = runs.get(run.id);
	if (!known || knowsMore(run, known)) runs.set(run.id, run);
}

function knowsMore(run: RunRecord, known: RunRecord): boolean {
	if (run.ended !== known.ended) return run.ended > known.ended;
	if (run.modelCalls !== known.modelCalls) return run.modelCalls > known.modelCalls;
	return countOf(run) > countOf(known);
}

function countOf({ tokens }: RunRecord): number {
	return tokens.input + tokens.cacheRead + tokens.cacheWrite + tokens.output;
}
