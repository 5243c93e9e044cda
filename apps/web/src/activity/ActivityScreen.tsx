import { createMemo, createSignal, For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { lineTitle } from '../chat/lines.ts';
import { Icon } from '../icons/Icon.tsx';
import { dayTitle } from '../schedule/moments.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { askedId } from './asked.ts';
import { createAsked } from './create-asked.ts';
import { createLiveTurns, type RunningTurn } from './create-live-turns.ts';
import { createRuns } from './create-runs.ts';
import { createSpending } from './create-spending.ts';
import { lineHref } from './line-href.ts';
import { RunItem } from './RunItem.tsx';
import { SpendingPanel } from './SpendingPanel.tsx';
import { ownRuns, spentByDay } from './spending.ts';
import { describeDay, describeTrigger, groupRuns } from './view.ts';
import './activity.css';

/** Runs shown at first and with each "show older". */
const PAGE = 100;

/** The account of everything that ran, and what runs now. Route `/activity`. */
export default function ActivityScreen() {
	const app = useApp();
	const [limit, setLimit] = createSignal(PAGE);
	const { runs, error } = createRuns(app.space.runs, limit);
	const spending = createSpending(app.space.runs, () => app.clock.now());
	const daySums = createMemo(() => spentByDay(ownRuns(spending.runs() ?? [], app.space.self), app.clock.zone()));
	const live = createLiveTurns(app.agent, app.space.lines);
	const asked = createAsked(app.space.lines, () => runs() ?? []);
	const days = createMemo(() => groupRuns(runs() ?? [], app.clock.zone()));
	const lines = createMemo(() => {
		runs();
		return new Map(app.space.lines.list().map((line) => [line.id, line]));
	});
	const here = () => ({ now: app.clock.now(), zone: app.clock.zone() });

	return (
		<section class="screen" aria-label="Activity">
			<header class="screen-bar">
				<h1>Activity</h1>
			</header>
			<div class="screen-body">
				<div class="screen-column activity">
					<Show when={live().length > 0}>
						<section aria-label="Running now">
							<h2>Now</h2>
							<ul class="runs">
								<For each={live()}>{(running) => <Running running={running} />}</For>
							</ul>
						</section>
					</Show>
					<Show when={error()}>
						{(reason) => (
							<p class="note note-danger" role="alert">
								<Icon name="circle-alert" />
								<span>The account of past runs cannot be read. {describeStoreError(reason())}</span>
							</p>
						)}
					</Show>
					<Show when={runs()?.length === 0 && live().length === 0}>
						<div class="empty activity-empty">
							<Icon name="activity" />
							<h2>Nothing has run yet</h2>
							<p>
								Every answer, reminder and nudge leaves an account here: what set it off, who ran, how it ended, what it
								took and which files it touched.
							</p>
						</div>
					</Show>
					<Show when={spending.runs()?.some((run) => run.by === 'agent') && spending.runs()}>
						{(found) => <SpendingPanel runs={found()} />}
					</Show>
					<For each={days()}>
						{(day) => (
							<section aria-label={dayTitle(day.day, here())}>
								<div class="day-head">
									<h2>{dayTitle(day.day, here())}</h2>
									<Show when={describeDay(daySums().get(day.day))}>{(sum) => <p class="day-sum">{sum()}</p>}</Show>
								</div>
								<ul class="runs">
									<For each={day.runs}>
										{(run) => (
											<RunItem run={run} line={lines().get(run.line)} asked={asked().get(askedId(run) ?? '')} />
										)}
									</For>
								</ul>
							</section>
						)}
					</For>
					<Show when={(runs()?.length ?? 0) >= limit()}>
						<button type="button" class="button button-quiet" onClick={() => setLimit((count) => count + PAGE)}>
							Show older
						</button>
					</Show>
				</div>
			</div>
		</section>
	);
}

const PHASES = {
	waiting: 'Waiting for the model',
	thinking: 'Thinking',
	writing: 'Writing',
	tool: 'Using a tool',
	asking: 'Waiting for you',
} as const;

function Running(props: { running: RunningTurn }) {
	const turn = () => props.running.turn;
	return (
		<li class="run" data-tone="live">
			<span class="run-icon">
				<Icon name="loader-circle" class="icon-s spin" />
			</span>
			<div class="run-body">
				<p class="run-head">
					<span class="run-word">{PHASES[turn().phase]}</span>
					<span class="run-what">
						{describeTrigger(turn().trigger).word} in{' '}
						<a href={lineHref(props.running.line)}>{lineTitle(props.running.line)}</a>
					</span>
				</p>
				<p class="run-facts">
					<span>{turn().by === 'clerk' ? 'Clerk' : 'Agent'}</span>
					<For each={turn().tools}>{(tool) => <span>{tool.name}</span>}</For>
				</p>
			</div>
			<button type="button" class="button button-small" onClick={() => props.running.stop()}>
				<Icon name="square" class="icon-s" />
				Stop
			</button>
		</li>
	);
}
