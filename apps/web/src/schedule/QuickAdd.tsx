import type { Clock } from '@pocketeer/core/ports/clock';
import { useNavigate } from '@solidjs/router';
import { createEffect, createSignal, createUniqueId, For, on, onCleanup, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { noteHref } from '../notes/routes.ts';
import { selfAsActor } from '../notes/words.ts';
import { useToasts } from '../shell/toasts.tsx';
import { type Draft, draftOf } from './quick-add.ts';
import { describeScheduleError } from './words.ts';

/** A reader of times is loaded with the first keystroke; what is typed quickly is read once. */
const READ_AFTER_MS = 120;

/** One line to schedule a reminder in plain words; shows how it is understood before it is kept. */
export function QuickAdd(props: { typed: string; onTyped: (text: string) => void }) {
	const app = useApp();
	const toasts = useToasts();
	const navigate = useNavigate();
	const id = createUniqueId();
	const [draft, setDraft] = createSignal<Draft>({ type: 'empty' });
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setBusy] = createSignal(false);
	let newest = 0;

	createEffect(
		on(
			() => props.typed,
			(typed) => {
				const own = ++newest;
				setProblem(undefined);
				if (typed.trim() === '') return setDraft({ type: 'empty' });
				const timer = app.clock.setTimer(READ_AFTER_MS, async () => {
					const read = await readDraft(typed, app.clock);
					if (own === newest) setDraft(read);
				});
				onCleanup(() => timer[Symbol.dispose]());
			},
		),
	);

	async function submit(event: SubmitEvent) {
		event.preventDefault();
		if (isBusy()) return;
		const own = ++newest;
		setBusy(true);
		// Read again: "in 20 minutes" counts from now, not from the last keystroke.
		const read = await readDraft(props.typed, app.clock);
		if (own === newest) setDraft(read);
		if (read.type === 'ready') await schedule(read);
		else setProblem(read.type === 'question' ? read.question : 'Say what to remind you of, and when.');
		setBusy(false);
	}

	async function schedule(ready: Draft & { type: 'ready' }) {
		const tasks = await app.tasks;
		const scheduled = await tasks.schedule(ready.request, selfAsActor(app.space.self));
		if (!scheduled.ok) return setProblem(describeScheduleError(scheduled.error));
		props.onTyped('');
		const { path, file } = scheduled.value.task;
		toasts.show({
			text: `Scheduled: ${ready.text}, ${ready.words}`,
			about: file,
			action: { label: 'Open', run: () => navigate(noteHref(path)) },
		});
	}

	return (
		<form class="quick" onSubmit={submit}>
			<label for={id}>Remind me</label>
			<div class="quick-line">
				<input
					id={id}
					class="input"
					autocomplete="off"
					enterkeyhint="done"
					placeholder="call the dentist tomorrow at 9"
					value={props.typed}
					aria-describedby={`${id}-read`}
					onInput={(event) => props.onTyped(event.currentTarget.value)}
				/>
				<button type="submit" class="button button-primary" disabled={isBusy()}>
					Add
				</button>
			</div>
			<div id={`${id}-read`} class="quick-read" aria-live="polite">
				<Show when={problem()} fallback={<Reading draft={draft()} />}>
					{(sentence) => (
						<p class="quick-problem" role="alert">
							<Icon name="circle-help" class="icon-s" />
							<span>{sentence()}</span>
						</p>
					)}
				</Show>
			</div>
		</form>
	);
}

/** The parsers of time come in with this call. */
async function readDraft(typed: string, clock: Clock): Promise<Draft> {
	if (typed.trim() === '') return { type: 'empty' };
	const { splitWhen } = await import('@pocketeer/core/schedule/split-when');
	const here = { now: clock.now(), zone: clock.zone() };
	return draftOf(await splitWhen(typed, here), here);
}

function Reading(props: { draft: Draft }) {
	const ready = () => (props.draft.type === 'ready' ? props.draft : undefined);
	const question = () => (props.draft.type === 'question' ? props.draft.question : undefined);
	return (
		<>
			<Show when={props.draft.type === 'empty'}>
				<p class="quick-hint">What and when, in plain words. You see how it is understood before it is kept.</p>
			</Show>
			<Show when={ready()}>
				{(read) => (
					<>
						<p class="quick-ready">
							<Icon name="calendar-clock" class="icon-s" />
							<span>
								<b>{read().words}</b> · {read().text}
							</span>
						</p>
						<For each={read().assumed}>{(sentence) => <p class="quick-assumed">{sentence}</p>}</For>
					</>
				)}
			</Show>
			<Show when={question()}>{(sentence) => <p class="quick-assumed">{sentence()}</p>}</Show>
		</>
	);
}
