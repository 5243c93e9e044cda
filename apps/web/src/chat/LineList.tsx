import type { LineId } from '@pocketeer/core/ids';
import { useLocation, useNavigate } from '@solidjs/router';
import {
	type Accessor,
	createEffect,
	createMemo,
	createSignal,
	createUniqueId,
	For,
	on,
	onCleanup,
	Show,
} from 'solid-js';
import { type App, useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createAwaited, createSubscribed } from '../shell/reactive.ts';
import { describeStoreError } from '../shell/sentences.ts';
import { lineTitle, MAIN_LINE, refuseLineName, sortLines } from './lines.ts';

/** The lines of the space, and a way to make one. */
export function LineList() {
	const app = useApp();
	const location = useLocation();
	const lines = createSubscribed(app.space.lines, () => sortLines(app.space.lines.list()));
	const hrefs = createMemo(() =>
		lines().map((line) => ({ line, href: line.name === MAIN_LINE ? '/' : `/chat/${line.id}` })),
	);
	const waiting = createWaitingLines(app);
	const isOpen = (href: string, id: string) => location.pathname === href || location.pathname === `/chat/${id}`;
	return (
		<section class="lines" aria-label="Lines">
			<h2 class="lines-title">Lines</h2>
			<ul>
				<For each={hrefs()}>
					{({ line, href }) => (
						<li>
							<a class="line-link" href={href} aria-current={isOpen(href, line.id) ? 'true' : undefined}>
								<Icon name={line.name === MAIN_LINE ? 'message-circle' : 'hash'} class="icon-s" />
								<span class="line-name">{lineTitle(line)}</span>
								<Show when={waiting().has(line.id)}>
									<span class="line-waits">waits for you</span>
								</Show>
							</a>
						</li>
					)}
				</For>
			</ul>
			<NewLine />
		</section>
	);
}

/** Lines on which something stands still until the person decides. */
function createWaitingLines(app: App): Accessor<ReadonlySet<LineId>> {
	const waiting = createAwaited(app.waiting);
	const [lines, setLines] = createSignal<ReadonlySet<LineId>>(new Set());
	createEffect(() => {
		const found = waiting();
		if (!found) return;
		setLines(found.lines());
		const subscription = found.subscribe(() => setLines(found.lines()));
		onCleanup(() => subscription[Symbol.dispose]());
	});
	return lines;
}

function NewLine() {
	const app = useApp();
	const navigate = useNavigate();
	const id = createUniqueId();
	const [isNaming, setIsNaming] = createSignal(false);
	const [name, setName] = createSignal('');
	const [problem, setProblem] = createSignal<string>();
	const make = async (event: SubmitEvent) => {
		event.preventDefault();
		const refusal = refuseLineName(name());
		if (refusal !== undefined) return setProblem(refusal);
		const made = await app.space.lines.ensure(name().trim());
		if (!made.ok) return setProblem(describeStoreError(made.error));
		setName('');
		setProblem(undefined);
		setIsNaming(false);
		navigate(`/chat/${made.value.id}`);
	};
	return (
		<Show
			when={isNaming()}
			fallback={
				<button type="button" class="line-link line-new" onClick={() => setIsNaming(true)}>
					<Icon name="plus" class="icon-s" />
					<span>New line</span>
				</button>
			}
		>
			<form class="line-form" onSubmit={make}>
				<label class="sr-only" for={id}>
					Name of the new line
				</label>
				<input
					id={id}
					class="input"
					placeholder="Kitchen, Trip to Rome…"
					autocomplete="off"
					value={name()}
					aria-invalid={problem() !== undefined}
					aria-describedby={`${id}-problem`}
					ref={(input) => queueMicrotask(() => input.focus())}
					onInput={(event) => setName(event.currentTarget.value)}
					onKeyDown={(event) => event.key === 'Escape' && setIsNaming(false)}
				/>
				<p id={`${id}-problem`} class="field-hint problem" role="alert">
					{problem()}
				</p>
				<div class="line-form-buttons">
					<button type="submit" class="button button-primary button-small">
						Create
					</button>
					<button type="button" class="button button-quiet button-small" onClick={() => setIsNaming(false)}>
						Cancel
					</button>
				</div>
			</form>
		</Show>
	);
}

/** The lines behind a button, for narrow screens. */
export function LineDrawer() {
	const app = useApp();
	let dialog: HTMLDialogElement | undefined;
	const location = useLocation();
	const waiting = createWaitingLines(app);
	createEffect(
		on(
			() => location.pathname,
			() => dialog?.close(),
			{ defer: true },
		),
	);
	const attach = (element: HTMLDialogElement) => {
		dialog = element;
		// A tap beside the panel lands on the dialog itself; Escape closes it too.
		element.addEventListener('click', (event) => event.target === element && element.close());
	};
	return (
		<>
			<button
				type="button"
				class="icon-button bar-lead"
				aria-label={waiting().size > 0 ? 'Lines, something waits for you' : 'Lines'}
				onClick={() => dialog?.showModal()}
			>
				<Icon name="menu" />
				<Show when={waiting().size > 0}>
					<span class="lines-wait" />
				</Show>
			</button>
			<dialog ref={attach} class="drawer" aria-label="Lines">
				<div class="drawer-panel">
					<LineList />
					<button type="button" class="button drawer-close" onClick={() => dialog?.close()}>
						Close
					</button>
				</div>
			</dialog>
		</>
	);
}
