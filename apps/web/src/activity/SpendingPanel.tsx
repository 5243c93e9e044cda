import { dayCapOn } from '@pocketeer/core/agent/spend/caps';
import type { Spent } from '@pocketeer/core/agent/spend/usage';
import type { RunRecord } from '@pocketeer/core/space/records';
import { createMemo, createSignal, For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { makeDayOf } from '../chat/format.ts';
import { lineTitle } from '../chat/lines.ts';
import { Icon } from '../icons/Icon.tsx';
import { dayTitle } from '../schedule/moments.ts';
import { describeCost, formatTokens, formatUsd } from '../shell/money.ts';
import { createPeopleNames } from '../shell/people-names.ts';
import { createNow, createSubscribed } from '../shell/reactive.ts';
import {
	type Grouping,
	groupSpending,
	ownRuns,
	type Period,
	runsOfPeriod,
	type SpendingNames,
	type SpendingRow,
	totalOf,
} from './spending.ts';
import './spending.css';

const PERIODS: readonly { readonly days: Period; readonly name: string }[] = [
	{ days: 1, name: 'Today' },
	{ days: 7, name: 'Last 7 days' },
	{ days: 30, name: 'Last 30 days' },
];

const GROUPINGS: readonly { readonly by: Grouping; readonly name: string; readonly head: string }[] = [
	{ by: 'day', name: 'By day', head: 'Day' },
	{ by: 'line', name: 'By line', head: 'Line' },
	{ by: 'trigger', name: 'By what set it off', head: 'Set off by' },
	{ by: 'agent', name: 'By agent', head: 'Agent' },
	{ by: 'model', name: 'By model', head: 'Model' },
	{ by: 'device', name: 'By device', head: 'Device' },
];
/** Only in a space of several people, and then of all of them. */
const BY_PERSON = { by: 'person', name: 'By person, everyone', head: 'Paid by' } as const;

/** What the person's keys were charged for, by these runs: sums, and a table to look closer. */
export function SpendingPanel(props: { runs: readonly RunRecord[] }) {
	const app = useApp();
	const caps = createSubscribed(app.settings, () => app.settings.current().caps);
	const now = createNow(app.clock, 60_000);
	const here = () => ({ now: now(), zone: app.clock.zone() });
	const own = createMemo(() => ownRuns(props.runs, app.space.self));
	const sums = createMemo(() =>
		PERIODS.map(({ days, name }) => ({ name, spent: totalOf(runsOfPeriod(own(), days, here())) })),
	);
	const capUsd = () => dayCapOn(caps(), makeDayOf(here().zone)(here().now));
	return (
		<section aria-label="Spending" class="spending">
			<h2>Spending</h2>
			<div class="card spending-card">
				<dl class="spending-sums">
					<For each={sums()}>
						{(sum, index) => (
							<div>
								<dt>{sum.name}</dt>
								<dd>
									<Sum spent={sum.spent} />
									<Show when={index() === 0}>
										<span class="spending-of">
											{capUsd() === undefined ? 'no daily limit' : `of ${formatUsd(capUsd() ?? 0)}`}
										</span>
									</Show>
								</dd>
							</div>
						)}
					</For>
				</dl>
				<Details runs={props.runs} own={own()} here={here()} />
			</div>
		</section>
	);
}

function Sum(props: { spent: Spent }) {
	return (
		<>
			<b>{formatUsd(props.spent.usd)}</b>
			<Show when={props.spent.unpriced > 0}>
				<span class="spending-unknown">
					and {props.spent.unpriced} {props.spent.unpriced === 1 ? 'call' : 'calls'} of unknown cost
				</span>
			</Show>
		</>
	);
}

function Details(props: {
	runs: readonly RunRecord[];
	own: readonly RunRecord[];
	here: { readonly now: number; readonly zone: string };
}) {
	const app = useApp();
	const [days, setDays] = createSignal<Period>(7);
	const [by, setBy] = createSignal<Grouping>('day');
	const names = useSpendingNames(() => props.here);
	const hasOthers = () => props.runs.some(({ person }) => person !== undefined && person !== app.space.self.person);
	const groupings = () => (hasOthers() ? [...GROUPINGS, BY_PERSON] : GROUPINGS);
	const chosen = createMemo(() => {
		const all = by() === 'person' ? props.runs.filter((run) => run.by === 'agent') : props.own;
		return runsOfPeriod(all, days(), props.here);
	});
	const rows = createMemo(() => groupSpending(chosen(), { grouping: by(), names: names(), zone: props.here.zone }));
	const head = () => groupings().find((each) => each.by === by())?.head ?? '';
	const caption = () => {
		const [period, grouping] = [
			PERIODS.find((each) => each.days === days()),
			groupings().find((each) => each.by === by()),
		];
		return `Spending, ${period?.name.toLowerCase()}, ${grouping?.name.toLowerCase()}`;
	};
	return (
		<details class="spending-details">
			<summary>
				<span>Look closer</span>
				<Icon name="chevron-down" class="icon-s" />
			</summary>
			<div class="spending-choice">
				<select
					class="input"
					aria-label="Period"
					onChange={(event) => setDays(PERIODS[event.currentTarget.selectedIndex]?.days ?? 7)}
				>
					<For each={PERIODS}>{(each) => <option selected={each.days === days()}>{each.name}</option>}</For>
				</select>
				<select
					class="input"
					aria-label="Group by"
					onChange={(event) => setBy(groupings()[event.currentTarget.selectedIndex]?.by ?? 'day')}
				>
					<For each={groupings()}>{(each) => <option selected={each.by === by()}>{each.name}</option>}</For>
				</select>
			</div>
			<Show when={rows().length > 0} fallback={<p class="field-hint">No model was called in this time.</p>}>
				<SpendingTable caption={caption()} head={head()} rows={rows()} total={totalOf(chosen())} />
			</Show>
			<p class="field-hint">
				Counted from what the service reports, at the list prices this app knows; the bill is the service’s. The clerk
				costs nothing. An answer counts on the day it was finished.
			</p>
		</details>
	);
}

function SpendingTable(props: { caption: string; head: string; rows: readonly SpendingRow[]; total: Spent }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
		<section class="spending-scroll" tabIndex={0} aria-label={props.caption}>
			<table class="spending-table">
				<caption class="sr-only">{props.caption}</caption>
				<thead>
					<tr>
						<th scope="col">{props.head}</th>
						<th scope="col">Cost</th>
						<th scope="col">Calls</th>
						<th scope="col">Input</th>
						<th scope="col">Cache read</th>
						<th scope="col">Cache write, 5 min</th>
						<th scope="col">Cache write, 1 h</th>
						<th scope="col">Output</th>
						<th scope="col">Searches</th>
					</tr>
				</thead>
				<tbody>
					<For each={props.rows}>{(row) => <Row {...row} />}</For>
				</tbody>
				<tfoot>
					<Row name="Together" spent={props.total} />
				</tfoot>
			</table>
		</section>
	);
}

