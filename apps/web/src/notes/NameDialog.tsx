import { createMemo, createSignal, createUniqueId, onMount, Show } from 'solid-js';
import { pathOfName } from './names.ts';

/** Asks for the name of a file and keeps what was typed until the name works or the person gives up. */
export function NameDialog(props: {
	title: string;
	action: string;
	/** What stands in the box at first. */
	initial: string;
	/** Where a name without a folder goes. */
	folder: string;
	/** Does it, and answers with the sentence that says why not. */
	onSubmit: (path: string) => Promise<string | undefined>;
	onClose: () => void;
}) {
	const id = createUniqueId();
	const [typed, setTyped] = createSignal(props.initial);
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setBusy] = createSignal(false);
	let dialog: HTMLDialogElement | undefined;
	let input: HTMLInputElement | undefined;

	const named = createMemo(() => pathOfName(typed(), props.folder));
	const reason = () => {
		const now = named();
		return now.type === 'bad' ? now.reason : problem();
	};

	onMount(() => {
		dialog?.showModal();
		const from = props.initial.lastIndexOf('/') + 1;
		const dot = props.initial.lastIndexOf('.');
		input?.setSelectionRange(from, dot > from ? dot : props.initial.length);
	});

	async function submit(event: SubmitEvent) {
		event.preventDefault();
		const now = named();
		if (isBusy()) return;
		if (now.type === 'empty') {
			setProblem('Give it a name.');
			input?.focus();
		}
		if (now.type !== 'path') return;
		setBusy(true);
		const failed = await props.onSubmit(now.path);
		setBusy(false);
		if (failed === undefined) dialog?.close();
		else setProblem(failed);
	}

	return (
		<dialog class="name-dialog" ref={dialog} onClose={() => props.onClose()} aria-labelledby={`${id}-title`}>
			<form onSubmit={submit}>
				<h2 id={`${id}-title`}>{props.title}</h2>
				<div class="field">
					<label for={id}>File name</label>
					<input
						id={id}
						ref={input}
						class="input"
						autocomplete="off"
						autocapitalize="off"
						spellcheck={false}
						value={typed()}
						aria-describedby={`${id}-hint`}
						aria-invalid={reason() !== undefined}
						onInput={(event) => {
							setTyped(event.currentTarget.value);
							setProblem(undefined);
						}}
					/>
					<p
						id={`${id}-hint`}
						class="field-hint"
						classList={{ 'name-problem': reason() !== undefined }}
						aria-live="polite"
					>
						<Show when={reason()} fallback={<Preview named={named()} />}>
							{reason()}
						</Show>
					</p>
				</div>
				<div class="name-actions">
					<button type="button" class="button button-quiet" onClick={() => dialog?.close()}>
						Cancel
					</button>
					<button type="submit" class="button button-primary" disabled={named().type === 'bad' || isBusy()}>
						{props.action}
					</button>
				</div>
			</form>
		</dialog>
	);
}

function Preview(props: { named: ReturnType<typeof pathOfName> }) {
	const path = () => (props.named.type === 'path' ? props.named.path : undefined);
	return (
		<Show when={path()} fallback="A folder may stand in front: recipes/bread">
			Becomes <span class="name-path">{path()}</span>
		</Show>
	);
}
