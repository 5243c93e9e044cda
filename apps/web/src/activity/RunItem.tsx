import type { RunRecord } from '@pocketeer/core/space/records';
import type { Line } from '@pocketeer/core/space/space';
import { For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { formatDuration, formatTime } from '../chat/format.ts';
import { lineTitle } from '../chat/lines.ts';
import { Icon } from '../icons/Icon.tsx';
import { noteHref } from '../notes/routes.ts';
import { lineHref } from './line-href.ts';
import { describeOutcome, describeRunCost, describeRunner, describeTokens, describeTrigger } from './view.ts';

/** The account of one run: how it ended, what set it off, who ran, what it took and what it touched. */
export function RunItem(props: { run: RunRecord; line: Line | undefined; asked: string | undefined }) {
	const app = useApp();
	const outcome = () => describeOutcome(props.run.outcome);
	const trigger = () => describeTrigger(props.run.trigger);
	const isSummary = () => props.run.trigger.type === 'compaction' && props.run.outcome.type === 'answered';
	return (
		<li class="run" data-tone={outcome().tone} data-outcome={props.run.outcome.type}>
			<span class="run-icon">
				<Icon name={outcome().icon} class="icon-s" />
			</span>
			<div class="run-body">
				<p class="run-head">
					<span class="run-word">{isSummary() ? 'Summed up' : outcome().word}</span>
					<span class="run-what">
						{trigger().word}
						<Show when={trigger().path}>
							{(path) => (
								<>
									{' '}
									<FileLink path={path()} />
								</>
							)}
						</Show>
						<Show when={props.line}>
							{(line) => (
								<>
									{' in '}
									<a href={lineHref(line())}>{lineTitle(line())}</a>
								</>
							)}
						</Show>
					</span>
					<time class="run-time">{formatTime(props.run.started, app.clock.zone())}</time>
				</p>
				<Show when={props.asked}>{(words) => <p class="run-asked">{words()}</p>}</Show>
				<Show when={outcome().detail}>{(detail) => <p class="run-detail">{detail()}</p>}</Show>
				<p class="run-facts">
					<Show when={describeRunner(props.run)}>{(runner) => <span>{runner()}</span>}</Show>
					<Show when={props.run.by !== 'none'}>
						<span>{formatDuration(props.run.ended - props.run.started)}</span>
					</Show>
					<Show when={describeRunCost(props.run)}>{(cost) => <span>{cost()}</span>}</Show>
					<Show when={describeTokens(props.run)}>{(tokens) => <span>{tokens()}</span>}</Show>
				</p>
				<Show when={props.run.files.length > 0}>
					<ul class="run-files" aria-label="Files touched">
						<For each={props.run.files}>
							{(path) => (
								<li class="chip">
									<Icon name="file-text" class="icon-s" />
									<FileLink path={path} />
								</li>
							)}
						</For>
					</ul>
				</Show>
			</div>
		</li>
	);
}

/** A file by name; a link while there still is such a file. */
function FileLink(props: { path: string }) {
	const { files } = useApp().space;
	return (
		<Show when={files.find(props.path)} fallback={<span class="run-gone">{props.path}</span>}>
			<a href={noteHref(props.path)}>{props.path}</a>
		</Show>
	);
}