function Row(props: SpendingRow) {
	const tokens = () => props.spent.tokens;
	return (
		<tr>
			<th scope="row">{props.name}</th>
			<td>{describeCost(props.spent) ?? formatUsd(0)}</td>
			<td>{props.spent.calls}</td>
			<td>{formatTokens(tokens().input)}</td>
			<td>{formatTokens(tokens().cacheRead)}</td>
			<td>{formatTokens(tokens().cacheWrite - tokens().cacheWriteHour)}</td>
			<td>{formatTokens(tokens().cacheWriteHour)}</td>
			<td>{formatTokens(tokens().output)}</td>
			<td>{tokens().webSearches}</td>
		</tr>
	);
}

/** Names as they are now; of what is gone, a word that says so. */
function useSpendingNames(here: () => { readonly now: number; readonly zone: string }): () => SpendingNames {
	const { space } = useApp();
	const people = createPeopleNames(space);
	const devices = createSubscribed(
		space.directory,
		() => new Map(space.directory.devices().map((one) => [one.id, one.name])),
	);
	const lines = () => new Map(space.lines.list().map((line) => [line.id, lineTitle(line)]));
	return createMemo(() => {
		const known = lines();
		const ofPerson = people().ofPerson;
		return {
			line: (run) => known.get(run.line) ?? 'A line that is gone',
			device: (id) => devices().get(id) || 'A device without a name',
			person: ({ person }) => {
				if (person === undefined) return 'Not known';
				return person === space.self.person ? 'You' : ofPerson(person);
			},
			day: (day) => dayTitle(day, here()),
		};
	});
}
