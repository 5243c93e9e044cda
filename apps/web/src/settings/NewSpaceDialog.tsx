import { createSignal, createUniqueId } from 'solid-js';
import { useApp } from '../app.ts';
import { Dialog } from '../shell/Dialog.tsx';
import { Problem } from '../shell/Problem.tsx';
import { describeStoreError } from '../shell/sentences.ts';

/** Makes a new, empty space beside those that are here. */
export default function NewSpaceDialog(props: { onClose: () => void }) {
	const { spaces } = useApp();
	const id = createUniqueId();
	const [name, setName] = createSignal('');
	const [problem, setProblem] = createSignal<string>();
	const [isBusy, setIsBusy] = createSignal(false);
	const make = async (event: SubmitEvent) => {
		event.preventDefault();
		setIsBusy(true);
		const made = await spaces.create(name().trim());
		// On success the page loads anew, in the new space.
		if (made.ok) return;
		setIsBusy(false);
		setProblem(`Not made. ${describeStoreError(made.error)}`);
	};
	return (
		<Dialog title="New space" isBusy={isBusy()} onClose={() => props.onClose()}>
			<form class="dialog-form" onSubmit={make}>
				<div class="field">
					<label for={id}>Name of the new space</label>
					<input
						id={id}
						class="input"
						maxlength={60}
						autocomplete="off"
						placeholder="Home, Trip to Rome…"
						value={name()}
						aria-describedby={`${id}-hint`}
						onInput={(event) => setName(event.currentTarget.value)}
					/>
					<p id={`${id}-hint`} class="field-hint">
						It begins empty and has recovery words of its own. The present one stays as it is.
					</p>
				</div>
				<Problem text={problem()} />
				<div class="dialog-buttons">
					<button type="button" class="button button-quiet" disabled={isBusy()} onClick={() => props.onClose()}>
						Cancel
					</button>
					<button type="submit" class="button button-primary" disabled={isBusy() || name().trim() === ''}>
						Make the space
					</button>
				</div>
			</form>
		</Dialog>
	);
}
