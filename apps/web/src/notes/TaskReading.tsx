import type { Task } from '@pocketeer/core/tasks/tasks';
import { createMemo, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createTaskList } from '../schedule/create-task-list.ts';
import { recurrenceWords } from '../schedule/groups.ts';
import { distanceWords, type Here, momentWords } from '../schedule/moments.ts';

/** How the schedule in a task file is read, or the sentence that says why it cannot be. */
export function TaskReading(props: { path: string }) {
	const app = useApp();
	const tasks = createTaskList(app.tasks);
	const task = createMemo(() => tasks()?.find((candidate) => candidate.path === props.path));
	return (
		<Show when={task()}>
			{(found) => (
				<Show
					when={brokenReason(found())}
					fallback={
						<p class="reading">
							<Icon name="calendar-clock" class="icon-s" />
							<span>{readingWords(found(), { zone: app.clock.zone(), now: app.clock.now() })}</span>
						</p>
					}
				>
					{(reason) => (
						<p class="note note-warning" role="status">
							<Icon name="triangle-alert" />
							<span>This task is not scheduled: {reason()}</span>
						</p>
					)}
				</Show>
			)}
		</Show>
	);
}

function brokenReason(task: Task): string | undefined {
	return task.schedule.type === 'broken' ? task.schedule.reason : undefined;
}

function readingWords(task: Task, here: Here): string {
	if (task.schedule.type === 'broken') return '';
	const { kind, next, zone } = task.schedule;
	const name = kind === 'reminder' ? 'Reminder' : 'Nudge';
	if (next === undefined) return `${name}, over: nothing more is due.`;
	const words = recurrenceWords(task, here.zone);
	const due = `${momentWords(next, here, zone)}, ${distanceWords(next, here.now)}`;
	return words === undefined ? `${name}, due ${due}` : `${name}, ${words}; next ${due}`;
}
