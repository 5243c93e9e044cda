import { useLocation, useNavigate } from '@solidjs/router';
import { createEffect, createMemo, createSignal, createUniqueId, For, on, Show } from 'solid-js';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createSubscribed } from '../shell/reactive.ts';
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
								<span>{lineTitle(line)}</span>
							</a>
						</li>
					)}
				</For>
			</ul>
			<NewLine />
		</section>
	);
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
	let dialog: HTMLDialogElement | undefined;
	const location = useLocation();
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
			<button type="button" class="icon-button bar-lead" aria-label="Lines" onClick={() => dialog?.showModal()}>
				<Icon name="menu" />
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
