import type { Task } from '@pocketeer/core/tasks/tasks';
import { Show } from 'solid-js';
import { Icon } from '../icons/Icon.tsx';
import { noteHref } from '../notes/routes.ts';
import { recurrenceWords } from './groups.ts';
import { distanceWords, type Here, momentWords } from './moments.ts';

/** One task: what, when, how often, and how to be rid of it. */
export function TaskItem(props: { task: Task; here: Here; onCancel: () => void }) {
	const valid = () => (props.task.schedule.type === 'valid' ? props.task.schedule : undefined);
	const reason = () => (props.task.schedule.type === 'broken' ? props.task.schedule.reason : undefined);
	const icon = () => (reason() ? 'triangle-alert' : valid()?.kind === 'nudge' ? 'sparkles' : 'bell');
	return (
		<li class="task" data-kind={reason() ? 'broken' : valid()?.kind}>
			<span class="task-icon">
				<Icon name={icon()} class="icon-s" />
			</span>
			<div class="task-body">
				<a class="task-title" href={noteHref(props.task.path)}>
					{props.task.title || props.task.path}
				</a>
				<Show when={valid()}>
					{(schedule) => (
						<p class="task-when">
							<Show when={schedule().next} fallback="Nothing more is due">
								{(next) => (
									<>
										<time>{momentWords(next(), props.here, schedule().zone)}</time>
										<span class="task-distance">{distanceWords(next(), props.here.now)}</span>
									</>
								)}
							</Show>
							<Show when={valid()?.kind === 'nudge'}>
								<span class="task-distance">nudge</span>
							</Show>
						</p>
					)}
				</Show>
				<Show when={recurrenceWords(props.task, props.here.zone)}>
					{(words) => (
						<p class="task-every">
							<Icon name="repeat" class="icon-s" />
							{words()}
						</p>
					)}
				</Show>
				<Show when={reason()}>{(sentence) => <p class="task-reason">{sentence()}</p>}</Show>
			</div>
			<button
				type="button"
				class="icon-button"
				aria-label={`Cancel ${props.task.title || props.task.path}`}
				title="Cancel"
				onClick={() => props.onCancel()}
			>
				<Icon name="x" />
			</button>
		</li>
	);
}
