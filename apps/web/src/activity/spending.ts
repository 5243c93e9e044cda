import { NOTHING_SPENT, paidAt, type Spent, spentBy, spentOnRuns } from '@pocketeer/core/agent/spend/usage';
import type { DeviceId } from '@pocketeer/core/ids';
import type { RunRecord } from '@pocketeer/core/space/records';
import type { Self } from '@pocketeer/core/space/space';
import { makeDayOf } from '../chat/format.ts';
import { addDays, type Here } from '../schedule/moments.ts';
import { describeTrigger } from './view.ts';

/** Days back that spending is shown for, today included. */
export const LONGEST_PERIOD = 30;

/** How much of the past is added up: so many local days, today included. */
export type Period = 1 | 7 | typeof LONGEST_PERIOD;

/** What spending can be looked at by. */
export type Grouping = 'day' | 'line' | 'trigger' | 'agent' | 'model' | 'device' | 'person';

/** Names on the screen for what runs only know the ids of. */
export interface SpendingNames {
	line(run: RunRecord): string;
	device(id: DeviceId): string;
	/** Whose key paid. */
	person(run: RunRecord): string;
	/** `2026-11-20` as a heading. */
	day(day: string): string;
}

/** A row of the table: one group and what it took. */
export interface SpendingRow {
	readonly name: string;
	readonly spent: Spent;
}

/** The runs a model was paid for by this person; rows of older versions do not say who paid, so only this device's count. */
export function ownRuns(runs: readonly RunRecord[], self: Self): readonly RunRecord[] {
	return runs.filter(({ by, person, device }) => {
		return by === 'agent' && (person === undefined ? device === self.device : person === self.person);
	});
}

/** Those of the last days, by the day they were paid. */
export function runsOfPeriod(runs: readonly RunRecord[], period: Period, here: Here): readonly RunRecord[] {
	const dayOf = makeDayOf(here.zone);
	const first = addDays(dayOf(here.now), 1 - period);
	return runs.filter((run) => dayOf(paidAt(run)) >= first);
}

/** What was spent on each local day, `2026-11-20`. */
export function spentByDay(runs: readonly RunRecord[], zone: string): ReadonlyMap<string, Spent> {
	const dayOf = makeDayOf(zone);
	return spentBy(runs, (run) => dayOf(paidAt(run)));
}

/** Runs by what they have in common: days newest first, everything else dearest first. */
export function groupSpending(
	runs: readonly RunRecord[],
	by: { readonly grouping: Grouping; readonly names: SpendingNames; readonly zone: string },
): readonly SpendingRow[] {
	const { grouping, names, zone } = by;
	if (grouping === 'day') {
		const days = [...spentByDay(runs, zone)].sort(([a], [b]) => (a < b ? 1 : -1));
		return days.map(([day, spent]) => ({ name: names.day(day), spent }));
	}
	const rows = [...spentBy(runs, nameOf(grouping, names))].map(([name, spent]) => ({ name, spent }));
	return rows.sort((a, b) => b.spent.usd - a.spent.usd || b.spent.unpriced - a.spent.unpriced);
}

function nameOf(grouping: Exclude<Grouping, 'day'>, names: SpendingNames): (run: RunRecord) => string {
	switch (grouping) {
		case 'line':
			return names.line;
		case 'trigger':
			return ({ trigger }) => {
				const { word, path } = describeTrigger(trigger);
				return path === undefined ? word : `${word} ${path}`;
			};
		case 'agent':
			return ({ agent = 'general' }) => agent;
		case 'model':
			return ({ model }) => model;
		case 'device':
			return ({ device }) => names.device(device);
		case 'person':
			return names.person;
	}
}

/** What these runs took together; nothing when there are none. */
export function totalOf(runs: readonly RunRecord[]): Spent {
	return runs.length === 0 ? NOTHING_SPENT : spentOnRuns(runs);
}
