import type { FileId } from '@pocketeer/core/ids';
import type { Task } from '@pocketeer/core/tasks/tasks';
import { createMemo, createSignal, For, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { describeFileError, selfAsActor } from '../notes/words.ts';
import { createNow } from '../shell/reactive.ts';
import { useToasts } from '../shell/toasts.tsx';
import { createTaskList } from './create-task-list.ts';
import { groupTasks, type TaskGroup } from './groups.ts';
import type { Here } from './moments.ts';
import { PushNote } from './PushNote.tsx';
import { QuickAdd } from './QuickAdd.tsx';
import { TaskItem } from './TaskItem.tsx';
import { describeScheduleError } from './words.ts';
import './schedule.css';

/** "in 2 minutes" is never far off, and a phone still sleeps. */
const NOW_EVERY_MS = 20_000;

const EXAMPLES = [
	'take the pasta off in 20 minutes',
	'call the dentist tomorrow at 9',
	'water the plants every Sunday at 10',
] as const;

/** Every task as an agenda: what is due today, tomorrow, later, and what is wrong with which. Route `/schedule`. */
export default function ScheduleScreen() {
	const app = useApp();
	const tasks = createTaskList(app.tasks);
	const now = createNow(app.clock, NOW_EVERY_MS);
	const [typed, setTyped] = createSignal('');
	const here = createMemo<Here>(() => ({ now: now(), zone: app.clock.zone() }));
	const groups = createMemo(() => groupTasks(tasks() ?? [], here()));
	const cancel = createCancel();

	return (
		<section class="screen" aria-label="Schedule">
			<header class="screen-bar">
				<h1>Schedule</h1>
			</header>
			<div class="screen-body">
				<div class="screen-column schedule">
					<QuickAdd typed={typed()} onTyped={setTyped} />
					<PushNote />
					<Show when={tasks() && groups().length === 0}>
						<div class="empty schedule-empty">
							<Icon name="calendar-clock" />
							<h2>Nothing is scheduled</h2>
							<p>Say what and when in your own words, here or in the chat. For example:</p>
							<div class="schedule-examples">
								<For each={EXAMPLES}>
									{(example) => (
										<button type="button" class="chip" onClick={() => setTyped(example)}>
											{example}
										</button>
									)}
								</For>
							</div>
						</div>
					</Show>
					<For each={groups().map((group) => group.name)}>
						{(name) => {
							const group = createMemo<TaskGroup | undefined>(
								(previous) => groups().find((candidate) => candidate.name === name) ?? previous,
								undefined,
							);
							return <Show when={group()}>{(found) => <Group group={found()} here={here()} onCancel={cancel} />}</Show>;
						}}
					</For>
				</div>
			</div>
		</section>
	);
}

/** Tasks of one group shown before "show more". */
const PAGE = 100;

function Group(props: { group: TaskGroup; here: Here; onCancel: (task: Task) => Promise<void> }) {
	const [limit, setLimit] = createSignal(PAGE);
	const hidden = () => props.group.tasks.length - limit();
	const list = () => (
		<>
			<ul class="tasks">
				<For each={props.group.tasks.slice(0, limit())}>
					{(task) => <TaskItem task={task} here={props.here} onCancel={() => void props.onCancel(task)} />}
				</For>
			</ul>
			<Show when={hidden() > 0}>
				<button type="button" class="button button-quiet" onClick={() => setLimit((count) => count + 5 * PAGE)}>
					Show {Math.min(hidden(), 5 * PAGE)} more
				</button>
			</Show>
		</>
	);
	return (
		<Show
			when={props.group.name === 'Over'}
			fallback={
				<section class="group" aria-label={props.group.name} data-group={props.group.name}>
					<h2>
						{props.group.name} <span class="group-count">{props.group.tasks.length}</span>
					</h2>
					{list()}
				</section>
			}
		>
			<details class="group">
				<summary>
					<Icon name="chevron-right" class="icon-s group-arrow" />
					<h2>
						Over <span class="group-count">{props.group.tasks.length}</span>
					</h2>
				</summary>
				{list()}
			</details>
		</Show>
	);
}

/** Cancels at once and offers to take it back. */
function createCancel() {
	const app = useApp();
	const toasts = useToasts();
	const by = selfAsActor(app.space.self);

	async function restore(file: FileId) {
		const restored = await app.space.files.restore(file, by);
		if (!restored.ok) toasts.show({ text: describeFileError(restored.error), about: file, tone: 'danger' });
	}

	return async (task: Task) => {
		const tasks = await app.tasks;
		const cancelled = await tasks.cancel(task.path, by);
		if (!cancelled.ok)
			return toasts.show({ text: describeScheduleError(cancelled.error), about: task.file, tone: 'danger' });
		toasts.show({
			text: `Cancelled: ${task.title || task.path}`,
			about: task.file,
			action: { label: 'Undo', run: () => void restore(task.file) },
		});
	};
}
