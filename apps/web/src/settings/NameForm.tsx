import type { StoreError } from '@pocketeer/core/ports/store';
import type { Result } from '@pocketeer/core/result';
import { createSignal, createUniqueId, type JSX, Show } from 'solid-js';
import { describeStoreError } from '../shell/sentences.ts';

/** Longest name of a person, a device or a space: it stands in lists and beside messages. */
const LONGEST = 60;

/** One name that can be changed; the button is there only while there is something to save. */
export function NameForm(props: {
	label: string;
	value: string;
	placeholder?: string;
	hint?: JSX.Element;
	autocomplete?: string;
	onSave: (name: string) => Promise<Result<void, StoreError>>;
}) {
	const id = createUniqueId();
	const [typed, setTyped] = createSignal<string>();
	const [problem, setProblem] = createSignal<string>();
	const isChanged = () => typed() !== undefined && typed()?.trim() !== props.value;
	const save = async (event: SubmitEvent) => {
		event.preventDefault();
		const name = (typed() ?? '').trim();
		if (!isChanged()) return;
		if (name === '') return setProblem('A name has at least one letter.');
		const kept = await props.onSave(name);
		if (!kept.ok) return setProblem(`Not saved. ${describeStoreError(kept.error)}`);
		setTyped(undefined);
	};
	return (
		<form class="field" onSubmit={save}>
			<label for={id}>{props.label}</label>
			<div class="name-row">
				<input
					id={id}
					class="input"
					maxlength={LONGEST}
					placeholder={props.placeholder}
					autocomplete={props.autocomplete ?? 'off'}
					value={typed() ?? props.value}
					aria-describedby={`${id}-hint`}
					aria-invalid={problem() !== undefined}
					onInput={(event) => {
						setTyped(event.currentTarget.value);
						setProblem(undefined);
					}}
				/>
				<Show when={isChanged()}>
					<button type="submit" class="button" aria-label={`Save: ${props.label}`}>
						Save
					</button>
				</Show>
			</div>
			<p id={`${id}-hint`} class="field-hint" classList={{ problem: problem() !== undefined }} aria-live="polite">
				{problem() ?? props.hint}
			</p>
		</form>
	);
}
